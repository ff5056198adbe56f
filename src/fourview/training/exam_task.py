"""The breast-level trainings, as the loop knows them: cancer labels and BI-RADS classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fourview.core.recipe import WindowRecipe
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import TrainRecipe
from fourview.core.views import FourViews, Label
from fourview.core.weights import WeightsInfo
from fourview.io.store import Store, StoredView
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.nn.breast_model import BreastModel
from fourview.training.epochs import epoch_exams
from fourview.training.exam_metrics import birads_metrics, cancer_metrics, outputs_of
from fourview.training.loop import Part, Scores
from fourview.training.losses import birads_loss, cancer_loss
from fourview.training.read_ahead import read_ahead
from fourview.training.windows import drawn_window, read_window, window_draws


class ExamInputs(NamedTuple):
    """A part's tensors. A NamedTuple, which Fabric moves to the device."""

    views: FourViews[Tensor]
    """Each `(B, C, rows, columns)` float32."""
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
        self._info = info
        self._is_cancer = recipe.train.task == "cancer"

    def order(self, epoch: int) -> Sequence[str]:
        return epoch_exams(self.exams.training, self.recipe.exams, seed=self.seed, epoch=epoch)

    def load(self, epoch: int, parts: Sequence[Sequence[str]]) -> Iterable[Part]:
        jitter = self.recipe.train.jitter
        return read_ahead(
            lambda names: self._part(names, epoch=epoch, jitter=jitter),
            parts,
            workers=self.recipe.hardware.workers,
        )

    def loss(self, network: nn.Module, part: Part, noise: torch.Generator) -> tuple[Tensor, Scores]:
        views = part.inputs.views
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
        for part in read_ahead(
            lambda names: self._part(names, epoch=0, jitter=False),
            groups,
            workers=self.recipe.hardware.workers,
        ):
            views = part.inputs.views.map(lambda x: x.to(device))
            found.update(self._said(part.names, network(views).log_probabilities))
        return found

    def metrics(self, training: Scores, validation: Scores) -> Mapping[str, float]:
        if self._is_cancer:
            outputs = outputs_of(self.branches)
            return cancer_metrics(training, validation, self.exams.labels, outputs)
        return birads_metrics(training, validation, self.exams.labels)

    def info(self, epoch: int, metrics: Mapping[str, float]) -> WeightsInfo:
        return with_epoch(self._info, epoch, metrics)

    def _part(self, names: Sequence[str], *, epoch: int, jitter: bool) -> Part:
        windows = [self._windows(name, epoch=epoch, jitter=jitter) for name in names]
        views = FourViews(*(torch.from_numpy(np.stack(one)) for one in zip(*windows, strict=True)))
        if self.recipe.hardware.channels_last:
            views = views.map(lambda x: x.contiguous(memory_format=torch.channels_last))
        known = [self.exams.labels[name] for name in names]
        labels = torch.tensor([[float(one.values[label]) for label in Label] for one in known])
        birads = torch.tensor([-1 if one.birads is None else one.birads for one in known])
        return Part(tuple(names), ExamInputs(views, labels, birads))

    def _windows(self, exam: str, *, epoch: int, jitter: bool) -> FourViews[NDArray[np.float32]]:
        """Each view's window; in training one of its images is drawn, else its first is read."""

        def window(images: tuple[StoredView, ...]) -> NDArray[np.float32]:
            draws = window_draws(self.seed, epoch, exam, images[0])
            view = images[draws.image(len(images)) if jitter else 0]
            placed = drawn_window(view, self.exams.window, draws, jitter=jitter)
            return read_window(view, placed, self.recipe.train.inputs, self.exams.heatmaps)

        return self.exams.store.views(exam).map(window)

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
