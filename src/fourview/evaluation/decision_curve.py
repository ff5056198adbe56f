"""What recalling by a model is worth.

A. J. Vickers, E. B. Elkin, Med. Decis. Making 26 (2006) 565: decision curves.
Recalling at a probability of t says that a missed case is as bad as (1 - t) / t needless recalls.
Net benefit counts cases found, for each breast, less needless recalls at that rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.checks import Floats, probabilities, scores_and_truth


@dataclass(frozen=True, eq=False)
class DecisionCurve:
    """Net benefit by threshold; NaN where not defined. Recalling none is worth 0."""

    thresholds: Floats
    """`(T,)`, between 0 and 1."""
    model: Floats
    """Recalling breasts of at least that probability."""
    everyone: Floats
    """Recalling every breast."""
    prevalence: float
    """The share of cases that it is for."""


def decision_curve(
    scores: ArrayLike,
    truth: ArrayLike,
    thresholds: ArrayLike,
    *,
    prevalence: float | None = None,
) -> DecisionCurve:
    """Net benefit of recalling at each threshold.

    Args:
        scores: `(N,)` probabilities. They must mean what they say: at a stated prevalence, put them
            through a recalibration to it first.
        truth: `(N,)` of 0 and 1.
        thresholds: `(T,)`, between 0 and 1.
        prevalence: The share of cases to count for, by sensitivity and specificity; that of these
            breasts where it is None.
    Returns:
        NaN where a kind is missing that it needs, or with a NaN score.
    Raises:
        TableError: a score outside 0 to 1, a truth neither 0 nor 1.
        ValueError: the shapes differ; a threshold or the prevalence not between 0 and 1.
    """
    values, cases = scores_and_truth(scores, truth)
    at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    if values.ndim != 1 or at.ndim != 1:
        raise ValueError(f"scores have the shape {values.shape}, thresholds {at.shape}")
    if not ((at > 0) & (at < 1)).all():
        raise ValueError("thresholds of a decision curve lie between 0 and 1")
    if prevalence is not None and not 0 < prevalence < 1:
        raise ValueError(f"a prevalence lies between 0 and 1, not {prevalence}")
    probabilities(values)
    weight = at / (1 - at)
    share = prevalence
    if share is None:
        share = float(cases.mean()) if len(cases) else float("nan")
    everyone = share - (1 - share) * weight
    if np.isnan(values).any():
        return DecisionCurve(at, np.full(len(at), np.nan), everyone, share)
    # A kind that counts for nothing needs no breast of it.
    found = _share_above(values[cases], at) * share if share else np.zeros(len(at))
    needless = _share_above(values[~cases], at) * (1 - share) if share < 1 else np.zeros(len(at))
    return DecisionCurve(at, found - needless * weight, everyone, share)


def _share_above(values: Floats, thresholds: Floats) -> Floats:
    """The share of values that are at least each threshold; NaN of none."""
    if not len(values):
        return np.full(len(thresholds), np.nan)
    below = np.searchsorted(np.sort(values), thresholds, "left")
    return np.asarray(1 - below / len(values), dtype=np.float64)
