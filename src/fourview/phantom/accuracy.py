"""How well scores tell breasts apart: what sets and panels are calibrated by."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata


def areas_under_curve(scores: NDArray[np.float64], positive: ArrayLike) -> NDArray[np.float64]:
    """The area under the ROC curve of each column of `(n, k)` scores; a tie counts half. `(k,)`."""
    truth = np.asarray(positive, dtype=bool)
    ranks: NDArray[np.float64] = np.asarray(rankdata(scores, axis=0))
    n = int(truth.sum())
    above = ranks[truth].sum(axis=0) - n * (n + 1) / 2
    areas: NDArray[np.float64] = above / (n * (len(truth) - n))
    return areas


def mean_rank_correlation(scores: NDArray[np.float64]) -> float:
    """Spearman's, the mean over the pairs of columns of `(n, k)` scores."""
    ranks: NDArray[np.float64] = np.asarray(rankdata(scores, axis=0))
    correlations = np.atleast_2d(np.corrcoef(ranks.T))
    return float(correlations[np.triu_indices(len(correlations), 1)].mean())
