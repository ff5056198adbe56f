"""Marks of a large heatmap, found on blocks of it: a map of patches' means is smooth, and looking
at every pixel takes a second an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.localisation import Place, marks


def coarse_marks(
    heatmap: ArrayLike, *, apart_px: int, at_least: float, block_px: int
) -> list[Place]:
    """`marks` of the maxima of blocks, each put back on a pixel of its block that has the maximum:
    the nearest to the block's middle, and of equal ones the first.

    So a mark's value is the map's, at that very pixel. Two maxima in one block or in blocks that
    touch are one mark.

    Args:
        heatmap, at_least: as `marks`.
        apart_px: in the map's pixels, counted in whole blocks, at least one.
        block_px: Side of a block; 1 is `marks` itself.
    Raises:
        ValueError: a block of no pixel, or `apart_px` is below 1.
    """
    if block_px < 1 or apart_px < 1:
        raise ValueError(f"blocks of {block_px} px and marks {apart_px} px apart; 1 is the least")
    if block_px == 1:
        return marks(heatmap, apart_px=apart_px, at_least=at_least)
    values = np.asarray(heatmap, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"a heatmap is rows by columns, not of the shape {values.shape}")
    after = [(0, -length % block_px) for length in values.shape]
    known = np.pad(np.where(np.isnan(values), -np.inf, values), after, constant_values=-np.inf)
    rows, columns = (length // block_px for length in known.shape)
    blocks = known.reshape(rows, block_px, columns, block_px).max(axis=(1, 3))
    found = marks(
        np.where(np.isneginf(blocks), np.nan, blocks),
        apart_px=max(1, round(apart_px / block_px)),
        at_least=at_least,
    )
    return [_exact(known, place, block_px) for place in found]


def _exact(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], at: Place, px: int) -> Place:
    """The pixel of a block that a mark on blocks stands for."""
    top, left = at.row * px, at.column * px
    rows, columns = np.nonzero(values[top : top + px, left : left + px] == at.value)
    middle = (px - 1) / 2
    nearest = int(((rows - middle) ** 2 + (columns - middle) ** 2).argmin())
    return Place(top + int(rows[nearest]), left + int(columns[nearest]), at.value)
