"""Single networks of a model, their spread, and the ensembles of their branches (Table S2)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fourview.core.breasts import BreastScores, mean_scores
from fourview.evaluation.auc import auc
from fourview.evaluation.delong import delong
from fourview.evaluation.precision_recall import average_precision
from fourview.performance.numbers.asked import (
    Asked,
    interval_words,
    known_to_all,
    left_out_words,
    remark,
)
from fourview.performance.numbers.rows import NetworkRow, ScoreRow, SinglesRow
from fourview.performance.population.models import Model

_MEASURES = ("auc", "average_precision")


def network_rows(
    of: Asked, model: Model, scores: Sequence[BreastScores], branch: str, *, level: float
) -> list[NetworkRow]:
    """The single networks, or one branch of each, on the breasts that all of them know."""
    every = np.stack([of.scores(one) for one in scores])
    known, truth, patients = known_to_all(of, every)
    values = every[:, known]
    areas = delong(values, truth, patients=patients)
    said = left_out_words(int((~known).sum()))
    rows = []
    for k, network in enumerate(model.networks):
        interval = areas.interval(k, level=level)
        rows.append(
            NetworkRow(
                population=of.population,
                task=of.task.name,
                model=model.name,
                network=network.name,
                branch=branch,
                breasts=len(truth),
                cases=int(truth.sum()),
                auc=auc(values[k], truth),
                auc_low=interval.low,
                auc_high=interval.high,
                average_precision=average_precision(values[k], truth),
                remark=remark(said, interval_words(truth, interval.remark)),
            )
        )
    return rows


def singles_row(rows: Sequence[NetworkRow]) -> SinglesRow:
    """Mean and spread over a model's networks."""
    first = rows[0]
    aucs, precisions = ([getattr(row, name) for row in rows] for name in _MEASURES)
    return SinglesRow(
        population=first.population,
        task=first.task,
        model=first.model,
        branch=first.branch,
        networks=len(rows),
        auc_mean=float(np.mean(aucs)),
        auc_sd=_sd(aucs),
        average_precision_mean=float(np.mean(precisions)),
        average_precision_sd=_sd(precisions),
    )


def _sd(values: Sequence[float]) -> float:
    """Dividing by their number, as the paper's table of readers does; of one there is none."""
    return float(np.std(values)) if len(values) > 1 else math.nan


def branch_row(
    of: Asked, model: Model, position: str, branches: Sequence[BreastScores], *, level: float
) -> ScoreRow:
    """The ensemble of one branch of each network (Table S2)."""
    every = of.scores(mean_scores(list(branches)))[None]
    known, truth, patients = known_to_all(of, every)
    values = every[0, known]
    interval = delong(values, truth, patients=patients).interval(level=level)
    return ScoreRow(
        population=of.population,
        task=of.task.name,
        model=model.name,
        branch=position,
        networks=len(branches),
        breasts=len(truth),
        cases=int(truth.sum()),
        auc=auc(values, truth),
        auc_low=interval.low,
        auc_high=interval.high,
        average_precision=average_precision(values, truth),
        average_precision_low=math.nan,
        average_precision_high=math.nan,
        remark=remark(
            left_out_words(int((~known).sum())),
            interval_words(truth, interval.remark),
            "average precision of branches has no interval here",
        ),
    )
