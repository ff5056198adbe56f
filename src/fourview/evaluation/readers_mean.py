"""The mean over readers of one number each, with its error: to whom and to what it speaks.

The model is Obuchowski & Rockette's (1995): a reader's number is the population's mean, plus a
reader's own deviation, plus an error from the cases; errors of two readers covary, because they
read the same cases. Degrees of freedom: S. L. Hillis, Stat. Med. 26 (2007) 596, and 33 (2014) 330
(single modality).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from fourview.evaluation.checks import Floats
from fourview.evaluation.delong import NO_SPREAD, ROUNDING
from fourview.evaluation.interval import Interval

Analysis = Literal["RRRC", "FRRC", "RRFC"]
"""What is random: a sample of more that could have been taken."""

ANALYSES: dict[Analysis, str] = {
    "RRRC": "random readers and random cases",
    "FRRC": "these readers and random cases",
    "RRFC": "random readers and these cases",
}
"""To what a result of each extends."""

ONE_READER = "one reader does not show how readers vary"
NO_VARIANCE = "nothing varies"
NO_COVARIANCE = "the covariance over cases is not defined (too few patients with cases of a kind)"


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error and t distribution."""

    value: float
    standard_error: float
    """0 where nothing varies; NaN where not defined."""
    df: float
    """Degrees of freedom; infinite for the normal distribution."""
    interval: Interval

    def t(self, against: float = 0.0) -> float:
        """The distance from `against` in standard errors; NaN where there is no error."""
        if not self.standard_error > 0:
            return math.nan
        return (self.value - against) / self.standard_error

    def p(self, against: float = 0.0) -> float:
        """Two-sided p that the true number is `against`; NaN where there is no error."""
        return 2 * self._beyond(abs(self.t(against)))

    def p_above(self, against: float = 0.0) -> float:
        """One-sided p that the true number is `against` or less."""
        return self._beyond(self.t(against))

    def _beyond(self, t: float) -> float:
        return float(norm.sf(t) if math.isinf(self.df) else student.sf(t, self.df))

    @property
    def remark(self) -> str:
        """Why there is no interval; nothing where there is one."""
        return self.interval.remark


def estimate(
    value: float,
    variance: float,
    df: float,
    *,
    level: float,
    remark: str = "",
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """A number whose variance is known with `df` degrees of freedom.

    Args:
        variance: NaN, or 0 where nothing varies: then there is no interval, and `remark` says why.
        within: The interval is cut there.
    """
    if not 0 < level < 1:
        raise ValueError(f"an interval's level lies between 0 and 1, not {level}")
    if not variance > ROUNDING or math.isnan(value) or math.isnan(df):
        error = math.nan if math.isnan(variance) else 0.0
        why = remark or (NO_COVARIANCE if math.isnan(variance) else NO_VARIANCE)
        return Estimate(value, error, df, Interval.undefined(why, level=level))
    error, tail = math.sqrt(variance), (1 - level) / 2
    half = error * float(norm.isf(tail) if math.isinf(df) else student.isf(tail, df))
    low, high = max(within[0], value - half), min(within[1], value + half)
    return Estimate(value, error, df, Interval(low, high, level))


@dataclass(frozen=True)
class ReadersMean:
    """The mean of one number a reader."""

    mean_square: float
    """The variance of the readers' numbers (ddof 1), MS(R); NaN for a single reader."""
    variance: float
    """Of a reader's number over cases: the mean over readers."""
    covariance: float
    """Of two readers' numbers over cases, Cov2: the mean over pairs; NaN for a single reader."""
    by: dict[Analysis, Estimate]


def mean_over_readers(
    values: Floats,
    covariance: Floats,
    *,
    level: float = 0.95,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> ReadersMean:
    """The mean of the readers' numbers, three ways.

    Random readers and cases: the variance is (MS(R) + r max(Cov2, 0)) / r with
    (MS(R) + r max(Cov2, 0))^2 / (MS(R)^2 / (r - 1)) degrees of freedom. These readers:
    (Var + (r - 1) max(Cov2, 0)) / r, normal. These cases: MS(R) / r, r - 1 degrees.

    Args:
        values: `(r,)`.
        covariance: `(r, r)`, over cases.
    """
    r, value = len(values), float(values.mean())
    variance = float(np.trace(covariance)) / r
    if r > 1:
        mean_square = float(values.var(ddof=1))
        between = float(covariance.sum() - np.trace(covariance)) / (r * (r - 1))
        positive = np.maximum(between, 0.0)  # keeps NaN
    else:
        mean_square, between, positive = math.nan, math.nan, 0.0
    both = without_rounding(mean_square + r * positive, variance)
    alone = "" if r > 1 else ONE_READER

    def of(squared: float, df: float, remark: str = "") -> Estimate:
        return estimate(value, squared / r, df, level=level, remark=remark, within=within)

    fixed = without_rounding(variance + (r - 1) * positive, variance)
    return ReadersMean(
        mean_square=mean_square,
        variance=variance,
        covariance=between,
        by={
            "RRRC": of(both, hillis_df(both, mean_square, r - 1), alone),
            "FRRC": of(fixed, math.inf),
            "RRFC": of(without_rounding(mean_square, variance), r - 1, alone),
        },
    )


def hillis_df(total: float, mean_square: float, df: int) -> float:
    """Hillis's (2007) degrees of freedom of a sum whose only part of limited degrees is the mean
    square; infinite where that is 0, NaN where the sum is."""
    if not total > 0 or math.isnan(mean_square):
        return math.nan
    if mean_square <= ROUNDING:
        return math.inf
    return total**2 / (mean_square**2 / df)


def without_rounding(x: float, variance: float) -> float:
    """0 where `x` is no more than what rounding leaves of equal numbers."""
    x = float(x)
    return 0.0 if x <= ROUNDING or x <= NO_SPREAD * variance else x
