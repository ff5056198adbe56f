"""Whether exams that a network represents alike are alike, and whether a picture of them holds.

Neighbours are counted where the activations are, in 1,024 dimensions: what is found there does not
hang on the picture. How well a picture keeps neighbours: J. Venna, S. Kaski, Neighborhood
preservation in nonlinear projection methods, ICANN 2001, 485.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from fourview.core.errors import TableError
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import patient_draws, resample
from fourview.evaluation.checks import Floats, Ints, patient_codes
from fourview.evaluation.interval import Interval
from fourview.evaluation.resampled import Resampled

Points = NDArray[np.floating]
"""A row an exam."""

Metric = Literal["euclidean", "manhattan", "cosine", "correlation"]
_SCIPYS: dict[Metric, Literal["euclidean", "cityblock", "cosine", "correlation"]] = {
    "euclidean": "euclidean",
    "manhattan": "cityblock",
    "cosine": "cosine",
    "correlation": "correlation",
}
_AT_ONCE = 4_000_000
"""Distances held at once: 32 MB."""

SEVERAL_EXAMS = "not defined where patients have several exams: these cannot be dealt out singly"


@dataclass(frozen=True)
class Agreement:
    """How far the mean score of an exam's neighbours tells its own."""

    measure: Literal["auc", "spearman"]
    """The AUC of the neighbours' mean where scores are 0 and 1, else Spearman's correlation."""
    value: float
    """NaN where not defined."""
    interval: Interval
    chance: float
    """The mean of the measure where the same scores are dealt out to the exams at random: slightly
    below 0.5 or 0, since an exam is no neighbour of its own. NaN where not defined."""
    p: float
    """One-sided: the share of such deals that reach the value."""
    remark: str = ""


def nearest_others(
    points: Points, k: int, *, metric: Metric = "euclidean", patients: Sequence[Hashable]
) -> Ints:
    """The k nearest exams of other patients, the nearest first, `(N, k)`.

    An exam's neighbours among its own patient's would tell who she is, not what she has.

    Args:
        points: `(N, D)`.
        patients: `(N,)`: whose each is.
    Raises:
        TableError: an exam has fewer than k others; a distance is not defined.
    """
    codes, _ = patient_codes(patients, len(points))
    fewest = len(points) - int(np.bincount(codes).max(initial=0))
    if not 0 < k <= fewest:
        raise TableError(
            f"{k} neighbours of {len(points)} exams; some have {fewest} exams of other patients",
            hint="take fewer neighbours, or more exams",
        )
    found = np.empty((len(points), k), dtype=np.int64)
    for here, distances in _distances(points, metric):
        distances[codes[here, None] == codes] = np.inf
        found[here] = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return found


def trustworthiness(
    points: Points, picture: Points, k: int, *, metric: Metric = "euclidean"
) -> float:
    """Whether neighbours in the picture are neighbours in truth: 1 where all are; a picture at
    random has about 0.5.

    1 - 2 / (N k (2N - 3k - 1)) times the sum, over each exam's k neighbours in the picture, of how
    far beyond k they rank in truth. With the two exchanged it is continuity: whether neighbours in
    truth stand together in the picture. In chunks, so that no table of all pairs is held.

    Args:
        points, picture: `(N, D)` and `(N, d)`; distances in the picture are Euclidean.
        k: Below N / 2.
    """
    return _kept(points, metric, picture, "euclidean", k)


def continuity(points: Points, picture: Points, k: int, *, metric: Metric = "euclidean") -> float:
    """Whether neighbours in truth stand together in the picture; see `trustworthiness`."""
    return _kept(picture, "euclidean", points, metric, k)


def _kept(truth: Points, metric: Metric, shown: Points, shown_metric: Metric, k: int) -> float:
    n = len(truth)
    if len(shown) != n or not 0 < 2 * k < n:
        raise ValueError(f"{n} points, {len(shown)} of them shown, {k} neighbours")
    beyond = 0
    pairs = zip(_distances(truth, metric), _distances(shown, shown_metric), strict=True)
    for (here, true), (_, seen) in pairs:
        rows = np.arange(len(here))
        for distances in (true, seen):
            distances[rows, here] = -1.0  # itself first, also where another lies on it
        ranks = np.empty(true.shape, dtype=np.int64)
        order = np.argsort(true, axis=1, kind="stable")
        np.put_along_axis(ranks, order, np.arange(n)[None], axis=1)
        neighbours = np.argsort(seen, axis=1, kind="stable")[:, 1 : k + 1]
        further = np.take_along_axis(ranks, neighbours, axis=1) - k
        beyond += int(further[further > 0].sum())
    return 1 - 2 * beyond / (n * k * (2 * n - 3 * k - 1))


def _distances(points: Points, metric: Metric) -> Iterator[tuple[Ints, Floats]]:
    """Some rows' numbers, and their distances to all points."""
    values = np.asarray(points, dtype=np.float64)
    step = max(1, _AT_ONCE // max(1, len(values)))
    for at in range(0, len(values), step):
        here = np.arange(at, min(at + step, len(values)))
        distances = cdist(values[here], values, _SCIPYS[metric])
        if np.isnan(distances).any():
            raise TableError(
                f"some exams have no {metric} distance: all their activations are 0, or alike",
                hint="take the Euclidean distance",
            )
        yield here, distances


def agreement(
    scores: Floats,
    nearest: Ints,
    patients: Sequence[Hashable],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    level: float = 0.95,
) -> Agreement:
    """How far the neighbours' mean score tells an exam's own.

    The interval draws patients with all their exams, each exam with its neighbours as they are:
    it does not hold what other exams beside these would change in the neighbourhoods.

    Args:
        scores: `(N,)`; 0 and 1 for a truth.
        nearest: `(N, k)`, of `nearest_others`.
        patients: `(N,)`.
        draws: Of patients, and deals of the scores.
    """
    two_kinds = bool(np.isin(scores, (0, 1)).all())
    measure: Literal["auc", "spearman"] = "auc" if two_kinds else "spearman"
    if len(np.unique(scores)) < 2:
        why = "all exams have the same score"
        nothing = Interval.undefined(why, level=level)
        return Agreement(measure, np.nan, nothing, np.nan, np.nan, why)
    statistic = auc if two_kinds else spearman
    means = scores[nearest].mean(axis=1)
    value = statistic(means, scores)
    codes, n_patients = patient_codes(patients, len(scores))
    if two_kinds:
        drawn = resample(means, scores, patients, {"auc": auc}, rng=rng, draws=draws)["auc"].model()
    else:
        drawn = _resampled(means, scores, codes, n_patients, rng=rng, draws=draws)
    if n_patients < len(scores):
        dealt, remark = np.full(1, np.nan), f"chance: {SEVERAL_EXAMS}"
    else:
        dealt, remark = _dealt(scores, nearest, statistic, rng, draws), ""
    reached = int((dealt >= value).sum())
    p = np.nan if np.isnan(dealt).any() or np.isnan(value) else (1 + reached) / (1 + draws)
    return Agreement(
        measure, value, drawn.interval(level=level), float(dealt.mean()), float(p), remark
    )


def spearman(x: Floats, y: Floats) -> float:
    """Spearman's rank correlation; NaN where one does not vary."""
    a, b = (rankdata(values) for values in (x, y))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def _resampled(
    means: Floats, scores: Floats, codes: Ints, n_patients: int, *, rng: np.random.Generator,
    draws: int,
) -> Resampled:  # fmt: skip
    found = [
        spearman(np.repeat(means, times[codes]), np.repeat(scores, times[codes]))
        for counts in patient_draws(n_patients, draws, rng)
        for times in counts
    ]
    return Resampled(spearman(means, scores), np.array(found))


def _dealt(
    scores: Floats,
    nearest: Ints,
    statistic: Callable[[Floats, Floats], float],
    rng: np.random.Generator,
    draws: int,
) -> Floats:
    """The measure where the scores stand at other exams, `(draws,)`."""
    found = np.empty(draws)
    for number in range(draws):
        other = rng.permutation(scores)
        found[number] = statistic(other[nearest].mean(axis=1), other)
    return found
