"""One image of a sample looked at: its grey values, its crop, a small picture of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import ReleasedChance
from fourview.core.errors import FourviewError
from fourview.core.exam import Mammogram
from fourview.core.geometry import Box, Placement
from fourview.core.recipe import Recipe
from fourview.core.records import ImageRecord
from fourview.core.views import Finding
from fourview.imaging.intensity import to_presentation
from fourview.imaging.window import place
from fourview.inference.prepare import prepare
from fourview.io.exams import Refused
from fourview.io.listed_image import listed_name, read_listed
from fourview.io.masks import read_mask
from fourview.report.dataset_contents import Edges, SheetImage

SIDE = 260
"""The longer side of a small picture, in pixels."""
_JPEG_QUALITY = 82
_CLASSES = ((1, Finding.MALIGNANT), (2, Finding.BENIGN), (3, Finding.BENIGN))


@dataclass(frozen=True)
class ImageToLook:
    """What a process needs to look at one image."""

    image: ImageRecord
    path: Path
    recipe: Recipe
    masks: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class LookedAt:
    """What was seen of one image."""

    shown: SheetImage
    histogram: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """How many pixels have each stored value; empty where the image could not be read."""
    bits: int = 0
    inverted: bool = False


def look_at(item: ImageToLook) -> LookedAt:
    """What is to be seen of an image; what fails is told in it, and stops nothing."""
    name = listed_name(item.image)
    try:
        mammogram = read_listed(item.image, item.path)
    except (FourviewError, OSError) as error:
        return LookedAt(SheetImage(name=name, problem=_said(error, name, item.path)))
    rows, columns = mammogram.pixels.shape
    marks, wrong = _marks(item, (rows, columns))
    shown = SheetImage(name=name, rows=rows, columns=columns, marks=marks, warnings=wrong)
    return LookedAt(
        shown=_with_crop(shown, mammogram, item),
        histogram=np.bincount(mammogram.pixels.ravel()).astype(np.int64),
        bits=mammogram.grayscale.bits,
        inverted=mammogram.grayscale.inverted,
    )


def _with_crop(shown: SheetImage, mammogram: Mammogram, item: ImageToLook) -> SheetImage:
    shown = replace(shown, jpeg=small_picture(mammogram, item.recipe))
    try:
        prepared = prepare(mammogram, item.recipe)
    except FourviewError as error:
        return replace(shown, problem=_said(error, shown.name, item.path))
    placement = prepared.placement
    position = mammogram.view.position
    window = item.recipe.scaled().window.shape(position)
    placed = place(
        prepared.pixels.shape, position, prepared.optimal_center, window, ReleasedChance(0)
    )
    box = placed.located
    box = Box(box.top - placed.pad_above, box.bottom - placed.pad_above, box.left, box.right)
    center = placement.to_source(np.array([prepared.optimal_center], dtype=np.float64))[0]
    height, width = prepared.pixels.shape
    return replace(
        shown,
        crop=_edges(Box(0, height, 0, width), placement),
        window=_edges(box, placement),
        center=(float(center[0]) + 0.5, float(center[1]) + 0.5),
        warnings=(*shown.warnings, *prepared.warnings),
    )


def _edges(box: Box, placement: Placement) -> Edges:
    """A box of a prepared view, in the source image's pixels."""
    corners = np.array([[box.top, box.left], [box.bottom, box.right]], dtype=np.float64)
    rows, columns = (placement.to_source(corners - 0.5) + 0.5).T
    return float(rows.min()), float(rows.max()), float(columns.min()), float(columns.max())


def small_picture(mammogram: Mammogram, recipe: Recipe) -> bytes:
    """A JPEG of the whole image, bright is dense, from the 1st to the 99.8th percentile of what is
    above 0."""
    image = to_presentation(mammogram.pixels, mammogram.grayscale, voi=recipe.intensity.voi)
    factor = max(1.0, max(image.shape) / SIDE)
    size = tuple(max(1, round(length / factor)) for length in image.shape[::-1])
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float64)
    above = small[small > 0]
    low, high = np.percentile(above, (1, 99.8)) if above.size else (0.0, 1.0)
    grey = np.clip((small - low) / max(high - low, 1.0), 0, 1) * 255
    done, jpeg = cv2.imencode(
        ".jpg", np.rint(grey).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    )
    if not done:
        raise ValueError(f"an image of shape {small.shape} could not be written as JPEG")
    return jpeg.tobytes()


def _marks(
    item: ImageToLook, shape: tuple[int, int]
) -> tuple[tuple[tuple[Finding, Edges], ...], tuple[str, ...]]:
    """Boxes around the islands of an image's masks, and what is wrong with masks."""
    marks: list[tuple[Finding, Edges]] = []
    wrong: list[str] = []
    for path in item.masks:
        try:
            mask = read_mask(path)
        except (FourviewError, OSError) as error:
            wrong.append(f"mask {path.name}: {_said(error, path.name, path)}")
            continue
        if mask.shape != shape:
            wrong.append(f"mask {path.name} is {mask.shape}; its image is {shape}")
            continue
        for value, finding in _CLASSES:
            _, _, boxes, _ = cv2.connectedComponentsWithStats((mask == value).astype(np.uint8))
            for left, top, width, height, _area in boxes[1:].tolist():
                marks.append((finding, (top, top + height, left, left + width)))
    return tuple(marks), tuple(wrong)


def _said(error: FourviewError | OSError, name: str, path: Path) -> str:
    return Refused.because(error, name, path).reason
