"""Boxes, and the way between a source image's pixels and a prepared view's.

Everywhere: (row, column), top-left origin, half-open, pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Box:
    """Rows `top` to `bottom`, columns `left` to `right`; the ends are outside."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index an array with this; the box must lie inside it."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True)
class Placement:
    """How a prepared view lies in its source image.

    The source (`source_shape`) was resampled to `resampled_shape` (the same, unless a recipe names
    a pixel spacing), cut to `crop` there, and mirrored left-right if `flipped`.
    """

    source_shape: tuple[int, int]
    resampled_shape: tuple[int, int]
    crop: Box
    flipped: bool

    @property
    def is_resampled(self) -> bool:
        return self.source_shape != self.resampled_shape

    def to_source(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Source pixel coordinates of prepared pixel coordinates.

        Args:
            points: `(N, 2)` of (row, column); a pixel's centre has whole numbers.
        Returns:
            `(N, 2)`; exact whole numbers when nothing was resampled.
        """
        rows, columns = np.asarray(points, dtype=np.float64).T
        if self.flipped:
            columns = self.crop.shape[1] - 1 - columns
        rows, columns = rows + self.crop.top, columns + self.crop.left
        zoom = np.divide(self.source_shape, self.resampled_shape)
        return np.stack([(rows + 0.5) * zoom[0] - 0.5, (columns + 0.5) * zoom[1] - 0.5], axis=1)

    def from_source(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Prepared pixel coordinates of source pixel coordinates, the inverse of `to_source`."""
        zoom = np.divide(self.resampled_shape, self.source_shape)
        rows, columns = np.asarray(points, dtype=np.float64).T
        rows = (rows + 0.5) * zoom[0] - 0.5 - self.crop.top
        columns = (columns + 0.5) * zoom[1] - 0.5 - self.crop.left
        if self.flipped:
            columns = self.crop.shape[1] - 1 - columns
        return np.stack([rows, columns], axis=1)
