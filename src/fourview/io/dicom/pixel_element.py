"""Where the Pixel Data (7FE0,0010) lie in a DICOM file, and whether they are all there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pydicom.uid import UID

from fourview.core.errors import ImageError
from fourview.io.dicom.file import COPY_AGAIN, PIXEL_DATA, UNDEFINED, OpenDicom

_MOST_FRAGMENTS = 2**16


@dataclass(frozen=True)
class PixelElement:
    """Where the bytes of one frame lie in the stream."""

    vr: str
    pieces: tuple[tuple[int, int], ...]
    """(offset, length) of each fragment; one where the data are not encapsulated."""

    @property
    def length(self) -> int:
        return sum(length for _, length in self.pieces)

    def load(self, stream: BinaryIO) -> bytes:
        """The frame's bytes."""
        parts = []
        for offset, length in self.pieces:
            stream.seek(offset)
            parts.append(stream.read(length))
        return b"".join(parts)


def pixel_element(file: OpenDicom) -> PixelElement:
    """Where the pixel data lie; `ImageError` where they are missing or not all there.

    Call it while the stream stands where the header ends.
    """
    stream, order = file.stream, "<" if file.is_little_endian else ">"
    start = stream.tell()
    head = stream.read(12)
    if len(head) < 8 or start > file.size:
        raise ImageError(
            f"{file.source}: truncated: the file ends after {file.size} bytes, before its "
            "Pixel Data (7FE0,0010)",
            hint=COPY_AGAIN,
        )
    group, element = struct.unpack(f"{order}HH", head[:4])
    if group << 16 | element != PIXEL_DATA:
        raise ImageError(
            f"{file.source}: its pixels are floating-point numbers ({group:04X},{element:04X}); "
            "a mammogram's are whole numbers in Pixel Data (7FE0,0010)"
        )
    if head[4:6] in (b"OB", b"OW", b"UN"):
        vr, offset, length = head[4:6].decode(), start + 12, head[8:12]
    else:
        vr, offset, length = "OW", start + 8, head[4:8]
    stated = struct.unpack(f"{order}I", length.ljust(4, b"\xff"))[0]
    if stated != UNDEFINED and stated > file.size - offset:
        raise ImageError(
            f"{file.source}: truncated: {max(0, file.size - offset)} bytes of Pixel Data where "
            f"{stated} are expected",
            hint=COPY_AGAIN,
        )
    if _is_encapsulated(file.syntax, stated):
        return PixelElement(vr, tuple(_fragments(file, offset, stated)))
    if stated == UNDEFINED:
        raise ImageError(
            f"{file.source}: Pixel Data of no stated length, as if compressed, under the "
            f"uncompressed transfer syntax {file.syntax.name}"
        )
    return PixelElement(vr, ((offset, stated),))


def _is_encapsulated(syntax: UID, stated: int) -> bool:
    """Whether pixels are in fragments; of a syntax that pydicom does not know, by their length."""
    try:
        return syntax.is_encapsulated
    except ValueError:
        return stated == UNDEFINED


def _fragments(file: OpenDicom, offset: int, stated: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of the fragments of encapsulated Pixel Data, the offset table left out.

    PS3.5, A.4: items, the first of them the Basic Offset Table, then a sequence delimiter. All
    fragments are one frame's: images of several are set aside before.
    """
    stream = file.stream
    end = file.size if stated == UNDEFINED else offset + stated
    cut_off = ImageError(
        f"{file.source}: truncated: its compressed Pixel Data ({file.size} bytes into the file) "
        "do not reach their end",
        hint=COPY_AGAIN,
    )
    for n in range(_MOST_FRAGMENTS):
        if stated != UNDEFINED and offset == end:
            return
        stream.seek(offset)
        head = stream.read(8)
        if len(head) < 8:
            raise cut_off
        group, element, length = struct.unpack("<HHI", head)
        offset += 8
        if (group, element) == (0xFFFE, 0xE0DD):
            return
        if (group, element) != (0xFFFE, 0xE000):
            raise ImageError(
                f"{file.source}: damaged: ({group:04X},{element:04X}) at byte {offset - 8}, inside "
                "compressed Pixel Data, where an item (FFFE,E000) or their end is expected"
            )
        if length > end - offset:
            raise cut_off
        if n > 0:
            yield offset, length
        offset += length
    raise ImageError(f"{file.source}: its Pixel Data are in more than {_MOST_FRAGMENTS} fragments")
