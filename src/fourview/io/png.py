"""Greyscale PNG, TIFF and PGM files as mammograms."""

from __future__ import annotations

import contextlib
import io
import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.core.exam import Mammogram
from fourview.core.grayscale import Grayscale
from fourview.core.views import Facing, View
from fourview.io.header import ImageHeader
from fourview.io.pgm_file import MOST_HEADER_BYTES as MOST_PGM_HEADER_BYTES
from fourview.io.pgm_file import SIGNATURES as PGM_SIGNATURES
from fourview.io.pgm_file import pgm_layout, pgm_pixels
from fourview.io.png_file import HEADER_BYTES, SIGNATURE, png_layout, whole_png
from fourview.io.raster import AS_GREY, COPY_ANEW, MOST_BYTES, RasterLayout
from fourview.io.tiff_file import SIGNATURES, check_blocks, tiff_directory


class _Quiet:
    """OpenCV's own messages about a damaged TIFF kept from stderr: it is told as an ImageError.

    The level is the whole process's, so only one thread at a time holds it down.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level = 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

    def __exit__(self, *exc: object) -> None:
        cv2.utils.logging.setLogLevel(self._level)
        self._lock.release()


_quiet = _Quiet()


def is_png_or_tiff(start: bytes) -> bool:
    """Whether a file that starts with these bytes (8 or more) is a PNG, a TIFF or a PGM."""
    return start.startswith((SIGNATURE, *SIGNATURES, *PGM_SIGNATURES))


def read_png_header(path: Path, *, source: str | None = None) -> ImageHeader:
    """Size and kind of a PNG, TIFF or PGM, from its first bytes.

    Raises ImageError for a file that could not be read as a mammogram: no greyscale, a depth
    other than 8 or 16 bits, a size beyond reason. That the pixels are whole is not checked here.
    """
    source = source or path.name
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
        _check_start(start, source)
        if start.startswith(SIGNATURE):
            layout = png_layout(start, source)
        elif start.startswith(PGM_SIGNATURES):
            layout, _ = pgm_layout(start + file.read(MOST_PGM_HEADER_BYTES), source)
        else:
            layout = tiff_directory(file, source).layout
    return ImageHeader(path=path, kind=layout.kind, rows=layout.rows, columns=layout.columns)


def read_png(
    path: Path,
    view: View,
    *,
    source: str | None = None,
    pixel_spacing_mm: tuple[float, float] | None = None,
    facing: Facing | None = None,
) -> Mammogram:
    """The mammogram in a greyscale PNG, TIFF or PGM of 8 or 16 bits, its values as stored.

    Its `grayscale.bits` are the file's (16 for a 16-bit file, however few of them are used).
    RGB of three equal channels is read as grey, with a warning; anything else is refused, and so
    is a file of which a part is missing.

    Args:
        source: what the image is called in results; the file's name by default.
    """
    source = source or path.name
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ImageError(f"{source}: a file of {size} bytes; at most {MOST_BYTES} are read")
    content = path.read_bytes()
    _check_start(content[:HEADER_BYTES], source)
    if content.startswith(PGM_SIGNATURES):
        layout, stored = pgm_pixels(content, source)
    elif content.startswith(SIGNATURE):
        layout, content = whole_png(content, source)
        stored = _decoded(content, layout, source)
    else:
        directory = tiff_directory(io.BytesIO(content), source)
        layout = directory.layout
        check_blocks(content, directory, source)
        stored = _decoded(content, layout, source)
    pixels, warnings = _grey(stored, source)
    if layout.inverted and layout.bits == 8:
        pixels = 255 - pixels  # OpenCV turns 8-bit WhiteIsZero round, and leaves 16-bit as it is
    return Mammogram(
        pixels=pixels.astype(np.uint16),
        view=view,
        source=source,
        grayscale=Grayscale(bits=layout.bits, inverted=layout.inverted),
        pixel_spacing_mm=pixel_spacing_mm,
        facing=facing,
        about={"kind": layout.kind},
        warnings=warnings,
    )


def _check_start(start: bytes, source: str) -> None:
    if not start:
        raise ImageError(f"{source}: the file is empty (0 bytes)", hint=COPY_ANEW)
    if not is_png_or_tiff(start):
        raise ImageError(
            f"{source}: neither a PNG nor a TIFF; the file starts with {start[:8].hex(' ')}",
            hint="a JPEG or BMP must first be saved as a greyscale PNG; DICOM is read as DICOM",
        )


def _decoded(content: bytes, layout: RasterLayout, source: str) -> NDArray[np.generic]:
    """The pixels as OpenCV gives them, of the shape and depth that the header tells."""
    try:
        with _quiet if layout.kind == "TIFF image" else contextlib.nullcontext():
            array = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        array = None
    if array is None:
        raise ImageError(f"{source}: the {layout.kind}'s pixels are damaged", hint=COPY_ANEW)
    shape = (layout.rows, layout.columns) + ((3,) if layout.channels == 3 else ())
    if array.shape != shape or array.dtype.itemsize * 8 != layout.bits:
        raise ImageError(
            f"{source}: decoded to {array.dtype} of shape {array.shape}; its header tells of "
            f"{layout.bits} bits and {shape}",
            hint=AS_GREY,
        )
    pixels: NDArray[np.generic] = array
    return pixels


def _grey(pixels: NDArray[np.generic], source: str) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """One channel, and a warning where there were three."""
    if pixels.ndim == 2:
        return pixels, ()
    first = pixels[..., 0]
    if not all(np.array_equal(first, pixels[..., channel]) for channel in (1, 2)):
        raise ImageError(
            f"{source}: a colour image; its red, green and blue differ, a mammogram is greyscale",
            hint=AS_GREY,
        )
    return first, (f"{source}: a grey image saved as RGB; one of three equal channels was read",)
