"""What tells that two rows of a table are one image: the same file, or the same pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.exam import Mammogram


@dataclass(frozen=True)
class PixelIdentity:
    """One for an image and its left-right mirrored copy, but for `mirrored`."""

    digest: str
    mirrored: bool
    """Whether the digest is the mirrored image's. Two images that differ in it are mirrored."""


def file_identity(path: Path) -> str:
    """The same for every path and link, hard or symbolic, that leads to one file.

    A file that is not there is known by its path.
    """
    try:
        stat = path.stat()
    except OSError:
        return f"path {path.resolve()}"
    return f"file {stat.st_dev}:{stat.st_ino}"


def pixel_identity(mammogram: Mammogram) -> PixelIdentity:
    """Equal for equal pixels, whatever the file's format, name, header and compression.

    A SHA-256 over the shape and the stored values, inverted where low is bright; of the image and
    its mirror image the lesser digest.
    """
    pixels = mammogram.pixels
    if mammogram.grayscale.inverted:
        top = max(mammogram.grayscale.maximum, int(pixels.max(initial=0)))
        pixels = np.subtract(np.uint16(top), pixels)
    plain, mirror = _digest(pixels), _digest(pixels[:, ::-1])
    return PixelIdentity(min(plain, mirror), mirror < plain)


def _digest(pixels: NDArray[np.uint16]) -> str:
    found = hashlib.sha256(f"{pixels.shape[0]} {pixels.shape[1]} ".encode())
    found.update(np.ascontiguousarray(pixels, dtype="<u2").data)
    return found.hexdigest()
