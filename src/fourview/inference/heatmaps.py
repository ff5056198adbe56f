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
from fourview.imaging.intensity import standardise_for_patches
from fourview.imaging.tiling import corners, grid, overlap_average
from fourview.inference.networks import PatchClassifier
from fourview.io.store.heatmaps import PatchGrid

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
    found = patch_grid(
        prepared, classifier, recipe, draws, batch_size=batch_size, on_progress=on_progress
    )
    return heatmaps_of(found, prepared.pixels.shape)


def patch_grid(
    prepared: PreparedView,
    classifier: PatchClassifier,
    recipe: HeatmapRecipe,
    draws: Draws,
    *,
    batch_size: int = 16,
    on_progress: Progress = lambda _: None,
) -> PatchGrid:
    """What the classifier says of each patch of a prepared view, from which its heatmaps are made.

    Places are on the prepared view, in the order in which they are read: from right to left where
    the recipe reads the image as it is stored and that is mirrored. Then the patch of an image
    that is narrower than one begins left of it.
    """
    backward = recipe.facing == "stored" and prepared.placement.flipped
    pixels = prepared.pixels[:, ::-1] if backward else prepared.pixels
    height, width = pixels.shape
    patch = recipe.patch_px
    pixels = np.pad(pixels, ((0, max(0, patch - height)), (0, max(0, patch - width))))
    rows, columns = draw_grid((height, width), recipe, draws)
    found = patch_probabilities(
        standardise_for_patches(pixels),
        corners(rows, columns),
        classifier,
        patch_px=patch,
        batch_size=batch_size,
        on_progress=on_progress,
    )
    by_place = found.reshape(len(columns), len(rows), -1).transpose(1, 0, 2)
    return PatchGrid(
        rows,
        width - patch - columns if backward else columns,
        np.ascontiguousarray(by_place),
        patch,
    )


def draw_grid(
    image_shape: tuple[int, int], recipe: HeatmapRecipe, draws: Draws
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows and columns of the patches over an image, padded to a patch if it is shorter."""
    height, width = (max(length, recipe.patch_px) for length in image_shape)
    return grid((height, width), draws, patch_px=recipe.patch_px, step_px=recipe.stride_px)


def heatmaps_of(found: PatchGrid, image_shape: tuple[int, int]) -> Heatmaps:
    """The heatmaps over an image, of what was said of its patches."""
    height, width = image_shape
    left = max(0, -int(found.columns.min()))
    at = corners(found.rows, found.columns + left)
    canvas = max(height, found.patch_px), left + max(width, found.patch_px - left)

    def averaged(finding: str) -> NDArray[np.float32]:
        values = found.of(finding).T.ravel()  # in the order of the corners
        whole = overlap_average(canvas, at, values, patch_px=found.patch_px)
        return np.ascontiguousarray(whole[:height, left : left + width])

    return Heatmaps(benign=averaged("benign"), malignant=averaged("malignant"))


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
