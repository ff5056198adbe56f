"""A DICOM file (PS3.10) opened as far as its pixels: header read, pixel data found, not loaded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import VR

from fourview.core.errors import ImageError
from fourview.io.dicom_values import quiet_pydicom, shown, text

PIXEL_DATA = 0x7FE00010
FLOAT_PIXEL_DATA = (0x7FE00008, 0x7FE00009)
_UNDEFINED = 0xFFFFFFFF
_LARGEST_ELEMENT = 4 * 2**20
"""Bytes; longer elements of a header (private raw data) are skipped: no value read here is."""
_LARGEST_INFLATED = 2**29
_MOST_FRAGMENTS = 2**16
_COPY_AGAIN = "copy the file again from where it came"
_VRS = {str(vr).encode() for vr in VR}


@dataclass(frozen=True)
class OpenDicom:
    """A DICOM file's header, and its stream, which stands where the header ends."""

    source: str
    dataset: Dataset
    meta: Dataset
    """The File Meta Information; empty where a file has none."""
    syntax: UID
    stream: BinaryIO
    size: int
    """Bytes of the stream."""

    @property
    def is_encapsulated(self) -> bool:
        """Whether the pixels are compressed; `ImageError` for a syntax that nobody knows."""
        try:
            return self.syntax.is_encapsulated
        except ValueError as error:
            raise ImageError(
                f"{self.source}: its transfer syntax {shown(str(self.syntax))} is none of DICOM's",
                hint="export the file again, uncompressed",
            ) from error

    @property
    def is_little_endian(self) -> bool:
        return self.syntax != ExplicitVRBigEndian


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


def is_dicom(path: Path) -> bool:
    """Whether a file's first bytes are DICOM's: the preamble, or a first element without one.

    Told by the content, never by the name; False also for what cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(132)
    except OSError:
        return False
    return head[128:] == b"DICM" or _starts_with_an_element(head)


def _starts_with_an_element(head: bytes) -> bool:
    """A first element of group 2 or 8, as files without a preamble begin; PS3.5, 7.1."""
    if len(head) < 16:
        return False
    group, element = struct.unpack("<HH", head[:4])
    if group in (2, 8) and element <= 0x0100:
        length = struct.unpack("<I", head[4:8])[0]
        return head[4:6] in _VRS or (length <= 256 and length % 2 == 0)
    return head[:2] == b"\0\x08" and head[4:6] in _VRS


@contextmanager
def opened(path: Path, source: str) -> Iterator[OpenDicom]:
    """The file with its header read; `ImageError` where there is no DICOM header to read."""
    try:
        stream: BinaryIO = path.open("rb")
    except OSError as error:
        raise ImageError(f"{source}: cannot be opened: {error.strerror}") from error
    with stream, quiet_pydicom():
        try:
            file = _with_header(stream, source)
        except ImageError:
            raise
        except Exception as error:  # of many kinds, where bytes are cut off or make no sense
            raise ImageError(
                f"{source}: the DICOM header is damaged or cut off near byte {stream.tell()}",
                hint=_COPY_AGAIN,
            ) from error
        yield file


def _with_header(stream: BinaryIO, source: str) -> OpenDicom:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(132)
    has_preamble = head[128:] == b"DICM"
    if size == 0:
        raise ImageError(f"{source}: the file is empty (0 bytes)", hint=_COPY_AGAIN)
    if not has_preamble and not _starts_with_an_element(head):
        raise ImageError(
            f"{source}: no DICOM file: neither 'DICM' at byte 128 nor a data element at byte 0"
        )
    stream.seek(132 if has_preamble else 0)
    meta = Dataset()
    if _peek(stream, 2) == b"\x02\0":
        meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
    syntax = UID(text(meta, "TransferSyntaxUID")) or _guessed_syntax(_peek(stream, 6))
    if syntax == DeflatedExplicitVRLittleEndian:
        stream = _inflated(stream, source)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
    dataset = read_dataset(
        stream,
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
        stop_when=lambda tag, *_: tag in (PIXEL_DATA, *FLOAT_PIXEL_DATA),
        defer_size=_LARGEST_ELEMENT,
    )
    if _is_cut_off(dataset, stream, size):
        raise ImageError(
            f"{source}: truncated: the file ends inside its header, after {size} bytes",
            hint=_COPY_AGAIN,
        )
    return OpenDicom(source, dataset, meta, syntax, stream, size)


def _is_cut_off(dataset: Dataset, stream: BinaryIO, size: int) -> bool:
    """Whether the header ends inside an element; pydicom takes what there is of it."""
    if not len(dataset):
        return True
    last = dataset.get_item(max(dataset.keys()))
    value = getattr(last, "value", None)
    stated = getattr(last, "length", _UNDEFINED)
    is_short = isinstance(value, bytes) and stated != _UNDEFINED and len(value) < stated
    return is_short or stream.tell() > size


def _peek(stream: BinaryIO, n: int) -> bytes:
    found = stream.read(n)
    stream.seek(-len(found), io.SEEK_CUR)
    return found


def _guessed_syntax(head: bytes) -> UID:
    """The encoding of a data set that comes without File Meta Information."""
    if head[4:6] not in _VRS:
        return ImplicitVRLittleEndian
    return ExplicitVRBigEndian if head[:2] == b"\0\x08" else ExplicitVRLittleEndian


def _inflated(stream: BinaryIO, source: str) -> BinaryIO:
    """The deflated data set in memory (PS3.5, A.5), unless it grows beyond all images."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflate.decompress(stream.read(), _LARGEST_INFLATED)
    except zlib.error as error:
        raise ImageError(f"{source}: the deflated data set is damaged: {error}") from error
    if inflate.unconsumed_tail:
        raise ImageError(
            f"{source}: the deflated data set is longer than {_LARGEST_INFLATED} bytes"
        )
    if not inflate.eof:
        raise ImageError(
            f"{source}: truncated: the deflated data set has no end",
            hint=_COPY_AGAIN,
        )
    return io.BytesIO(found)


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
            hint=_COPY_AGAIN,
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
    if stated != _UNDEFINED and stated > file.size - offset:
        raise ImageError(
            f"{file.source}: truncated: {max(0, file.size - offset)} bytes of Pixel Data where "
            f"{stated} are expected",
            hint=_COPY_AGAIN,
        )
    if file.is_encapsulated:
        return PixelElement(vr, tuple(_fragments(file, offset, stated)))
    if stated == _UNDEFINED:
        raise ImageError(
            f"{file.source}: Pixel Data of no stated length, as if compressed, under the "
            f"uncompressed transfer syntax {file.syntax.name}"
        )
    return PixelElement(vr, ((offset, stated),))


def _fragments(file: OpenDicom, offset: int, stated: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of the fragments of encapsulated Pixel Data, the offset table left out.

    PS3.5, A.4: items, the first of them the Basic Offset Table, then a sequence delimiter. All
    fragments are one frame's: images of several are set aside before.
    """
    stream = file.stream
    end = file.size if stated == _UNDEFINED else offset + stated
    cut_off = ImageError(
        f"{file.source}: truncated: its compressed Pixel Data ({file.size} bytes into the file) "
        "do not reach their end",
        hint=_COPY_AGAIN,
    )
    for n in range(_MOST_FRAGMENTS):
        if stated != _UNDEFINED and offset == end:
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
