"""From a store to what a breast-level network reads: windows, without the rest of the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance, Draws
from fourview.core.recipe import WindowRecipe
from fourview.imaging.intensity import standardise_corner, standardise_in_place
from fourview.imaging.tiling import overlap_shares
from fourview.imaging.window import PlacedWindow, place, resized, resized_corner
from fourview.io.store import StoredView
from fourview.io.store.heatmaps import PatchGrid, StoredHeatmaps
from fourview.nn.breast_model import CHANNELS


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
    view: StoredView,
    placed: PlacedWindow,
    inputs: str,
    heatmaps: StoredHeatmaps | None = None,
    *,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """`(C, rows, columns)`: the window cut and resized, its image standardised, heatmaps as they
    are; what `inference` makes of the whole image. A window that keeps its size has the same
    image to the bit; the others, and heatmaps, are equal to 1e-5.

    Args:
        inputs: `image`, `heatmaps` or `image-and-heatmaps`.
        heatmaps: the store's; needed where the inputs hold heatmaps.
        out: where it is written, and then returned.

    Raises:
        ImageError: a file is missing or damaged.
    """
    if out is None:
        out = np.empty((CHANNELS[inputs], *placed.shape), dtype=np.float32)
    if inputs.startswith("image"):
        _read_image(view, placed, out[0])
    if "heatmaps" in inputs:
        assert heatmaps is not None, "heatmaps are made before they are read"
        grid = heatmaps.read(view.exam, view.image, of=view.sha256)
        down, across = heatmap_shares(grid, placed, view.shape)
        for finding, layer in zip(FINDINGS, out[-len(FINDINGS) :], strict=True):
            np.matmul(down @ grid.of(finding), across.T, out=layer)
    return out


FINDINGS = ("benign", "malignant")
"""The heatmaps, in the order of the network's channels."""


def _read_image(view: StoredView, placed: PlacedWindow, out: NDArray[np.float32]) -> None:
    corner = view.window(placed.corner(view.shape))
    if placed.box.shape == placed.shape:
        rows, columns = corner.shape
        out[:rows, :columns] = corner
        out[:rows, columns:] = out[rows:] = 0
        standardise_in_place(out)
    else:
        standardise_corner(resized_corner(corner.astype(np.float32), placed), out)


def heatmap_shares(
    grid: PatchGrid, placed: PlacedWindow, image_shape: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`(rows, grid rows)` and `(columns, grid columns)`: what a window's heatmap is made of.

    A heatmap in the window is the first, times the grid's probabilities, times the second turned
    over. It is 0 outside the image, which patches may reach beyond. Cutting, averaging and bicubic
    resizing are each linear and done along one axis after another, so they are done on these.
    """
    box, (height, width) = placed.in_image, image_shape
    down = overlap_shares(box.top, box.bottom, grid.rows, patch_px=grid.patch_px)
    across = overlap_shares(box.left, box.right, grid.columns, patch_px=grid.patch_px)
    for shares, first, extent in ((down, box.top, height), (across, box.left, width)):
        shares[: max(0, -first)] = 0
        shares[max(0, extent - first) :] = 0
    rows, columns = placed.shape
    return _lengthened(down, rows), _lengthened(across, columns)


def _lengthened(shares: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    return resized(shares[:, :, None], (length, shares.shape[1]))[..., 0]


def window_draws(seed: int, epoch: int, exam: str, view: StoredView) -> Chance:
    """Where the jitter of one image in one epoch comes from: neither its neighbours nor the number
    of workers moves it."""
    return Chance(seed, "epoch", str(epoch), exam, view.view.value)
