"""DICOM Segmentation (PS3.3 A.51, A.101): which images it is of, and what its segments mark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from fourview.core.errors import ImageError
from fourview.core.records import Pathology
from fourview.io.annotations.words import class_in_text
from fourview.io.dicom import values as read
from fourview.io.dicom.file import COPY_AGAIN, opened
from fourview.io.dicom.kind import kind_of, sop_class

if TYPE_CHECKING:
    from highdicom.seg import Segmentation

CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage, Label Map Segmentation Storage."""
_CODES = {
    "363346000": Pathology.MALIGNANT,  # SNOMED CT: malignant neoplastic disease
    "86049000": Pathology.MALIGNANT,  # malignant neoplasm, primary
    "20376005": Pathology.BENIGN,  # benign neoplastic disease
    "3898006": Pathology.BENIGN,  # neoplasm, benign
}
_FRACTION = 0.5
"""A pixel of a FRACTIONAL segment that is this or more is marked."""


@dataclass(frozen=True)
class Segment:
    """One segment, as it describes itself."""

    number: int
    label: str
    pathology: Pathology | None
    """From its description or property type; None where these name no class, or two."""


@dataclass(frozen=True)
class SegHeader:
    """What a segmentation is of."""

    path: Path
    rows: int
    columns: int
    images: tuple[str, ...]
    """SOP Instance UIDs of the images it was drawn on."""
    segments: tuple[Segment, ...]
    """Without a label map's background, number 0."""


def is_seg(path: Path) -> bool:
    """Whether a DICOM file is a segmentation.

    Raises:
        ImageError: it is no DICOM file, or damaged.
    """
    with opened(path, path.name) as file:
        return sop_class(file.dataset, file.meta) in CLASSES


def instance_uid(path: Path) -> str:
    """The SOP Instance UID (0008,0018) of a DICOM file; empty where it has none.

    Raises:
        ImageError: it is no DICOM file, or damaged.
    """
    with opened(path, path.name) as file:
        return read.text(file.dataset, "SOPInstanceUID")


def read_seg_header(path: Path, *, source: str = "") -> SegHeader:
    """What a segmentation tells of itself, without its pixels.

    Raises:
        ImageError: the file is none, is damaged, or does not tell which images it is of.
    """
    source = source or path.name
    with opened(path, source) as file:
        dataset = file.dataset
        uid = sop_class(dataset, file.meta)
        if uid not in CLASSES:
            raise ImageError(f"{source}: {kind_of(uid)}; a DICOM Segmentation was expected")
        images = tuple(dict.fromkeys(_references(dataset)))
        if not images:
            raise ImageError(
                f"{source}: does not tell which image it is of (no Referenced SOP Instance UID)",
                hint="name it in a table (exam,view,class,mask)",
            )
        segments = [_segment(item) for item in read.items(dataset, "SegmentSequence")]
        return SegHeader(
            path,
            read.integer(dataset, "Rows") or 0,
            read.integer(dataset, "Columns") or 0,
            images,
            tuple(segment for segment in segments if segment.number > 0),
        )


def read_segments(path: Path, image: str, *, source: str = "") -> dict[int, NDArray[np.bool_]]:
    """What each segment marks in one image: `(rows, columns)` by segment number.

    Args:
        image: the SOP Instance UID of the image, one of `SegHeader.images`.
    Raises:
        ImageError: the file is damaged, or its pixels are not the image's.
    """
    source = source or path.name
    with _read(path, source) as seg:
        if any(_is_elsewhere(item) for item in _sources(seg)):
            raise ImageError(
                f"{source}: its pixels are not those of the image it was drawn on (Spatial "
                "Locations Preserved is NO)",
                hint="resample it to the image's pixels",
            )
        numbers = [int(number) for number in seg.segment_numbers]
        try:
            pixels = seg.get_pixels_by_source_instance(
                [image],
                segment_numbers=numbers,
                ignore_spatial_locations=True,
                assert_missing_frames_are_empty=True,
            )[0]
        except Exception as error:  # highdicom raises of many kinds where frames do not fit
            raise ImageError(
                f"{source}: its frames cannot be read ({type(error).__name__})", hint=COPY_AGAIN
            ) from error
    fractions = pixels.astype(np.float32)
    return {number: fractions[..., at] >= _FRACTION for at, number in enumerate(numbers)}


@contextmanager
def _read(path: Path, source: str) -> Iterator[Segmentation]:
    from highdicom.seg import segread  # half a second, and seldom needed

    with read.quiet_pydicom():
        try:
            seg = segread(path)
        except Exception as error:  # of many kinds, where bytes are cut off or elements missing
            raise ImageError(
                f"{source}: the DICOM Segmentation is damaged or incomplete "
                f"({type(error).__name__})",
                hint=COPY_AGAIN,
            ) from error
        yield seg


def _segment(item: Dataset) -> Segment:
    """The class is told by the label and description, else by the coded property type."""
    words = [read.text(item, name) for name in ("SegmentLabel", "SegmentDescription")]
    told = {class_in_text(text) for text in words} - {None}
    if not told:
        for code in read.items(item, "SegmentedPropertyTypeCodeSequence"):
            told |= {
                _CODES.get(read.text(code, "CodeValue"))
                or class_in_text(read.text(code, "CodeMeaning"))
            } - {None}
    number = read.integer(item, "SegmentNumber") or 0
    return Segment(number, read.printable(words[0]), told.pop() if len(told) == 1 else None)


def _references(dataset: Dataset) -> Iterator[str]:
    """The images it was drawn on: of its frames' derivation, else of the referenced series."""
    items = list(_sources(dataset)) or [
        item
        for series in read.items(dataset, "ReferencedSeriesSequence")
        for item in read.items(series, "ReferencedInstanceSequence")
    ]
    found = (read.text(item, "ReferencedSOPInstanceUID") for item in items)
    return (uid for uid in found if uid)


def _sources(dataset: Dataset) -> Iterator[Dataset]:
    groups = [
        *read.items(dataset, "SharedFunctionalGroupsSequence"),
        *read.items(dataset, "PerFrameFunctionalGroupsSequence"),
    ]
    for group in groups:
        for derivation in read.items(group, "DerivationImageSequence"):
            yield from read.items(derivation, "SourceImageSequence")


def _is_elsewhere(item: Dataset) -> bool:
    return read.word(item, "SpatialLocationsPreserved") == "NO"
