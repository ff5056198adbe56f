"""The released crop's morphology: open a mask by an L1 ball and keep its biggest piece, exactly.

Erosion by `n` steps of the four-neighbour cross keeps the pixels whose L1 distance to the nearest
unset pixel is above `n`; dilation by `n` steps sets those within `n` of a set one. So two distance
transforms do what 200 passes over the image would do, bit for bit.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def largest_opened(mask: NDArray[np.bool_], erosion_px: int) -> NDArray[np.bool_] | None:
    """The biggest piece of `mask` that is thicker than an L1 ball, without what is thinner.

    The mask is eroded by `erosion_px` steps of the four-neighbour cross, outside the image counting
    as unset; of what is left, the 4-connected component with most pixels (of equals the first in
    raster order) is dilated by as many steps, clipped to the image.

    Args:
        mask: `(H, W)`; never changed.
        erosion_px: the ball's radius in pixels; 0 only picks the biggest component.
    Returns:
        A new `(H, W)` mask, one 4-connected component; None where nothing is left.
    """
    if erosion_px < 0:
        raise ValueError(f"erosion_px is {erosion_px}; it must be at least 0")
    if 2 * erosion_px >= min(mask.shape):
        return None  # no pixel of the image is further from its edge
    core = biggest_component(_eroded(mask, erosion_px))
    return None if core is None else dilated(core, erosion_px)


def biggest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The 4-connected component with most pixels, of equals the first in raster order.

    Returns:
        A new `(H, W)` mask; None where no pixel is set.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(as_bytes(mask), connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if areas.size == 0:
        return None
    equals = areas == areas.max()
    label = int(np.argmax(equals)) + 1
    if np.count_nonzero(equals) > 1:  # labels need not be numbered in raster order
        label = int(labels.flat[int(np.argmax(np.append(False, equals)[labels]))])
    biggest: NDArray[np.bool_] = labels == label
    return biggest


def _eroded(mask: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    if steps == 0:
        return mask
    framed = as_bytes(np.pad(mask, 1))  # the frame is the outside, which erodes too
    return _distance_above(framed, steps)[1:-1, 1:-1]


def dilated(mask: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """The pixels within an L1 distance of `steps` of a set one: `(H, W)`."""
    if steps == 0:
        return mask
    return ~_distance_above(as_bytes(~mask), steps)


def as_bytes(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The mask as OpenCV wants it: 0 and 1, in one block of memory."""
    return np.ascontiguousarray(mask).view(np.uint8)


def _distance_above(image: NDArray[np.uint8], steps: int) -> NDArray[np.bool_]:
    """Where the L1 distance to the nearest zero is above `steps`; the 3 × 3 mask makes it exact."""
    # in bytes it is several times faster; there it stops at 255
    depth = cv2.CV_8U if steps < 255 else cv2.CV_32F
    distance = cv2.distanceTransform(image, cv2.DIST_L1, 3, dstType=depth)
    above: NDArray[np.bool_] = distance > steps
    return above
