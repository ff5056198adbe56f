"""A mammogram on a figure's axes, in its own pixels, however large it is drawn."""

from __future__ import annotations

import cv2
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

_SIDE = 600
"""Pixels of the longer side that are drawn."""


def draw_mammogram(axes: Axes, image: NDArray[np.uint16]) -> None:
    """Draw `(H, W)` reduced, grey from the 1st to the 99.5th percentile of what is not 0. The axes
    count the image's own pixels, whole numbers being their centres."""
    height, width = image.shape
    factor = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    inside = small[small > 0]
    low, high = np.percentile(inside, (1, 99.5)) if inside.size else (0, 1)
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(small, cmap="gray", vmin=float(low), vmax=float(high), extent=extent)
