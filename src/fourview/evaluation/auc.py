"""The area under the ROC curve."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from fourview.evaluation.checks import scores_and_truth


def auc(scores: ArrayLike, truth: ArrayLike) -> float:
    """The chance that a case has a higher score than a non-case; equal scores count a half.

    So a score that is the same for all has 0.5; `delong` says so beside it.

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Returns:
        From 0 to 1; NaN where either kind is missing or a score is NaN.
    Raises:
        ValueError: the shapes differ.
        TableError: a truth is neither 0 nor 1.
    """
    values, cases = scores_and_truth(scores, truth)
    if values.ndim != 1:
        raise ValueError(f"scores have the shape {values.shape}, the truth {cases.shape}")
    n_cases = int(cases.sum())
    n_others = len(cases) - n_cases
    if not n_cases or not n_others or np.isnan(values).any():
        return float("nan")
    ranks = rankdata(values)[cases].sum()
    return float((ranks - n_cases * (n_cases + 1) / 2) / (n_cases * n_others))


def mean_auc(aucs: Iterable[float]) -> float:
    """The mean of those that are numbers; NaN where none is."""
    known = [value for value in aucs if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
