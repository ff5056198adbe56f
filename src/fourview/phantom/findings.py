"""Findings put into a view's tissue, each with its mask and what can be seen of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.phantom.anatomy import Shape
from fourview.phantom.calcifications import draw_calcifications
from fourview.phantom.canvas import Canvas
from fourview.phantom.masses import REACH, Drawn, draw_asymmetry, draw_distortion, draw_mass
from fourview.phantom.patch import Patch, patch_around
from fourview.phantom.plan import Finding, FindingClass, FindingType
from fourview.phantom.projection import place_mm
from fourview.phantom.texture import Field, blurred

LEAST_CONTRAST = 0.05
"""Less is not drawn: nobody could mark it."""
_OF_A_SPECK = 0.25
"""Pixels of a group with less of its highest added density lie between specks."""
PALETTE = {FindingClass.MALIGNANT: 1, FindingClass.BENIGN: 2, FindingClass.HIGH_RISK: 3}
"""The mask's values; 0 is none."""
_DRAW = {
    FindingType.MASS: draw_mass,
    FindingType.CALCIFICATION: draw_calcifications,
    FindingType.ASYMMETRY: draw_asymmetry,
    FindingType.DISTORTION: draw_distortion,
}


@dataclass(frozen=True, eq=False)
class Seen:
    """A finding as one view shows it."""

    mask: NDArray[np.bool_]
    """On the canvas."""
    contrast_to_noise: float


def is_drawn(finding: Finding) -> bool:
    """Whether anything of it is in the pixels."""
    return not finding.occult and finding.contrast >= LEAST_CONTRAST


def put_in(
    density: Field, finding: Finding, shape: Shape, canvas: Canvas, under_skin: Field
) -> Seen:
    """Draws one finding into a view's tissue, in place; nothing changes beyond its patch.

    Its contrast-to-noise ratio is its mean added density (of distortions: the upper tenth's least;
    of calcifications: that of their specks, which may be few in a large group) over the standard
    deviation of what is around it, which is seen at 0.4 mm or, where pixels are larger, at theirs:
    small calcifications fade with the image's scale.
    """
    calcified = finding.type is FindingType.CALCIFICATION
    reach = finding.size_mm * (0.6 if calcified else REACH) + 1.5
    sample_mm = 0.06 if calcified else 0.12
    patch = patch_around(canvas, place_mm(shape, finding), reach, sample_mm=sample_mm)
    drawn = _DRAW[finding.type](finding, shape.position, patch)
    local = density[patch.rows, patch.columns]
    before = blurred(local, max(0.4 / canvas.pixel_mm, 0.1))
    depth = under_skin[patch.rows, patch.columns]
    if drawn.pull:
        local[:] = _pulled(local, patch, drawn, finding)
    edge = np.clip(depth / 4.0, 0, 1)
    added = edge * np.float32(finding.contrast) * patch.to_pixels(drawn.added)
    local += added
    mask = patch.mask(canvas.shape, drawn.outline) & (under_skin > 0)
    inside = mask[patch.rows, patch.columns]
    ratio = _contrast_to_noise(added, before, inside, depth > 2, finding.type)
    return Seen(mask, ratio)


def _pulled(local: Field, patch: Patch, drawn: Drawn, finding: Finding) -> Field:
    """Tissue drawn towards the finding's centre, most of all at half its size."""
    pixel = patch.fineness
    y = patch.y[pixel // 2 :: pixel][: local.shape[0]]
    x = patch.x[:, pixel // 2 :: pixel][:, : local.shape[1]]
    step = float(y[1, 0] - y[0, 0]) if y.size > 1 else 1.0
    q = np.hypot(y, x) / np.float32(0.5 * finding.size_mm)
    strength = min(1.0, finding.contrast)
    shift = np.float32(strength * drawn.pull / step) * q * cv2.exp(-np.square(q))
    direction = np.maximum(np.hypot(y, x), 1e-3)
    rows = np.arange(local.shape[0], dtype=np.float32)[:, None] + shift * y / direction
    columns = np.arange(local.shape[1], dtype=np.float32)[None, :] + shift * x / direction
    moved = cv2.remap(local, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _contrast_to_noise(
    added: Field,
    before: Field,
    inside: NDArray[np.bool_],
    breast: NDArray[np.bool_],
    kind: FindingType,
) -> float:
    around = breast & ~inside
    if not inside.any() or np.count_nonzero(around) < 8:
        return 0.0
    if kind in (FindingType.CALCIFICATION, FindingType.DISTORTION):
        values = added[inside]
        if kind is FindingType.CALCIFICATION:
            values = values[values >= _OF_A_SPECK * values.max()]
        level = float(np.percentile(values, 90))
    else:
        level = float(added[inside].mean())
    if kind is FindingType.CALCIFICATION:
        before = before - blurred(before, max(added.shape[0] / 16, 1.0))
    return level / max(float(before[around].std()), 0.02)
