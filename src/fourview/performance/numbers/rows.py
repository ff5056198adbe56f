"""The numbers of an evaluation as flat rows: of its CSV tables, its JSON, and its page.

A number that is not defined is NaN, and the row's remark says why.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PopulationRow:
    """Who is counted."""

    population: str
    words: str
    exams: int
    breasts: int
    patients: int
    malignant: int
    """Breasts with a malignant finding and no benign one; so is `benign`."""
    benign: int
    both: int
    neither: int


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A model in one task: both areas with their intervals."""

    population: str
    task: str
    model: str
    branch: str
    """`CC` or `MLO`; nothing for the whole model."""
    networks: int
    """Whose mean it is."""
    breasts: int
    cases: int
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    average_precision_low: float
    average_precision_high: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class NetworkRow:
    """A single network of a model in one task."""

    population: str
    task: str
    model: str
    network: str
    branch: str
    breasts: int
    cases: int
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class SinglesRow:
    """The single networks of a model in one task: mean and spread over them."""

    population: str
    task: str
    model: str
    branch: str
    networks: int
    auc_mean: float
    auc_sd: float
    """Over the networks, dividing by their number; NaN for one network. So is the other."""
    average_precision_mean: float
    average_precision_sd: float


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """One model less another on the same breasts."""

    population: str
    task: str
    first: str
    second: str
    measure: str
    by: str
    difference: float
    low: float
    high: float
    p: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class SubgroupRow:
    """A model in one group of a column."""

    column: str
    group: str
    task: str
    model: str
    breasts: int
    cases: int
    auc: float
    auc_low: float
    auc_high: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class OperatingRow:
    """What recalling breasts of at least a threshold finds."""

    population: str
    task: str
    model: str
    rule: str
    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    sensitivity: float
    sensitivity_low: float
    sensitivity_high: float
    specificity: float
    specificity_low: float
    specificity_high: float
    ppv: float
    ppv_low: float
    ppv_high: float
    npv: float
    npv_low: float
    npv_high: float
    recall_rate: float
    recall_rate_low: float
    recall_rate_high: float
    stated_prevalence: float
    ppv_at_prevalence: float
    """By sensitivity and specificity, at the stated prevalence; so is `npv_at_prevalence`."""
    npv_at_prevalence: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """Whether a model's probabilities mean what they say."""

    task: str
    model: str
    probabilities: str
    """`as they are`, `Platt` or `isotonic`."""
    breasts: int
    cases: int
    mean_predicted: float
    observed: float
    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    skill: float
    slope: float
    slope_low: float
    slope_high: float
    intercept: float
    in_the_large: float
    in_the_large_low: float
    in_the_large_high: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class ReliabilityRow:
    """Breasts whose probabilities are near each other."""

    task: str
    model: str
    probabilities: str
    lowest: float
    highest: float
    breasts: int
    cases: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """What recalling at a probability is worth."""

    task: str
    model: str
    probabilities: str
    prevalence: float
    threshold: float
    net_benefit: float
    everyone: float


@dataclass(frozen=True, kw_only=True)
class CorrelationRow:
    """How two of a model's four predictions go together over exams."""

    model: str
    first: str
    second: str
    exams: int
    correlation: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """A point of a model's curve."""

    population: str
    task: str
    model: str
    axes: str
    """`roc`: false-positive rate and sensitivity; `precision-recall`: recall and precision."""
    threshold: float
    x: float
    y: float


def columns_of(row: type[Any]) -> list[str]:
    """The header of a table of such rows."""
    return [field.name for field in fields(row)]
