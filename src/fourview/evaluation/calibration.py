"""Whether probabilities mean what they say: reliability, Brier score, slope and intercept.

G. W. Brier, Mon. Weather Rev. 78 (1950) 1; D. R. Cox, Biometrika 45 (1958) 562 (slope and
intercept); E. W. Steyerberg et al., Epidemiology 21 (2010) 128 (intercept in the large);
T. Dimitriadis, T. Gneiting, A. I. Jordan, PNAS 118 (2021) e2016191118 (the Brier score's parts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from fourview.evaluation.checks import Bools, Floats, probabilities, scores_and_truth
from fourview.evaluation.interval import Interval, normal_quantile, wilson
from fourview.evaluation.logistic import fit_line, log_odds


@dataclass(frozen=True)
class ReliabilityRow:
    """Breasts whose probabilities are near each other."""

    lowest: float
    highest: float
    n: int
    cases: int
    predicted: float
    """The mean probability."""

    @property
    def observed(self) -> float:
        """The share of cases."""
        return self.cases / self.n

    def interval(self, *, level: float = 0.95) -> Interval:
        """The observed share's Wilson interval, with breasts as independent."""
        return wilson(self.cases, self.n, level=level)


def reliability(scores: ArrayLike, truth: ArrayLike, *, rows: int = 10) -> list[ReliabilityRow]:
    """Predicted against observed, in rows of about as many breasts each, by rising probability.

    Equal probabilities stay in one row, so there may be fewer rows; a constant score has one.

    Args:
        scores: `(N,)` from 0 to 1.
        truth: `(N,)` of 0 and 1.
    Returns:
        Nothing for no breasts, or with a NaN score.
    Raises:
        TableError: a score outside 0 to 1, a truth neither 0 nor 1.
        ValueError: the shapes differ; fewer than one row.
    """
    values, cases = _probabilities_and_truth(scores, truth)
    if rows < 1:
        raise ValueError(f"at least one row, not {rows}")
    if not len(values) or np.isnan(values).any():
        return []
    order = np.argsort(values, kind="stable")
    values, cases = values[order], cases[order]
    # Where a row would end within equal probabilities, it ends after them.
    wanted = values[np.ceil(len(values) * np.arange(1, rows + 1) / rows).astype(np.int64) - 1]
    ends = np.unique(np.searchsorted(values, wanted, "right"))
    return [
        ReliabilityRow(
            float(values[start]),
            float(values[end - 1]),
            int(end - start),
            int(cases[start:end].sum()),
            float(values[start:end].mean()),
        )
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]


@dataclass(frozen=True)
class Brier:
    """The Brier score and its parts: score = miscalibration - discrimination + uncertainty."""

    score: float
    """The mean squared difference of probability and truth; 0 is best."""
    miscalibration: float
    """What the best recalibration that keeps the order (isotonic, on these breasts) would save."""
    discrimination: float
    """What the order is worth over saying the share of cases for each breast."""
    uncertainty: float
    """The score of saying the share of cases for each breast."""

    @property
    def skill(self) -> float:
        """1 - score / uncertainty: 1 is best, 0 as good as the share of cases, below 0 worse. NaN
        where all breasts are of one kind."""
        return 1 - self.score / self.uncertainty if self.uncertainty else float("nan")


def brier(scores: ArrayLike, truth: ArrayLike) -> Brier:
    """The Brier score with its parts.

    Args:
        scores: `(N,)` from 0 to 1.
        truth: `(N,)` of 0 and 1.
    Returns:
        NaN for no breasts, or with a NaN score.
    Raises:
        TableError, ValueError: as `reliability`.
    """
    values, cases = _probabilities_and_truth(scores, truth)
    if not len(values) or np.isnan(values).any():
        return Brier(*[float("nan")] * 4)
    share = float(cases.mean())
    uncertainty = share * (1 - share)
    score = float(np.mean((values - cases) ** 2))
    # One value for equal probabilities: their share of cases, weighted by how many they are.
    _, level, n = np.unique(values, return_inverse=True, return_counts=True)
    shares = np.bincount(level, cases) / n
    best = isotonic_regression(shares, weights=n).x[level]
    recalibrated = float(np.mean((best - cases) ** 2))
    return Brier(score, score - recalibrated, uncertainty - recalibrated, uncertainty)


@dataclass(frozen=True)
class Calibration:
    """Cox's line, log-odds of the truth = intercept + slope · log-odds of the probability."""

    slope: float
    """1 is right; below 1: the probabilities are too extreme. NaN where not defined."""
    intercept: float
    """0 is right, where the slope is 1."""
    in_the_large: float
    """The intercept with the slope held at 1: above 0, there are more cases than foretold."""
    slope_error: float
    intercept_error: float
    in_the_large_error: float
    remark: str = ""
    """Why something is not defined."""

    def interval_of_slope(self, *, level: float = 0.95) -> Interval:
        """Wald's, with breasts as independent."""
        return self._interval(self.slope, self.slope_error, level)

    def interval_in_the_large(self, *, level: float = 0.95) -> Interval:
        """Wald's, with breasts as independent."""
        return self._interval(self.in_the_large, self.in_the_large_error, level)

    def _interval(self, value: float, error: float, level: float) -> Interval:
        z = normal_quantile(level)
        if np.isnan(value):
            return Interval.undefined(self.remark, level=level)
        return Interval(value - z * error, value + z * error, level)


def calibration(scores: ArrayLike, truth: ArrayLike, *, clip: float = 0.0) -> Calibration:
    """Slope and intercept of the truth on the probabilities' log-odds.

    Args:
        scores: `(N,)` from 0 to 1, without the ends unless clipped.
        truth: `(N,)` of 0 and 1.
        clip: Brings probabilities nearer than this to 0 or 1 to this distance. It moves the slope.
    Returns:
        Slope and intercept NaN for a constant score and where a threshold parts the kinds
        perfectly; all NaN with one kind only, or a NaN score.
    Raises:
        TableError: a score outside 0 to 1, or at an end and not clipped; a truth neither 0 nor 1.
        ValueError: the shapes differ.
    """
    values, cases = _probabilities_and_truth(scores, truth)
    x, targets = log_odds(values, clip=clip), cases.astype(np.float64)
    nan = float("nan")
    if np.isnan(x).any() or not cases.any() or cases.all():
        return Calibration(nan, nan, nan, nan, nan, nan, "one kind is missing, or a score is NaN")
    large, line = fit_line(x, targets, offset=x), fit_line(x, targets)
    at, at_error = (large.intercept, large.intercept_error) if large else (nan, nan)
    if line is None:
        said = (
            "every breast has the same score"
            if x.min() == x.max()
            else "a threshold parts cases and others perfectly, so the slope has no end"
        )
        return Calibration(nan, nan, at, nan, nan, at_error, said)
    return Calibration(
        line.slope, line.intercept, at, line.slope_error, line.intercept_error, at_error
    )


def _probabilities_and_truth(scores: ArrayLike, truth: ArrayLike) -> tuple[Floats, Bools]:
    values, cases = scores_and_truth(scores, truth)
    if values.ndim != 1:
        raise ValueError(f"scores have the shape {values.shape}, the truth {cases.shape}")
    return probabilities(values), cases
