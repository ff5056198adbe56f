"""The TIFF file format: its first directory, and whether every strip or tile is there.

A decoder may return what it could read and leave the rest black, so the extent of every block is
checked, and deflated ones are inflated to their full length. LZW and PackBits blocks are only
known to lie inside the file.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from fourview.core.errors import ImageError
from fourview.io.raster import AS_GREY, COPY_ANEW, RasterLayout, checked_layout

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _ROWS_PER_STRIP, _STRIP_COUNTS = 273, 274, 277, 278, 279
_PLANAR, _TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 284, 322, 323, 324, 325
_SAMPLE_FORMAT = 339
_TYPES = {1: "B", 3: "H", 4: "I"}  # BYTE, SHORT, LONG: all that the tags above may be
_MOST_VALUES = 1 << 20
_NONE, _DEFLATE = 1, (8, 32946)
_COMPRESSIONS = {_NONE, 5, *_DEFLATE, 32773}  # none, LZW, deflate, PackBits


@dataclass(frozen=True)
class Directory:
    """A TIFF's first directory: the tags that hold whole numbers, and where its blocks lie."""

    tags: dict[int, tuple[int, ...]]
    layout: RasterLayout

    def one(self, tag: int, default: int) -> int:
        return self.tags.get(tag, (default,))[0]


def tiff_directory(stream: BinaryIO, source: str) -> Directory:
    """The only directory of a TIFF whose pixels are read here."""
    start = _bytes(stream, 0, 8, source)
    if start[:4] in SIGNATURES[2:]:
        raise ImageError(f"{source}: a BigTIFF; a classic TIFF was expected", hint=AS_GREY)
    order = "<" if start[:2] == b"II" else ">"
    (at,) = struct.unpack(order + "I", start[4:])
    (count,) = struct.unpack(order + "H", _bytes(stream, at, 2, source))
    raw = _bytes(stream, at + 2, 12 * count + 4, source)
    tags: dict[int, tuple[int, ...]] = {}
    for entry in range(count):
        tag, kind, n = struct.unpack_from(order + "HHI", raw, 12 * entry)
        if kind not in _TYPES or not 0 < n <= _MOST_VALUES:
            continue
        form = f"{order}{n}{_TYPES[kind]}"
        size = struct.calcsize(form)
        value = raw[12 * entry + 8 : 12 * entry + 12]
        if size > 4:
            value = _bytes(stream, struct.unpack(order + "I", value)[0], size, source)
        tags[tag] = struct.unpack(form, value[:size])
    if struct.unpack_from(order + "I", raw, 12 * count)[0]:
        raise ImageError(f"{source}: the TIFF holds several images; one was expected", hint=AS_GREY)
    return Directory(tags, checked_layout(_layout(tags, source), source))


def check_blocks(content: bytes, directory: Directory, source: str) -> None:
    """Raises ImageError unless every strip or tile of the image lies in the file, whole."""
    layout, tags, one = directory.layout, directory.tags, directory.one
    if _TILE_OFFSETS in tags:
        height, width = max(1, one(_TILE_LENGTH, 0)), max(1, one(_TILE_WIDTH, 0))
        offsets, counts = tags[_TILE_OFFSETS], tags.get(_TILE_COUNTS, ())
        n = -(-layout.rows // height) * -(-layout.columns // width)
        size = height * width * layout.channels * layout.bits // 8
        expected = [size] * n
    else:
        height = max(1, min(one(_ROWS_PER_STRIP, layout.rows), layout.rows))
        offsets, counts = tags.get(_STRIP_OFFSETS, ()), tags.get(_STRIP_COUNTS, ())
        tops = range(0, layout.rows, height)
        expected = [min(height, layout.rows - top) * layout.row_bytes for top in tops]
    if not len(offsets) == len(counts) == len(expected):
        raise ImageError(
            f"{source}: the TIFF tells of {len(offsets)} blocks of pixels with {len(counts)} "
            f"lengths; its {layout.rows} rows need {len(expected)}",
            hint=COPY_ANEW,
        )
    compression = one(_COMPRESSION, _NONE)
    for offset, count, size in zip(offsets, counts, expected, strict=True):
        if offset + count > len(content) or not count:
            raise ImageError(
                f"{source}: the TIFF is cut off: pixels at byte {offset} to {offset + count}, "
                f"the file has {len(content)}",
                hint=COPY_ANEW,
            )
        found = size
        if compression == _NONE:
            found = count
        elif compression in _DEFLATE:
            found = _inflated(content[offset : offset + count], size)
        if found < size:
            raise ImageError(
                f"{source}: the TIFF is damaged: {found} of {size} bytes in the block of pixels at "
                f"byte {offset}",
                hint=COPY_ANEW,
            )


def _layout(tags: dict[int, tuple[int, ...]], source: str) -> RasterLayout:
    def one(tag: int, default: int) -> int:
        return tags.get(tag, (default,))[0]

    channels, photometric = one(_SAMPLES, 1), one(_PHOTOMETRIC, 1)
    sample_format, compression = one(_SAMPLE_FORMAT, 1), one(_COMPRESSION, 1)
    found = ""
    if photometric == 3:
        found = "a palette image"
    elif (channels, photometric) not in ((1, 0), (1, 1), (3, 2)):
        found = f"of {channels} channels with photometric interpretation {photometric}"
    elif sample_format != 1:
        names = {2: "signed numbers", 3: "floating-point numbers"}
        found = f"of {names.get(sample_format, f'sample format {sample_format}')}"
    elif compression not in _COMPRESSIONS:
        found = f"compressed by method {compression} (read are none, LZW, deflate, PackBits)"
    elif one(_ORIENTATION, 1) != 1:
        found = f"stored turned or mirrored (orientation {one(_ORIENTATION, 1)}; 1 was expected)"
    elif channels == 3 and one(_PLANAR, 1) != 1:
        found = "stored a plane at a time"
    if found:
        raise ImageError(
            f"{source}: the TIFF is {found}; a mammogram is greyscale, unsigned, uncompressed or "
            "compressed without loss",
            hint=AS_GREY,
        )
    return RasterLayout(
        "TIFF image",
        rows=one(_LENGTH, 0),
        columns=one(_WIDTH, 0),
        bits=one(_BITS, 1),
        channels=channels,
        inverted=photometric == 0,
    )


def _bytes(stream: BinaryIO, at: int, n: int, source: str) -> bytes:
    stream.seek(at)
    found = stream.read(n)
    if len(found) < n:
        raise ImageError(
            f"{source}: the TIFF is cut off: {n} bytes were expected at byte {at}, "
            f"{len(found)} are there",
            hint=COPY_ANEW,
        )
    return found


def _inflated(data: bytes, expected: int) -> int:
    """How many bytes come out, at most `expected`; 0 where the stream is damaged."""
    try:
        return len(zlib.decompressobj().decompress(data, expected))
    except zlib.error:
        return 0
