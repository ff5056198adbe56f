"""The AUC's variance without a model of the scores, and tests between models.

E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837: variance and covariance
from placement values. X. Sun, W. Xu, IEEE Signal Processing Letters 21 (2014) 1389: the same from
midranks, n log n. N. A. Obuchowski, Biometrics 53 (1997) 567: breasts of a patient as one cluster.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata

from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes, scores_and_truth
from fourview.evaluation.interval import Interval, normal_quantile, of_two_more

Scale = Literal["plus-two", "logit", "plain"]

NO_SPREAD = 1e-12
"""Variances of a difference below this share of the two variances are rounding: there is none."""

ROUNDING = 1e-24
"""Variances of areas below this are rounding: two areas differ by 1 / pairs of cases at least."""


@dataclass(frozen=True)
class Comparison:
    """One AUC less another."""

    difference: float
    standard_error: float
    z: float
    """The difference in standard errors; NaN where there is no spread to measure it by."""
    p: float
    """Two-sided, by the normal distribution; NaN with `z`."""
    interval: Interval
    """Of the difference, on the plain scale."""


@dataclass(frozen=True, eq=False)
class DeLong:
    """The AUCs of one or more models on the same breasts, with their covariance."""

    aucs: Floats
    """`(K,)`; NaN where not defined."""
    covariance: Floats
    """`(K, K)`; NaN with fewer than two cases or two others (patients, where they are given)."""
    n_cases: int
    n_others: int
    independent_pairs: int
    """How many pairs of a case and another, no two with a patient in common, can be made."""
    patients_with_case: int
    """Cases, where no patients are given; so of the others."""
    patients_with_other: int

    def standard_error(self, model: int = 0) -> float:
        """The square root of a model's variance."""
        return math.sqrt(self.covariance[model, model])

    def interval(
        self, model: int = 0, *, level: float = 0.95, scale: Scale = "plus-two"
    ) -> Interval:
        """The AUC's interval.

        Args:
            scale: `logit` takes the normal interval of log(A / (1 - A)) and turns it back, so it
                never leaves 0 to 1. `plus-two`, the default, does so with a greater variance, see
                `variance_of_two_more`. `plain` is A ± z·SE cut at 0 and 1, as most programs print.
        Returns:
            At an AUC of 1 or 0 the variance is 0 and none is of use. The interval is then that
            of `independent_pairs` pairs all in order (Clopper-Pearson): exact and wide, and its
            remark says so. Not defined for a constant score or a variance that is not.

            Of a true AUC of 0.75 to 0.97 with 50 or 80 cases the default held 94.7 to 96.5 %,
            `logit` of 0.97 90 to 93 % (`benchmarks/interval_coverage.py`). Where scores are far
            from normal (one case in twenty hard to find, 50 cases) it may be 92 %; of 0.985 with
            25 patients whose breasts are both cases it is 99 %.
        """
        a, variance = float(self.aucs[model]), float(self.covariance[model, model])
        if scale == "plus-two" and variance > ROUNDING:
            variance += self.variance_of_two_more(model)
        return _interval(a, variance, self.independent_pairs, level, scale)

    def variance_of_two_more(self, model: int = 0) -> float:
        """What `plus-two` adds to the variance, see `of_two_more`: 2 A(1 - A)(1 / nk + 1 / ml) for
        n cases of k patients, and m others of l. Covariances and tests have none of it."""
        a = float(self.aucs[model])
        of_cases = self.n_cases, self.patients_with_case
        return a * (1 - a) * of_two_more(of_cases, (self.n_others, self.patients_with_other))

    def difference(self, first: int = 0, second: int = 1, *, level: float = 0.95) -> Comparison:
        """The first model's AUC less the second's, both on these breasts (paired)."""
        v = self.covariance
        total = float(v[first, first] + v[second, second])
        variance = total - 2 * float(v[first, second])
        if variance < NO_SPREAD * total:
            variance = 0.0
        return _compare(float(self.aucs[first] - self.aucs[second]), variance, level)


def delong(
    scores: ArrayLike, truth: ArrayLike, *, patients: Sequence[Hashable] | None = None
) -> DeLong:
    """AUCs with DeLong's covariance, in n log n.

    Args:
        scores: `(N,)`, or `(K, N)` of K models.
        truth: `(N,)` of 0 and 1.
        patients: The patient of each breast. With them the breasts of a patient are one cluster
            (Obuchowski 1997); without them all breasts count as independent.
    Returns:
        A model with a NaN score, and all where either kind is missing, have NaN.
    Raises:
        ValueError, TableError: as `scores_and_truth` and `patient_codes`.
    """
    values, cases = scores_and_truth(scores, truth)
    values = np.atleast_2d(values)
    n_cases = int(cases.sum())
    n_others = len(cases) - n_cases
    if patients is None:
        codes, n_patients = np.arange(len(cases)), len(cases)
    else:
        codes, n_patients = patient_codes(patients, len(cases))
    with_case, with_other = np.unique(codes[cases]), np.unique(codes[~cases])
    counts = (
        n_cases,
        n_others,
        min(len(with_case), len(with_other), n_patients // 2),
        len(with_case),
        len(with_other),
    )
    if not n_cases or not n_others:
        nothing = np.full((len(values), len(values)), np.nan)
        return DeLong(nothing[0], nothing, *counts)
    of_cases, of_others = placements(values, cases)
    aucs = of_cases.mean(axis=1)
    if min(len(with_case), len(with_other)) < 2:
        covariance = np.full((len(values), len(values)), np.nan)
    elif patients is None:
        covariance = np.atleast_2d(np.cov(of_cases)) / n_cases
        covariance = covariance + np.atleast_2d(np.cov(of_others)) / n_others
    else:
        covariance = _clustered(of_cases - aucs[:, None], of_others - aucs[:, None], codes, cases)
    return DeLong(aucs, covariance, *counts)


def compare_unpaired(
    first: DeLong, second: DeLong, *, models: tuple[int, int] = (0, 0), level: float = 0.95
) -> Comparison:
    """One AUC less another that was measured on other patients."""
    a, b = models
    variance = float(first.covariance[a, a] + second.covariance[b, b])
    return _compare(float(first.aucs[a] - second.aucs[b]), variance, level)


def placements(scores: Floats, cases: Bools) -> tuple[Floats, Floats]:
    """DeLong's structural components.

    Args:
        scores: `(K, N)`.
        cases: `(N,)`, with at least one of each kind.
    Returns:
        `(K, cases)`: the share of others below each case; `(K, others)`: the share of cases above
        each other; ties count a half. Each has the AUC as its mean. A row with a NaN is all NaN.
    """
    everyone = rankdata(scores, axis=1)
    among_cases = rankdata(scores[:, cases], axis=1)
    among_others = rankdata(scores[:, ~cases], axis=1)
    n_cases, n_others = among_cases.shape[1], among_others.shape[1]
    of_cases = (everyone[:, cases] - among_cases) / n_others
    of_others = 1 - (everyone[:, ~cases] - among_others) / n_cases
    unknown = np.isnan(scores).any(axis=1)
    of_cases[unknown], of_others[unknown] = np.nan, np.nan
    return of_cases, of_others


def _clustered(of_cases: Floats, of_others: Floats, codes: Ints, cases: Bools) -> Floats:
    """Obuchowski's covariance `(K, K)` from placements less the AUC: sums by patient take the place
    of single breasts, and a patient with both kinds adds a cross term."""
    n_cases, n_others = of_cases.shape[1], of_others.shape[1]
    n_patients = int(codes.max()) + 1
    x = np.stack([np.bincount(codes[cases], row, n_patients) for row in of_cases]) / n_cases
    y = np.stack([np.bincount(codes[~cases], row, n_patients) for row in of_others]) / n_others

    def spread(n: int) -> float:
        return n / (n - 1)

    cross = spread(n_patients) * (x @ y.T)
    of_x = spread(len(np.unique(codes[cases]))) * (x @ x.T)
    of_y = spread(len(np.unique(codes[~cases]))) * (y @ y.T)
    return np.asarray(of_x + of_y + cross + cross.T, dtype=np.float64)


def _interval(a: float, variance: float, pairs: int, level: float, scale: Scale) -> Interval:
    z = normal_quantile(level)
    if math.isnan(a):
        return Interval.undefined("cases or others are missing, or a score is NaN", level=level)
    if math.isnan(variance):
        why = "fewer than two cases or two others, or than two patients with each"
        return Interval.undefined(why, level=level)
    if a in (0.0, 1.0):
        edge = ((1 - level) / 2) ** (1 / pairs) if pairs else 0.0
        said = (
            f"at an AUC of {a:.0f} DeLong's variance is 0; this is the exact interval of "
            f"{pairs} independent pairs, all in one order"
        )
        return Interval(edge, 1.0, level, said) if a else Interval(0.0, 1 - edge, level, said)
    if variance <= ROUNDING:
        why = "every breast has the same score, or those of each patient balance each other"
        return Interval.undefined(why, level=level)
    error = math.sqrt(variance)
    if scale == "plain":
        return Interval(max(0.0, a - z * error), min(1.0, a + z * error), level)
    middle, half = math.log(a / (1 - a)), z * error / (a * (1 - a))
    return Interval(_expit(middle - half), _expit(middle + half), level)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > 0 else 1 - 1 / (1 + math.exp(x))


def _compare(difference: float, variance: float, level: float) -> Comparison:
    width = normal_quantile(level)
    if math.isnan(difference) or math.isnan(variance) or variance <= ROUNDING:
        why = (
            "one of the AUCs or its variance is not defined"
            if math.isnan(difference) or math.isnan(variance)
            else "the two rank the breasts alike, or both without an error: nothing varies"
        )
        error = math.nan if math.isnan(variance) else 0.0
        nothing = Interval.undefined(why, level=level)
        return Comparison(difference, error, math.nan, math.nan, nothing)
    error = math.sqrt(variance)
    z = difference / error
    interval = Interval(difference - width * error, difference + width * error, level)
    return Comparison(difference, error, z, float(2 * norm.sf(abs(z))), interval)
