"""Both areas of models, their networks and branches in each population and task; differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from fourview.core.breasts import BreastScores
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.delong import DeLong, delong
from fourview.evaluation.interval import Interval
from fourview.evaluation.populations import BENIGN, MALIGNANT
from fourview.evaluation.precision_recall import average_precision
from fourview.evaluation.resampled import Resamples
from fourview.performance.numbers.asked import (
    Asked,
    interval_words,
    known_to_all,
    left_out_words,
    remark,
)
from fourview.performance.numbers.networks import branch_row, network_rows, singles_row
from fourview.performance.numbers.rows import DifferenceRow, NetworkRow, ScoreRow, SinglesRow
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.models import Model

BY_DELONG = "DeLong, by patient"
BY_PATIENTS = "bootstrap over patients"
_AREAS = 0
"""Each use of chance has its own draws: none moves when another is left out."""


@dataclass
class Areas:
    """Areas of all populations and tasks, as rows."""

    scores: list[ScoreRow] = field(default_factory=list)
    networks: list[NetworkRow] = field(default_factory=list)
    singles: list[SinglesRow] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)


def measure_areas(
    found: Areas,
    of: Asked,
    models: Sequence[Model],
    together: Sequence[Model],
    options: EvaluationOptions,
) -> None:
    """Put the areas of one population and task into the rows.

    Args:
        together: Ensembles over variants, without single networks of their own.
    """  # fmt: skip
    rows, differences = compared(of, (*models, *together), options)
    found.scores += rows
    found.differences += differences
    for model in models:
        networks = [one.scores for one in model.networks]
        _add(found, of, model, networks, "", options)
        if of.task not in (MALIGNANT, BENIGN):
            continue
        for position in model.positions:
            branches = [one.branches[position] for one in model.networks]
            _add(found, of, model, branches, position, options)
            found.scores.append(branch_row(of, model, position, branches, level=options.level))


def _add(
    found: Areas,
    of: Asked,
    model: Model,
    scores: Sequence[BreastScores],
    branch: str,
    options: EvaluationOptions,
) -> None:
    rows = network_rows(of, model, scores, branch, level=options.level)
    found.networks += rows
    found.singles.append(singles_row(rows))


def compared(
    of: Asked, models: Sequence[Model], options: EvaluationOptions
) -> tuple[Iterator[ScoreRow], Iterator[DifferenceRow]]:
    """Each model, and each less each other, on the breasts that all of them have a score of."""
    every = np.stack([of.scores(model.ensemble) for model in models])
    known, truth, patients = known_to_all(of, every)
    values = every[:, known]
    areas = delong(values, truth, patients=patients)
    draws = None
    if len(truth):
        draws = resample(
            values,
            truth,
            patients,
            {"ap": average_precision},
            rng=np.random.default_rng([options.seed, _AREAS]),
            draws=options.draws,
        )["ap"]
    said = left_out_words(int((~known).sum()))
    return (
        _score_rows(of, values, truth, models, areas, draws, said, options),
        _differences(of, models, areas, draws, options.level),
    )


def _score_rows(
    of: Asked,
    values: Floats,
    truth: Bools,
    models: Sequence[Model],
    areas: DeLong,
    draws: Resamples | None,
    said: str,
    options: EvaluationOptions,
) -> Iterator[ScoreRow]:
    for k, model in enumerate(models):
        of_auc = areas.interval(k, level=options.level)
        nothing = Interval.undefined("no breast", level=options.level)
        of_ap = draws.model(k).interval(level=options.level) if draws else nothing
        yield ScoreRow(
            population=of.population,
            task=of.task.name,
            model=model.name,
            branch="",
            networks=len(model.networks),
            breasts=len(truth),
            cases=int(truth.sum()),
            auc=auc(values[k], truth),
            auc_low=of_auc.low,
            auc_high=of_auc.high,
            average_precision=average_precision(values[k], truth),
            average_precision_low=of_ap.low,
            average_precision_high=of_ap.high,
            remark=remark(
                said,
                interval_words(
                    truth,
                    remark(
                        of_auc.remark and f"AUC's interval: {of_auc.remark}",
                        of_ap.remark and f"average precision's interval: {of_ap.remark}",
                    ),
                ),
            ),
        )


def _differences(
    of: Asked, models: Sequence[Model], areas: DeLong, draws: Resamples | None, level: float
) -> Iterator[DifferenceRow]:
    for i, k in combinations(range(len(models)), 2):
        names = {"first": models[i].name, "second": models[k].name}
        where = {"population": of.population, "task": of.task.name}
        of_auc = areas.difference(i, k, level=level)
        yield DifferenceRow(
            **where,
            **names,
            measure="auc",
            by=BY_DELONG,
            difference=of_auc.difference,
            low=of_auc.interval.low,
            high=of_auc.interval.high,
            p=of_auc.p,
            remark=of_auc.interval.remark,
        )
        if draws is None:
            continue
        drawn = draws.difference(i, k)
        interval = drawn.interval(level=level)
        yield DifferenceRow(
            **where,
            **names,
            measure="average-precision",
            by=BY_PATIENTS,
            difference=drawn.value,
            low=interval.low,
            high=interval.high,
            p=drawn.p,
            remark=interval.remark,
        )
