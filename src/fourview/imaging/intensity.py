"""Grey values: from stored to shown, and from shown to what a network reads."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.grayscale import Grayscale, VoiTable, VoiWindow

SD_FLOOR = 1e-5
"""Least standard deviation divided by, so that a constant image becomes zeros."""


def to_presentation(
    pixels: NDArray[np.uint16], grayscale: Grayscale, *, voi: str = "none"
) -> NDArray[np.uint16]:
    """Grey values in which bright is dense and what is no image is 0.

    Args:
        pixels: `(H, W)` as stored.
        voi: `none` leaves stored values as they are (inverted if low is bright); `first` applies
            the file's first VOI table or window, to 16 bits.
    Returns:
        `(H, W)` uint16, a new array.
    """
    if voi == "first" and grayscale.voi:
        values = pixels.astype(np.float64) - grayscale.offset
        shown = apply_voi(values * grayscale.slope + grayscale.intercept, grayscale.voi[0])
        result = np.rint(shown * 65535).astype(np.uint16)
        top = 65535
    else:
        result = pixels.copy()
        top = max(grayscale.maximum, int(pixels.max(initial=0)))
    if grayscale.inverted:
        result = np.subtract(np.uint16(top), result)
    if grayscale.padding is not None:
        low, high = grayscale.padding
        result[(pixels >= low) & (pixels <= high)] = 0
    return result


def apply_voi(values: NDArray[np.float64], voi: VoiWindow | VoiTable) -> NDArray[np.float64]:
    """Values in [0, 1] after a VOI table or window (PS3.3 C.11.2.1)."""
    if isinstance(voi, VoiTable):
        index = np.clip(np.rint(values) - voi.first_value, 0, len(voi.entries) - 1)
        return np.asarray(voi.entries[index.astype(np.int64)] / (2.0**voi.bits - 1))
    if voi.function == "SIGMOID":
        with np.errstate(over="ignore"):  # exp overflows to infinity, and 1 / infinity is 0
            return np.asarray(1 / (1 + np.exp(-4 * (values - voi.center) / voi.width)))
    if voi.function == "LINEAR_EXACT":
        return np.clip((values - voi.center) / voi.width + 0.5, 0, 1)
    if voi.width <= 1:  # LINEAR of width 1 is a threshold
        return (values > voi.center - 0.5).astype(np.float64)
    return np.clip((values - (voi.center - 0.5)) / (voi.width - 1) + 0.5, 0, 1)


def standardise(image: NDArray[Any]) -> NDArray[np.float32]:
    """The image with mean 0 and standard deviation 1, over all its pixels, background included.

    float32 throughout, as the released pipeline does it for a network window; a constant image
    becomes zeros.
    """
    result = image.astype(np.float32)
    standardise_in_place(result)
    return result


def standardise_in_place(image: NDArray[np.float32]) -> None:
    """`standardise`, without a copy."""
    if image.min() == image.max():  # whose mean in float32 may be another number
        image[:] = 0
        return
    image -= image.mean()
    image /= max(float(image.std()), SD_FLOOR)


def standardise_corner(corner: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """`standardise` of a window that is 0 beyond its first rows and columns, without a pass over
    those zeros.

    Sums are float64: equal to `standardise` but for what float32 loses there.

    Args:
        corner: `(h, w)`, the window's first rows and columns; changed.
        out: `(rows, columns)`, the whole window; written.
    """
    inside, zeros = corner.size, out.size - corner.size
    near = float(np.float32(cv2.sumElems(corner)[0] / inside))
    corner -= np.float32(near)  # so that no square is large beside the variance
    total, squares = cv2.sumElems(corner)[0], cv2.norm(corner, cv2.NORM_L2SQR)
    mean = (inside * near + total) / out.size
    moved = mean - near
    within = squares - 2 * moved * total + inside * moved**2
    sd = math.sqrt(max(within + zeros * mean**2, 0.0) / out.size)
    scale = 1 / max(sd, SD_FLOOR)
    rows, columns = corner.shape
    cv2.addWeighted(corner, scale, corner, 0, -moved * scale, dst=out[:rows, :columns])
    out[:rows, columns:] = out[rows:] = -mean * scale


def standardise_for_patches(image: NDArray[Any]) -> NDArray[np.float32]:
    """The whole cropped image standardised once, in float64, then float32 (released, part 7)."""
    values = image.astype(np.float64)
    values -= values.mean()
    values /= max(float(values.std()), SD_FLOOR)
    return values.astype(np.float32)
