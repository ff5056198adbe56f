"""The tables of an evaluation's page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fourview.performance.analysis import Evaluation
from fourview.performance.numbers.paper_tables import PaperTable
from fourview.performance.numbers.rows import CalibrationRow, DifferenceRow, OperatingRow
from fourview.performance.numbers.whole_exams import BY_EXAM, WORDS
from fourview.performance.options import EvaluationOptions
from fourview.performance.page.cells import (
    number,
    p_value,
    remarks,
    signed,
    signed_interval,
    threshold,
    with_interval,
    with_sd,
)
from fourview.report.study_page import NumberTable

_SHORT = {"auc": "AUC", "average-precision": "average precision"}
_FEW_MODELS = 4
"""Up to which the page compares each with each; above, each with the first."""


def populations_table(found: Evaluation) -> NumberTable:
    """Who is counted."""
    return NumberTable(
        title="Populations",
        header=("", "who", "exams", "breasts", "patients", "malignant only", "benign only", "both",
                "neither"),
        words=2,
        rows=[
            (
                row.population,
                row.words,
                *(
                    f"{n:,}"
                    for n in (row.exams, row.breasts, row.patients, row.malignant, row.benign,
                              row.both, row.neither)
                ),
            )
            for row in found.populations
        ],
    )  # fmt: skip


def scores_table(found: Evaluation, population: str, percent: str) -> NumberTable:
    """Both areas of the models, in one population."""
    rows = [row for row in found.areas.scores if row.population == population and not row.branch]
    by_exam = population == BY_EXAM
    return NumberTable(
        title=population if by_exam else f"{population} population",
        note=f"{WORDS[0].upper()}{WORDS[1:]}." if by_exam else "",
        header=("task", "model", "networks", f"AUC ({percent})", f"average precision ({percent})",
                "exams" if by_exam else "breasts", "cases"),
        words=2,
        rows=[
            (
                row.task,
                row.model,
                str(row.networks),
                with_interval(row.auc, row.auc_low, row.auc_high),
                with_interval(
                    row.average_precision, row.average_precision_low, row.average_precision_high
                ),
                f"{row.breasts:,}",
                f"{row.cases:,}",
            )
            for row in rows
        ],
        remarks=remarks((f"{row.task}, {row.model}", row.remark) for row in rows),
    )  # fmt: skip


def paper_table(table: PaperTable, percent: str) -> NumberTable:
    """One of the paper's tables."""
    header = [
        f"{task}, {which}" for which in ("single", f"ensemble ({percent})") for task in table.tasks
    ]
    return NumberTable(
        title=table.title,
        header=("population", "", "networks", *header),
        words=2,
        rows=[
            (
                row.population,
                row.row,
                str(row.networks),
                *(
                    "" if math.isnan(cell.single_mean) and row.row.endswith("(all variants)")
                    else with_sd(cell.single_mean, cell.single_sd)
                    for cell in row.cells
                ),
                *(with_interval(cell.ensemble, cell.low, cell.high) for cell in row.cells),
            )
            for row in table.rows
        ],
    )  # fmt: skip


def differences_table(found: Evaluation, percent: str) -> NumberTable:
    """Each model less another."""
    few = len(found.models) <= _FEW_MODELS
    first = found.models[0].name
    rows: list[DifferenceRow] = [
        row for row in found.areas.differences if few or row.first == first
    ]
    return NumberTable(
        title="Differences",
        header=("first less second", "population", "task", "measure", "difference", percent, "p"),
        words=4,
        rows=[
            (
                f"({row.first}) − ({row.second})",
                row.population,
                row.task,
                f"{_SHORT[row.measure]}, {row.by}",
                signed(row.difference),
                signed_interval(row.low, row.high),
                p_value(row.p),
            )
            for row in rows
        ],
        note="" if few else f"Each with {first}; differences.csv has every pair.",
        remarks=remarks((f"{row.population}, {row.task}", row.remark) for row in rows),
    )


def singles_table(found: Evaluation) -> NumberTable:
    """Mean and spread over networks."""
    return NumberTable(
        title="Single networks",
        header=("population", "task", "model", "networks", "AUC", "average precision"),
        words=3,
        rows=[
            (
                row.population,
                row.task,
                f"{row.model} ({row.branch})" if row.branch else row.model,
                str(row.networks),
                with_sd(row.auc_mean, row.auc_sd),
                with_sd(row.average_precision_mean, row.average_precision_sd),
            )
            for row in found.areas.singles
        ],
        note="Mean ± standard deviation over networks, dividing by their number. networks.csv has "
        "each.",
    )


def operating_table(found: Evaluation, options: EvaluationOptions, percent: str) -> NumberTable:
    """What recalls would find."""
    stated = options.prevalence is not None

    def rate(row: OperatingRow, name: str) -> str:
        return with_interval(*(getattr(row, f"{name}{end}") for end in ("", "_low", "_high")))

    def at_stated(row: OperatingRow) -> str:
        return "" if math.isnan(row.stated_prevalence) else number(row.ppv_at_prevalence)

    rates = ("sensitivity", "specificity", "ppv", "recall_rate")
    return NumberTable(
        title="Recalls",
        header=("population", "finding", "model", "operating point", "threshold",
                *(f"{name} ({percent})" for name in ("sensitivity", "specificity", "PPV",
                                                     "recall rate")),
                *([f"PPV at {options.prevalence:g}"] if stated else [])),
        words=4,
        rows=[
            (
                row.population,
                row.task,
                row.model,
                row.rule.replace(" at least", " ≥").replace(" at most", " ≤"),
                threshold(row.threshold),
                *(rate(row, name) for name in rates),
                *([at_stated(row)] if stated else []),
            )
            for row in found.operating
        ],
        note="What recalling breasts (or, by exam, women) of at least the threshold would find. "
        "PPV and recall rate are for the share of findings here.",
        remarks=remarks((f"{row.population}, {row.task}, {row.model}", row.remark)
                        for row in found.operating),
    )  # fmt: skip


def subgroups_table(found: Evaluation, percent: str) -> NumberTable:
    """AUCs by group."""
    return NumberTable(
        title="AUC by group",
        header=("by", "group", "finding", "model", f"AUC ({percent})", "breasts", "cases"),
        words=4,
        rows=[
            (
                row.column,
                row.group,
                row.task,
                row.model,
                with_interval(row.auc, row.auc_low, row.auc_high),
                f"{row.breasts:,}",
                f"{row.cases:,}",
            )
            for row in found.subgroups
        ],
        remarks=remarks(
            (f"{row.column} {row.group}, {row.task}", row.remark) for row in found.subgroups
        ),
    )


def calibration_table(found: Evaluation, percent: str) -> NumberTable:
    """Whether probabilities mean what they say."""
    rows: Sequence[CalibrationRow] = found.probabilities.calibration
    return NumberTable(
        title="Calibration in the screening population",
        header=("finding", "model", "probabilities", "mean", "observed", "Brier score", "skill",
                f"slope ({percent})", f"in the large ({percent})"),
        words=3,
        rows=[
            (
                row.task,
                row.model,
                row.probabilities,
                number(row.mean_predicted, 4),
                number(row.observed, 4),
                number(row.brier, 5),
                number(row.skill),
                with_interval(row.slope, row.slope_low, row.slope_high, 2),
                with_interval(row.in_the_large, row.in_the_large_low, row.in_the_large_high, 2),
            )
            for row in rows
        ],
        note="Slope 1 and intercept in the large 0 are right. Below 1, probabilities are too "
        "extreme; below 0, there are fewer findings than foretold.",
        remarks=remarks(
            (f"{row.task}, {row.model}, {row.probabilities}", row.remark) for row in rows
        ),
    )  # fmt: skip
