"""Predictions, by name: an exam's four probabilities and the parts they are the mean of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from fourview.core.geometry import Box
from fourview.core.views import Label, View


@dataclass(frozen=True)
class DrawnWindow:
    """The window one pass read of one view."""

    source: str
    """The image it was cut from (a view may have several)."""
    padded_shape: tuple[int, int]
    """The prepared view with the zeros that made room for the window."""
    located: Box
    """After location noise, on the padded view."""
    box: Box
    """After size noise, on the padded view: what was cut, then resized to the network's size."""


@dataclass(frozen=True)
class PassPrediction:
    """What one network said of one draw of windows."""

    branches: Mapping[str, Mapping[Label, float]]
    """By the branch's name; each branch gives the labels it predicts."""
    windows: Mapping[View, DrawnWindow]

    @property
    def mean(self) -> dict[Label, float | None]:
        """The mean over the branches that predict a label; None where none does."""
        return mean_by_label(list(self.branches.values()))


@dataclass(frozen=True)
class ModelPrediction:
    """What one network said of an exam: the mean over its passes."""

    weights: str
    """The name of its weights."""
    passes: tuple[PassPrediction, ...]

    @property
    def mean(self) -> dict[Label, float | None]:
        return mean_by_label([one.mean for one in self.passes])


@dataclass(frozen=True)
class ExamPrediction:
    """The mean over models of an exam's four probabilities, with all parts."""

    exam: str
    models: tuple[ModelPrediction, ...]
    missing: tuple[View, ...] = ()
    """Views that no model saw."""
    warnings: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def probabilities(self) -> dict[Label, float | None]:
        """Each label's probability in [0, 1]; None for a breast that was not read."""
        return mean_by_label([model.mean for model in self.models])


def mean_by_label(parts: Sequence[Mapping[Label, float | None]]) -> dict[Label, float | None]:
    """The mean of what the parts say of each label, whatever their order; None if no part speaks
    of it."""
    result: dict[Label, float | None] = {}
    for label in Label:
        said = [value for part in parts if (value := part.get(label)) is not None]
        result[label] = fmean(said) if said else None
    return result
