"""The precision-recall curve and the two areas that go by its name.

Average precision is the area under the curve as steps: the mean, over the cases, of the precision
at each case's score. It is what the paper prints as PRAUC (its readers' range and standard
deviation come out of its public table with it, and do not with the trapezoid). The trapezoid joins
the points by straight lines, which is too kind: precision does not run straight between points
(J. Davis, M. Goadrich, ICML 2006; K. Boyd, K. H. Eng, C. D. Page, ECML PKDD 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.checks import Floats
from fourview.evaluation.counts import counts_above


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision and recall as the threshold falls: one point for each score that occurs."""

    thresholds: Floats
    """Falling; scores at least as high count as found."""
    precision: Floats
    recall: Floats


def precision_recall_curve(scores: ArrayLike, truth: ArrayLike) -> PrecisionRecallCurve:
    """The curve's points from the highest score to the lowest; breasts of one score come in at
    once.

    The point at recall 0, which has no precision, is not among them.

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Returns:
        No points where either kind is missing (without others every precision is 1 and says
        nothing) or a score is NaN.
    Raises:
        ValueError, TableError: as `scores_and_truth`.
    """
    thresholds, found, others = counts_above(scores, truth)
    if not len(found) or not found[-1] or not others[-1]:
        return PrecisionRecallCurve(np.empty(0), np.empty(0), np.empty(0))
    return PrecisionRecallCurve(thresholds, found / (found + others), found / found[-1])


def average_precision(scores: ArrayLike, truth: ArrayLike) -> float:
    """The area under the precision-recall curve as steps: the paper's PRAUC.

    The sum over falling thresholds of (recall gained) x (precision there).

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Returns:
        From 0 to 1; a score that knows nothing has about the share of cases, and a constant one
        exactly that. NaN where either kind is missing or a score is NaN.
    Raises:
        ValueError, TableError: as `scores_and_truth`.
    """
    curve = precision_recall_curve(scores, truth)
    if not len(curve.recall):
        return float("nan")
    return float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))


def trapezoidal_pr_area(scores: ArrayLike, truth: ArrayLike) -> float:
    """The area under straight lines between the curve's points, for comparison with others' work.

    The curve starts at recall 0 with a precision of 1, as most programs have it.

    Args, Returns, Raises: as `average_precision`.
    """
    curve = precision_recall_curve(scores, truth)
    if not len(curve.recall):
        return float("nan")
    return float(np.trapezoid(np.append(1.0, curve.precision), np.append(0.0, curve.recall)))
