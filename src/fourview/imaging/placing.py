"""Maps over a prepared view, put back over its source image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.geometry import Placement
from fourview.imaging.resampling import resample


def over_source(prepared: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """A map over the source image's pixels, 0 outside the crop.

    Args:
        prepared: `(h, w)` over a prepared view.
    Returns:
        `placement.source_shape` float32; resampled only where the image was.
    """
    result = np.zeros(placement.resampled_shape, dtype=np.float32)
    result[placement.crop.slices] = prepared[:, ::-1] if placement.flipped else prepared
    return resample(result, placement.source_shape) if placement.is_resampled else result
