"""A small square of a canvas, on a finer grid, that one finding is drawn in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.phantom.canvas import Canvas
from fourview.phantom.texture import Field


@dataclass(frozen=True)
class Patch:
    """Canvas pixels `rows` x `columns`, each divided into `fineness` x `fineness` samples."""

    rows: slice
    columns: slice
    fineness: int
    y: Field
    """`(n, 1)` millimetres below the finding's centre."""
    x: Field
    """`(1, m)` millimetres from the finding's centre towards the nipple."""

    def to_pixels(self, samples: Field) -> Field:
        """The mean of each pixel's samples."""
        size = self.columns.stop - self.columns.start, self.rows.stop - self.rows.start
        mean = cv2.resize(samples.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(mean, dtype=np.float32)

    def mask(self, shape: tuple[int, int], samples: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """`shape`, True on pixels that are mostly in `samples`; at least on one."""
        part = self.to_pixels(samples.astype(np.float32))
        whole = np.zeros(shape, bool)
        whole[self.rows, self.columns] = part >= min(0.5, float(part.max()))
        return whole


def patch_around(
    canvas: Canvas, centre: tuple[float, float], reach_mm: float, *, sample_mm: float
) -> Patch:
    """The pixels within `reach_mm` of a centre (y, x), in samples of at most about `sample_mm`."""
    step = canvas.pixel_mm
    spans = []
    for at, n in zip((centre[0] - canvas.top_mm, centre[1]), canvas.shape, strict=True):
        first = int(np.clip(np.floor((at - reach_mm) / step), 0, n - 1))
        last = int(np.clip(np.ceil((at + reach_mm) / step), first + 1, n))
        spans.append(slice(first, last))
    fineness = max(1, int(np.ceil(step / sample_mm - 0.01)))
    axes = [
        (np.arange(span.start * fineness, span.stop * fineness) + 0.5) * step / fineness
        for span in spans
    ]
    y = (axes[0] + canvas.top_mm - centre[0]).astype(np.float32)[:, None]
    x = (axes[1] - centre[1]).astype(np.float32)[None, :]
    return Patch(spans[0], spans[1], fineness, y, x)
