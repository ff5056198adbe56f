"""RLE Lossless, PS3.5 annex G: each byte of a sample in a segment of its own, the highest first."""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
from rle.rle import decode_segment

from fourview.io.dicom.codestream import DamagedStreamError

_MOST_PADDING = 64
"""Bytes that zeros after a segment may decode to."""


def decode_rle(data: bytes, n_pixels: int, allocated: int) -> bytes:
    """The samples of a greyscale frame: bytes, or little-endian words where 16 bits are allocated.

    Raises:
        DamagedStreamError: the segments are not those of `n_pixels` samples.
    """
    n_segments = allocated // 8
    if len(data) < 64 or (found := struct.unpack("<I", data[:4])[0]) != n_segments:
        said = found if len(data) >= 64 else "no"
        raise DamagedStreamError(f"it says {said} segments where {n_segments} are expected")
    starts = [*struct.unpack(f"<{n_segments}I", data[4 : 4 + 4 * n_segments]), len(data)]
    if starts[0] < 64 or any(b <= a for a, b in pairwise(starts)):
        raise DamagedStreamError("its segments do not follow each other")
    samples = np.empty((n_pixels, n_segments), np.uint8)
    for n, (start, end) in enumerate(pairwise(starts)):
        decoded = decode_segment(data[start:end])
        if not n_pixels <= len(decoded) <= n_pixels + _MOST_PADDING:
            raise DamagedStreamError(f"segment {n + 1} has {len(decoded)} samples of {n_pixels}")
        samples[:, n_segments - 1 - n] = np.frombuffer(decoded, np.uint8, n_pixels)
    return samples.tobytes()
