"""The PGM file format (Netpbm, binary: P5), in which mini-MIAS is published."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.io.raster import AS_GREY, COPY_ANEW, RasterLayout, checked_layout

SIGNATURES = (b"P5\n", b"P5 ", b"P5\t", b"P5\r")
MOST_HEADER_BYTES = 4096
_SPACE = rb"(?:\s|#[^\n\r]*[\n\r])+"
_HEADER = re.compile(rb"P5" + (_SPACE + rb"(\d{1,9})") * 3 + rb"\s")


def pgm_layout(start: bytes, source: str) -> tuple[RasterLayout, int]:
    """The layout that a PGM's first `MOST_HEADER_BYTES` tell, and where its pixels begin."""
    found = _HEADER.match(start)
    if found is None:
        raise ImageError(f"{source}: the PGM's header is damaged", hint=COPY_ANEW)
    columns, rows, most = map(int, found.groups())
    if not 0 < most < 65536:
        raise ImageError(f"{source}: the PGM's largest value is {most}; 1 to 65535 are read")
    layout = RasterLayout("PGM image", rows, columns, 8 if most < 256 else 16, 1)
    return checked_layout(layout, source), found.end()


def pgm_pixels(content: bytes, source: str) -> tuple[RasterLayout, NDArray[np.generic]]:
    """The layout and the values as stored.

    Raises ImageError where the file ends before its pixels do.
    """
    layout, at = pgm_layout(content[:MOST_HEADER_BYTES], source)
    size = layout.rows * layout.row_bytes
    if len(content) - at < size:
        raise ImageError(
            f"{source}: the PGM is cut off: {len(content) - at} of {size} bytes of pixels are "
            "there",
            hint=COPY_ANEW,
        )
    if b"P5" in content[at + size : at + size + 8]:
        raise ImageError(f"{source}: a PGM of several images; one was expected", hint=AS_GREY)
    values = np.frombuffer(
        content, "u1" if layout.bits == 8 else ">u2", offset=at, count=size * 8 // layout.bits
    )
    return layout, values.reshape(layout.rows, layout.columns)
