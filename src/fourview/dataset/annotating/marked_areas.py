"""What one annotation marks in its image, and whether it fits there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError, TableError
from fourview.core.records import Pathology, Problem
from fourview.dataset.annotating.sources import Claim
from fourview.io.annotations.colour_mask import read_colour_mask
from fourview.io.annotations.seg import Segment, read_seg_header, read_segments
from fourview.io.annotations.shapes import lies_inside, rasterised
from fourview.io.masks import COLOURS
from fourview.io.names import shown

Area = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Marks:
    """One class of an annotation."""

    pathology: Pathology
    area: Area | None
    """`(rows, columns)` of the image; None for an occult finding."""
    is_named: bool = True
    """False for a colour of a mask that its row does not speak of; another row may."""


def areas_of(claim: Claim) -> tuple[list[Marks], list[Problem]]:
    """What an annotation marks, of its image's size and not empty, and what is doubtful of it.

    Raises:
        ImageError: the mask cannot be read, is of another size, marks nothing or another class.
        TableError: the shape lies outside the image, or no class is told.
    """
    row = claim.annotation
    if row.shape is not None:
        return _of_shape(claim)
    if row.mask is None:
        assert row.pathology is not None
        return [Marks(row.pathology, None)], []
    if claim.seg_image:
        return _of_seg(claim), []
    areas = read_colour_mask(row.mask, row.pathology, source=shown(row.mask.name))
    for area in areas.values():
        _check_size(area.shape, claim)
    _check_marked(claim, any(area.any() for area in areas.values()))
    if row.pathology is not None and row.pathology not in areas:
        found = ", ".join(f"{COLOURS[name]} ({name.value})" for name in areas)
        raise ImageError(
            f"{shown(row.mask.name)}: marks {found}; its row says {row.pathology.value}",
            hint="mend the class in the table, or the mask's colour",
        )
    said = row.pathology
    return [Marks(name, area, said in (None, name)) for name, area in areas.items()], []


def _of_shape(claim: Claim) -> tuple[list[Marks], list[Problem]]:
    row, size = claim.annotation, claim.image.size
    assert row.shape is not None
    assert row.pathology is not None
    area = rasterised(row.shape, size)
    within = f"the image's {size[0]} rows, {size[1]} columns"
    if not area.any():
        raise TableError(
            f"{row.shape} holds no pixel of {within}",
            hint="x is the column and y the row, from the top-left pixel of the image as stored",
        )
    problems = []
    if not lies_inside(row.shape, size):
        what = f"{row.shape} lies partly outside {within}; cut off there"
        problems.append(Problem(row.place, what, level="warning"))
    return [Marks(row.pathology, area)], problems


def _of_seg(claim: Claim) -> list[Marks]:
    """The segments that a row means: those labelled as its finding, else all."""
    row = claim.annotation
    assert row.mask is not None
    source = shown(row.mask.name)
    header = read_seg_header(row.mask, source=source)
    _check_size((header.rows, header.columns), claim)
    meant = [s for s in header.segments if row.finding and s.label == row.finding]
    pixels = read_segments(row.mask, claim.seg_image, source=source)
    marked = [s for s in meant or header.segments if s.number in pixels and pixels[s.number].any()]
    _check_marked(claim, bool(marked))
    areas: dict[Pathology, Area] = {}
    for segment in marked:
        pathology = row.pathology or _told(segment, source)
        areas[pathology] = areas.get(pathology, False) | pixels[segment.number]
    return [Marks(pathology, area) for pathology, area in areas.items()]


def _told(segment: Segment, source: str) -> Pathology:
    if segment.pathology is None:
        raise TableError(
            f"{source}: segment {segment.number} does not say whether it is malignant, benign or "
            "high-risk benign",
            hint="tell it in a table (exam,view,class,mask), or in its Segment Description",
        )
    return segment.pathology


def _check_size(found: tuple[int, ...], claim: Claim) -> None:
    size, mask = claim.image.size, claim.annotation.mask
    if found == size or mask is None:
        return
    hint = "draw masks on the image as it is stored, uncropped and at its full size"
    if found == size[::-1]:
        hint = "it seems to be turned by 90 degrees: rows and columns are exchanged"
    elif found[0] * size[1] == found[1] * size[0]:
        hint = f"it seems to be the image at {found[0] / size[0]:.3g} of its size: {hint}"
    raise ImageError(
        f"{shown(mask.name)}: the mask has {found[0]} rows, {found[1]} columns; its image "
        f"{claim.image.exam} {claim.image.name} has {size[0]} rows, {size[1]} columns",
        hint=hint,
    )


def _check_marked(claim: Claim, marked: bool) -> None:
    mask = claim.annotation.mask
    if not marked and mask is not None:
        raise ImageError(
            f"{shown(mask.name)}: the mask marks nothing",
            hint="a finding that is not to be seen has occult 1 and no mask",
        )
