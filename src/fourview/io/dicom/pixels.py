"""From a frame's bytes to pixels: decompressed, freed of unused bits, unsigned.

One decoder for each transfer syntax, called directly: none is tried after another has failed, so
that a file gives the same pixels everywhere, or an error.
"""

from __future__ import annotations

import re
from typing import cast

import jpeg_ls
import numpy as np
from numpy.typing import NDArray
from openjpeg.utils import decode_pixel_data as decode_jpeg2000
from pydicom import uid

from fourview.core.errors import ImageError
from fourview.io.dicom import values as read
from fourview.io.dicom.codestream import DamagedStreamError, StreamInfo, jpeg2000_info, jpeg_info
from fourview.io.dicom.file import COPY_AGAIN
from fourview.io.dicom.jpeg_decoder import decode_jpeg
from fourview.io.dicom.layout import PixelLayout
from fourview.io.dicom.rle_decoder import decode_rle

_PROCESSES = {
    uid.JPEGBaseline8Bit: ("baseline JPEG",),
    uid.JPEGExtended12Bit: ("extended JPEG", "baseline JPEG"),
    uid.JPEGLossless: ("lossless JPEG",),
    uid.JPEGLosslessSV1: ("lossless JPEG",),
    uid.JPEGLSLossless: ("JPEG-LS",),
    uid.JPEGLSNearLossless: ("JPEG-LS",),
    uid.JPEG2000Lossless: ("JPEG 2000",),
    uid.JPEG2000: ("JPEG 2000",),
}
_NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
)
_UNKNOWN_TO_PYDICOM = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
_LOSSY = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
_PERHAPS_LOSSY = (uid.JPEGLSNearLossless, uid.JPEG2000)

Stored = NDArray[np.uint8] | NDArray[np.uint16]


def check_syntax(syntax: uid.UID, source: str) -> None:
    """`ImageError`, with a way out, for a transfer syntax that no decoder here reads."""
    if syntax not in (*_NATIVE, uid.RLELossless, *_PROCESSES):
        name = _UNKNOWN_TO_PYDICOM.get(syntax, syntax.name)
        raise ImageError(
            f"{source}: its transfer syntax {read.shown(name)} ({read.shown(syntax)}) is not read",
            hint="decompress the file first: gdcmconv --raw IN OUT, or dcmdjpeg IN OUT",
        )


def loss(syntax: uid.UID, told: str) -> str:
    """What to say of an image that compression changed; empty for a lossless one.

    Args:
        told: Lossy Image Compression (0028,2110): `00`, `01`, or empty.
    """
    if told == "01" or syntax in _LOSSY:
        return f"compressed with loss (transfer syntax {syntax.name})"
    if syntax in _PERHAPS_LOSSY and told != "00":
        return f"perhaps compressed with loss (transfer syntax {syntax.name}): it is not told"
    return ""


def decoded(
    frame: bytes, layout: PixelLayout, source: str
) -> tuple[NDArray[np.uint16], int, list[str]]:
    """The pixels of a frame, and what they say.

    Returns:
        `(rows, columns)` values as stored, a signed image shifted up so that its least value is at
        least 0; by how much it was shifted; warnings.
    """
    warnings: list[str] = []
    if layout.syntax not in _NATIVE:
        raw, precision = _decompressed(frame, layout, source, warnings)
    else:
        raw, precision = _native(frame, layout, source, warnings), layout.allocated
    values, bits = _value_bits(raw, layout, precision, warnings)
    if not layout.signed:
        return values, 0, warnings
    half = 1 << (bits - 1)
    as_signed = (values.astype(np.int32) ^ half) - half
    offset = max(0, -int(as_signed.min()))
    return (as_signed + offset).astype(np.uint16), offset, warnings


def _native(frame: bytes, layout: PixelLayout, source: str, warnings: list[str]) -> Stored:
    if len(frame) < layout.n_bytes:
        raise ImageError(
            f"{source}: truncated: {len(frame)} bytes of Pixel Data where {layout.n_bytes} are "
            f"expected ({layout.rows} rows, {layout.columns} columns, {layout.allocated} bits)",
            hint=COPY_AGAIN,
        )
    if len(frame) > layout.n_bytes + 1:
        warnings.append(
            f"Pixel Data hold {len(frame)} bytes where {layout.n_bytes} are expected: "
            "the rest is left out"
        )
    shape = layout.rows, layout.columns
    is_big_endian = layout.syntax == uid.ExplicitVRBigEndian
    if layout.allocated == 16:
        order = ">u2" if is_big_endian else "<u2"
        return np.frombuffer(frame, order, layout.rows * layout.columns).reshape(shape)
    if is_big_endian and layout.vr == "OW":
        # bytes written as words of the other order stand in swapped pairs (PS3.5, 8.1.1, annex D)
        frame = np.frombuffer(frame, ">u2", len(frame) // 2).astype("<u2").tobytes()
    return np.frombuffer(frame, np.uint8, layout.rows * layout.columns).reshape(shape)


def _decompressed(
    frame: bytes, layout: PixelLayout, source: str, warnings: list[str]
) -> tuple[Stored, int]:
    """The image as its decoder gives it, and the bits of a sample that it may use."""
    info = None
    if layout.syntax != uid.RLELossless:
        info = _checked_stream(frame, layout, source)
    try:
        found = _decode(frame, layout, info, warnings)
    except Exception as error:  # four decoders, each with its own kinds of error
        raise ImageError(
            f"{source}: its {layout.syntax.name} data are damaged: {_first_line(error)}",
            hint=COPY_AGAIN,
        ) from error
    precision = info.precision if info else layout.allocated
    item = 1 if precision <= 8 else 2
    if len(found) != item * layout.rows * layout.columns:
        raise ImageError(
            f"{source}: its {layout.syntax.name} data decode to {len(found)} bytes where "
            f"{item * layout.rows * layout.columns} are expected"
        )
    raw = np.frombuffer(found, np.uint8 if item == 1 else "<u2")
    return raw.reshape(layout.rows, layout.columns), precision


def _decode(
    frame: bytes, layout: PixelLayout, info: StreamInfo | None, warnings: list[str]
) -> bytes | bytearray:
    """Samples of 8 bits, or little-endian ones of 16, by the one decoder of the syntax."""
    if info is None:
        return decode_rle(frame, layout.rows * layout.columns, layout.allocated)
    if info.process == "JPEG-LS":
        return cast(bytearray, jpeg_ls.decode_pixel_data(frame)[0])
    if info.process == "JPEG 2000":
        return cast(bytearray, decode_jpeg2000(frame, version=2))  # version 2: bytes
    return decode_jpeg(frame, info, str(layout.syntax), warnings)


def _checked_stream(frame: bytes, layout: PixelLayout, source: str) -> StreamInfo:
    """What the stream says of itself, if it is whole and is the image of the header."""
    name = layout.syntax.name
    processes = _PROCESSES[layout.syntax]
    try:
        info = (jpeg2000_info if "JPEG 2000" in processes else jpeg_info)(frame)
    except DamagedStreamError as error:
        raise ImageError(
            f"{source}: its {name} data ({len(frame)} bytes) are damaged: {error}",
            hint=COPY_AGAIN,
        ) from error
    if info.process not in processes:
        raise ImageError(f"{source}: its data are {info.process}, its header says {name}")
    if (info.rows, info.columns, info.components) != (layout.rows, layout.columns, 1):
        raise ImageError(
            f"{source}: its compressed image has {info.rows} rows, {info.columns} columns and "
            f"{info.components} component(s); its header says {layout.rows}, {layout.columns} and 1"
        )
    if not 2 <= info.precision <= 16:
        raise ImageError(
            f"{source}: its compressed samples have {info.precision} bits; 16 are read"
        )
    return info


def _value_bits(
    raw: Stored, layout: PixelLayout, precision: int, warnings: list[str]
) -> tuple[NDArray[np.uint16], int]:
    """The stored bits alone, and how many of them a sample can use.

    What lies above Bits Stored (overlays of old files, sign extension) is no part of the value:
    PS3.5, 8.1.1. A compressed sample of fewer bits than High Bit + 1 has nothing below to drop.
    """
    shift = layout.high + 1 - layout.stored
    if precision <= layout.high:
        shift = 0
    bits = min(layout.stored, precision)
    values = (raw >> shift if shift else raw).astype(np.uint16)
    mask = np.uint16((1 << bits) - 1)
    above = values & ~mask
    if above.any():
        beyond = above != 0
        if layout.signed:  # sign extension says the same thing again
            extension = np.uint16(np.iinfo(raw.dtype).max >> shift) & ~mask
            beyond &= (above != extension) | (values & np.uint16(1 << (bits - 1)) == 0)
        if n := int(np.count_nonzero(beyond)):
            warnings.append(
                f"{n} pixels have bits beyond the {layout.stored} stored; these bits are left out"
            )
        values &= mask
    return values, bits


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:200] or type(error).__name__
