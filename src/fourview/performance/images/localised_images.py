"""What the heatmaps of one image show of its lesions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.core.views import Finding
from fourview.evaluation.coarse_marks import coarse_marks
from fourview.evaluation.froc import ImageMarks, JudgedImage, judge
from fourview.evaluation.localisation import Overlap, hit, overlap
from fourview.performance.images.marked_images import Lesion, MarkedImage

_BLOCKS_A_PATCH = 32
"""Marks are looked for on blocks of this part of a patch: of 8 pixels where a patch has 256."""

Areas = list[NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class LocalisedImage:
    """An image held against one of its heatmaps."""

    exam: str
    patient: str
    finding: Finding
    lesions: tuple[Lesion, ...]
    """Of the finding."""
    lost: tuple[bool, ...]
    """Which of them have no pixel in the crop."""
    judged: JudgedImage
    """In the lesions' order; a lost one is not found."""
    hit: bool | None = None
    """None without a lesion, or for a map that points nowhere."""
    overlap: Overlap | None = None
    """None without a lesion."""
    marks_nothing: bool = False
    """No pixel reaches the overlap's threshold."""
    share: float = float("nan")
    """Of the crop, what is lesion."""
    share_on_breast: float = float("nan")
    """Of the crop's pixels above 0; NaN where all are 0."""

    def has_only(self, by: str, group: str) -> bool:
        """Whether it has lesions, all of them in a group."""
        return bool(self.lesions) and all(in_group(one, by, group) for one in self.lesions)

    def judged_in(self, by: str, group: str) -> JudgedImage:
        """The marks, with the lesions of a group alone. Marks on other lesions of the finding are
        neither hits nor false."""
        pairs = zip(self.lesions, self.judged.found, strict=True)
        found = tuple(value for one, value in pairs if in_group(one, by, group))
        return JudgedImage(found, self.judged.false)


def in_group(lesion: Lesion, by: str, group: str) -> bool:
    """Whether a lesion is in the group of a column: `all`, `class` or `type`."""
    if by == "class":
        return lesion.pathology.value == group
    return by == "all" or lesion.type == group


def localised(
    image: MarkedImage,
    areas: Areas,
    finding: Finding,
    heatmap: NDArray[np.float32],
    *,
    patient: str,
    patch_px: int,
    threshold: float,
    within_px: float = 0.0,
) -> LocalisedImage:
    """An image's heatmap of a finding held against the lesions of that finding.

    Args:
        areas: of all the image's lesions, `(H, W)` each.
        heatmap: `(H, W)`, in [0, 1].
        patch_px: side of the heatmap's patches: marks are half of it apart, at least.
    """
    pairs = [
        (one, area)
        for one, area in zip(image.lesions, areas, strict=True)
        if one in image.of(finding)
    ]
    lesions, masks = tuple(one for one, _ in pairs), [area for _, area in pairs]
    lost = tuple(not area.any() for area in masks)
    judged = _judged(heatmap, masks, patch_px=patch_px, within_px=within_px)
    known = LocalisedImage(
        exam=image.view.exam,
        patient=patient,
        finding=finding,
        lesions=lesions,
        lost=lost,
        judged=judged,
    )
    if not lesions:
        return known
    union = np.logical_or.reduce(masks)
    pixels = image.view.pixels() > 0
    return LocalisedImage(
        exam=known.exam,
        patient=patient,
        finding=finding,
        lesions=lesions,
        lost=lost,
        judged=judged,
        hit=_hit(heatmap, union, within_px),
        overlap=overlap(heatmap, union, threshold=threshold),
        marks_nothing=not bool((heatmap >= threshold).any()),
        share=float(union.mean()),
        share_on_breast=float(union[pixels].mean()) if pixels.any() else float("nan"),
    )


def _hit(heatmap: NDArray[np.float32], lesion: NDArray[np.bool_], within_px: float) -> bool | None:
    """A lesion that the crop lost is missed by any map that points somewhere."""
    if not lesion.any():
        return False if heatmap.min() < heatmap.max() else None
    return hit(heatmap, lesion, within_px=within_px)


def _judged(
    heatmap: NDArray[np.float32], masks: Areas, *, patch_px: int, within_px: float
) -> JudgedImage:
    marks = coarse_marks(
        heatmap,
        apart_px=max(1, patch_px // 2),
        at_least=0.0,
        block_px=max(1, patch_px // _BLOCKS_A_PATCH),
    )
    seen = [area for area in masks if area.any()]
    lesions = np.stack(seen) if seen else np.zeros((0, *heatmap.shape), np.bool_)
    judged = judge(ImageMarks(lesions, marks), within_px=within_px)
    found = iter(judged.found)
    return JudgedImage(
        tuple(next(found) if area.any() else -np.inf for area in masks), judged.false
    )
