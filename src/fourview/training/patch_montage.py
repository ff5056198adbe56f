"""Figure S18 from a store: what the patch training draws, to be looked at beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.records import Pathology
from fourview.core.weights import PATCH_CLASSES
from fourview.imaging.marks import Marks
from fourview.io.atomic import write_file
from fourview.io.masks import VALUES
from fourview.report.patch_montage import MontagePatch, patch_montage_png
from fourview.training.patch_images import SegmentedImage
from fourview.training.patch_sampling import PatchSource

_TITLE_LETTERS = 28


def write_patch_montage(
    path: Path,
    source: PatchSource,
    classes: Sequence[str] = PATCH_CLASSES,
    *,
    each: int = 4,
    epoch: int = 0,
) -> None:
    """Write the first patches of each class that an epoch draws, with their images, as PNG.

    Args:
        classes: those that are learnt from.
        each: so many of each class.

    Raises:
        TrainingError: no patch of a class was found.
        OutputError: it cannot be written.
    """
    patches = [montage_patch(source, epoch, name, n) for name in classes for n in range(each)]
    write_file(path, patch_montage_png(patches))


def montage_patch(source: PatchSource, epoch: int, wanted: str, number: int) -> MontagePatch:
    """A drawn patch, its image and what is marked there."""
    found, pixels = source.read(epoch, wanted, number)
    marks = found.image.marks if isinstance(found.image, SegmentedImage) else None
    return MontagePatch(
        wanted=wanted,
        patch=pixels,
        image=found.view.pixels(),
        corners=found.patch.corners,
        outlines=outlines(marks) if marks else {},
        title=f"{found.view.exam}/{found.view.image}"[-_TITLE_LETTERS:],
    )


def outlines(marks: Marks) -> dict[str, list[NDArray[np.float64]]]:
    """By class, the outer lines around what is marked, `(N, 2)` (row, column) on the image."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    for pathology in Pathology:
        for part in marks.parts:
            area = np.asarray(part.values == VALUES[pathology], dtype=np.uint8)
            lines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            for line in lines:
                points = np.asarray(line, dtype=np.float64)[:, 0, ::-1]
                placed = np.add(points, (part.box.top, part.box.left))
                found.setdefault(pathology.value, []).append(placed)
    return found
