"""Images and heatmaps as data URIs that a page can turn back into 16-bit numbers.

A 16-bit value travels as an opaque 8-bit RGB pixel: high byte in red, low byte in green. Browsers
reduce a 16-bit PNG to 8 bits; these they give back exactly.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import OutputError

IMAGE_SIDE = 1400
HEATMAP_SIDE = 700
FULL = 65535
"""The stored value of probability 1."""


@dataclass(frozen=True)
class Peak:
    """A heatmap's maximum, and the source pixel that has it."""

    value: float
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Reduced:
    """An array made smaller: value (i, j) stands for a block of `factor` x `factor` pixels."""

    values: NDArray[np.uint16]
    factor: int
    padded: tuple[int, int]
    """Rows and columns that the first block reaches beyond the array's top left corner."""


def reduced_image(pixels: NDArray[np.uint16], side: int = IMAGE_SIDE) -> Reduced:
    """The mean of each block, with the smallest factor that brings the longer side to `side`."""
    factor = -(-max(pixels.shape) // side)
    rows, columns = (-length % factor for length in pixels.shape)
    whole = cv2.copyMakeBorder(
        np.ascontiguousarray(pixels), 0, rows, 0, columns, cv2.BORDER_REPLICATE
    )
    size = (whole.shape[1] // factor, whole.shape[0] // factor)
    means = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    return Reduced(np.asarray(means, dtype=np.uint16), factor, (0, 0))


def reduced_heatmap(
    heatmap: NDArray[np.float32], peak: Peak | None, side: int = HEATMAP_SIDE
) -> Reduced:
    """The maximum of each block, the blocks laid so that the peak is the centre of its own.

    Means would move and lower a maximum; this keeps its value, and its place to the pixel. One
    block may be added to each axis beyond `side`.
    """
    factor = -(-max(heatmap.shape) // side)
    factor += factor % 2 == 0  # only an odd block has a central pixel
    at = (peak.row, peak.column) if peak else (factor // 2, factor // 2)
    before = tuple((factor // 2 - place) % factor for place in at)
    after = (
        -(length + first) % factor for length, first in zip(heatmap.shape, before, strict=True)
    )
    whole = np.pad(heatmap, list(zip(before, after, strict=True)))
    blocks = whole.reshape(whole.shape[0] // factor, factor, whole.shape[1] // factor, factor)
    highest = np.clip(blocks.max(axis=(1, 3)), 0, 1)
    return Reduced(np.rint(highest * FULL).astype(np.uint16), factor, (before[0], before[1]))


def peak_of(heatmap: NDArray[np.float32]) -> Peak | None:
    """The heatmap's maximum; None where the map is 0 everywhere.

    Averages of patches are plateaus. Of the pixels that share the maximum, those connected to the
    first are taken, and of them the one nearest to their middle: a mirrored map has it mirrored.
    """
    highest = heatmap.max()
    if highest <= 0:
        return None
    plateau = (heatmap == highest).astype(np.uint8)
    _, islands = cv2.connectedComponents(plateau)
    first = np.unravel_index(int(plateau.argmax()), plateau.shape)
    rows, columns = np.nonzero(islands == islands[first])
    away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
    nearest = int(away.argmin())
    return Peak(float(highest), int(rows[nearest]), int(columns[nearest]))


def first_window(images: Sequence[NDArray[np.uint16]]) -> tuple[float, float]:
    """Level and width that the four images open with: from the 1st to the 99.9th percentile of
    all values above 0."""
    above = [np.ravel(image[image > 0]) for image in images]
    values = np.concatenate([np.zeros(0, np.uint16), *above])
    if not values.size:
        return 0.5, 1.0
    low, high = (float(np.round(p)) for p in np.percentile(values, (1, 99.9)))
    return (low + high) / 2, max(high - low, 1.0)


def data_uri(values: NDArray[np.uint16]) -> str:
    """`values` as a PNG in a `data:` address, high byte in red, low byte in green."""
    blue_green_red = np.zeros((*values.shape, 3), dtype=np.uint8)
    blue_green_red[..., 1] = values & 255
    blue_green_red[..., 2] = values >> 8
    done, png = cv2.imencode(".png", blue_green_red, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise OutputError(f"an image of shape {values.shape} could not be written as PNG")
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode("ascii")


def checksum(values: NDArray[np.uint16]) -> int:
    """The sum of the values: a page finds with it that a browser has altered what it read."""
    return int(values.sum(dtype=np.uint64))
