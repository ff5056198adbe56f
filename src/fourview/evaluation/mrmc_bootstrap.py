"""Modalities compared by drawing readers and patients with replacement.

For measures whose error over cases has no formula (average precision), and as a check of the
formulas. Each draw takes as many patients, with all their cases, and as many readers as there are;
B. D. Gallas and others, Acad. Radiol. 19 (2012) 463, review this and other ways.
"""

from __future__ import annotations

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.mrmc_covariance import cell_replicates
from fourview.evaluation.mrmc_measure import Measure, measured, refuse_unmeasured
from fourview.evaluation.resampled import Resamples


def resample_readers_and_patients(
    ratings: Ratings,
    measure: Measure = "average-precision",
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    fixed_readers: bool = False,
) -> Resamples:
    """The mean over readers of each modality, over draws of readers and patients.

    All modalities see the same draws, so `difference(i, k)` is paired. With few readers the
    intervals are too narrow, as any bootstrap of few units: five readers vary, as drawn, by four
    fifths of their variance.

    Args:
        fixed_readers: Draw patients only: the result speaks of these readers.
    Returns:
        One row a modality.
    Raises:
        TableError: a reader has no case of a kind in some modality.
    """
    refuse_unmeasured(ratings)
    cells = cell_replicates(ratings, measure, rng=rng, draws=draws)
    r = len(ratings.readers)
    if fixed_readers:
        means = cells.mean(axis=1)
    else:
        drawn = rng.integers(r, size=(draws, r))
        means = np.take_along_axis(cells, drawn.T[None], axis=1).mean(axis=1)
    return Resamples(measured(ratings, measure).mean(axis=1), means)
