"""The ROC curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.checks import Floats
from fourview.evaluation.counts import counts_above


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Sensitivity against the false positive rate as the threshold falls, from (0, 0) to (1, 1)."""

    thresholds: Floats
    """Falling from infinity; scores at least as high count as found."""
    false_positive_rate: Floats
    sensitivity: Floats


def roc_curve(scores: ArrayLike, truth: ArrayLike) -> RocCurve:
    """One point for each score that occurs, and (0, 0); straight lines between them are the ties.

    So the area under it is `auc`.

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Returns:
        No points where either kind is missing or a score is NaN.
    Raises:
        ValueError, TableError: as `scores_and_truth`.
    """
    thresholds, found, others = counts_above(scores, truth)
    if not len(found) or not found[-1] or not others[-1]:
        return RocCurve(np.empty(0), np.empty(0), np.empty(0))
    return RocCurve(
        np.append(np.inf, thresholds),
        np.append(0.0, others / others[-1]),
        np.append(0.0, found / found[-1]),
    )
