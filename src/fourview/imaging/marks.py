"""What is marked in an image, kept as the boxes around it: a mask is mostly nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.geometry import Box

NONE, MALIGNANT, BENIGN, HIGH_RISK = 0, 1, 2, 3
"""Values of a mask: no finding, red, green, yellow."""
_TILE_PX = 32
"""Marks nearer than this share a part, so that a cluster of calcifications is one and not many."""


@dataclass(frozen=True, eq=False)
class MarkedPart:
    """A box of a mask, and all that is in it."""

    box: Box
    values: NDArray[np.uint8]
    """`box.shape`, 0 to 3."""


@dataclass(frozen=True, eq=False)
class Marks:
    """All that is marked in an image of one mask."""

    parts: tuple[MarkedPart, ...]
    """Every marked pixel is in one of them, or in several."""
    boxes: Mapping[int, Box]
    """The smallest box around the pixels of each value that occurs, 1 to 3."""
    areas: Mapping[int, int]
    """How many pixels have it."""

    @classmethod
    def of(cls, mask: NDArray[np.uint8]) -> Marks:
        """The marks of a mask `(H, W)` of 0 to 3, which is not kept."""
        parts = tuple(_part(mask, box) for box in _tile_boxes(mask))
        boxes: dict[int, Box] = {}
        for value in (MALIGNANT, BENIGN, HIGH_RISK):
            found = [
                _moved(box, part.box)
                for part in parts
                if (box := _tight(part.values == value)) is not None
            ]
            if found:
                boxes[value] = _around(found)
        areas = {
            value: int(np.count_nonzero(mask[box.slices] == value)) for value, box in boxes.items()
        }
        return cls(parts, boxes, areas)

    def bounds(self, values: Collection[int]) -> Box | None:
        """The smallest box around the pixels of these values; None where there are none."""
        found = [self.boxes[value] for value in values if value in self.boxes]
        return _around(found) if found else None

    def is_near(self, reach: Box) -> bool:
        """Whether a box meets the box of any part."""
        return any(
            max(part.box.top, reach.top) < min(part.box.bottom, reach.bottom)
            and max(part.box.left, reach.left) < min(part.box.right, reach.right)
            for part in self.parts
        )

    def counted(self, reach: Box, footprint: NDArray[np.bool_]) -> Mapping[int, int]:
        """How many pixels of each value, 1 to 3, are in a footprint; those that are in it at all.

        Args:
            reach: the box, on the image, that the footprint is of.
        """
        seen = np.zeros(footprint.shape, np.uint8)
        for part in self.parts:
            box = part.box
            top, bottom = max(box.top, reach.top), min(box.bottom, reach.bottom)
            left, right = max(box.left, reach.left), min(box.right, reach.right)
            if top >= bottom or left >= right:
                continue
            both = Box(top, bottom, left, right)
            seen[_within(both, reach).slices] |= part.values[_within(both, box).slices]
        found = np.bincount(seen[footprint], minlength=HIGH_RISK + 1).tolist()
        return {value: n for value, n in enumerate(found) if value != NONE and n}


def _tile_boxes(mask: NDArray[np.uint8]) -> list[Box]:
    """Boxes around groups of neighbouring tiles that hold marks."""
    rows, columns = (-(-side // _TILE_PX) for side in mask.shape)
    marked = np.zeros((rows, columns), np.uint8)
    marked_rows = np.flatnonzero(mask.any(axis=1))
    for row in np.unique(marked_rows // _TILE_PX).tolist():
        strip = mask[row * _TILE_PX : (row + 1) * _TILE_PX].any(axis=0)
        marked[row, np.unique(np.flatnonzero(strip) // _TILE_PX)] = 1
    _, _, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    boxes = []
    for left, top, width, height, _ in stats[1:].tolist():  # the first is the background
        bottom = min((top + height) * _TILE_PX, mask.shape[0])
        right = min((left + width) * _TILE_PX, mask.shape[1])
        boxes.append(Box(top * _TILE_PX, bottom, left * _TILE_PX, right))
    return boxes


def _part(mask: NDArray[np.uint8], box: Box) -> MarkedPart:
    tight = _tight(mask[box.slices] != NONE)
    assert tight is not None
    inside = _moved(tight, box)
    return MarkedPart(inside, mask[inside.slices].copy())


def _tight(marked: NDArray[np.bool_]) -> Box | None:
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def _around(boxes: Collection[Box]) -> Box:
    return Box(
        min(box.top for box in boxes),
        max(box.bottom for box in boxes),
        min(box.left for box in boxes),
        max(box.right for box in boxes),
    )


def _moved(box: Box, origin: Box) -> Box:
    """A box told from another's corner, on the image."""
    return Box(
        box.top + origin.top,
        box.bottom + origin.top,
        box.left + origin.left,
        box.right + origin.left,
    )


def _within(box: Box, origin: Box) -> Box:
    """A box on the image, told from another's corner."""
    return Box(
        box.top - origin.top,
        box.bottom - origin.top,
        box.left - origin.left,
        box.right - origin.left,
    )
