"""What a data set's page is made from: its numbers, grey values, and a sheet of small pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fourview.core.description import Description
from fourview.core.views import Finding, View

Edges = tuple[float, float, float, float]
"""Top, bottom, left, right in the source image's pixels; may lie outside."""


@dataclass(frozen=True, kw_only=True)
class SheetImage:
    """One image as the contact sheet shows it."""

    name: str
    """Its file, as the table calls it."""
    rows: int = 0
    columns: int = 0
    """Of the source image."""
    jpeg: bytes | None = field(default=None, repr=False)
    """A small picture of all of it; None where it could not be read."""
    crop: Edges | None = None
    """What is cut out and kept."""
    window: Edges | None = None
    """What the network reads when nothing is left to chance."""
    center: tuple[float, float] | None = None
    """The optimal centre: row, column."""
    marks: tuple[tuple[Finding, Edges], ...] = ()
    """Boxes around what findings.csv's masks mark."""
    problem: str = ""
    """Why it could not be read, or not be cropped."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SheetExam:
    """One exam of the contact sheet."""

    name: str
    facts: tuple[str, ...]
    """Its split, labels, age, density, manufacturer."""
    images: Mapping[View | None, SheetImage]
    """The first image of each view; None for one whose view nobody tells."""
    more: int = 0
    """Images of the exam that are not shown: repeats of a view."""


@dataclass(frozen=True, kw_only=True)
class GreyValues:
    """The stored values of a manufacturer's images in the sample."""

    name: str
    images: int
    bits: tuple[int, ...]
    """Bits stored, each that occurs."""
    inverted: int
    """Images in which low is bright."""
    background: float
    """The part of pixels that have their image's most frequent value, as backgrounds have."""
    background_values: tuple[int, int]
    """The least and the greatest of these values."""
    percentiles: Mapping[str, int]
    """Of all other pixels: `p1`, `p50`, `p99`; and of all pixels, `highest`."""
    parts: tuple[float, ...]
    """The parts of all other pixels in bins of equal width from 0 to `highest`; they sum to 1."""


@dataclass(frozen=True, kw_only=True)
class DataSetReport:
    """All that a data set's page says."""

    description: Description
    grey: Sequence[GreyValues] = ()
    sheet: Sequence[SheetExam] = ()
    sampled_images: int = 0
    recipe: str = ""
    """How images were prepared, in words."""
    version: str = ""
