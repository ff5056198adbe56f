"""What a DICOM header tells of grey values: polarity, padding, rescaling, values of interest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from fourview.core.grayscale import Grayscale, VoiTable, VoiWindow
from fourview.io.dicom import values as read

_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def grayscale_told(
    dataset: Dataset, *, bits: int, signed: bool, little_endian: bool, warnings: list[str]
) -> Grayscale:
    """The header's grey values, still as stored: `offset` 0, padding unshifted.

    Args:
        warnings: what is contradictory or cannot be used is added here.
    """
    slope, intercept = _rescale(dataset, warnings)
    tables = [
        table
        for item in read.items(dataset, "VOILUTSequence")
        if (table := _table(item, signed, little_endian, warnings))
    ]
    return Grayscale(
        bits=bits,
        inverted=_is_inverted(dataset, warnings),
        padding=_padding(dataset, signed),
        slope=slope,
        intercept=intercept,
        voi=(*tables, *_windows(dataset, warnings)),
    )


def _is_inverted(dataset: Dataset, warnings: list[str]) -> bool:
    """Whether low values are bright; PS3.3, C.8.11.3: MONOCHROME1 goes with the shape INVERSE,
    MONOCHROME2 with IDENTITY, and the shape says the same thing again, not the opposite."""
    photometric = read.word(dataset, "PhotometricInterpretation")
    shape = read.word(dataset, "PresentationLUTShape")
    if photometric == "MONOCHROME1" and shape == "IDENTITY":
        warnings.append("MONOCHROME1 with Presentation LUT Shape IDENTITY: low values are bright")
    if photometric == "MONOCHROME2" and shape == "INVERSE":
        warnings.append("MONOCHROME2 with Presentation LUT Shape INVERSE: low values are bright")
    return photometric == "MONOCHROME1" or shape == "INVERSE"


def _padding(dataset: Dataset, signed: bool) -> tuple[int, int] | None:
    """Pixel Padding Value (0028,0120) to Pixel Padding Range Limit (0028,0121), as stored."""
    value = read.integer(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = read.integer(dataset, "PixelPaddingRangeLimit")
    ends = [_sixteen_bits(end, signed) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _sixteen_bits(value: int, signed: bool) -> int:
    """A value of VR `US or SS` in the pixels' signedness, whichever of the two was written."""
    value &= 0xFFFF
    return value - 0x10000 if signed and value >= 0x8000 else value


def _rescale(dataset: Dataset, warnings: list[str]) -> tuple[float, float]:
    slope = read.number(dataset, "RescaleSlope")
    intercept = read.number(dataset, "RescaleIntercept") or 0.0
    if slope == 0:
        warnings.append("Rescale Slope (0028,1053) is 0: 1 is taken")
    return slope or 1.0, intercept


def _windows(dataset: Dataset, warnings: list[str]) -> Iterator[VoiWindow]:
    """Window Center and Width; PS3.3, C.11.2.1.2 and C.11.2.1.3."""
    centers = read.numbers(dataset, "WindowCenter")
    widths = read.numbers(dataset, "WindowWidth")
    explanations = read.texts(dataset, "WindowCenterWidthExplanation")
    function = read.word(dataset, "VOILUTFunction") or "LINEAR"
    if function not in _FUNCTIONS:
        warnings.append(f"VOI LUT Function {read.shown(function)} is unknown: its windows are left")
        return
    if len(centers) != len(widths):
        warnings.append(f"{len(centers)} window centers with {len(widths)} widths")
    for (center, width), explanation in zip_longest(
        zip(centers, widths, strict=False), explanations[: min(len(centers), len(widths))]
    ):
        if width < 1 if function == "LINEAR" else width <= 0:
            warnings.append(f"a window width of {width:g} is no width: the window is left")
            continue
        yield VoiWindow(center, width, function, read.printable(explanation or ""))


def _table(
    item: Dataset, signed: bool, little_endian: bool, warnings: list[str]
) -> VoiTable | None:
    """An item of the VOI LUT Sequence; PS3.3, C.11.2.1.1."""
    descriptor = _words(item, "LUTDescriptor", little_endian)
    entries = _words(item, "LUTData", little_endian)
    if len(descriptor) != 3:
        warnings.append("a VOI LUT without a LUT Descriptor of three values is left")
        return None
    n_entries = int(descriptor[0]) or 0x10000
    first = _sixteen_bits(int(descriptor[1]), signed)
    bits = int(descriptor[2])
    if bits <= 8 and n_entries > 1 and len(entries) == (n_entries + 1) // 2:
        entries = entries.astype("<u2").view(np.uint8)[:n_entries].astype(np.uint16)
    if len(entries) != n_entries or not 1 <= bits <= 16:
        warnings.append(
            f"a VOI LUT of {len(entries)} entries and {bits} bits is left: its descriptor says "
            f"{n_entries} entries, and 1 to 16 bits are possible"
        )
        return None
    needed = int(entries.max()).bit_length()
    if needed > bits:
        warnings.append(f"a VOI LUT of {bits} bits has entries of {needed}: {needed} are taken")
        bits = needed
    return VoiTable(first, entries, bits, read.printable(read.text(item, "LUTExplanation")))


def _words(item: Dataset, keyword: str, little_endian: bool) -> NDArray[np.uint16]:
    """A LUT's values as 16-bit words, however their VR (US, SS or OW) was written."""
    found = read.values(item, keyword)
    if len(found) == 1 and isinstance(found[0], bytes):
        order = "<u2" if little_endian else ">u2"
        return np.frombuffer(found[0][: len(found[0]) // 2 * 2], order).astype(np.uint16)
    try:
        return np.array([int(one) & 0xFFFF for one in found], dtype=np.uint16)
    except (TypeError, ValueError):
        return np.zeros(0, np.uint16)
