"""The part of a detector that a breast covers, as grids of any step in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fourview.phantom.anatomy import Detector, Shape
from fourview.phantom.texture import Field, enlarged, power_law

ALIGNED_PX = 80
"""The canvas begins at a multiple of so many full-scale pixels: whole ones at most scales."""
OUTLINE_STEP_MM = 0.25
SLOW_MM = 1.0
"""The step of all that changes slowly."""
SLOW_TILE, SLOW_TILE_MM = (192, 128), 2.0
"""Samples of the periodic tile of a field that changes slowly, and their step."""
MARGIN_MM = 8.0
"""How far the outline is followed beyond the canvas."""


@dataclass(frozen=True)
class Canvas:
    """Rows and columns that are worked on, facing rightward, with the chest wall at column 0."""

    top_mm: float
    height_mm: float
    width_mm: float
    pixel_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        return round(self.height_mm / self.pixel_mm), round(self.width_mm / self.pixel_mm)

    def coarser(self, times: int) -> Canvas:
        """The same canvas, or a pixel more of it, in pixels that are so many times larger."""
        rows, columns = (-(-side // times) for side in self.shape)
        step = self.pixel_mm * times
        return Canvas(self.top_mm, rows * step, columns * step, step)

    def grid(self, step: float, *, margin: float = 0.0) -> tuple[Field, Field]:
        """`(n, 1)` y and `(1, m)` x of a coarse grid's samples that covers the canvas."""
        rows = int(np.ceil((self.height_mm + 2 * margin) / step)) + 2
        columns = int(np.ceil((self.width_mm + 2 * margin) / step)) + 2
        y = self.top_mm - margin + (np.arange(rows) + 0.5) * step
        x = -margin + (np.arange(columns) + 0.5) * step
        return y.astype(np.float32)[:, None], x.astype(np.float32)[None, :]

    def slow_field(self, rng: np.random.Generator, *, nipple_y: float, longest: float) -> Field:
        """A smooth random field on the grid of `SLOW_MM`: mean 0, sd 1.

        It hangs on the nipple's row and the chest wall: however the breast is placed on the
        detector, and however large the canvas is, the same breast has the same field.
        """
        tile = power_law(rng, SLOW_TILE, beta=4.0, step=SLOW_TILE_MM, longest=longest)
        y, x = self.grid(SLOW_MM)
        rows = np.broadcast_to((y - nipple_y) / SLOW_TILE_MM + SLOW_TILE[0] / 2, (y.size, x.size))
        columns = np.broadcast_to(x / SLOW_TILE_MM, rows.shape)
        maps = np.ascontiguousarray(columns), np.ascontiguousarray(rows)
        seen = cv2.remap(tile, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(seen, dtype=np.float32)

    def fine(self, coarse: Field, step: float) -> Field:
        """A grid of `step` (no margin) on the canvas's pixels."""
        return enlarged(coarse, step / self.pixel_mm, self.shape)


def canvas_of(shape: Shape, field: Detector, pixel_mm: float) -> Canvas:
    """The canvas of a breast, with a margin, inside its detector."""
    outline = shape.outline()
    unit = ALIGNED_PX * field.pixel_mm
    inside = outline[outline[:, 0] >= 0]
    top = max(np.floor((inside[:, 1].min() - 6) / unit), 0) * unit
    bottom = min(np.ceil((inside[:, 1].max() + 6) / unit) * unit, field.height_mm)
    right = min(np.ceil((outline[:, 0].max() + 6) / unit) * unit, field.width_mm)
    return Canvas(float(top), float(bottom - top), float(right), pixel_mm)


def depth_under_skin(shape: Shape, canvas: Canvas) -> Field:
    """`canvas.shape`: millimetres to the skin line, negative outside of the breast."""
    step = OUTLINE_STEP_MM
    y, x = canvas.grid(step, margin=MARGIN_MM)
    drawn = np.zeros((y.size, x.size), np.uint8)
    points = (shape.outline() - [float(x[0, 0]), float(y[0, 0])]) / step
    cv2.fillPoly(drawn, [np.round(points * 16).astype(np.int32)], 1, shift=4)
    within = cv2.distanceTransform(drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    beyond = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    distance = cv2.GaussianBlur((within - beyond) * step, (0, 0), 2.0)
    edge = round(MARGIN_MM / step)
    return canvas.fine(np.ascontiguousarray(distance[edge:, edge:]).astype(np.float32), step)
