"""How many breasts a threshold finds: what curves and operating points are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.checks import Floats, scores_and_truth


def counts_above(scores: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Each score that occurs, falling, with how many cases and how many others have it or more.

    Breasts of one score come in at once, so no curve or threshold parts them.

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Returns:
        Thresholds, cases, others, each `(M,)`; all empty with a NaN score.
    Raises:
        ValueError, TableError: as `scores_and_truth`.
    """
    values, cases = scores_and_truth(scores, truth)
    if values.ndim != 1:
        raise ValueError(f"scores have the shape {values.shape}, the truth {cases.shape}")
    if not len(values) or np.isnan(values).any():
        return np.empty(0), np.empty(0), np.empty(0)
    order = np.argsort(-values, kind="stable")
    values, cases = values[order], cases[order]
    last = np.append(np.nonzero(values[1:] != values[:-1])[0], len(values) - 1)
    found = np.cumsum(cases)[last].astype(np.float64)
    return values[last], found, last + 1.0 - found
