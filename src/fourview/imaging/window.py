"""The network's window: where it lies best, how chance moves it, and what is cut.

Images here face rightward. Drawing and doing are apart: `place` returns a value that says where
the window is, and `cut` repeats it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Draws
from fourview.core.geometry import Box
from fourview.imaging.breast import BreastCrop


def optimal_center(
    occupied: NDArray[np.bool_], position: str, crop: BreastCrop, window: tuple[int, int]
) -> tuple[int, int]:
    """Where the window is centred so that it holds as much of the breast as can be.

    The nipple stands at the window's right edge. A CC window moves up and down to hold the most
    of the breast; an MLO window stands on the breast's lowest point.

    Args:
        occupied: `(H, W)` of the crop, facing rightward: True where there is breast (the released
            pipeline: where a pixel is not 0).
        position: `CC` or `MLO`.
        window: its rows and columns.
    Returns:
        (row, column) in the image's pixels; may lie outside.
    """
    height, width = occupied.shape
    half_rows, half_columns = window[0] // 2, window[1] // 2
    column = crop.rightmost[1] - half_columns - 1
    if position == "MLO":
        lowest = crop.bottommost[0]
        shown = occupied if width <= window[1] else occupied[:, width - window[1] :]
        rows = np.flatnonzero(shown.any(axis=1))
        if len(rows):
            lowest = min(lowest, int(rows[-1]))
        return lowest - half_rows - 1, column
    first, last = half_rows, height - (window[0] - half_rows)
    if first >= last:
        return height // 2, column
    rows = np.arange(first, last + 1)
    filled = _pixels_held(occupied, rows, column, window)
    best = rows[filled == filled.max()]
    row = best[np.argmin((best - height // 2) ** 2)]
    return int(row), column


def _pixels_held(
    occupied: NDArray[np.bool_], rows: NDArray[np.int64], column: int, window: tuple[int, int]
) -> NDArray[np.int64]:
    """Occupied pixels in the window centred at each of `rows`; moved in from the left edge, cut off
    at the right one."""
    width = occupied.shape[1]
    left = column - window[1] // 2
    right = min(left + window[1] + max(0, -left), width)
    left = max(left, 0)
    a_row = np.count_nonzero(occupied[:, left : max(left, right)], axis=1)
    total = np.concatenate([[0], np.cumsum(a_row)]).astype(np.int64)
    tops = rows - window[0] // 2
    return total[tops + window[0]] - total[tops]


_REACH_PX = 4
"""Rows and columns of zeros after which a resized image is 0."""


@dataclass(frozen=True)
class PlacedWindow:
    """A window on an image that zeros were added around."""

    pad_above: int
    pad_below: int
    pad_right: int
    located: Box
    """After location noise, on the padded image."""
    box: Box
    """After size noise too; what is cut, and resized to `shape`."""
    shape: tuple[int, int]
    """What the network reads."""
    padded_shape: tuple[int, int]

    @property
    def in_image(self) -> Box:
        """`box` on the image itself; may lie partly outside."""
        return Box(
            self.box.top - self.pad_above,
            self.box.bottom - self.pad_above,
            self.box.left,
            self.box.right,
        )

    def corner(self, image_shape: tuple[int, int]) -> Box:
        """The part of `in_image`, from its first row and column on, beyond which the window is 0:
        it holds the image's pixels and as many zeros more as bicubic resizing looks at."""
        box, (height, width) = self.in_image, image_shape
        bottom = min(box.bottom, max(height + _REACH_PX, box.top + 1))
        right = min(box.right, max(width + _REACH_PX, box.left + 1))
        return Box(box.top, bottom, box.left, right)


def place(
    image_shape: tuple[int, int],
    position: str,
    center: tuple[int, int],
    window: tuple[int, int],
    draws: Draws,
    *,
    location_noise_px: tuple[int, int] = (0, 0),
    size_noise_px: int = 0,
) -> PlacedWindow:
    """Draw a window near `center` (SI, 'Data augmentation'; released pipeline, part 6).

    An image too small for the window and its noise is padded with zeros: evenly above and below in
    a CC view, below in an MLO view, and always at the nipple's side.

    Args:
        draws: two numbers are drawn for the location if it may move, and always four for the size.
    """
    noise, size_noise = location_noise_px, size_noise_px  # noise: of rows, of columns
    height, width = image_shape
    rows, columns = window
    top, left = center[0] - rows // 2, center[1] - columns // 2
    above = below = beside = 0
    if position == "CC" and height < (needed := rows + 2 * (noise[0] + size_noise)):
        above = (needed - height) // 2
        below = needed - height - above
        top = noise[0] + size_noise
    elif position == "MLO" and height < (needed := rows + noise[0] + size_noise):
        below = needed - height
        top = 0
    if width < (needed := columns + noise[1] + size_noise):
        beside = needed - width
        left = 0
    padded = height + above + below, width + beside
    start = [_inside(top, rows, padded[0]), _inside(left, columns, padded[1])]
    if any(noise):
        for axis, draw in enumerate(draws.noise(2)):
            start[axis] += _shift(float(draw), start[axis], window[axis], padded[axis], noise[axis])
    located = Box(start[0], start[0] + rows, start[1], start[1] + columns)
    return PlacedWindow(
        pad_above=above,
        pad_below=below,
        pad_right=beside,
        located=located,
        box=_resized(located, padded, size_noise, draws.noise(4)),
        shape=window,
        padded_shape=padded,
    )


def _inside(start: int, size: int, extent: int) -> int:
    if start < 0:
        return 0
    return extent - size if start + size > extent else start


def _shift(draw: float, start: int, size: int, extent: int, limit: int) -> int:
    """Whole pixels to move along an axis; at an edge, always away from it."""
    if start == 0:
        draw = abs(draw)
    elif start + size == extent:
        draw = -abs(draw)
    room = extent - start - size if draw >= 0 else start
    return int(np.rint(min(limit, room) * draw))


def _resized(box: Box, padded: tuple[int, int], limit: int, draws: NDArray[np.float64]) -> Box:
    """Each edge moved by its own draw; the short side less, so that the shape is about kept."""
    rows, columns = box.shape
    limit = min(limit, box.top, padded[0] - box.bottom, box.left, padded[1] - box.right)
    longest = max(rows, columns)
    limits = np.repeat([round(limit * rows / longest), round(limit * columns / longest)], 2)
    top, bottom, left, right = np.rint(limits * draws).astype(int).tolist()
    return Box(box.top + top, box.bottom + bottom, box.left + left, box.right + right)


def held(occupied: NDArray[np.bool_], placed: PlacedWindow) -> float:
    """The part of the occupied pixels that a window holds, from 0 to 1.

    Args:
        occupied: `(H, W)`, True where the breast is; not empty.
    """
    top, left = placed.in_image.top, placed.in_image.left
    rows, columns = placed.box.shape
    inside = occupied[max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)]
    return float(np.count_nonzero(inside) / np.count_nonzero(occupied))


def cut(image: NDArray[np.float32], placed: PlacedWindow) -> NDArray[np.float32]:
    """The window's pixels, bicubically resized to the network's size if its size was drawn.

    Args:
        image: `(H, W, C)`, the heatmaps riding along as channels; never changed. Bicubic resizing
            may carry them a little out of [0, 1].
    Returns:
        A new array `(rows, columns, C)`, not standardised; 0 where no image is.
    """
    box, (height, width) = placed.in_image, image.shape[:2]
    result = np.zeros((*box.shape, image.shape[2]), dtype=np.float32)
    rows = slice(*(min(max(edge, 0), height) for edge in (box.top, box.bottom)))
    columns = slice(*(min(max(edge, 0), width) for edge in (box.left, box.right)))
    result[
        rows.start - box.top : rows.stop - box.top,
        columns.start - box.left : columns.stop - box.left,
    ] = image[rows, columns]
    return resized(result, placed.shape)


def resized(window: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """The window `(h, w, C)` bicubically resized to the network's size; itself if it has it."""
    if window.shape[:2] == shape:
        return window
    found = cv2.resize(window, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return found.reshape(*shape, -1).astype(np.float32, copy=False)


def resized_corner(corner: NDArray[np.float32], placed: PlacedWindow) -> NDArray[np.float32]:
    """What `resized` makes of a window that is 0 beyond `PlacedWindow.corner`, without resizing
    the zeros.

    Args:
        corner: `(h, w)`, the window's pixels in that box.
    Returns:
        `(rows, columns)`, the resized window's first rows and columns; the others are 0. Equal to
        `resized` but for rounding, and itself if the window has its size.
    """
    if placed.box.shape == placed.shape:
        return corner
    down, across = (to / of for to, of in zip(placed.shape, placed.box.shape, strict=True))
    if corner.shape == (round(corner.shape[0] * down), round(corner.shape[1] * across)):
        # OpenCV would take this for the scale 1, and copy
        beyond = [(0, of - to) for of, to in zip(placed.box.shape, corner.shape, strict=True)]
        return resized(np.pad(corner, beyond)[:, :, None], placed.shape)[..., 0]
    found = cv2.resize(corner, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    return found.astype(np.float32, copy=False)
