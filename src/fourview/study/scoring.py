"""Readers, models and ensembles one by one: both areas, their intervals, paired differences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.delong import DeLong, delong
from fourview.evaluation.interval import Interval
from fourview.evaluation.mrmc_covariance import cell_replicates
from fourview.evaluation.precision_recall import average_precision, trapezoidal_pr_area
from fourview.evaluation.reader_study import reader_scores
from fourview.evaluation.resampled import Resampled, Resamples
from fourview.study.options import StudyOptions
from fourview.study.rows import DifferenceRow, ScoreRow

_READERS, _SCORES = 0, 1
"""Each use of chance has its own draws: none moves when another is left out."""


def by_delong(options: StudyOptions) -> str:
    """How an AUC's error over cases was found, for a table."""
    return "DeLong" if options.independent else "DeLong, by patient"


def by_draws(options: StudyOptions) -> str:
    """What was drawn with replacement, for a table."""
    return f"bootstrap over {options.drawn}"


def reader_rows(ratings: Ratings, options: StudyOptions) -> tuple[ScoreRow, ...]:
    """Each reader in each modality, on the cases that he or she rated."""
    cells = cell_replicates(
        ratings,
        "average-precision",
        rng=np.random.default_rng([options.seed, _READERS]),
        draws=options.draws,
    ).reshape(-1, options.draws)
    rows = []
    for score, drawn in zip(reader_scores(ratings, level=options.level), cells, strict=True):
        of_auc = score.auc_interval
        of_ap = Resampled(score.average_precision, drawn, "logit").interval(level=options.level)
        rows.append(
            ScoreRow(
                name=score.reader,
                kind="reader",
                modality=score.modality,
                cases=score.cases,
                with_disease=score.with_disease,
                auc=score.auc,
                auc_low=of_auc.low,
                auc_high=of_auc.high,
                average_precision=score.average_precision,
                average_precision_low=of_ap.low,
                average_precision_high=of_ap.high,
                trapezoid=score.trapezoid,
                remark=_remark(score.remark, of_auc, of_ap),
            )
        )
    return tuple(rows)


def score_rows(
    ratings: Ratings, scores: Mapping[str, tuple[str, Floats]], options: StudyOptions
) -> tuple[tuple[ScoreRow, ...], tuple[DifferenceRow, ...]]:
    """Scores of all cases, and each one less each other.

    Args:
        scores: By name: kind, and scores `(N,)`. All are measured on the cases that each of them
            has a score of.
    """
    every = np.stack([values for _, values in scores.values()])
    known: Bools = np.all(~np.isnan(every), axis=0)
    every, truth = every[:, known], ratings.truth[known]
    if not truth.any() or truth.all():
        return (), ()
    patients = [who for who, kept in zip(ratings.patients, known, strict=True) if kept]
    areas = delong(every, truth, patients=patients)
    draws = resample(
        every,
        truth,
        patients,
        {"ap": average_precision},
        rng=np.random.default_rng([options.seed, _SCORES]),
        draws=options.draws,
    )["ap"]
    left_out = int((~known).sum())
    remark = f"{left_out} cases without a score left out" if left_out else ""
    rows = []
    for k, (name, (kind, _)) in enumerate(scores.items()):
        of_auc = areas.interval(k, level=options.level)
        of_ap = draws.model(k).interval(level=options.level)
        rows.append(
            ScoreRow(
                name=name,
                kind=kind,
                modality="",
                cases=len(truth),
                with_disease=int(truth.sum()),
                auc=auc(every[k], truth),
                auc_low=of_auc.low,
                auc_high=of_auc.high,
                average_precision=average_precision(every[k], truth),
                average_precision_low=of_ap.low,
                average_precision_high=of_ap.high,
                trapezoid=trapezoidal_pr_area(every[k], truth),
                remark=_remark(remark, of_auc, of_ap),
            )
        )
    return tuple(rows), _differences(tuple(scores), areas, draws, options)


def _differences(
    names: tuple[str, ...], areas: DeLong, draws: Resamples, options: StudyOptions
) -> tuple[DifferenceRow, ...]:
    rows, level = [], options.level
    for i, k in combinations(range(len(names)), 2):
        of_auc = areas.difference(i, k, level=level)
        rows.append(
            DifferenceRow(
                first=names[i],
                second=names[k],
                measure="auc",
                by=by_delong(options),
                difference=of_auc.difference,
                low=of_auc.interval.low,
                high=of_auc.interval.high,
                p=of_auc.p,
                remark=of_auc.interval.remark,
            )
        )
        drawn = draws.difference(i, k)
        interval = drawn.interval(level=level)
        rows.append(
            DifferenceRow(
                first=names[i],
                second=names[k],
                measure="average-precision",
                by=by_draws(options),
                difference=drawn.value,
                low=interval.low,
                high=interval.high,
                p=drawn.p,
                remark=interval.remark,
            )
        )
    return tuple(rows)


def _remark(own: str, of_auc: Interval, of_ap: Interval) -> str:
    said = [own]
    if of_auc.remark:
        said.append(f"AUC's interval: {of_auc.remark}")
    if of_ap.remark:
        said.append(f"average precision's interval: {of_ap.remark}")
    return "; ".join(filter(None, said))
