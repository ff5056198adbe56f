"""Readers whose truth is known: ratings drawn from a model of variance components."""

from __future__ import annotations

import numpy as np

from fourview.core.ratings import Ratings, ratings_of


def simulated_ratings(
    rng: np.random.Generator,
    *,
    modalities: int = 2,
    readers: int = 4,
    with_disease: int = 20,
    without: int = 30,
    separation: float = 1.5,
    better: float = 0.0,
    levels: int | None = None,
) -> Ratings:
    """Ratings of a study by the model of C. A. Roe and C. E. Metz (Acad. Radiol. 4 (1997) 298).

    Args:
        better: By how much the first modality separates more than the others.
        levels: So many equally wide categories, so that there are ties; continuous without.
    """
    truth = np.repeat([1, 0], [with_disease, without])
    n = len(truth)

    def part(variance: float, *shape: int) -> np.ndarray:
        return rng.normal(0.0, np.sqrt(variance), shape)

    gains = np.full(modalities, separation)
    gains[0] += better
    # a reader, and a reader in a modality, differ by kind of case
    own = part(0.01, 1, readers, 2) + part(0.01, modalities, readers, 2)
    values = (
        gains[:, None, None] * truth
        + own[:, :, truth]
        + part(0.3, 1, 1, n)
        + part(0.2, modalities, 1, n)
        + part(0.2, 1, readers, n)
        + part(0.3, modalities, readers, n)
    )
    if levels is not None:
        values = np.floor((values + 3) / 6 * levels).clip(0, levels - 1)
    return ratings_of(values, truth)
