"""Masks as others draw them: red, green and yellow on grey; values 0 to 3; or black and white."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fourview.core.errors import ImageError
from fourview.core.records import Pathology
from fourview.io.masks import COLOURS, VALUES, is_ours, opened_picture

_LEAST_CHROMA = 64
"""Greatest minus least of red, green and blue: below, a pixel is grey, whatever its tint."""
_FULL = 0.6
"""Of the picture's greatest chroma: above, a pixel is marked. An edge smoothed against grey is cut
where about half of it is covered, and red smoothed into green makes no yellow."""
_HUES = {Pathology.MALIGNANT: (-20, 20), Pathology.HIGH_RISK: (40, 75), Pathology.BENIGN: (95, 150)}
"""Degrees: red is 0, yellow 60, green 120."""
_BETWEEN = ((20, 30), (30, 40), (75, 85), (85, 95))
_BLENDS = (Pathology.MALIGNANT, Pathology.HIGH_RISK, Pathology.HIGH_RISK, Pathology.BENIGN)
"""Where two marks touch, a line of mixed colours is theirs; an area of such a colour is neither."""
_PALE_REACH = 4
"""Pixels: how far a smoothed or JPEG-compressed mark's pale rim reaches."""
_MOST_GREYS_BETWEEN = 0.25
"""Of a black-and-white mask's marked pixels: so many may be neither black nor white."""
_COLOURS_HINT = (
    "mark malignant in red (255,0,0), benign in green (0,255,0), "
    "high-risk benign in yellow (255,255,0)"
)
Areas = dict[Pathology, NDArray[np.bool_]]


def read_colour_mask(path: Path, pathology: Pathology | None, *, source: str = "") -> Areas:
    """What a PNG, TIFF or other picture marks: an area `(rows, columns)` for each class in it.

    Colours may lie on black, white or the mammogram itself, be translucent (the same everywhere),
    smoothed or slightly noisy. Grey pictures hold 0 to 3, or two values; then `pathology` is what
    is marked. A picture that marks nothing gives no areas.

    Args:
        pathology: what a table says of a mask; None where nobody says.
        source: what the mask is called in errors.
    Raises:
        ImageError: the file cannot be read, has other colours or values, or needs a class.
    """
    source = source or path.name
    image = opened_picture(path, source)
    if getattr(image, "n_frames", 1) > 1:
        raise ImageError(f"{source}: holds several images; a mask is one", hint=_COLOURS_HINT)
    if is_ours(image):
        values = np.array(image)
        return {name: values == value for name, value in VALUES.items() if (values == value).any()}
    pixels = _pixels(image, source)
    if pixels.ndim == 3:
        red, green, blue = cv2.split(pixels)
        most = cv2.max(cv2.max(red, green), blue)
        chroma: NDArray[Any] = most - cv2.min(cv2.min(red, green), blue)
        if (chroma >= _LEAST_CHROMA).any():
            return _coloured(pixels, chroma, source)
        pixels = most
    return _valued(pixels, pathology, source)


def _pixels(image: Image.Image, source: str) -> NDArray[Any]:
    """Grey `(rows, columns)` or colour `(rows, columns, 3)`; what is transparent is black."""
    if image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;16"):
        grey: NDArray[Any] = np.array(image)
        if grey.dtype.kind == "f" and not np.isfinite(grey).all():
            raise ImageError(f"{source}: holds values that are no numbers", hint=_COLOURS_HINT)
        return grey
    if "A" not in image.getbands() and "transparency" not in image.info:
        return np.array(image.convert("RGB"))
    rgba = np.array(image.convert("RGBA"))
    alpha = rgba[..., 3:].astype(np.uint16)
    return (rgba[..., :3] * alpha // 255).astype(np.uint8)


def _coloured(pixels: NDArray[np.uint8], chroma: NDArray[np.uint8], source: str) -> Areas:
    """The areas of red, green and yellow; any other colour is refused."""
    shape, full_chroma = chroma.shape, max(_LEAST_CHROMA - 1, _FULL * int(chroma.max()))
    left, top, width, height = cv2.boundingRect((chroma >= _LEAST_CHROMA).astype(np.uint8))
    part = (slice(top, top + height), slice(left, left + width))  # all else is grey
    colour, chroma = pixels[part].astype(np.int16), chroma[part]
    full = chroma > full_chroma
    hue = _hues(colour, chroma)
    areas = {name: full & _within(hue, span) for name, span in _HUES.items()}
    known = np.logical_or.reduce(list(areas.values()))
    rim = _grown(known, 1)
    blends = [full & rim & _within(hue, span) & ~known for span in _BETWEEN]
    for name, blend in zip(_BLENDS, blends, strict=True):
        areas[name] |= blend
        known |= blend
    pale = ~full & (chroma >= _LEAST_CHROMA) & ~_grown(known, _PALE_REACH)
    for wrong, what in (
        (full & ~known, "is neither red, green nor yellow"),
        (pale, "is too pale beside the other marks to tell what it means"),
    ):
        _refuse(wrong, colour, (top, left), what, source)
    found = {}
    for name, area in areas.items():
        if area.any():
            found[name] = np.zeros(shape, bool)
            found[name][part] = area
    return found


def _hues(colour: NDArray[np.int16], chroma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Degrees from -60 to 300; of grey pixels, nothing that matters."""
    red, green, blue = np.moveaxis(colour.astype(np.float32), 2, 0)
    over = np.maximum(chroma, 1).astype(np.float32)
    top = colour.max(axis=2)
    hue = np.where(
        top == red,
        (green - blue) / over,
        np.where(top == green, 2 + (blue - red) / over, 4 + (red - green) / over),
    )
    degrees: NDArray[np.float32] = (60 * hue).astype(np.float32)
    return degrees


def _within(hue: NDArray[np.float32], span: tuple[int, int]) -> NDArray[np.bool_]:
    return (hue >= span[0]) & (hue <= span[1])


def _grown(area: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return cv2.dilate(area.astype(np.uint8), kernel).astype(bool)


def _refuse(
    wrong: NDArray[np.bool_],
    colour: NDArray[np.int16],
    corner: tuple[int, int],
    what: str,
    source: str,
) -> None:
    if not wrong.any():
        return
    row, column = (int(at) for at in np.unravel_index(int(wrong.argmax()), wrong.shape))
    found = ",".join(str(int(value)) for value in colour[row, column])
    raise ImageError(
        f"{source}: the colour ({found}) at row {row + corner[0]}, column {column + corner[1]} "
        f"{what} ({int(wrong.sum())} such pixels)",
        hint=_COLOURS_HINT,
    )


def _valued(pixels: NDArray[Any], pathology: Pathology | None, source: str) -> Areas:
    """The areas of a grey picture: values 0 to 3, or marked and not marked."""
    values = np.unique(pixels)
    if values[0] < 0:
        raise ImageError(f"{source}: holds the value {values[0]}; expected 0 to 3, or 0 and 255")
    marks = [value for value in values if value]
    if not marks:
        return {}
    if set(marks) <= set(VALUES.values()) and marks != [1]:
        return {name: pixels == value for name, value in VALUES.items() if value in marks}
    most = values[-1]
    marked = pixels > most / 2
    between = (pixels > most * 0.25) & (pixels < most * 0.75)
    if between.sum() > _MOST_GREYS_BETWEEN * marked.sum():
        raise ImageError(
            f"{source}: a picture of {len(values)} grey values up to {most:g}; "
            "a mask has two, or 0 to 3",
            hint="is it the mammogram itself?",
        )
    if pathology is None:
        raise ImageError(
            f"{source}: marks with the one value {most:g}, which tells no class",
            hint=f"tell it in a table (exam,view,class,mask), or use {_named()}",
        )
    return {pathology: marked}


def _named() -> str:
    return ", ".join(f"{COLOURS[name]} for {name.value}" for name in Pathology)
