"""The patches that the patch classifier learns from: drawn, told apart, cut (SI, 'Sampling the
patches').

Images here are prepared views: cropped, facing rightward. Drawing and doing are apart: a `Patch`
says where, and `cut_patch` repeats it exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Draws
from fourview.core.geometry import Box
from fourview.imaging.marks import BENIGN, HIGH_RISK, MALIGNANT, Marks

LEAST_PX, MOST_PX, MOST_DEGREES = 128, 384, 30
"""Sizes are uniform between the two, angles between plus and minus the last (SI)."""
OUTPUT_PX = 256
LESIONS = ("malignant", "benign")
"""The classes of patches that overlap with a finding."""

ReadBox = Callable[[Box], NDArray[np.uint16]]
"""The pixels in a box that lies inside the image."""


@dataclass(frozen=True)
class Patch:
    """A square on an image, turned about its centre."""

    row: float
    column: float
    """Of the centre; a pixel's centre has whole numbers."""
    size_px: float
    degrees: float
    """How far it is turned, counter-clockwise as seen."""

    @property
    def corners(self) -> NDArray[np.float64]:
        """`(4, 2)` (row, column) of the corners, on the borders of pixels."""
        half = self.size_px / 2
        square = np.array([[-half, -half], [-half, half], [half, half], [half, -half]])
        return square @ self._turn.T + (self.row, self.column)

    @property
    def reach(self) -> Box:
        """The smallest box of whole pixels that holds every pixel of which the centre is inside."""
        (top, left), (bottom, right) = self.corners.min(axis=0), self.corners.max(axis=0)
        return Box(math.ceil(top), math.floor(bottom) + 1, math.ceil(left), math.floor(right) + 1)

    def surroundings(self, image_shape: tuple[int, int]) -> Box:
        """All pixels of the image that cutting this patch reads."""
        box = self.reach
        return Box(
            max(box.top - 1, 0),
            min(box.bottom + 1, image_shape[0]),
            max(box.left - 1, 0),
            min(box.right + 1, image_shape[1]),
        )

    @property
    def _turn(self) -> NDArray[np.float64]:
        angle = math.radians(self.degrees)
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def footprint(self) -> NDArray[np.bool_]:
        """`reach.shape`, True for the pixels of which the centre is inside."""
        box = self.reach
        rows = np.arange(box.top, box.bottom)[:, None] - self.row
        columns = np.arange(box.left, box.right)[None] - self.column
        turn = self._turn.T
        half = self.size_px / 2
        along = np.abs(turn[0, 0] * rows + turn[0, 1] * columns) <= half
        across = np.abs(turn[1, 0] * rows + turn[1, 1] * columns) <= half
        inside: NDArray[np.bool_] = along & across
        return inside


def draw_patch(
    area: Box,
    draws: Draws,
    *,
    sizes_px: tuple[float, float] = (LEAST_PX, MOST_PX),
    most_degrees: float = MOST_DEGREES,
) -> Patch:
    """A patch with its centre anywhere in `area`: centre, then size, then angle, each uniform."""
    row, column, size, angle = ((1 + draw) / 2 for draw in draws.noise(4).tolist())
    least, most = sizes_px
    return Patch(
        row=area.top - 0.5 + row * area.shape[0],
        column=area.left - 0.5 + column * area.shape[1],
        size_px=least + size * (most - least),
        degrees=(2 * angle - 1) * most_degrees,
    )


@dataclass(frozen=True, eq=False)
class SampledPatch:
    """A patch that was found, with the pixels that it is cut from."""

    patch: Patch
    box: Box
    """Its surroundings."""
    pixels: NDArray[np.uint16]
    """`box.shape`."""


def is_inside(patch: Patch, image_shape: tuple[int, ...]) -> bool:
    """Whether no part of the patch lies outside the image."""
    corners = patch.corners
    edges = np.subtract(image_shape[:2], 0.5)
    return bool((corners >= -0.5).all() and (corners <= edges).all())


def holds_tissue(
    patch: Patch,
    pixels: NDArray[np.uint16],
    origin: tuple[int, int] = (0, 0),
    *,
    mean: float = 0.0,
) -> bool:
    """Whether a patch is more than background: not of zeros only, as in the paper, nor of any other
    single value below the image's mean, as some machines fill the background with.

    Args:
        pixels: a part of the image that holds the patch, from `origin` (row, column) on.
        mean: of the image; 0 takes every single value but 0 for tissue.
    """
    reach, (top, left) = patch.reach, origin
    part = pixels[reach.top - top : reach.bottom - top, reach.left - left : reach.right - left]
    inside = part[patch.footprint()]
    if not inside.any():
        return False
    most = int(inside.max())
    return most >= mean or int(inside.min()) < most


def touched(patch: Patch, marks: Marks | None) -> Mapping[int, int]:
    """How many pixels of each of the findings' colours the patch overlaps with."""
    if marks is None or not marks.is_near(patch.reach):  # footprints take time
        return {}
    return marks.counted(patch.reach, patch.footprint())


def part_marked(patch: Patch, marks: Marks | None) -> float:
    """How much a patch shows of what is marked, from 0 to 1: the part of the patch that is marked,
    or the part of the image's marks of those colours that is in the patch, whichever is more."""
    counts = touched(patch, marks)
    if marks is None or not counts:
        return 0.0
    n, there = sum(counts.values()), sum(marks.areas[value] for value in counts)
    return max(n / patch.size_px**2, n / there)


def patch_class(colours: Collection[int], *, segmented: bool) -> str | None:
    """Which class a patch belongs to (SI, 'Details of the auxiliary patch-level classifier').

    `malignant`: touches red only; `benign`: green or yellow only; red with another colour belongs
    to none. Else `outside` in an image with segmented findings, `negative` in one without, which
    must be of an exam that is negative in all four labels.
    """
    if not colours:
        return "outside" if segmented else "negative"
    if MALIGNANT not in colours:
        return "benign"
    return "malignant" if set(colours) == {MALIGNANT} else None


def sample_patch(
    image_shape: tuple[int, int],
    read: ReadBox,
    marks: Marks | None,
    wanted: str,
    draws: Draws,
    *,
    sizes_px: tuple[float, float] = (LEAST_PX, MOST_PX),
    most_degrees: float = MOST_DEGREES,
    least_marked: float = 0.0,
    mean: float = 0.0,
    tries: int = 1000,
) -> SampledPatch | None:
    """A patch of a class, uniform among all such patches of the image; None if none was found.

    Patches are drawn anywhere and rejected until one lies inside, is of the class and holds tissue;
    only for the last its surroundings are read. For a lesion's class they are drawn only where a
    patch can reach the lesion, which leaves the distribution as it is: elsewhere every one would be
    rejected.

    Args:
        marks: of the image; None for one without segmented findings.
        wanted: `malignant`, `benign`, `outside` or `negative`.
        least_marked: the least `part_marked` of a lesion's patch; 0, as in the paper: any overlap.
        mean: of the image, by which background that is not 0 is known (`holds_tissue`).
    """
    area = _where(image_shape, marks, wanted, sizes_px[1])
    if area is None or min(image_shape) < sizes_px[0]:
        return None
    for _ in range(tries):
        patch = draw_patch(area, draws, sizes_px=sizes_px, most_degrees=most_degrees)
        if not is_inside(patch, image_shape):
            continue
        if patch_class(touched(patch, marks), segmented=marks is not None) != wanted:
            continue
        if wanted in LESIONS and least_marked and part_marked(patch, marks) < least_marked:
            continue
        box = patch.surroundings(image_shape)
        pixels = read(box)
        if holds_tissue(patch, pixels, (box.top, box.left), mean=mean):
            return SampledPatch(patch, box, pixels)
    return None


def _where(shape: tuple[int, int], marks: Marks | None, wanted: str, most_px: float) -> Box | None:
    """Where the centres of patches of a class may lie; None where there can be none."""
    whole = Box(0, shape[0], 0, shape[1])
    if (wanted == "negative") != (marks is None):
        return None
    if marks is None or wanted == "outside":
        return whole
    lesion = marks.bounds((MALIGNANT,) if wanted == "malignant" else (BENIGN, HIGH_RISK))
    if lesion is None:
        return None
    reach = math.ceil(most_px / math.sqrt(2))
    return Box(
        max(lesion.top - reach, 0),
        min(lesion.bottom + reach, shape[0]),
        max(lesion.left - reach, 0),
        min(lesion.right + reach, shape[1]),
    )


def cut_patch(
    image: NDArray[np.float32],
    patch: Patch,
    *,
    output_px: int = OUTPUT_PX,
    origin: tuple[int, int] = (0, 0),
) -> NDArray[np.float32]:
    """`(output_px, output_px)`, the patch upright, resized bilinearly; it lies inside the image.

    Args:
        image: `(H, W)`, standardised once over the whole image, as heatmaps are made from; or the
            patch's surroundings on it, from `origin` (row, column) on.
    """
    zoom = patch.size_px / output_px
    angle = math.radians(patch.degrees)
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    middle = (output_px - 1) / 2
    row, column = patch.row - origin[0], patch.column - origin[1]
    # from the output's (x, y) to the image's: rows grow downward, so that (row, column) turned by
    # the matrix of `Patch` is (x, y) turned by its transpose
    to_image = np.array(
        [
            [cos, sin, column - (cos + sin) * middle],
            [-sin, cos, row - (cos - sin) * middle],
        ]
    )
    found = cv2.warpAffine(
        image,
        to_image,
        (output_px, output_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.float32)
