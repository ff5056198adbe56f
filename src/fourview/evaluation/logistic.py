"""Logistic regression of a truth on one number, by Newton's method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit

from fourview.core.errors import TableError
from fourview.evaluation.checks import Floats, probabilities

MAX_STEPS = 100


@dataclass(frozen=True)
class Line:
    """log-odds = intercept + slope · x, with the standard errors of both."""

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float


def fit_line(x: Floats, targets: Floats, offset: Floats | None = None) -> Line | None:
    """The line of highest likelihood.

    Args:
        x: `(N,)`, finite.
        targets: `(N,)` from 0 to 1 (a share of 1 between the two counts in part as each).
        offset: `(N,)` added to the log-odds, with the slope held at 0: the intercept alone.
    Returns:
        None where there is no finite one: x parts the targets of 0 from those of 1, or is
        constant, or the targets are of one kind (or none is found in 100 steps).
    """
    columns = np.stack([np.ones_like(x), x]) if offset is None else np.ones((1, len(x)))
    if not _has_maximum(x, targets, with_slope=offset is None):
        return None
    # Scaled, so that steps and their end mean the same whatever the unit of x.
    centre, spread = (float(x.mean()), float(x.std())) if offset is None else (0.0, 1.0)
    if offset is None:
        columns[1] = (x - centre) / spread
    shift = np.zeros(len(x)) if offset is None else offset
    at = np.zeros(len(columns))
    best = _likelihood(at, columns, shift, targets)
    for _ in range(MAX_STEPS):
        p = expit(shift + at @ columns)
        information = (columns * (p * (1 - p))) @ columns.T
        step = np.linalg.solve(information, columns @ (targets - p))
        now = _likelihood(at + step, columns, shift, targets)
        # Far from the top a full step can overshoot; the likelihood has one top only.
        while now < best - 1e-12 * abs(best) and np.abs(step).max() > 1e-14:
            step = step / 2
            now = _likelihood(at + step, columns, shift, targets)
        at, best = at + step, now
        if np.abs(step).max() < 1e-10:
            break
    else:
        return None
    p = expit(shift + at @ columns)
    covariance = np.linalg.inv((columns * (p * (1 - p))) @ columns.T)
    if offset is not None:
        return Line(0.0, float(at[0]), 0.0, math.sqrt(covariance[0, 0]))
    back = np.array([1.0, -centre / spread])  # the intercept at x = 0
    return Line(
        float(at[1] / spread),
        float(at @ back),
        math.sqrt(covariance[1, 1]) / spread,
        math.sqrt(back @ covariance @ back),
    )


def log_odds(scores: ArrayLike, *, clip: float = 0.0) -> Floats:
    """log(p / (1 - p)) of probabilities; NaN stays NaN.

    Args:
        clip: Brings probabilities nearer to 0 or 1 than this to this distance.
    Raises:
        TableError: a probability is exactly 0 or 1 and nothing clips it, or is none at all.
        ValueError: the clip is not within 0 to below a half.
    """
    if not 0 <= clip < 0.5:
        raise ValueError(f"a clip is from 0 to below 0.5, not {clip}")
    p = np.clip(probabilities(scores), clip, 1 - clip)
    ends = int(((p == 0) | (p == 1)).sum())
    if ends:
        raise TableError(
            f"{ends} of {p.size} probabilities are exactly 0 or 1, which have no log-odds",
            hint="clip them (clip=0.001 for readers who say 0 % and 100 %), and say so",
        )
    result: Floats = np.log(p) - np.log1p(-p)
    return result


def _has_maximum(x: Floats, targets: Floats, *, with_slope: bool) -> bool:
    """Whether the likelihood has its top at finite numbers (A. Albert, J. A. Anderson, Biometrika
    71 (1984) 1)."""
    may_be_1, may_be_0 = targets > 0, targets < 1
    if not may_be_1.any() or not may_be_0.any():
        return False
    if not with_slope:
        return True
    ones, zeros = x[may_be_1], x[may_be_0]
    return bool(ones.max() > zeros.min() and zeros.max() > ones.min())


def _likelihood(at: Floats, columns: Floats, shift: Floats, targets: Floats) -> float:
    line = shift + at @ columns
    return float(np.sum(targets * log_expit(line) + (1 - targets) * log_expit(-line)))
