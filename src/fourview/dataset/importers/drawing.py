"""Marks drawn into a mask of their image's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import FourviewError, ImageError
from fourview.core.records import ImageRecord, Pathology, Problem
from fourview.core.views import View
from fourview.dataset.importers.nouns import Mark, MaskFile
from fourview.io.annotations.shapes import Shape, rasterised
from fourview.io.dicom import read_dicom, read_dicom_header
from fourview.io.header import ImageHeader
from fourview.io.png import is_png_or_tiff, read_png, read_png_header

VALUES = {Pathology.MALIGNANT: 1, Pathology.BENIGN: 2, Pathology.HIGH_RISK: 3}
"""Of a mask's pixels; where findings overlap the smallest is seen last, so malignant wins."""
_DRAWN_FIRST = (Pathology.BENIGN, Pathology.HIGH_RISK, Pathology.MALIGNANT)
_NO_MASK = "it has no mask: what lies in this image is not all marked"


def drawn_mask(
    marks: Sequence[Mark], problems: list[Problem]
) -> tuple[NDArray[np.uint8] | None, list[Mark]]:
    """The mask of one image's marks, and those that it shows; None where it shows none."""
    image = marks[0].image
    shape = image_shape(image)
    mask = np.zeros(shape, np.uint8)
    drawn: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: _DRAWN_FIRST.index(mark.pathology)):
        place = f"{image.place}, finding {mark.finding}"
        if mark.shape is None:
            if not mark.is_told:
                text = f"the set does not tell where the finding is; {_NO_MASK}"
                problems.append(Problem(place, text, level="warning"))
            continue
        try:
            inside = pixels_of(mark.shape, shape)
        except (FourviewError, OSError) as error:
            problems.append(Problem(place, f"{error}; {_NO_MASK}"))
            continue
        if not inside.any():
            text = f"the finding lies outside its image of {shape[0]}x{shape[1]}; {_NO_MASK}"
            problems.append(Problem(place, text))
            continue
        mask[inside] = VALUES[mark.pathology]
        drawn.append(mark)
    return (mask if drawn else None), drawn


def image_shape(image: ImageRecord) -> tuple[int, int]:
    """Rows and columns, as the table tells or the file's header."""
    if image.rows and image.columns:
        return image.rows, image.columns
    header = header_of(Path(image.path))
    return header.rows, header.columns


def header_of(path: Path) -> ImageHeader:
    """A file's header, whatever kind of image it is."""
    with path.open("rb") as file:
        start = file.read(132)
    if start[128:] != b"DICM" and is_png_or_tiff(start):
        return read_png_header(path)
    return read_dicom_header(path)


def pixels_of(shape: Shape | MaskFile, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of an image of this size a shape covers.

    Raises:
        ImageError: a mask file cannot be read, or is of another size.
    """
    if isinstance(shape, MaskFile):
        return _of_file(shape.path, size)
    return rasterised(shape, size)


def _of_file(path: Path, size: tuple[int, int]) -> NDArray[np.bool_]:
    with path.open("rb") as file:
        start = file.read(132)
    any_view = View.L_CC  # a mask shows no view; its reader wants one named
    if start[128:] != b"DICM" and is_png_or_tiff(start):
        pixels = read_png(path, any_view).pixels
    else:
        pixels = read_dicom(path, view=any_view).pixels
    if pixels.shape != size:
        raise ImageError(
            f"{path.name}: a mask of {pixels.shape[0]}x{pixels.shape[1]} for an image of "
            f"{size[0]}x{size[1]}",
            hint="the set's own fault: the two do not lie over each other",
        )
    inside: NDArray[np.bool_] = pixels > 0
    return inside
