"""Whether a mask lies on the breast: one that was mirrored has the right size and no other sign."""

from __future__ import annotations

import contextlib

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import FourviewError
from fourview.core.records import Problem
from fourview.dataset.annotating.images import AnnotatedImage
from fourview.imaging.intensity import to_presentation
from fourview.imaging.segmentation import breast_mask
from fourview.io.dicom import is_dicom, read_dicom
from fourview.io.png import read_png

LEAST_ON_BREAST = 0.5
"""Of a mask's marked pixels: fewer on the breast are warned of. The breast is found with its
corners cut off, so a finding in the axilla may lie partly beside it."""
_REDUCED_PX = 512
"""The longer side, at most, of the image that is looked at: every n-th pixel is."""
FITS = 0.9
"""A mirrored mask of which this part lies on the breast is likely the one that was meant."""


def off_the_breast(image: AnnotatedImage, mask: NDArray[np.uint8]) -> Problem | None:
    """A warning where a mask's marks do not lie on the breast, or its image has another size than
    the exam table says; None where all is well or the image cannot be read (others say so)."""
    with contextlib.suppress(FourviewError, OSError):
        read = read_dicom(image.file, view=image.view) if is_dicom(image.file) else None
        mammogram = read or read_png(image.file, image.view)
        place = f"exam {image.exam}, {image.name}"
        rows, columns = mammogram.pixels.shape
        if (rows, columns) != mask.shape:
            what = f"the image has {rows} rows, {columns} columns; the exam table says {mask.shape}"
            hint = "its masks were held against the table: mend its rows and columns"
            return Problem(place, what, hint, level="warning")
        step = -(-max(mask.shape) // _REDUCED_PX)
        pixels = to_presentation(mammogram.pixels, mammogram.grayscale)[::step, ::step]
        if _background_is_bright(pixels):
            return None
        marked, breast = mask[::step, ::step] > 0, breast_mask(pixels)
        if not marked.any():
            return None
        part = _part(marked, breast)
        if part < LEAST_ON_BREAST:
            return Problem(
                place,
                f"{part:.0%} of what is marked lies on the breast",
                _way_out(marked, breast),
                level="warning",
            )
    return None


def _background_is_bright(pixels: NDArray[np.uint16]) -> bool:
    """Whether the commonest value is a high one: an inverted picture that does not say so, or a
    film in a white frame. Where the breast is in it is not for this check to find out."""
    counts = np.bincount(pixels.ravel())
    return int(counts.argmax()) > len(counts) / 2


def _way_out(marked: NDArray[np.bool_], breast: NDArray[np.bool_]) -> str:
    turned = {
        "mirrored left-right": marked[:, ::-1],
        "upside-down": marked[::-1],
        "turned by 180 degrees": marked[::-1, ::-1],
    }
    for how, other in turned.items():
        if _part(other, breast) >= FITS:
            return f"it would lie there if the mask were {how}: is it drawn on the stored image?"
    return "is the mask of another image, or are x and y counted from another corner?"


def _part(marked: NDArray[np.bool_], breast: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(marked & breast)) / int(np.count_nonzero(marked))
