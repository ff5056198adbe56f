"""How the readers' AUCs vary and covary over samples of cases.

Four ways for the AUC: DeLong's (1988), by patient as Obuchowski's (Biometrics 53 (1997) 567); the
jackknife over patients, as in Obuchowski & Rockette (Commun. Stat. Simul. 24 (1995) 285); the
bootstrap over patients; and the unbiased one, which estimates E(AB) - E(A)E(B) by U-statistics
(B. D. Gallas, Acad. Radiol. 13 (2006) 353; Gallas, Pennello, Myers, J. Opt. Soc. Am. A 24 (2007)
B70). Two for any other measure: jackknife and bootstrap.

Readers may have rated different cases: what two of them share makes their covariance, and readers
without a patient in common have none.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.bootstrap import patient_draws
from fourview.evaluation.checks import Bools, Floats, Ints
from fourview.evaluation.delong import delong, placements
from fourview.evaluation.mrmc_jackknife import without_each_patient
from fourview.evaluation.mrmc_measure import (
    Measure,
    codes_of,
    refuse_unmeasured,
    rows_by_patient,
    rows_of,
)

CovarianceMethod = Literal["delong", "jackknife", "bootstrap", "unbiased"]

_CHUNK = 4_000_000
"""Counts held at once: 32 MB."""


def covariance_of_readers(
    ratings: Ratings,
    measure: Measure = "auc",
    method: CovarianceMethod = "delong",
    *,
    rng: np.random.Generator | None = None,
    draws: int = 2000,
) -> Floats:
    """The covariance of what is measured of each reader in each modality, over cases.

    Args:
        rng: Needed by the bootstrap only.
    Returns:
        `(K, K)` for K = modalities x readers, modality after modality; NaN where it is not
        defined (fewer than two patients with cases of a kind).
    Raises:
        TableError: a reader has no case of a kind in some modality; the method does not fit the
            measure; the unbiased one meets several cases of a patient.
    """
    refuse_unmeasured(ratings)
    if method in ("delong", "unbiased") and measure != "auc":
        raise TableError(
            f"{method} gives the covariance of AUCs, not of the {measure.replace('-', ' ')}",
            hint="take the jackknife or the bootstrap",
        )
    if method == "delong":
        return _delong(ratings)
    if method == "unbiased":
        return _unbiased(ratings)
    if method == "jackknife":
        return _jackknife(ratings, measure)
    if rng is None:
        raise ValueError("the bootstrap draws at random: pass a seeded rng")
    return _bootstrap(ratings, measure, rng, draws)


def cell_replicates(
    ratings: Ratings, measure: Measure, *, rng: np.random.Generator, draws: int = 2000
) -> Floats:
    """The measure of each reader in each modality on draws of patients with replacement, all on
    the same draws.

    Returns:
        `(modalities, readers, draws)`; NaN where a draw lacks a kind of case.
    """
    forms, n_patients = rows_by_patient(ratings, measure)
    parts = [
        np.stack([of(counts) for of in forms]) for counts in patient_draws(n_patients, draws, rng)
    ]
    return np.concatenate(parts, axis=1).reshape(*ratings.values.shape[:2], draws)


def _delong(ratings: Ratings) -> Floats:
    if ratings.is_complete:
        rows = ratings.values.reshape(-1, len(ratings.cases))
        return delong(rows, ratings.truth, patients=ratings.patients).covariance
    return _delong_of_shared(ratings)


def _delong_of_shared(ratings: Ratings) -> Floats:
    """Obuchowski's covariance where each reader has cases of his or her own.

    For reader a let x_a(p) be the sum, over patient p's cases with the disease, of placement less
    AUC, divided by how many such cases a rated; y_a(p) the same of those without. With complete
    ratings the covariance is f(P) sum x_a x_b + f(Q) sum y_a y_b + f(I) sum (x_a y_b + y_a x_b),
    f(n) = n / (n - 1), over P patients with the disease, Q without, I in all. Here each row has its
    own P, Q and I, and takes the root of its own factor: two rows that share all patients have the
    formula, two that share none have 0.
    """
    codes, n_patients = codes_of(ratings)
    of_cases, of_others, roots = [], [], []
    for row, rated in rows_of(ratings):
        truth, own = ratings.truth[rated], codes[rated]
        x, y = placements(row[rated][None], truth)
        of_cases.append(_by_patient(x[0], own[truth], n_patients))
        of_others.append(_by_patient(y[0], own[~truth], n_patients))
        roots.append((_root(own[truth]), _root(own[~truth]), _root(own)))
    cases, others = np.stack(of_cases), np.stack(of_others)
    for_cases, for_others, for_both = (np.array(root)[:, None] for root in zip(*roots, strict=True))
    cross = (cases * for_both) @ (others * for_both).T
    result: Floats = (cases * for_cases) @ (cases * for_cases).T + cross + cross.T
    result += (others * for_others) @ (others * for_others).T
    return result


def _by_patient(placed: Floats, codes: Ints, n_patients: int) -> Floats:
    """Placements less their mean, summed by patient and divided by their number."""
    return np.bincount(codes, placed - placed.mean(), n_patients) / len(placed)


def _root(codes: Ints) -> float:
    """The root of n / (n - 1) for n patients; NaN for one."""
    n = len(np.unique(codes))
    return float(np.sqrt(n / (n - 1))) if n > 1 else float("nan")


def _jackknife(ratings: Ratings, measure: Measure) -> Floats:
    """(n - 1) / n times the sum over patients of the products of deviations, each from the mean of
    the values without one patient. A reader's n is that of his or her own patients, where MRMCaov
    takes all patients of the study: with missing ratings its variances are larger, by
    (1 - 1 / all) / (1 - 1 / own)."""
    codes, _ = codes_of(ratings)
    without = without_each_patient(ratings, measure)
    deviations = np.zeros_like(without)
    for number, (_, rated) in enumerate(rows_of(ratings)):
        own = np.unique(codes[rated])
        share = np.sqrt((len(own) - 1) / len(own))
        deviations[number, own] = (without[number, own] - without[number, own].mean()) * share
    result: Floats = deviations @ deviations.T
    return result


def _bootstrap(ratings: Ratings, measure: Measure, rng: np.random.Generator, draws: int) -> Floats:
    """The covariance over the draws that define every row; NaN where more than one in twenty does
    not."""
    replicates = cell_replicates(ratings, measure, rng=rng, draws=draws)
    rows = replicates.reshape(-1, draws)
    known = ~np.isnan(rows).any(axis=0)
    if known.mean() < 0.95 or known.sum() < 2:
        return np.full((len(rows), len(rows)), np.nan)
    return np.atleast_2d(np.cov(rows[:, known]))


def _unbiased(ratings: Ratings) -> Floats:
    """AB less the mean of a(x, y) b(x', y') over x other than x' and y other than y', where a(x, y)
    is 1 if reader a rated case x above y, a half if alike: that mean has the expectation E(A)E(B),
    since the two pairs have no case in common."""
    codes, n_patients = codes_of(ratings)
    if n_patients < len(codes):
        raise TableError(
            "the unbiased covariance is for one case a patient; here are "
            f"{len(codes)} cases of {n_patients} patients",
            hint="take delong, the jackknife or the bootstrap: they count by patient",
        )
    rows = ratings.values.reshape(-1, len(ratings.cases))
    high, low = rows[:, ratings.truth], rows[:, ~ratings.truth]
    k, n_high, n_low = len(rows), high.shape[1], low.shape[1]
    same_high, same_low, same_both = np.zeros((k, k)), np.zeros((k, n_low)), np.zeros((k, k))
    wins = np.zeros(k)
    step = max(1, _CHUNK // (k * n_low))
    for at in range(0, n_high, step):
        order = _order(high[:, at : at + step, None], low[:, None])  # (K, some, others)
        by_high, flat = order.sum(axis=2), order.reshape(k, -1)
        same_high += by_high @ by_high.T
        same_low += order.sum(axis=1)
        same_both += flat @ flat.T
        wins += by_high.sum(axis=1)
    apart = np.outer(wins, wins) - same_high - same_low @ same_low.T + same_both
    pairs = _pairs_apart(~np.isnan(high)) * _pairs_apart(~np.isnan(low))
    expected = np.divide(apart, pairs, out=np.full((k, k), np.nan), where=pairs > 0)
    each = wins / ((~np.isnan(high)).sum(axis=1) * (~np.isnan(low)).sum(axis=1))
    result: Floats = np.outer(each, each) - expected
    return result


def _order(high: Floats, low: Floats) -> Floats:
    """1 where the first is above the second, a half where alike, 0 where below or missing."""
    order: Floats = (high > low) + 0.5 * (high == low)
    return order


def _pairs_apart(rated: Bools) -> Floats:
    """In how many ways a case of one row and another case of another row can be taken."""
    counts = rated.astype(np.float64)
    n = counts.sum(axis=1)
    return np.outer(n, n) - counts @ counts.T
