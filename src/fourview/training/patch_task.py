"""The training of the patch classifier, as the loop knows it (SI, 'Training and architecture')."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fourview.core.train_recipe import TrainRecipe
from fourview.core.weights import PATCH_CLASSES, WeightsInfo
from fourview.nn.densenet121 import DenseNet121
from fourview.training.epochs import patch_order
from fourview.training.exam_task import with_epoch
from fourview.training.loop import Part, Scores
from fourview.training.losses import class_weights, patch_loss
from fourview.training.patch_metrics import patch_metrics, patch_name
from fourview.training.patch_sampling import VALIDATION, FoundPatch, PatchSource
from fourview.training.read_ahead import read_ahead


class PatchInputs(NamedTuple):
    """A part's tensors. A NamedTuple, which Fabric moves to the device."""

    patches: Tensor
    """`(B, 1, p, p)` float32."""
    classes: Tensor
    """`(B,)`, indices of `PATCH_CLASSES`."""


class PatchTask:
    """The patch training on the patches of a training and a validation split.

    Raises:
        TrainingError: of a class no patch is found; before any other work.
    """

    def __init__(
        self,
        network: DenseNet121,
        info: WeightsInfo,
        training: PatchSource,
        validation: PatchSource,
        counts: Mapping[str, int],
        recipe: TrainRecipe,
        *,
        seed: int,
        notes: Sequence[str] = (),
    ) -> None:
        self.network: nn.Module = network
        self.training, self.recipe, self.seed = training, recipe, seed
        self.counts = {name: counts[name] for name in PATCH_CLASSES}
        self.classes = [name for name, count in self.counts.items() if count]
        self.weights = _weights(self.counts)
        self.notes = tuple(notes)
        """What is left out of the data, in words."""
        self._info = info
        for name in self.classes:
            training.draw(0, name, 0)
        self._validation = _drawn(validation, self.classes, recipe)
        self._validation_source = validation

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What the weights tell of where they are from: seed, initial weights, hashes of the data,
        an epoch's patches by class."""
        return self._info.provenance

    def order(self, epoch: int) -> Sequence[tuple[str, int]]:
        return patch_order(self.counts, seed=self.seed, epoch=epoch)

    def load(self, epoch: int, parts: Sequence[Sequence[tuple[str, int]]]) -> Iterable[Part]:
        def part(wanted: Sequence[tuple[str, int]]) -> Part:
            names, patches = [], []
            for name, number in wanted:
                found, patch = self.training.read(epoch, name, number)
                names.append(patch_name(name, number, f"{found.view.exam}/{found.view.image}"))
                patches.append(patch)
            return self._part(names, [name for name, _ in wanted], patches)

        return read_ahead(part, parts, workers=self.recipe.hardware.workers)

    def loss(self, network: nn.Module, part: Part, noise: torch.Generator) -> tuple[Tensor, Scores]:
        patches, classes = part.inputs
        if sd := self.recipe.train.input_noise:
            patches = patches + sd * torch.randn(
                patches.shape, generator=noise, device=patches.device, dtype=patches.dtype
            )
        logits = network(patches).float()
        section = self.recipe.patches
        loss = patch_loss(
            logits,
            classes,
            self.weights.to(logits.device),
            malignant_from_benign=section.malignant_from_benign,
            outside_from_negative=section.outside_from_negative,
        )
        return loss, _said(part.names, logits)

    def validation_cases(self) -> Sequence[str]:
        return list(self._validation)

    def scores(self, network: nn.Module, cases: Sequence[str]) -> Scores:
        size = self.recipe.train.batch_size // self.recipe.train.accumulate
        device = next(network.parameters()).device
        groups = [cases[first : first + size] for first in range(0, len(cases), size)]

        def part(names: Sequence[str]) -> Part:
            wanted = [name.split(" ")[0] for name in names]
            source = self._validation_source
            return self._part(
                names, wanted, [source.read_again(self._validation[name]) for name in names]
            )

        found: dict[str, Sequence[float]] = {}
        for one in read_ahead(part, groups, workers=self.recipe.hardware.workers):
            found.update(_said(one.names, network(one.inputs.patches.to(device))))
        return found

    def metrics(self, training: Scores, validation: Scores) -> Mapping[str, float]:
        return patch_metrics(training, validation, self.counts)

    def info(self, epoch: int, metrics: Mapping[str, float]) -> WeightsInfo:
        return with_epoch(self._info, epoch, metrics)

    def _part(
        self, names: Sequence[str], wanted: Sequence[str], patches: Sequence[NDArray[np.float32]]
    ) -> Part:
        stacked = torch.from_numpy(np.stack(patches)[:, None])
        if self.recipe.hardware.channels_last:
            stacked = stacked.contiguous(memory_format=torch.channels_last)
        classes = torch.tensor([PATCH_CLASSES.index(name) for name in wanted])
        return Part(tuple(names), PatchInputs(stacked, classes))


def _weights(counts: Mapping[str, int]) -> Tensor:
    """`(4,)`, the loss's weights; 0 for a class that an epoch has no patches of."""
    weights = torch.zeros(len(counts))
    there = torch.tensor([count > 0 for count in counts.values()])
    weights[there] = class_weights([count for count in counts.values() if count])
    return weights


def _drawn(
    source: PatchSource, classes: Sequence[str], recipe: TrainRecipe
) -> dict[str, FoundPatch]:
    """The validation patches by name: as many of each class."""
    wanted = [(name, n) for name in classes for n in range(recipe.patches.validation)]
    found = read_ahead(
        lambda one: source.draw(VALIDATION, *one), wanted, workers=recipe.hardware.workers
    )
    return {patch_name(*one): patch for one, patch in zip(wanted, found, strict=True)}


def _said(names: Sequence[str], logits: Tensor) -> dict[str, list[float]]:
    """The log-probabilities of each patch."""
    found = logits.detach().float().log_softmax(dim=1).cpu().tolist()
    return dict(zip(names, found, strict=True))
