"""The breast-level trainings, as the loop knows them: cancer labels and BI-RADS classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from lightning_fabric.utilities.apply_func import move_data_to_device
from torch import Tensor, nn

from fourview.core.recipe import WindowRecipe
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import TrainRecipe
from fourview.core.views import FourViews, Label
from fourview.core.weights import WeightsInfo
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.nn.breast_model import BreastModel
from fourview.training.epochs import epoch_exams
from fourview.training.exam_metrics import birads_metrics, cancer_metrics, outputs_of
from fourview.training.exam_windows import Batch, ExamWindows, on_device
from fourview.training.loop import Part, Scores
from fourview.training.losses import birads_loss, cancer_loss


class ExamInputs(NamedTuple):
    """A part's tensors. A NamedTuple, which Fabric moves to the device."""

    views: FourViews[Batch]
    labels: Tensor
    """`(B, 4)` of 0 and 1."""
    birads: Tensor
    """`(B,)`; -1 where it is not known."""


@dataclass(frozen=True)
class Exams:
    """Where exams are read from, and what is known of them."""

    store: Store
    heatmaps: StoredHeatmaps | None
    window: WindowRecipe
    """At scale 1: in the store's pixels."""
    training: Mapping[str, ExamLabels]
    validation: Mapping[str, ExamLabels]
    labels: Mapping[str, ExamLabels] = field(init=False)
    """Of both."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", {**self.training, **self.validation})


class ExamTask:
    """A breast-level training: `train.task` is `cancer` or `birads`."""

    def __init__(
        self,
        network: BreastModel,
        info: WeightsInfo,
        exams: Exams,
        recipe: TrainRecipe,
        *,
        seed: int,
    ) -> None:
        self.network: nn.Module = network
        self.branches = network.branches
        self.exams, self.recipe, self.seed = exams, recipe, seed
        self.windows = ExamWindows(
            exams.store,
            exams.heatmaps,
            exams.window,
            recipe.train.inputs,
            recipe.hardware,
            seed,
        )
        self._info = info
        self._is_cancer = recipe.train.task == "cancer"

    def order(self, epoch: int) -> Sequence[str]:
        return epoch_exams(self.exams.training, self.recipe.exams, seed=self.seed, epoch=epoch)

    def load(self, epoch: int, parts: Sequence[Sequence[str]]) -> Iterable[Part]:
        return self._read(parts, epoch=epoch, jitter=self.recipe.train.jitter)

    def loss(self, network: nn.Module, part: Part, noise: torch.Generator) -> tuple[Tensor, Scores]:
        views = on_device(part.inputs.views, self.recipe.hardware)
        if sd := self.recipe.train.input_noise:
            views = views.map(lambda x: x + sd * _normal(x, noise))
        found = network(views).log_probabilities
        if self._is_cancer:
            weight = self.recipe.exams.positive_weight
            labels = part.inputs.labels
            loss = cancer_loss(found, labels, self.branches, positive_weight=weight)
        else:
            loss = birads_loss(found, part.inputs.birads)
        return loss, self._said(part.names, found)

    def validation_cases(self) -> Sequence[str]:
        return sorted(self.exams.validation)

    def scores(self, network: nn.Module, cases: Sequence[str]) -> Scores:
        size = self.recipe.train.batch_size // self.recipe.train.accumulate
        device = next(network.parameters()).device
        groups = [cases[first : first + size] for first in range(0, len(cases), size)]
        found: dict[str, Sequence[float]] = {}
        for part in self._read(groups, epoch=0, jitter=False):
            moved = move_data_to_device(part.inputs.views, device)
            views = on_device(moved, self.recipe.hardware)
            found.update(self._said(part.names, network(views).log_probabilities))
        return found

    def metrics(self, training: Scores, validation: Scores) -> Mapping[str, float]:
        if self._is_cancer:
            outputs = outputs_of(self.branches)
            return cancer_metrics(training, validation, self.exams.labels, outputs)
        return birads_metrics(training, validation, self.exams.labels)

    def info(self, epoch: int, metrics: Mapping[str, float]) -> WeightsInfo:
        return with_epoch(self._info, epoch, metrics)

    def _read(self, parts: Sequence[Sequence[str]], *, epoch: int, jitter: bool) -> Iterator[Part]:
        pinned = next(self.network.parameters()).is_cuda
        read = self.windows.read(parts, epoch=epoch, jitter=jitter, pinned=pinned)
        for names, views in zip(parts, read, strict=True):
            known = [self.exams.labels[name] for name in names]
            labels = torch.tensor([[float(one.values[label]) for label in Label] for one in known])
            birads = torch.tensor([-1 if one.birads is None else one.birads for one in known])
            yield Part(tuple(names), ExamInputs(views, labels, birads))

    def _said(self, names: Sequence[str], found: Mapping[str, Tensor]) -> dict[str, list[float]]:
        """An exam's probabilities, branch after branch: of each label, or of the three classes."""
        with torch.no_grad():
            each = [found[branch.name].detach().exp() for branch in self.branches]
            chosen = [one[..., 1] if self._is_cancer else one[:, 0] for one in each]
            table = torch.cat(chosen, dim=1).float().cpu().tolist()
        return dict(zip(names, table, strict=True))


def with_epoch(info: WeightsInfo, epoch: int, metrics: Mapping[str, float]) -> WeightsInfo:
    """What weights say of themselves, with the epoch and its figures."""
    figures = {name: None if np.isnan(value) else value for name, value in metrics.items()}
    return replace(info, provenance={**info.provenance, "epoch": epoch, "metrics": figures})


def _normal(x: Tensor, noise: torch.Generator) -> Tensor:
    return torch.randn(x.shape, generator=noise, device=x.device, dtype=x.dtype)
