"""A mask brought to a prepared view's pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.geometry import Placement


def place_mask(mask: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """The mask of a source image on the pixels of its prepared view: resampled, cut, mirrored.

    Each pixel takes the value of the source pixel that its centre lies in, so no value is made
    that was not there; without resampling nothing is lost inside the crop.

    Args:
        mask: `(rows, columns)` of the source image, before any preparation; never changed.
    Returns:
        A new array of the prepared view's shape.
    Raises:
        ValueError: the mask has another size than the source image.
    """
    if mask.shape != placement.source_shape:
        raise ValueError(
            f"a mask of {mask.shape[0]} rows, {mask.shape[1]} columns for an image of "
            f"{placement.source_shape[0]} rows, {placement.source_shape[1]} columns"
        )
    rows = _nearest(placement, 0, placement.crop.top, placement.crop.bottom)
    columns = _nearest(placement, 1, placement.crop.left, placement.crop.right)
    if placement.flipped:
        columns = columns[::-1]
    return mask[np.ix_(rows, columns)]


def _nearest(placement: Placement, axis: int, start: int, end: int) -> NDArray[np.int64]:
    """The source pixels that hold the centres of resampled pixels `start` to `end`, exactly."""
    source, resampled = placement.source_shape[axis], placement.resampled_shape[axis]
    return (2 * np.arange(start, end, dtype=np.int64) + 1) * source // (2 * resampled)
