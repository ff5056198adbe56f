"""Circles, boxes and polygons in an image's pixels.

Points are (x, y), x the column and y the row; the centre of the top-left pixel is (0, 0). A pixel
belongs to a shape where its centre lies inside it or on its edge.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import TableError
from fourview.io.cells import number_cell, number_in
from fourview.io.names import shown
from fourview.io.table import Row

KINDS = ("circle", "box", "polygon")
CELLS = ("shape", "points", "x", "y", "radius")
_FURTHEST = 1_000_000
_MOST_POINTS = 100_000
_POINTS_HINT = "write points as 'x1 y1; x2 y2; x3 y3': column, then row, in the image's pixels"


@dataclass(frozen=True)
class Shape:
    """One outline. A circle has its centre and radius, a box two opposite corners."""

    kind: str
    points: tuple[tuple[float, float], ...]
    """(x, y): column, row."""
    radius: float = 0.0

    def __str__(self) -> str:
        x, y = (f"{min(v):g} to {max(v):g}" for v in zip(*self._corners(), strict=True))
        return f"the {self.kind} at x {x}, y {y}"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least and greatest row, least and greatest column."""
        x, y = zip(*self._corners(), strict=True)
        return min(y), max(y), min(x), max(x)

    def _corners(self) -> tuple[tuple[float, float], ...]:
        if self.kind != "circle":
            return self.points
        [(x, y)], r = self.points, self.radius
        return (x - r, y - r), (x + r, y + r)


def has_shape(row: Row) -> bool:
    """Whether any cell of a row tells of a shape."""
    return any(row.get(name) for name in CELLS)


def shape_cells(row: Row) -> Shape:
    """The shape in a row: `x,y,radius`, or `shape` and `points`.

    Raises:
        TableError: a cell is missing, no finite number, or the shape has no area.
    """
    kind = row.get("shape").casefold() or ("circle" if row.get("radius") else "polygon")
    kind = {"rectangle": "box", "bbox": "box", "circ": "circle"}.get(kind, kind)
    if kind not in KINDS:
        raise TableError(f"shape is {shown(row.get('shape'))!r}; expected {', '.join(KINDS)}")
    if kind == "circle":
        x, y, radius = (_number(row, name) for name in ("x", "y", "radius"))
        if radius <= 0:
            raise TableError(f"radius is {radius:g}; a circle's is above 0")
        return Shape("circle", ((x, y),), radius)
    points = points_cell(row.get("points"))
    if kind == "box" and len(points) != 2:
        raise TableError(f"a box has two opposite corners; {len(points)} points are there")
    if kind == "polygon" and len(set(points)) < 3:
        raise TableError(
            f"a polygon has at least 3 points; {len(set(points))} are there", hint=_POINTS_HINT
        )
    return Shape(kind, points)


def points_cell(text: str) -> tuple[tuple[float, float], ...]:
    """The points in a cell: `10 20; 30 20; 30 44.5`."""
    pairs = [pair.split() for pair in re.sub(r"[(),\[\]]", " ", text).split(";") if pair.strip()]
    try:
        points = tuple((number_in(x), number_in(y)) for x, y in pairs)
    except ValueError:
        points = ()
    if not points or not all(abs(value) <= _FURTHEST for point in points for value in point):
        found = shown(text if len(text) <= 60 else text[:59] + "…")
        raise TableError(f"points is {found!r}; expected pairs of numbers", hint=_POINTS_HINT)
    if len(points) > _MOST_POINTS:
        raise TableError(f"{len(points)} points; at most {_MOST_POINTS} are read")
    return points


def rasterised(shape: Shape, size: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of an image of `size` (rows, columns) that belong to a shape."""
    top, bottom, left, right = shape.bounds
    area = np.zeros(size, bool)
    first, last = max(0, math.ceil(top)), min(size[0] - 1, math.floor(bottom))
    if shape.kind == "polygon":
        points = np.array(shape.points)
        for row in range(first, last + 1):
            _fill_row(area[row], points, row)
        return area
    start, end = max(0, math.ceil(left)), min(size[1] - 1, math.floor(right))
    if first > last or start > end:
        return area
    inside: bool | NDArray[np.bool_] = True
    if shape.kind == "circle":
        [(x, y)] = shape.points
        rows, columns = np.ogrid[first : last + 1, start : end + 1]
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= shape.radius**2
    area[first : last + 1, start : end + 1] = inside
    return area


def lies_inside(shape: Shape, size: tuple[int, int]) -> bool:
    """Whether no part of a shape lies beyond the image's pixels (half a pixel of grace)."""
    top, bottom, left, right = shape.bounds
    return min(top, left) >= -0.5 and bottom <= size[0] - 0.5 and right <= size[1] - 0.5


def _fill_row(line: NDArray[np.bool_], points: NDArray[np.float64], row: int) -> None:
    """The even-odd rule along one row. An edge counts its upper end, then its lower one, so that
    edges along the row and corners on it belong to the polygon."""
    x0, y0 = points.T
    x1, y1 = np.roll(points, -1, axis=0).T
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    for crosses in ((low <= row) & (row < high), (low < row) & (row <= high)):
        part = (row - y0[crosses]) / (y1 - y0)[crosses]
        at = np.sort(x0[crosses] + part * (x1 - x0)[crosses])
        for start, end in zip(at[::2], at[1::2], strict=True):
            line[max(0, math.ceil(start - 1e-9)) : max(0, math.floor(end + 1e-9) + 1)] = True


def _number(row: Row, column: str) -> float:
    number = number_cell(row.get(column), column, least=-_FURTHEST, most=_FURTHEST)
    if number is None:
        raise TableError(f"{column} is empty; a circle needs x, y and radius")
    return number
