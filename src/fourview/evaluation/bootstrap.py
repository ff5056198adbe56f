"""Intervals by drawing patients with replacement: all breasts of a patient come along.

B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 6; C. A. Field, A. H.
Welsh, JRSS B 69 (2007) 369 (drawing clusters). A draw is a count for each patient. The AUC and
average precision are computed from the counts, with no breast copied; any other statistic sees each
breast as often as its patient was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from fourview.evaluation.auc import auc
from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes, scores_and_truth
from fourview.evaluation.interval import of_two_more
from fourview.evaluation.precision_recall import average_precision
from fourview.evaluation.resampled import Resamples, Scale

Statistic = Callable[[Floats, Bools], float]
"""From scores `(n,)` and truth `(n,)` to a number; NaN where it is not defined."""

_CHUNK = 4_000_000
"""Counts held at once: 32 MB."""


def resample(
    scores: ArrayLike,
    truth: ArrayLike,
    patients: Sequence[Hashable],
    statistics: Mapping[str, Statistic],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
) -> dict[str, Resamples]:
    """Statistics of one or more models over draws of as many patients, with replacement.

    Args:
        scores: `(N,)`, or `(K, N)` of K models.
        truth: `(N,)` of 0 and 1.
        patients: The patient of each breast.
        statistics: By name. `auc` and `average_precision` take a way that copies nothing.
    Returns:
        By the statistic's name. All statistics and models see the same draws.
    Raises:
        ValueError: the shapes differ, or there is no breast or draw.
        TableError: a truth is neither 0 nor 1; a breast has no patient.
    """
    values, cases = scores_and_truth(scores, truth)
    values = np.atleast_2d(values)
    codes, n_patients = patient_codes(patients, len(cases))
    if not n_patients or draws < 1:
        raise ValueError(f"{draws} draws of {n_patients} patients")
    forms = {
        name: [counted(statistic, row, cases, codes, n_patients) for row in values]
        for name, statistic in statistics.items()
    }
    found = {name: np.empty((len(values), draws)) for name in statistics}
    at = 0
    for counts in patient_draws(n_patients, draws, rng):
        here = slice(at, at := at + len(counts))
        for name, rows in forms.items():
            for k, form in enumerate(rows):
                found[name][k, here] = form(counts)
    kinds = [(int(kind.sum()), len(np.unique(codes[kind]))) for kind in (cases, ~cases)]
    return {
        name: Resamples(
            np.array([statistic(row, cases) for row in values]),
            found[name],
            *_of_area(statistic, kinds),
        )
        for name, statistic in statistics.items()
    }


def _of_area(statistic: Statistic, kinds: Sequence[tuple[int, int]]) -> tuple[Scale, float, float]:
    """The scale, what two more breasts add, and the degrees of freedom, from how many cases there
    are of how many patients, and how many others."""
    if statistic not in _FROM_BINS:
        return "percentile", 0.0, math.inf
    # average precision is a mean over cases, the AUC over cases and over others
    means = kinds if statistic is auc else kinds[:1]
    return "plus-two", of_two_more(*means), max(min(patients for _, patients in kinds) - 1, 1)


def patient_draws(n_patients: int, draws: int, rng: np.random.Generator) -> Iterator[Ints]:
    """How often each patient is drawn, `(some draws, patients)` at a time, `draws` in all."""
    step = max(1, _CHUNK // n_patients)
    for at in range(0, draws, step):
        size = min(step, draws - at)
        counts = np.empty((size, n_patients), dtype=np.int64)
        for row in counts:
            row[:] = np.bincount(rng.integers(n_patients, size=n_patients), minlength=n_patients)
        yield counts


OfCounts = Callable[[Ints], Floats]
"""From counts `(draws, patients)` to the statistic of each draw `(draws,)`."""


def counted(
    statistic: Statistic, scores: Floats, cases: Bools, codes: Ints, n_patients: int
) -> OfCounts:
    """The statistic as a function of how often each patient counts.

    Args:
        scores, cases: Of some breasts `(n,)`.
        codes: The patient of each, from 0 to `n_patients` - 1; some may have no breast here.
    """
    from_bins = _FROM_BINS.get(statistic)
    if from_bins is None or np.isnan(scores).any() or not cases.any():
        return lambda counts: np.array(
            [_repeated(statistic, scores, cases, c[codes]) for c in counts]
        )
    # Only scores that a case has matter: others between two of them are all alike. Bin 2i + 1 is
    # the i-th such score, bin 2i what lies just below it, the last bin what is above all.
    levels = np.unique(scores[cases])
    bins = np.searchsorted(levels, scores, "left") + np.searchsorted(levels, scores, "right")
    shape = (2 * len(levels) + 1, n_patients)

    def table(kind: Bools) -> csr_array:
        ones = np.ones(int(kind.sum()))
        return csr_array((ones, (bins[kind], codes[kind])), shape=shape)

    of_cases, of_others = table(cases), table(~cases)

    def form(counts: Ints) -> Floats:
        step = max(1, _CHUNK // shape[0])
        parts = []
        for at in range(0, len(counts), step):
            weights = counts[at : at + step].T.astype(np.float64)
            parts.append(from_bins(of_cases @ weights, of_others @ weights))
        return np.concatenate(parts)

    return form


def _repeated(statistic: Statistic, scores: Floats, cases: Bools, times: Ints) -> float:
    return statistic(np.repeat(scores, times), np.repeat(cases, times))


def _auc_of_bins(cases: Floats, others: Floats) -> Floats:
    """From how many are in each bin `(bins, draws)`, by rising score."""
    below = np.cumsum(others, axis=0)
    pairs = cases.sum(axis=0) * below[-1]
    return _share((cases * (below - others / 2)).sum(axis=0), pairs)


def _ap_of_bins(cases: Floats, others: Floats) -> Floats:
    """From how many are in each bin `(bins, draws)`, by rising score."""
    found = np.cumsum(cases[::-1], axis=0)
    called = found + np.cumsum(others[::-1], axis=0)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    result = _share((cases[::-1] * precision).sum(axis=0), found[-1])
    result[called[-1] == found[-1]] = np.nan  # no others: as in `average_precision`
    return result


def _share(part: Floats, whole: Floats) -> Floats:
    """NaN of nothing."""
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


_FROM_BINS: dict[Statistic, Callable[[Floats, Floats], Floats]] = {
    auc: _auc_of_bins,
    average_precision: _ap_of_bins,
}
