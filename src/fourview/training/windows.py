"""From a store to what a breast-level network reads: windows, without the rest of the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance, Draws
from fourview.core.geometry import Box
from fourview.core.recipe import WindowRecipe
from fourview.core.weights import INPUTS
from fourview.imaging.intensity import standardise
from fourview.imaging.tiling import overlap_average_within
from fourview.imaging.window import PlacedWindow, place, resized
from fourview.io.store import StoredView
from fourview.io.store.heatmaps import PatchGrid, StoredHeatmaps


def drawn_window(
    view: StoredView, recipe: WindowRecipe, draws: Draws, *, jitter: bool
) -> PlacedWindow:
    """The window of a stored view near its optimal centre; at it without `jitter`.

    Args:
        recipe: at scale 1.
    """
    noise = recipe.location_noise_px if jitter else 0
    return place(
        view.shape,
        view.view.position,
        view.optimal_center,
        recipe.shape(view.view.position),
        draws,
        location_noise_px=(noise, noise),
        size_noise_px=recipe.size_noise_px if jitter else 0,
    )


def read_window(
    view: StoredView, placed: PlacedWindow, inputs: str, heatmaps: StoredHeatmaps | None = None
) -> NDArray[np.float32]:
    """`(C, rows, columns)`: the window cut and resized, its image standardised, heatmaps as they
    are; equal to what `inference` makes of the whole image.

    Args:
        inputs: `image`, `heatmaps` or `image-and-heatmaps`.
        heatmaps: the store's; needed where the inputs hold heatmaps.

    Raises:
        ImageError: a file is missing or damaged.
    """
    assert inputs in INPUTS
    box = placed.in_image
    layers: list[NDArray[np.float32]] = []
    if inputs.startswith("image"):
        layers.append(view.window(box).astype(np.float32))
    if "heatmaps" in inputs:
        assert heatmaps is not None, "heatmaps are made before they are read"
        grid = heatmaps.read(view.exam, view.image, of=view.sha256)
        layers += [heatmap_within(grid, finding, box, view.shape) for finding in FINDINGS]
    window = resized(np.stack(layers, axis=2), placed.shape)
    if inputs.startswith("image"):
        window[..., 0] = standardise(window[..., 0])
    return np.ascontiguousarray(window.transpose(2, 0, 1))


FINDINGS = ("benign", "malignant")
"""The heatmaps, in the order of the network's channels."""


def heatmap_within(
    grid: PatchGrid, finding: str, box: Box, image_shape: tuple[int, int]
) -> NDArray[np.float32]:
    """The part of a heatmap in a box; 0 outside the image, which patches may reach beyond."""
    part = overlap_average_within(
        box, grid.rows, grid.columns, grid.of(finding), patch_px=grid.patch_px
    )
    height, width = image_shape
    part[: max(0, -box.top)] = 0
    part[:, : max(0, -box.left)] = 0
    part[max(0, height - box.top) :] = 0
    part[:, max(0, width - box.left) :] = 0
    return part


def window_draws(seed: int, epoch: int, exam: str, view: StoredView) -> Chance:
    """Where the jitter of one image in one epoch comes from: neither its neighbours nor the number
    of workers moves it."""
    return Chance(seed, "epoch", str(epoch), exam, view.view.value)
