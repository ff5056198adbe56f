"""What recalling by each model would find, by each rule; curves with all thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.operating_draws import RATES, Rule, operating_draws
from fourview.evaluation.operating_points import OperatingPoint
from fourview.evaluation.populations import MALIGNANT
from fourview.evaluation.precision_recall import precision_recall_curve
from fourview.evaluation.roc import roc_curve
from fourview.performance.numbers.asked import Asked, few_words, known_to_all, remark
from fourview.performance.numbers.rows import CurveRow, OperatingRow
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.models import Model

CHOSEN_HERE = "threshold chosen on these breasts: with others, less may be reached"
_OPERATING = 1
_MOST_POINTS = 400
"""Of a curve that is written; the figure has all."""


def operating_rows(
    of: Asked, models: Sequence[Model], options: EvaluationOptions
) -> Iterator[OperatingRow]:
    """Each model at each rule's threshold, with intervals by patient."""
    every = np.stack([of.scores(model.ensemble) for model in models])
    known, truth, patients = known_to_all(of, every)
    for model, scores in zip(models, every[:, known], strict=True):
        points: list[OperatingPoint] = [rule.point(scores, truth) for rule in options.rules]
        drawn = []
        if len(truth):
            drawn = operating_draws(
                scores,
                truth,
                patients,
                options.rules,
                rng=np.random.default_rng([options.seed, _OPERATING]),
                draws=options.draws,
            )
        for k, (rule, point) in enumerate(zip(options.rules, points, strict=True)):
            cells: dict[str, float] = {}
            for rate in RATES:
                interval = drawn[k][rate].interval(level=options.level) if drawn else None
                cells[rate] = getattr(point, rate)
                cells[f"{rate}_low"] = interval.low if interval else math.nan
                cells[f"{rate}_high"] = interval.high if interval else math.nan
            yield _row(of, model, rule, point, cells, truth, options)


def _row(
    of: Asked,
    model: Model,
    rule: Rule,
    point: OperatingPoint,
    cells: dict[str, float],
    truth: Bools,
    options: EvaluationOptions,
) -> OperatingRow:
    # the stated share is of malignant findings, and of nothing else
    stated = options.prevalence if of.task is MALIGNANT else None
    return OperatingRow(
        population=of.population,
        task=of.task.name,
        model=model.name,
        rule=str(rule),
        threshold=point.threshold,
        true_positives=point.true_positives,
        false_positives=point.false_positives,
        false_negatives=point.false_negatives,
        true_negatives=point.true_negatives,
        **cells,
        stated_prevalence=math.nan if stated is None else stated,
        ppv_at_prevalence=math.nan if stated is None else point.ppv_at(stated),
        npv_at_prevalence=math.nan if stated is None else point.npv_at(stated),
        remark=remark(few_words(truth), CHOSEN_HERE if rule.is_chosen_here else ""),
    )


def curve_rows(of: Asked, models: Sequence[Model]) -> Iterator[CurveRow]:
    """ROC and precision-recall curves, thinned where they have many points."""
    for model in models:
        for axes, thresholds, x, y in curves_of(of, model):
            kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).astype(int))
            for at in kept if len(x) else ():
                yield CurveRow(
                    population=of.population,
                    task=of.task.name,
                    model=model.name,
                    axes=axes,
                    threshold=float(thresholds[at]),
                    x=float(x[at]),
                    y=float(y[at]),
                )


def curves_of(of: Asked, model: Model) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """`roc` and `precision-recall`, each with thresholds, x and y `(M,)`; empty if not defined."""
    scores = of.scores(model.ensemble)
    known = ~np.isnan(scores)
    scores, truth = scores[known], of.truth[known]
    roc = roc_curve(scores, truth)
    yield "roc", roc.thresholds, roc.false_positive_rate, roc.sensitivity
    steps = precision_recall_curve(scores, truth)
    yield "precision-recall", steps.thresholds, steps.recall, steps.precision
