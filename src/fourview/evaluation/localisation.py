"""Whether a heatmap shows the lesion: where its maximum lies, and how far it covers it.

The maximum's hit is the pointing game of J. Zhang et al., IJCV 126 (2018) 1084.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.interval import Interval, wilson

TOUCHING = np.ones((3, 3), dtype=np.bool_)
"""Pixels that meet at an edge or a corner are in one piece."""


class Place(NamedTuple):
    """A pixel and what the map has there."""

    row: int
    column: int
    value: float


def peak(heatmap: ArrayLike) -> Place | None:
    """The one place of a map's maximum.

    Pixels that share the maximum make a plateau. Its place is the plateau's pixel that is nearest
    to the plateau's centroid (the centroid itself may lie off a bent plateau); of several plateaus
    the largest counts, and what is still equal goes to the first row, then the first column.

    Args:
        heatmap: `(H, W)`; NaN where the map says nothing (never the maximum).
    Returns:
        None for a map that has one value everywhere, or none: it points nowhere.
    """
    values = _map(heatmap)
    known = values[~np.isnan(values)]
    if not known.size or known.min() == known.max():
        return None
    highest = known.max()
    row, column = _middle(values == highest)
    return Place(row, column, float(highest))


def hit(heatmap: ArrayLike, lesion: ArrayLike, *, within_px: float = 0.0) -> bool | None:
    """Whether the map's maximum lies on the lesion.

    Args:
        lesion: `(H, W)`, true or non-zero on it; several lesions count as one.
        within_px: Lets a maximum pass that is no farther than this from a lesion's pixel.
    Returns:
        None where there is nothing to ask: no lesion, or a map that points nowhere.
    Raises:
        ValueError: the shapes differ.
    """
    mask = _mask(heatmap, lesion)
    place = peak(heatmap)
    if place is None or not mask.any():
        return None
    if within_px <= 0:
        return bool(mask[place.row, place.column])
    rows, columns = np.nonzero(mask)
    return bool(np.hypot(rows - place.row, columns - place.column).min() <= within_px)


@dataclass(frozen=True)
class Hits:
    """How often maxima hit lesions."""

    outcomes: tuple[bool | None, ...]
    """By case, in the order given; None where it was not asked."""
    by_chance: float
    """What a place drawn evenly from each map would hit: the mean share of the map that is lesion,
    over the cases asked."""

    @property
    def asked(self) -> int:
        return sum(outcome is not None for outcome in self.outcomes)

    @property
    def hit(self) -> int:
        return sum(outcome is True for outcome in self.outcomes)

    @property
    def rate(self) -> float:
        """Hits among the cases asked; NaN where none was."""
        return self.hit / self.asked if self.asked else float("nan")

    def interval(self, *, level: float = 0.95) -> Interval:
        """Wilson's, for cases that are independent."""
        return wilson(self.hit, self.asked, level=level)


def hits(cases: Iterable[tuple[ArrayLike, ArrayLike]], *, within_px: float = 0.0) -> Hits:
    """`hit` for each (heatmap, lesion), one pair in memory at a time."""
    outcomes: list[bool | None] = []
    shares = []
    for heatmap, lesion in cases:
        outcome = hit(heatmap, lesion, within_px=within_px)
        outcomes.append(outcome)
        if outcome is not None:
            # Where a distance passes, a place drawn at random may be off the lesion as well.
            reached = _mask(heatmap, lesion)
            if within_px > 0:
                reached = ndimage.distance_transform_edt(~reached) <= within_px
            shares.append(float(reached[~np.isnan(_map(heatmap))].mean()))
    return Hits(tuple(outcomes), float(np.mean(shares)) if shares else float("nan"))


class Overlap(NamedTuple):
    """Two areas' agreement, from 0 to 1; NaN where both are empty."""

    iou: float
    """What both cover, of what either covers."""
    dice: float
    """Twice what both cover, of the sum of the two."""


def overlap(heatmap: ArrayLike, lesion: ArrayLike, *, threshold: float) -> Overlap:
    """How the map at or above a threshold covers the lesion.

    Args:
        lesion: `(H, W)`, true or non-zero on it.
        threshold: Pixels with this value or more are marked; NaN never is.
    Raises:
        ValueError: the shapes differ.
    """
    mask = _mask(heatmap, lesion)
    marked = _map(heatmap) >= threshold
    both, sizes = int((marked & mask).sum()), int(marked.sum()) + int(mask.sum())
    if not sizes:
        return Overlap(float("nan"), float("nan"))
    return Overlap(both / (sizes - both), 2 * both / sizes)


def marks(heatmap: ArrayLike, *, apart_px: int, at_least: float) -> list[Place]:
    """A map's candidate marks: its local maxima, the highest first.

    A local maximum is a pixel, or a plateau, that touches nothing higher; it is placed as `peak`
    places it. It is a mark if nothing within `apart_px` rows and columns of its place is higher; of
    equal ones nearer than that to each other the first stays.

    Args:
        at_least: Lower maxima are no marks.
    Returns:
        Nothing for a map with one value everywhere.
    Raises:
        ValueError: `apart_px` is below 1.
    """
    if apart_px < 1:
        raise ValueError(f"marks are at least 1 pixel apart, not {apart_px}")
    if peak(heatmap) is None:
        return []
    values = np.where(np.isnan(_map(heatmap)), -np.inf, _map(heatmap))
    high = values == _highest_near(values, 1)
    # A shoulder is a plateau that touches something higher elsewhere: next to a pixel of the same
    # value that is not high.
    shoulder = high & (_highest_near(np.where(high, -np.inf, values), 1) == values)
    pieces, _ = ndimage.label(high & (values >= max(at_least, np.finfo(float).min)), TOUCHING)
    pieces[np.isin(pieces, np.unique(pieces[shoulder]))] = 0
    near = _highest_near(values, apart_px)
    found = []
    for number, box in enumerate(ndimage.find_objects(pieces), start=1):
        if box is None:
            continue
        row, column = _middle(pieces[box] == number)
        row, column = row + box[0].start, column + box[1].start
        if values[row, column] == near[row, column]:
            found.append(Place(row, column, float(values[row, column])))
    kept: list[Place] = []
    for place in sorted(found, key=lambda p: (-p.value, p.row, p.column)):
        if all(max(abs(place.row - p.row), abs(place.column - p.column)) > apart_px for p in kept):
            kept.append(place)
    return kept


def _highest_near(values: Floats, px: int) -> Floats:
    near = ndimage.maximum_filter(values, size=2 * px + 1, mode="constant", cval=-np.inf)
    return np.asarray(near, dtype=np.float64)


def _middle(area: Bools) -> tuple[int, int]:
    """The pixel of the area's largest piece that is nearest to that piece's centroid."""
    pieces, n = ndimage.label(area, structure=TOUCHING)
    if n > 1:
        sizes = np.bincount(pieces.ravel())[1:]
        area = pieces == int(sizes.argmax()) + 1
    rows, columns = np.nonzero(area)
    # Rounded: equal distances must compare equal for the first pixel to win.
    distance = np.round(np.hypot(rows - rows.mean(), columns - columns.mean()), 9)
    first = int(distance.argmin())
    return int(rows[first]), int(columns[first])


def _map(heatmap: ArrayLike) -> Floats:
    values = np.asarray(heatmap, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"a heatmap is rows by columns, not of the shape {values.shape}")
    return values


def _mask(heatmap: ArrayLike, lesion: ArrayLike) -> Bools:
    mask = np.asarray(lesion) != 0
    if mask.shape != np.shape(heatmap):
        raise ValueError(f"the heatmap is {np.shape(heatmap)} pixels, the lesion {mask.shape}")
    return np.asarray(mask, dtype=np.bool_)
