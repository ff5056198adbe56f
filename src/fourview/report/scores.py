"""A breast's probabilities and the parts they are the mean of, laid out in rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fourview.core.prediction import ExamPrediction, ModelPrediction, mean_by_label
from fourview.core.views import Finding, Label, Laterality

_Said = Sequence[Mapping[Label, float | None]] | Sequence[Mapping[Label, float]]


@dataclass(frozen=True)
class ScoreRow:
    """What one model, or one branch of it, said of one breast."""

    name: str
    of_branch: bool
    malignant: float | None
    benign: float | None
    passes: int
    spread: Mapping[str, tuple[float, float] | None]
    """By finding, the lowest and the highest probability of its passes; empty for one pass."""


@dataclass(frozen=True)
class BreastScores:
    """One breast's part of the page."""

    laterality: Laterality
    malignant: float | None
    benign: float | None
    rows: tuple[ScoreRow, ...]

    @property
    def name(self) -> str:
        return "Right breast" if self.laterality is Laterality.RIGHT else "Left breast"

    @property
    def was_read(self) -> bool:
        return self.malignant is not None or self.benign is not None


def breast_scores(prediction: ExamPrediction, laterality: Laterality) -> BreastScores:
    """The scores of one breast with their breakdown."""
    of = {label.finding: label for label in Label if label.laterality is laterality}
    means = prediction.probabilities
    rows = [row for model in prediction.models for row in _rows(model, of)]
    return BreastScores(
        laterality, means[of[Finding.MALIGNANT]], means[of[Finding.BENIGN]], tuple(rows)
    )


def _rows(model: ModelPrediction, of: Mapping[Finding, Label]) -> Iterable[ScoreRow]:
    yield _row(model.weights, False, [one.mean for one in model.passes], of)
    branches = dict.fromkeys(name for one in model.passes for name in one.branches)
    for name in branches:
        said = [one.branches[name] for one in model.passes if name in one.branches]
        row = _row(name, True, said, of)
        if row.malignant is not None or row.benign is not None:  # else it reads the other breast
            yield row


def _row(
    name: str,
    of_branch: bool,
    said: _Said,
    of: Mapping[Finding, Label],
) -> ScoreRow:
    means = mean_by_label([dict(one) for one in said])
    return ScoreRow(
        name,
        of_branch,
        means[of[Finding.MALIGNANT]],
        means[of[Finding.BENIGN]],
        len(said),
        {finding.value: _spread(said, of[finding]) for finding in of} if len(said) > 1 else {},
    )


def _spread(said: _Said, label: Label) -> tuple[float, float] | None:
    values = [value for one in said if (value := one.get(label)) is not None]
    return (min(values), max(values)) if values else None


def flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested mappings as (dotted.name, value) pairs."""
    pairs: list[tuple[str, Any]] = []
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            pairs += flat(value, f"{name}.")
        else:
            pairs.append((name, value))
    return pairs
