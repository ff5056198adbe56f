"""The structure of compressed images, checked before a decoder sees them.

Decoders of JPEG fill what is missing with grey and say nothing, or end the whole process over a
damaged marker. So a stream must be whole and of the size that its header promises: ITU-T T.81
(JPEG), T.87 (JPEG-LS), T.800 (JPEG 2000). What no structure shows, damage inside the
entropy-coded bits, is left to the decoder.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

_SOI, _EOI, _SOS, _DHT, _DQT, _DNL, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDC, 0xDD
_FRAMES = {
    0xC0: "baseline JPEG",
    0xC1: "extended JPEG",
    0xC2: "progressive JPEG",
    0xC3: "lossless JPEG",
    0xF7: "JPEG-LS",
}
_PRECISIONS = {
    0xC0: (8,),
    0xC1: (8, 12),
    0xC2: (8, 12),
    0xC3: range(2, 17),
    0xF7: range(2, 17),
}


class DamagedStreamError(Exception):
    """A compressed stream that is not whole, or not what it should be."""


@dataclass(frozen=True)
class StreamInfo:
    """What a compressed image says of itself."""

    process: str
    rows: int
    columns: int
    precision: int
    """Bits of a sample."""
    components: int
    signed: bool = False


def jpeg_info(data: bytes) -> StreamInfo:
    """A JPEG or JPEG-LS stream's frame header, if the stream is whole: one frame, one scan."""
    if data[:2] != bytes((0xFF, _SOI)):
        raise DamagedStreamError("it does not begin as a JPEG stream")
    info: StreamInfo | None = None
    at = 2
    while True:
        marker, body, at = _segment(data, at)
        if marker in _FRAMES:
            if info is not None:
                raise DamagedStreamError("it has two frame headers")
            info = _frame_header(marker, body)
        elif marker == _DHT:
            _check_huffman(body)
        elif marker == _SOS:
            break
        elif not (marker in (_DQT, _DRI, 0xFE, 0xF8) or 0xE0 <= marker <= 0xEF):
            raise DamagedStreamError(f"it holds the unexpected marker FF{marker:02X}")
    if info is None:
        raise DamagedStreamError("its scan comes before its frame header")
    _check_scan(info, body)
    end = _end_of_scan(data, at, bit_stuffed=info.process == "JPEG-LS")
    if data[end : end + 2] != bytes((0xFF, _EOI)):
        raise DamagedStreamError(f"a second scan or image begins at byte {end}")
    if data[end + 2 :].strip(b"\0\xff"):
        raise DamagedStreamError(f"{len(data) - end - 2} bytes follow its end")
    return info


def _segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    """The marker at `at`, its parameters, and where the next begins."""
    if data[at : at + 1] != b"\xff":
        raise DamagedStreamError(f"no marker at byte {at}")
    while data[at + 1 : at + 2] == b"\xff":  # fill bytes
        at += 1
    if len(data) < at + 4:
        raise DamagedStreamError("it ends inside its headers")
    marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
    end = at + 2 + length
    if length < 2 or end > len(data):
        raise DamagedStreamError(f"marker FF{marker:02X} reaches beyond its end")
    return marker, data[at + 4 : end], end


def _frame_header(marker: int, body: bytes) -> StreamInfo:
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise DamagedStreamError("its frame header has a wrong length")
    precision, rows, columns, components = struct.unpack(">BHHB", body[:6])
    if precision not in _PRECISIONS[marker]:
        raise DamagedStreamError(f"it says {precision} bits, which {_FRAMES[marker]} cannot have")
    return StreamInfo(_FRAMES[marker], rows, columns, precision, components)


def _check_huffman(body: bytes) -> None:
    """T.81, B.2.4.2: tables whose code lengths fit a binary tree."""
    at = 0
    while at < len(body):
        counts = body[at + 1 : at + 17]
        room = 1 << 16
        for bits, count in enumerate(counts, start=1):
            room -= count << (16 - bits)
        end = at + 17 + sum(counts)
        if body[at] & 0xEC or len(counts) < 16 or end > len(body) or room < 0 or sum(counts) > 256:
            raise DamagedStreamError("a Huffman table is malformed")
        at = end


def _check_scan(info: StreamInfo, body: bytes) -> None:
    if info.components != 1 or len(body) != 6 or body[0] != 1:
        raise DamagedStreamError(f"it has {info.components} components; a grey image has one")
    first, last, approximation = body[3:]
    # T.81 asks for 0 to 63; some encoders of 12 bits write 0 to 0
    is_sequential = first == 0 and last in (0, 63) and approximation == 0
    fits = {
        "baseline JPEG": is_sequential,
        "extended JPEG": is_sequential,
        "lossless JPEG": 1 <= first <= 7 and last == 0 and approximation < info.precision,
    }
    if not fits.get(info.process, True):
        raise DamagedStreamError(f"its scan header does not go with {info.process}")


def _end_of_scan(data: bytes, at: int, *, bit_stuffed: bool) -> int:
    """Where the marker after the entropy-coded data stands.

    In JPEG a byte FF inside the data is followed by 00, or is a restart marker; in JPEG-LS it is
    followed by a byte below 80.
    """
    tail = np.frombuffer(data, np.uint8)[at:]
    after = tail[1:][tail[:-1] == 0xFF]
    places = np.flatnonzero(tail[:-1] == 0xFF)
    inside = (after < 0x80) if bit_stuffed else (after == 0)
    inside |= (after >= 0xD0) & (after <= 0xD7) | (after == 0xFF)
    ends = places[~inside]
    if not len(ends):
        raise DamagedStreamError("it has no end: truncated")
    return at + int(ends[0])


def jpeg2000_info(data: bytes) -> StreamInfo:
    """A JPEG 2000 codestream's size marker, if the stream has its end.

    A JP2 file around the codestream, which PS3.5, A.4.4 forbids and some write, is accepted.
    """
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 44:
        raise DamagedStreamError("it holds no JPEG 2000 codestream")
    size = struct.unpack(">HHIIIIIIIIH", data[start + 4 : start + 42])
    width, height, left, top, components = *size[2:6], size[10]
    if not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise DamagedStreamError("it has no end of codestream (FFD9): truncated")
    depth = data[start + 42]
    precision = (depth & 0x7F) + 1
    return StreamInfo(
        "JPEG 2000", height - top, width - left, precision, components, bool(depth & 0x80)
    )
