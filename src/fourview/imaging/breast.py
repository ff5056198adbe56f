"""The crop around the breast, with the points that its optimal centre is found from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.core.geometry import Box
from fourview.core.views import Facing
from fourview.imaging.opening import largest_opened


@dataclass(frozen=True)
class BreastCrop:
    """A crop, and where the breast ends in it.

    `box` is in the image's own orientation. The points are in the crop mirrored to face rightward.
    """

    box: Box
    rightmost: tuple[tuple[int, int], int]
    """First and last row, and the column, of the points nearest the nipple."""
    bottommost: tuple[int, tuple[int, int]]
    """Row, and first and last column, of the lowest points."""
    distance_from_starting_side: int
    """Pixels between the chest wall's edge of the image and the breast."""


def released_mask(pixels: NDArray[np.uint16], *, erosion_px: int) -> NDArray[np.bool_]:
    """`(H, W)` True where the released pipeline sees the breast: the largest part of all non-zero
    pixels that is left when everything thinner than `2 * erosion_px` is cut off.

    Raises:
        ImageError: nothing is left, or all pixels are alike.
    """
    if (value := int(pixels.max())) == int(pixels.min()):
        raise ImageError(
            f"no breast was found: every pixel has the value {value}", hint="check the image"
        )
    mask = largest_opened(pixels > 0, erosion_px)
    if mask is None:
        raise ImageError(
            f"no breast: nothing in the image of {pixels.shape[0]} x {pixels.shape[1]} pixels is "
            f"thicker than {2 * erosion_px} pixels",
            hint="check the image; a small one needs --set crop.method=adaptive",
        )
    return mask


def crop_around(
    mask: NDArray[np.bool_],
    facing: Facing,
    *,
    buffer_px: int,
    top_skipped: float = 1 / 3,
    released: bool = False,
) -> BreastCrop:
    """The crop around a breast, with a margin everywhere but at the chest wall.

    Args:
        mask: `(H, W)`, True where the breast is; not empty.
        facing: where the nipple points.
        buffer_px: the margin; less where the image ends.
        top_skipped: the part of the crop's height in which no nipple is looked for.
        released: in an image that faces left, give the points' columns as the released pipeline
            does: one more than the mirrored index.
    """
    last = 0 if released else 1
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    lowest = np.flatnonzero(mask[bottom - 1])
    lowest_row = bottom - 1
    top, bottom = max(top - buffer_px, 0), min(bottom + buffer_px, height)
    if facing is Facing.LEFT:
        from_wall = width - right
        left = max(left - buffer_px, 0)
        ends = right - last - int(lowest[-1]), right - last - int(lowest[0])
    else:
        from_wall = left
        right = min(right + buffer_px, width)
        ends = int(lowest[0]) - left, int(lowest[-1]) - left
    box = Box(top, bottom, left, right)
    return BreastCrop(
        box=box,
        rightmost=_rightmost(mask[box.slices], facing, top_skipped, last),
        bottommost=(lowest_row - top, ends),
        distance_from_starting_side=from_wall,
    )


def _rightmost(
    mask: NDArray[np.bool_], facing: Facing, top_skipped: float, last: int
) -> tuple[tuple[int, int], int]:
    skipped = int(mask.shape[0] * top_skipped)
    searched = mask[skipped:]
    columns = np.flatnonzero(searched.any(axis=0))
    if not len(columns):
        raise ImageError(
            f"no breast below the first {skipped} rows of its crop",
            hint="set a smaller part to skip: --set crop.top_skipped=0",
        )
    column = int(columns[0] if facing is Facing.LEFT else columns[-1])
    rows = np.flatnonzero(searched[:, column]) + skipped
    if facing is Facing.LEFT:
        column = mask.shape[1] - last - column
    return (int(rows[0]), int(rows[-1])), column
