"""The PNG file format: its header, and whether the whole image is there.

Decoders fill what is missing with black; a mammogram that ends halfway must not pass for a whole
one. So every chunk's checksum, the end marker and the length of the pixel data are verified here,
and the decoder is given the pixel data alone (no profiles, texts, gamma or animation).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from fourview.core.errors import ImageError
from fourview.io.raster import AS_GREY, COPY_ANEW, RasterLayout, checked_layout

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 33  # the signature and the IHDR chunk
_CHANNELS = {0: 1, 2: 3}
_REFUSED = {3: "a palette image", 4: "greyscale with transparency", 6: "colour with transparency"}
# Adam7: first row, first column, step of rows, step of columns
_PASSES = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
_FED, _PIECE = 1 << 16, 1 << 20


def png_layout(start: bytes, source: str) -> RasterLayout:
    """The layout that a PNG's first `HEADER_BYTES` bytes tell."""
    if len(start) < HEADER_BYTES:
        raise ImageError(f"{source}: the PNG ends within its header", hint=COPY_ANEW)
    length, kind = struct.unpack_from(">I4s", start, 8)
    (checksum,) = struct.unpack_from(">I", start, 29)
    if (length, kind) != (13, b"IHDR") or zlib.crc32(start[12:29]) != checksum:
        raise ImageError(f"{source}: the PNG's header (IHDR) is damaged", hint=COPY_ANEW)
    columns, rows, bits, colour = struct.unpack_from(">IIBB", start, 16)
    if colour not in _CHANNELS:
        found = _REFUSED.get(colour, f"of the unknown colour type {colour}")
        raise ImageError(f"{source}: the PNG is {found}; a mammogram is greyscale", hint=AS_GREY)
    layout = RasterLayout("PNG image", rows, columns, bits, _CHANNELS[colour])
    return checked_layout(layout, source)


def whole_png(content: bytes, source: str) -> tuple[RasterLayout, bytes]:
    """The layout, and the same image as a PNG of nothing but its pixel data.

    Raises ImageError where the file is cut off, altered, or holds less than its header says.
    """
    layout = png_layout(content[:HEADER_BYTES], source)
    parts: list[bytes] = []
    for kind, data in _chunks(content, source):
        if kind == b"IDAT":
            parts.append(data)
        elif kind == b"tRNS":
            raise ImageError(
                f"{source}: the PNG has transparency (tRNS); a mammogram has none", hint=AS_GREY
            )
        elif kind == b"acTL":
            raise ImageError(f"{source}: an animated PNG; one image was expected", hint=AS_GREY)
    _check_pixel_data(parts, _pixel_bytes(layout, interlaced=content[28] == 1), source)
    start = content[:HEADER_BYTES]
    return layout, start + _chunk(b"IDAT", b"".join(parts)) + _chunk(b"IEND", b"")


def _chunks(content: bytes, source: str) -> Iterator[tuple[bytes, bytes]]:
    """Type and data of each chunk between the header and the end marker, checksums verified."""
    at = HEADER_BYTES
    while True:
        if at + 12 > len(content):
            raise _cut_off(source, len(content), "its end marker (IEND) is missing")
        length, kind = struct.unpack_from(">I4s", content, at)
        if at + 12 + length > len(content):
            name = kind.decode("ascii", "replace")
            raise _cut_off(source, len(content), f"its {name} chunk wants {length} bytes more")
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(memoryview(content)[at + 4 : at + 8 + length]) != checksum:
            raise ImageError(
                f"{source}: the PNG is damaged: a wrong checksum at byte {at}", hint=COPY_ANEW
            )
        if kind == b"IEND":
            return
        yield kind, content[at + 8 : at + 8 + length]
        at += 12 + length


def _check_pixel_data(parts: list[bytes], expected: int, source: str) -> None:
    try:
        found = _inflated_bytes(parts, expected)
    except zlib.error as error:
        raise ImageError(
            f"{source}: the PNG's pixel data are damaged: {error}", hint=COPY_ANEW
        ) from error
    if found != expected:
        amount = f"{found} bytes" if found < expected else "more"
        raise ImageError(
            f"{source}: the PNG's header tells of {expected} bytes of pixels; it holds {amount}",
            hint=COPY_ANEW,
        )


def _inflated_bytes(parts: list[bytes], expected: int) -> int:
    """How many bytes come out; counting stops soon after `expected`, so a bomb does no harm."""
    inflate = zlib.decompressobj()
    found = 0
    for part in parts:
        for at in range(0, len(part), _FED):
            fed = part[at : at + _FED]
            while fed and found <= expected:
                found += len(inflate.decompress(fed, _PIECE))
                fed = inflate.unconsumed_tail
    while not inflate.eof and found <= expected and (more := inflate.decompress(b"", _PIECE)):
        found += len(more)
    return found


def _pixel_bytes(layout: RasterLayout, *, interlaced: bool) -> int:
    """Bytes of the inflated pixel data: every row with its filter byte."""
    if not interlaced:
        return layout.rows * (1 + layout.row_bytes)
    total = 0
    for top, left, down, right in _PASSES:
        rows = max(0, -(-(layout.rows - top) // down))
        columns = max(0, -(-(layout.columns - left) // right))
        if columns:
            total += rows * (1 + columns * layout.channels * layout.bits // 8)
    return total


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _cut_off(source: str, size: int, why: str) -> ImageError:
    return ImageError(f"{source}: the PNG is cut off after {size} bytes: {why}", hint=COPY_ANEW)
