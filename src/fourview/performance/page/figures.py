"""The figures of an evaluation, from its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from fourview.evaluation.checks import Floats
from fourview.performance.analysis import FINDINGS, Evaluation
from fourview.performance.numbers.asked import Asked
from fourview.performance.numbers.operating import curves_of
from fourview.performance.numbers.probabilities import AS_THEY_ARE, ISOTONIC, PLATT
from fourview.performance.numbers.rows import DecisionRow, OperatingRow, ReliabilityRow
from fourview.performance.page.part_figures import correlations_drawn, groups_drawn, slug
from fourview.performance.population.models import Model
from fourview.report.drawing import DrawnFigure
from fourview.report.performance_figures import (
    DecisionPanel,
    ModelCurve,
    ModelCurves,
    NetBenefit,
    Reliability,
    ReliabilityPanel,
    curves_figure,
    decision_figure,
    reliability_figure,
)
from fourview.report.reader_figures import MarkedPoint

MOST_MODELS = 6
"""On one figure; the tables have all."""
_BINS = np.linspace(0.0, 1.0, 21)
_TASKS = tuple(task.name for task in FINDINGS)


def figures_of(found: Evaluation, *, level: float) -> Iterator[DrawnFigure]:
    """Curves of each population, subgroups (Figure 6), correlations (Figure S1), reliability,
    decisions: of the first six models, which the captions say where there are more."""
    left = "" if len(found.models) <= MOST_MODELS else " Not all models are shown; tables have all."
    for figure in _drawn(found, found.models[:MOST_MODELS], level):
        yield replace(figure, caption=figure.caption + left)


def _drawn(found: Evaluation, models: Sequence[Model], level: float) -> Iterator[DrawnFigure]:
    for population in found.populations:
        questions = [one for one in found.questions if one.population == population.population]
        yield _curves(found, population.population, questions, models)
    yield from groups_drawn(found, models, level=level)
    if found.correlations and found.correlations[0].exams:
        yield correlations_drawn(found)
    for task in _TASKS:
        yield _reliability(found, task, models)
    for task in _TASKS:
        if any(row.task == task for row in found.probabilities.decisions):
            yield _decisions(found, task, models)


def _curves(
    found: Evaluation, population: str, questions: Sequence[Asked], models: Sequence[Model]
) -> DrawnFigure:
    rows: list[list[ModelCurves]] = [[], []]
    for of in questions:
        share = float(of.truth.mean()) if len(of.truth) else math.nan
        drawn = {model.name: dict(_points(of, model)) for model in models}
        rows[0].append(
            ModelCurves(
                f"{of.task.name} finding",
                "roc",
                [
                    ModelCurve(name, *curves["roc"], _area(found, of, name, "auc"),
                               _operating(found, of, name))
                    for name, curves in drawn.items()
                ],
            )
        )  # fmt: skip
        rows[1].append(
            ModelCurves(
                f"{of.task.name} finding",
                "precision-recall",
                [
                    ModelCurve(name, *curves["precision-recall"],
                               _area(found, of, name, "average_precision"))
                    for name, curves in drawn.items()
                ],
                prevalence=None if math.isnan(share) else share,
            )
        )  # fmt: skip
    png, svg = curves_figure(rows)
    return DrawnFigure(
        name=f"curves-{slug(population)}",
        title=f"ROC and precision-recall curves, {population} population",
        caption=(
            "Above, ROC curves with the operating points of the table of recalls; below, "
            "precision-recall curves, whose dashed line is the share of breasts with the finding. "
            "Areas with their intervals stand beside the models."
        ),
        png=png,
        svg=svg,
    )


def _points(of: Asked, model: Model) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    for axes, _, x, y in curves_of(of, model):
        if axes == "precision-recall" and len(x):
            # steps begin at recall 0, with the precision of the first point
            x, y = np.append(0.0, x), np.append(y[0], y)
        yield axes, (x, y)


def _area(found: Evaluation, of: Asked, model: str, measure: str) -> str:
    for row in found.areas.scores:
        if (row.population, row.task, row.model, row.branch) == (
            of.population, of.task.name, model, "",
        ):  # fmt: skip
            value, low, high = (getattr(row, f"{measure}{end}") for end in ("", "_low", "_high"))
            if math.isnan(low):
                return f"{value:.3f}"
            return f"{value:.3f} ({low:.3f} to {high:.3f})"
    return ""


def _operating(found: Evaluation, of: Asked, model: str) -> tuple[MarkedPoint, ...]:
    def is_here(row: OperatingRow) -> bool:
        here = (row.population, row.task, row.model) == (of.population, of.task.name, model)
        return here and not math.isnan(row.sensitivity + row.specificity)

    return tuple(
        MarkedPoint(1 - row.specificity, row.sensitivity, row.rule)
        for row in found.operating
        if is_here(row)
    )


def _reliability(found: Evaluation, task: str, models: Sequence[Model]) -> DrawnFigure:
    panels = []
    for kind in (AS_THEY_ARE, PLATT, ISOTONIC):
        ones = [_reliability_of(found, task, model.name, kind) for model in models]
        title = f"{task}, {kind}"
        panels.append(ReliabilityPanel(title, ones, None if kind == AS_THEY_ARE else _up_to(ones)))
    png, svg = reliability_figure(panels)
    return DrawnFigure(
        name=f"reliability-{task}",
        title=f"What probabilities of a {task} finding mean",
        caption=(
            "Rows of a tenth of the breasts each: mean probability against the share with the "
            "finding, with Wilson intervals that take breasts as independent. On the dashed line "
            "probabilities mean what they say. Below, how many breasts have which probability."
        ),
        png=png,
        svg=svg,
    )


def _up_to(models: Sequence[Reliability]) -> float | None:
    """Where nothing could be recalibrated there is no row to choose the axes by."""
    return None if any(len(one.predicted) for one in models) else 1.0


def _reliability_of(found: Evaluation, task: str, model: str, kind: str) -> Reliability:
    def here(row: ReliabilityRow) -> bool:
        return (row.task, row.model, row.probabilities) == (task, model, kind)

    rows = list(filter(here, found.probabilities.reliability))
    values, truth = found.probabilities.values.get(
        (task, model, kind), (np.empty(0), np.empty(0, dtype=bool))
    )
    said = ""
    for line in found.probabilities.calibration:
        if (line.task, line.model, line.probabilities) == (task, model, kind) and rows:
            said = f"Brier {line.brier:.4f}"
            said += "" if math.isnan(line.slope) else f", slope {line.slope:.2f}"
    return Reliability(
        model,
        np.array([row.predicted for row in rows]),
        np.array([row.observed for row in rows]),
        np.array([row.low for row in rows]),
        np.array([row.high for row in rows]),
        _BINS,
        np.histogram(values[truth], _BINS)[0],
        np.histogram(values[~truth], _BINS)[0],
        said,
    )


def _decisions(found: Evaluation, task: str, models: Sequence[Model]) -> DrawnFigure:
    of_task = [row for row in found.probabilities.decisions if row.task == task]
    by_kind = {
        kind: [row for row in of_task if row.probabilities == kind] for kind in (AS_THEY_ARE, PLATT)
    }
    png, svg = decision_figure(
        [_decision_panel(f"{task}, {kind}", rows, models) for kind, rows in by_kind.items() if rows]
    )
    return DrawnFigure(
        name=f"decisions-{task}",
        title=f"What recalling at a probability of a {task} finding is worth",
        caption=(
            "Net benefit: cases found, for each breast, less needless recalls, of which as many as "
            "the threshold's odds allow weigh as much as one case. For a share of cases of "
            f"{of_task[0].prevalence:.3g}. A model is of use at thresholds where it lies above "
            "both recalling everyone and recalling nobody."
        ),
        png=png,
        svg=svg,
    )


def _decision_panel(
    title: str, rows: Sequence[DecisionRow], models: Sequence[Model]
) -> DecisionPanel:
    by_model = {model.name: [row for row in rows if row.model == model.name] for model in models}
    first = next(of for of in by_model.values() if of)
    nothing = np.full(len(first), np.nan)
    return DecisionPanel(
        title,
        np.array([row.threshold for row in first]),
        [
            NetBenefit(name, np.array([row.net_benefit for row in of]) if of else nothing)
            for name, of in by_model.items()
        ],
        np.array([row.everyone for row in first]),
    )
