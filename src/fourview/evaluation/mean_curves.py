"""Mean ROC and precision-recall curves of several readers, by vertical averaging.

At each x (false-positive rate, or recall) the mean is taken of the readers' y: T. Fawcett, Pattern
Recognit. Lett. 27 (2006) 861, algorithm 3. On a ROC curve y is read off the straight lines between
points; where a curve rises straight up, its top counts. On a precision-recall curve y is the
precision at the highest threshold that reaches the recall, as average precision counts it: no
straight line runs between its points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.mrmc_measure import rows_of
from fourview.evaluation.precision_recall import precision_recall_curve
from fourview.evaluation.roc import roc_curve

GRID = np.linspace(0.0, 1.0, 1001)


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """Readers' curves at the same x, and their mean."""

    x: Floats
    """`(G,)`: false-positive rate, or recall."""
    of_readers: Floats
    """`(readers, G)`: true-positive rate, or precision; NaN rows for readers without a curve."""
    mean: Floats
    """`(G,)`: over the readers who have a curve."""


def mean_roc(ratings: Ratings, *, at: ArrayLike = GRID) -> MeanCurve:
    """The readers' ROC curves and their mean (Figure 7a).

    Args:
        ratings: Of one modality.
        at: False-positive rates from 0 to 1.
    Raises:
        TableError: more than one modality, or no reader with cases of both kinds.
    """
    return _mean_curve(ratings, at, _true_positive_rate)


def mean_precision_recall(ratings: Ratings, *, at: ArrayLike = GRID) -> MeanCurve:
    """The readers' precision-recall curves and their mean (Figure 7a*).

    Args:
        ratings: Of one modality.
        at: Recalls from 0 to 1; at 0 stands the precision of a curve's first point.
    Raises:
        TableError: more than one modality, or no reader with cases of both kinds.
    """
    return _mean_curve(ratings, at, _precision)


def _mean_curve(
    ratings: Ratings, at: ArrayLike, curve: Callable[[Floats, Bools, Floats], Floats]
) -> MeanCurve:
    x = np.asarray(at, dtype=np.float64)
    if len(ratings.modalities) != 1:
        raise TableError(
            f"{len(ratings.modalities)} modalities: {', '.join(ratings.modalities[:5])}",
            hint="a mean curve is of one modality: choose one",
        )
    rows = []
    for row, rated in rows_of(ratings):
        truth = ratings.truth[rated]
        both = bool(truth.any()) and not truth.all()
        rows.append(curve(row[rated], truth, x) if both else np.full(len(x), np.nan))
    of_readers = np.stack(rows)
    known = ~np.isnan(of_readers).all(axis=1)
    if not known.any():
        raise TableError(
            "no reader rated cases of both kinds",
            hint="a curve needs cases with the disease and cases without it",
        )
    return MeanCurve(x, of_readers, of_readers[known].mean(axis=0))


def _true_positive_rate(scores: Floats, truth: Bools, at: Floats) -> Floats:
    curve = roc_curve(scores, truth)
    x, y = curve.false_positive_rate, curve.sensitivity
    # the last point at or left of each place: of points one above the other, the highest
    left = np.clip(np.searchsorted(x, at, "right") - 1, 0, len(x) - 1)
    right = np.minimum(left + 1, len(x) - 1)
    width = x[right] - x[left]
    part = np.divide(at - x[left], width, out=np.zeros(len(at)), where=width > 0)
    rates: Floats = y[left] + part * (y[right] - y[left])
    return rates


def _precision(scores: Floats, truth: Bools, at: Floats) -> Floats:
    curve = precision_recall_curve(scores, truth)
    # a recall of k / n and the same k / n counted otherwise may differ in the last bit
    reached = np.searchsorted(curve.recall, np.clip(at, 0, 1) - 1e-12)
    return curve.precision[reached]
