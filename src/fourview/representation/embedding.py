"""Activations laid out in the plane by UMAP.

L. McInnes, J. Healy, N. Saul, L. Großberger, J. Open Source Software 3 (2018) 861, as in the paper,
'Visualization of the representation learned by the classifier'.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import RecipeError
from fourview.evaluation.representation import Metric

PACKAGES = ("umap-learn", "pynndescent", "numba", "scikit-learn", "scipy", "numpy")
"""Whose versions move the points."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """Where each exam lies."""

    places: NDArray[np.float64]
    """`(N, 2)`; neither axis has a unit, and no direction means anything."""
    remarks: tuple[str, ...]
    """What UMAP warned of."""


def embed(
    points: NDArray[np.float32], *, neighbours: int, min_distance: float, metric: Metric, seed: int
) -> Embedding:
    """The points in the plane; in one thread, so that the same seed gives the same places on the
    same machine.

    Args:
        points: `(N, D)`.
    Raises:
        RecipeError: umap-learn is not installed.
    """
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            from umap import UMAP  # slow to import: it compiles
        except ImportError as error:
            raise RecipeError(
                f"umap-learn, which makes the picture, cannot be imported: {error}",
                hint="pip install 'fourview[representation]'",
            ) from error
        layout = UMAP(
            n_neighbors=neighbours,
            min_dist=min_distance,
            metric=metric,
            random_state=seed,
            n_jobs=1,
        )
        places = np.asarray(layout.fit_transform(points), dtype=np.float64)
    said = [str(one.message) for one in heard if one.category is UserWarning]
    return Embedding(places, tuple(f"UMAP: {text}" for text in dict.fromkeys(said)))


def versions() -> dict[str, str]:
    """Of the packages that the places hang on, those that there are."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
