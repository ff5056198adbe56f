"""Images at another pixel spacing."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixel = TypeVar("Pixel", np.uint16, np.float32)


def resampled_shape(
    shape: tuple[int, int], spacing_mm: tuple[float, float], wanted_mm: float
) -> tuple[int, int]:
    """Rows and columns that an image has when its pixels are `wanted_mm` apart; at least 1."""
    return (
        max(1, round(shape[0] * spacing_mm[0] / wanted_mm)),
        max(1, round(shape[1] * spacing_mm[1] / wanted_mm)),
    )


def resample(image: NDArray[Pixel], shape: tuple[int, int]) -> NDArray[Pixel]:
    """The image at `shape`: area averages where it shrinks, linear between pixels where it grows.

    Neither leaves the range of the image's values.
    """
    if image.shape == shape:
        return image.copy()
    shrinks = shape[0] <= image.shape[0] and shape[1] <= image.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, shape[::-1], interpolation=how).astype(image.dtype, copy=False)
