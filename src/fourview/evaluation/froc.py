"""Free-response ROC: lesions found against false marks on an image (P. C. Bunch et al., J. Appl.
Photogr. Eng. 4 (1978) 166; D. P. Chakraborty, Med. Phys. 16 (1989) 561)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.localisation import Place


@dataclass(frozen=True, eq=False)
class ImageMarks:
    """What one image has: its lesions and the marks that were set on it."""

    lesions: Bools
    """`(L, H, W)`, one mask a lesion; `(0, H, W)` on an image without."""
    marks: Sequence[Place]


@dataclass(frozen=True)
class JudgedImage:
    """What the marks of one image found: a few numbers, where `ImageMarks` holds masks."""

    found: tuple[float, ...]
    """By lesion, its highest mark; -inf where none is on it."""
    false: tuple[float, ...]
    """The marks on no lesion."""


@dataclass(frozen=True, eq=False)
class Froc:
    """The curve as the threshold on marks falls, one point for each value that a mark has."""

    thresholds: Floats
    """Falling; marks at least as high count."""
    sensitivity: Floats
    """Lesions with such a mark on them, of all lesions; NaN without a lesion."""
    false_positives: Floats
    """Such marks on no lesion, for each image; images with lesions count as well."""
    lesions: int
    images: int

    def sensitivity_at(self, false_positives: float) -> float:
        """The highest sensitivity with at most so many false marks on an image.

        Returns:
            0 where even the highest mark's threshold has more; NaN without a lesion.
        """
        if not self.lesions:
            return float("nan")
        allowed = self.sensitivity[self.false_positives <= false_positives]
        return float(allowed.max()) if len(allowed) else 0.0


def froc(images: Sequence[ImageMarks], *, within_px: float = 0.0) -> Froc:
    """The curve over images.

    A lesion counts once, at its highest mark; more marks on it are neither hits nor false. A mark
    on two lesions finds both.

    Args:
        within_px: Lets a mark pass that is no farther than this from a lesion's pixel.
    Raises:
        ValueError: no images, masks that are no `(L, H, W)`, or a mark that has no value.
    """
    return froc_of([judge(image, within_px=within_px) for image in images])


def froc_of(images: Sequence[JudgedImage]) -> Froc:
    """The curve over images whose marks were judged, one image in memory at a time.

    Raises:
        ValueError: no images.
    """
    if not images:
        raise ValueError("a FROC curve needs images")
    best = [value for image in images for value in image.found]
    false = [value for image in images for value in image.false]
    thresholds = np.unique([v for v in [*best, *false] if v > -np.inf])[::-1]
    n = len(best)
    hit = _at_least(best, thresholds)
    return Froc(
        thresholds,
        hit / n if n else np.full(len(thresholds), np.nan),
        _at_least(false, thresholds) / len(images),
        n,
        len(images),
    )


def judge(image: ImageMarks, *, within_px: float = 0.0) -> JudgedImage:
    """Which marks are on a lesion, and which are false.

    Args:
        within_px: as `froc`.
    Raises:
        ValueError: masks that are no `(L, H, W)`, an empty one, or a mark that has no value.
    """
    if np.ndim(image.lesions) != 3:
        raise ValueError(f"lesions are (L, H, W), not of the shape {np.shape(image.lesions)}")
    pixels = [np.argwhere(mask) for mask in np.asarray(image.lesions) != 0]
    if any(not len(of_one) for of_one in pixels):
        raise ValueError("a lesion's mask is empty")
    best, false = [-np.inf] * len(pixels), []
    for mark in image.marks:
        if not np.isfinite(mark.value):
            raise ValueError(f"a mark has the value {mark.value}")
        on = [i for i, of_one in enumerate(pixels) if _reaches(mark, of_one, within_px)]
        for i in on:
            best[i] = max(best[i], mark.value)
        if not on:
            false.append(mark.value)
    return JudgedImage(tuple(best), tuple(false))


def _reaches(mark: Place, pixels: ArrayLike, within_px: float) -> bool:
    away = np.asarray(pixels) - (mark.row, mark.column)
    return bool(np.hypot(away[:, 0], away[:, 1]).min() <= max(within_px, 0.0))


def _at_least(values: Sequence[float], thresholds: Floats) -> Floats:
    """How many values are at least each threshold."""
    rising = np.sort(np.asarray(values, dtype=np.float64))
    return (len(rising) - np.searchsorted(rising, thresholds, "left")).astype(np.float64)
