"""Sliding the patch classifier: Algorithm 1's strides, the patches' places, the overlap average."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Draws
from fourview.core.geometry import Box


def strides(length_px: int, draws: Draws, *, patch_px: int = 256, step_px: int = 70) -> list[int]:
    """Steps that walk a patch from one end of an axis to the other (SI, Algorithm 1).

    They sum to `length_px - patch_px`; every step is `step_px` or less, and no two differ by more
    than 1. Which are the shorter ones is drawn.

    Raises:
        ValueError: the axis is shorter than a patch (pad it first).
    """
    travel = length_px - patch_px
    if travel < 0:
        raise ValueError(f"an axis of {length_px} px is shorter than a patch of {patch_px} px")
    steps, remaining = divmod(travel, step_px)
    if remaining == 0:
        return [step_px] * steps
    steps += 1
    overlap = step_px - remaining
    result = [step_px - overlap // steps] * steps
    for i in draws.sample(steps, overlap % steps):
        result[i] -= 1
    return result


def grid(
    image_shape: tuple[int, int], draws: Draws, *, patch_px: int = 256, step_px: int = 70
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows and first columns of the patches that cover an image; rows are drawn first."""
    rows, columns = (
        np.cumsum([0, *strides(length, draws, patch_px=patch_px, step_px=step_px)])
        for length in image_shape
    )
    return rows, columns


def corners(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(N, 2)` top-left corners of a grid's patches, down one column strip after another."""
    return np.stack([np.tile(rows, len(columns)), np.repeat(columns, len(rows))], axis=1)


def overlap_average(
    image_shape: tuple[int, int],
    at: NDArray[np.int64],
    values: NDArray[np.float32],
    *,
    patch_px: int = 256,
) -> NDArray[np.float32]:
    """For each pixel the mean of the values of the patches that hold it.

    Args:
        at: `(N, 2)` corners of the patches, which together cover the image.
        values: `(N,)`.
    Returns:
        `image_shape` float32. Sums are float32 in the patches' order, as in the released pipeline.
    """
    total = np.zeros(image_shape, dtype=np.float32)
    count = np.zeros(image_shape, dtype=np.float32)
    for (row, column), value in zip(at, values, strict=True):
        footprint = slice(row, row + patch_px), slice(column, column + patch_px)
        total[footprint] += value
        count[footprint] += 1
    return total / count


def overlap_average_within(
    box: Box,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float32],
    *,
    patch_px: int = 256,
) -> NDArray[np.float32]:
    """The part of an overlap average inside a box, without making the rest.

    A pixel's patches are those of its rows crossed with those of its columns, so their mean is a
    product of three matrices.

    Args:
        rows, columns: of a grid that covers the image.
        values: `(len(rows), len(columns))`.
    Returns:
        `box.shape`, equal to `overlap_average(...)[box.slices]` but for rounding; 0 where the box
        leaves the image.
    """
    down = overlap_shares(box.top, box.bottom, rows, patch_px=patch_px)
    across = overlap_shares(box.left, box.right, columns, patch_px=patch_px)
    return down @ values.astype(np.float32) @ across.T


def overlap_shares(
    first: int, last: int, starts: NDArray[np.int64], *, patch_px: int = 256
) -> NDArray[np.float32]:
    """How an overlap average's pixels are made of patches, along one axis.

    Args:
        starts: first rows (or columns) of the patches.
    Returns:
        `(last - first, len(starts))`: rows sum to 1, or are 0 where no patch holds the pixel.
    """
    at = np.arange(first, last)[:, None]
    covered = (starts <= at) & (at < starts + patch_px)
    shares = covered / np.maximum(covered.sum(axis=1, keepdims=True), 1)
    return np.asarray(shares, dtype=np.float32)
