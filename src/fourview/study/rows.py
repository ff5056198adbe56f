"""The numbers of a reader study as flat rows: of its CSV tables, its JSON, and its page.

A number that is not defined is NaN, and the row's remark says why.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from fourview.evaluation.margins import WithinMargin
from fourview.evaluation.mrmc_measure import Measure
from fourview.evaluation.readers_mean import Analysis, Estimate


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A reader, a model or an ensemble: both areas with their intervals."""

    name: str
    kind: str
    """`reader`, `model`, `reader ensemble` or `hybrid ensemble`."""
    modality: str
    cases: int
    with_disease: int
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    average_precision_low: float
    average_precision_high: float
    trapezoid: float
    """The area under the precision-recall curve by straight lines, as other programs have it; the
    paper's PRAUC is the average precision."""
    remark: str


@dataclass(frozen=True, kw_only=True)
class ComponentRow:
    """What Obuchowski and Rockette's tests are made of, by the names of their formulas."""

    modalities: str
    """`hybrid, reader`: those that are compared."""
    measure: Measure
    by: str
    ms_t: float
    """Mean square of modalities; NaN of a single one."""
    ms_tr: float
    ms_r: float
    variance: float
    """Of the measure over cases, the mean over readers and modalities."""
    cov1: float
    """Equal reader, other modality."""
    cov2: float
    """Other reader, equal modality."""
    cov3: float


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """One measure over the readers of a modality, or over their hybrids."""

    group: str
    measure: Measure
    readers: int
    mean: float
    sd: float
    """ddof 0."""
    least: float
    greatest: float
    mean_low: float
    """Of the mean, for random readers and random cases."""
    mean_high: float
    interval_by: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class HybridRow:
    """A reader's hybrid beside the reader, on the cases that both the reader and the model read."""

    reader: str
    measure: Measure
    reader_weight: float
    cases: int
    hybrid: float
    alone: float
    difference: float
    low: float
    high: float
    p: float
    by: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class MeanTestRow:
    """The mean over readers of one thing less that of another."""

    first: str
    second: str
    measure: Measure
    by: str
    analysis: Analysis
    difference: float
    standard_error: float
    df: float
    """Infinite for the normal distribution; NaN for the bootstrap."""
    low: float
    high: float
    f: float
    """Of all modalities at once; NaN where there is no such test."""
    p: float
    """Of the difference, two-sided."""
    remark: str


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """One score less another on the same cases."""

    first: str
    second: str
    measure: Measure
    by: str
    difference: float
    low: float
    high: float
    p: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class MarginRow:
    """Whether the new one is worse than the old one by less than the margin."""

    new: str
    old: str
    measure: Measure
    analysis: Analysis
    margin: float
    alpha: float
    difference: float
    lower_limit: float
    p_non_inferior: float
    non_inferior: bool | None
    p_superior: float
    superior: bool | None


@dataclass(frozen=True, kw_only=True)
class SweepRow:
    """A reader's hybrid at one weight."""

    reader: str
    reader_weight: float
    auc: float
    average_precision: float
    is_best_auc: bool
    is_best_average_precision: bool


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """A point of a mean curve, or of an ensemble's."""

    curve: str
    axes: str
    """`roc`: false-positive rate and sensitivity; `precision-recall`: recall and precision."""
    x: float
    y: float


def margin_row(
    new: str, old: str, measure: Measure, analysis: Analysis, value: Estimate, found: WithinMargin
) -> MarginRow:
    """The tests of a difference as a row."""
    return MarginRow(
        new=new,
        old=old,
        measure=measure,
        analysis=analysis,
        margin=found.margin,
        alpha=found.alpha,
        difference=value.value,
        lower_limit=found.lower_limit,
        p_non_inferior=found.p_non_inferior,
        non_inferior=found.non_inferior,
        p_superior=found.p_superior,
        superior=found.superior,
    )


def columns_of(row: type[Any]) -> list[str]:
    """The header of a table of such rows."""
    return [field.name for field in fields(row)]
