"""How the pixels of a DICOM image lie in its file, checked before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID

from fourview.core.errors import ImageError
from fourview.io.dicom import values as read
from fourview.io.raster import require_size

_TO_GREY = "export it again as a greyscale image, MONOCHROME2 of 8 to 16 bits"


@dataclass(frozen=True, kw_only=True)
class PixelLayout:
    """The Image Pixel Module (PS3.3, C.7.6.3) of a greyscale image that can be read."""

    rows: int
    columns: int
    allocated: int
    """Bits of a stored sample: 8 or 16."""
    stored: int
    """Bits of its value: 8 to 16."""
    high: int
    """The place of the value's highest bit."""
    signed: bool
    syntax: UID
    vr: str = "OW"
    """The Pixel Data's value representation."""

    @property
    def n_bytes(self) -> int:
        """Of the frame, uncompressed."""
        return self.rows * self.columns * self.allocated // 8


def pixel_layout(
    dataset: Dataset, syntax: UID, source: str, *, vr: str = "OW"
) -> tuple[PixelLayout, tuple[str, ...]]:
    """The layout, with warnings; `ImageError` where it is none of a greyscale image read here."""
    rows, columns = (_required(dataset, keyword, source) for keyword in ("Rows", "Columns"))
    require_size(rows, columns, source)
    photometric = read.word(dataset, "PhotometricInterpretation")
    samples = read.integer(dataset, "SamplesPerPixel") or 1
    if samples != 1 or photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise ImageError(
            f"{source}: Photometric Interpretation (0028,0004) is {read.shown(photometric)} with "
            f"{samples} sample(s) a pixel; a mammogram is MONOCHROME1 or MONOCHROME2 with one",
            hint=_TO_GREY,
        )
    allocated = _required(dataset, "BitsAllocated", source)
    stored = read.integer(dataset, "BitsStored") or allocated
    if allocated not in (8, 16) or not 8 <= stored <= allocated:
        raise ImageError(
            f"{source}: {stored} bits stored in {allocated} allocated (0028,0101; 0028,0100); "
            "8 to 16 bits, in 8 or 16, are read",
            hint=_TO_GREY,
        )
    warnings: tuple[str, ...] = ()
    high = read.integer(dataset, "HighBit")
    if high is None or not stored - 1 <= high < allocated:
        if high is not None:
            warnings = (
                f"High Bit {high} makes no sense with {stored} bits: {stored - 1} is taken",
            )
        high = stored - 1
    representation = read.integer(dataset, "PixelRepresentation") or 0
    if representation not in (0, 1):
        raise ImageError(
            f"{source}: Pixel Representation (0028,0103) is {representation}; it may be 0 or 1"
        )
    layout = PixelLayout(
        rows=rows,
        columns=columns,
        allocated=allocated,
        stored=stored,
        high=high,
        signed=representation == 1,
        syntax=syntax,
        vr=vr,
    )
    return layout, warnings


def _required(dataset: Dataset, keyword: str, source: str) -> int:
    found = read.integer(dataset, keyword)
    if found is None:
        raise ImageError(
            f"{source}: its header has no {keyword}, without which pixels cannot be read",
            hint="the file is damaged, or holds no image",
        )
    return found
