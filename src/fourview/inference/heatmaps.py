"""From a prepared view to heatmaps: the patch classifier slid over the whole image.

SI, 'Patch classification heatmap generation'.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from fourview.core.chance import Draws
from fourview.core.errors import WeightsError
from fourview.core.exam import Heatmaps, PreparedView
from fourview.core.recipe import HeatmapRecipe
from fourview.core.weights import PATCH_CLASSES
from fourview.imaging.intensity import standardise_for_patches
from fourview.imaging.tiling import corners, grid, overlap_average
from fourview.inference.networks import PatchClassifier

Progress = Callable[[int], None]
"""Told how many patches were read since it was last told."""


def make_heatmaps(
    prepared: PreparedView,
    classifier: PatchClassifier,
    recipe: HeatmapRecipe,
    draws: Draws,
    *,
    batch_size: int = 16,
    on_progress: Progress = lambda _: None,
) -> Heatmaps:
    """Benign and malignant heatmaps over a prepared view's pixels, in [0, 1].

    An image shorter than a patch is padded with zeros to one; the maps cover the image alone.
    """
    backward = recipe.facing == "stored" and prepared.placement.flipped
    pixels = prepared.pixels[:, ::-1] if backward else prepared.pixels
    height, width = pixels.shape
    patch = recipe.patch_px
    pixels = np.pad(pixels, ((0, max(0, patch - height)), (0, max(0, patch - width))))
    at = patch_corners(pixels.shape, recipe, draws)
    probabilities = patch_probabilities(
        standardise_for_patches(pixels),
        at,
        classifier,
        patch_px=patch,
        batch_size=batch_size,
        on_progress=on_progress,
    )
    maps = []
    for name in ("benign", "malignant"):
        values = probabilities[:, PATCH_CLASSES.index(name)]
        one = overlap_average(pixels.shape, at, values, patch_px=patch)[:height, :width]
        maps.append(np.ascontiguousarray(one[:, ::-1] if backward else one))
    return Heatmaps(benign=maps[0], malignant=maps[1])


def patch_corners(
    image_shape: tuple[int, int], recipe: HeatmapRecipe, draws: Draws
) -> NDArray[np.int64]:
    """`(N, 2)` top-left corners of the patches that cover an image, in reading order."""
    rows, columns = grid(image_shape, draws, patch_px=recipe.patch_px, step_px=recipe.stride_px)
    return corners(rows, columns)


def expected_patches(image_shape: tuple[int, int], recipe: HeatmapRecipe) -> int:
    """How many patches cover an image of this shape."""
    n = 1
    for length in image_shape:
        n *= -(-max(0, length - recipe.patch_px) // recipe.stride_px) + 1
    return n


def patch_probabilities(
    image: NDArray[np.float32],
    at: NDArray[np.int64],
    classifier: PatchClassifier,
    *,
    patch_px: int,
    batch_size: int,
    on_progress: Progress = lambda _: None,
) -> NDArray[np.float32]:
    """`(N, 4)` class probabilities of the patches of a standardised image."""
    windows = torch.from_numpy(image).unfold(0, patch_px, 1).unfold(1, patch_px, 1)  # a view
    rows, columns = torch.from_numpy(at).T
    found = []
    for first in range(0, len(at), batch_size):
        some = slice(first, first + batch_size)
        patches = windows[rows[some], columns[some]][:, None]  # (B, 1, p, p)
        found.append(classifier.probabilities(patches).numpy())
        on_progress(len(patches))
    probabilities = np.concatenate(found)
    if not np.isfinite(probabilities).all():
        raise WeightsError(
            f"patch weights {classifier.info.name} give no number (NaN or infinity) for a patch",
            hint="they are damaged, or the training that made them diverged: take others",
        )
    return probabilities
