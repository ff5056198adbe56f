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
from fourview.io.dicom.values import quiet_pydicom, text

PIXEL_DATA = 0x7FE00010
FLOAT_PIXEL_DATA = (0x7FE00008, 0x7FE00009)
_PIXELS = frozenset((PIXEL_DATA, *FLOAT_PIXEL_DATA))
UNDEFINED = 0xFFFFFFFF
_LARGEST_ELEMENT = 4 * 2**20
"""Bytes; longer elements of a header (private raw data) are skipped: no value read here is."""
_LARGEST_INFLATED = 2**29
COPY_AGAIN = "copy the file again from where it came"
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
    def is_little_endian(self) -> bool:
        return self.syntax != ExplicitVRBigEndian


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
                hint=COPY_AGAIN,
            ) from error
        yield file


def _with_header(stream: BinaryIO, source: str) -> OpenDicom:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(132)
    has_preamble = head[128:] == b"DICM"
    if size == 0:
        raise ImageError(f"{source}: the file is empty (0 bytes)", hint=COPY_AGAIN)
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
        stop_when=lambda tag, *_: tag in _PIXELS,
        defer_size=_LARGEST_ELEMENT,
    )
    if _is_cut_off(dataset, stream, size):
        raise ImageError(
            f"{source}: truncated: the file ends inside its header, after {size} bytes",
            hint=COPY_AGAIN,
        )
    return OpenDicom(source, dataset, meta, syntax, stream, size)


def _is_cut_off(dataset: Dataset, stream: BinaryIO, size: int) -> bool:
    """Whether the header ends inside an element; pydicom takes what there is of it."""
    if not len(dataset):
        return True
    last = dataset.get_item(max(dataset.keys()))
    value = getattr(last, "value", None)
    stated = getattr(last, "length", UNDEFINED)
    is_short = isinstance(value, bytes) and stated != UNDEFINED and len(value) < stated
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
            hint=COPY_AGAIN,
        )
    return io.BytesIO(found)
