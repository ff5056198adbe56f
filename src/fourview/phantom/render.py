"""One image of one synthetic exam: the vendor's stored values, and the truth about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.views import Facing, View
from fourview.phantom import acquisition
from fourview.phantom.anatomy import Shape, detector, shape_of
from fourview.phantom.canvas import Canvas, canvas_of, depth_under_skin
from fourview.phantom.findings import PALETTE, is_drawn, put_in
from fourview.phantom.patch import patch_around
from fourview.phantom.plan import ExamPlan
from fourview.phantom.positions import OtherView
from fourview.phantom.projection import facing_of, place_mm
from fourview.phantom.texture import Field, chance
from fourview.phantom.tissue import healthy_density

SUPERSAMPLED_BELOW = 0.51
"""Images of at most this scale are drawn at twice it, and averaged."""
BEAD_MM = 1.2
"""Radius of the metal bead that some sites put on the nipple."""


@dataclass(frozen=True, eq=False)
class RenderedView:
    """An image as its file holds it; rows from the top, columns from the left."""

    pixels: NDArray[np.uint16]
    """`(H, W)`, stored values within the vendor's bits; inverted for MONOCHROME1."""
    mask: NDArray[np.uint8]
    """`(H, W)`: 0 none, 1 malignant, 2 benign, 3 high-risk benign."""
    places: Mapping[str, tuple[float, float]]
    """By finding, occult ones too: (row, column) of its centre; a pixel's centre is whole."""
    contrast_to_noise: Mapping[str, float]
    """By finding that is drawn."""
    facing: Facing
    pixel_spacing_mm: float
    voi_window: tuple[float, float]
    """Centre and width that present the stored values as meant."""


def render_view(
    plan: ExamPlan, view: View | OtherView, *, scale: float = 1.0, repeat: int = 0
) -> RenderedView:
    """One view of one exam: the same plan, view, scale and repeat give the same bytes.

    Args:
        scale: below 1, the same image with so many times fewer rows and columns.
        repeat: 0 for the exam's own image of the view; more for further ones, positioned anew.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"scale is {scale}; it must be above 0 and at most 1")
    field = detector(plan.vendor.pixel_mm)
    shape = shape_of(plan, view, field, repeat=repeat)
    finer = 2 if scale < SUPERSAMPLED_BELOW else 1
    canvas = canvas_of(shape, field, field.pixel_mm / scale / finer)
    under_skin = depth_under_skin(shape, canvas)
    breast = plan.breast(view.laterality)
    shared = int(chance(plan.left.seed, plan.right.seed).integers(2**31))
    density = healthy_density(shape, canvas, breast, under_skin, shared)

    mask = np.zeros(canvas.shape, np.uint8)
    places, ratios = {}, {}
    for finding in plan.findings:
        if finding.laterality is not view.laterality:
            continue
        places[finding.name] = place_mm(shape, finding)
        if is_drawn(finding):
            seen = put_in(density, finding, shape, canvas, under_skin)
            if finding.biopsied:  # the others nobody marked
                value = PALETTE[finding.kind]
                mask[seen.mask & ((mask == 0) | (mask > value))] = value
            ratios[finding.name] = seen.contrast_to_noise

    light = acquisition.presented(density, under_skin)
    _add_bead(light, plan, shape, canvas)
    if finer > 1:
        rows, columns = (side // finer * finer for side in canvas.shape)
        size = columns // finer, rows // finer
        light = _averaged(light[:rows, :columns], size)
        under_skin = _averaged(under_skin[:rows, :columns], size)
        mask = _reduced_mask(mask[:rows, :columns], finer)
    light = acquisition.with_grain(
        light, chance(plan.seed, view.value, "grain", repeat), scale=scale
    )
    sheet = _Sheet(
        rows=max(1, round(field.rows * scale)),
        columns=max(1, round(field.columns * scale)),
        top=round(canvas.top_mm * scale / field.pixel_mm),
        mirrored=facing_of(view, mirrored=plan.stored_mirrored) is Facing.LEFT,
    )
    values = acquisition.stored(light, (under_skin > 0) | (light > 0.5), plan.vendor)
    pixels = sheet.laid(values, fill=plan.vendor.background)
    most = 2**plan.vendor.bits - 1
    if plan.vendor.labels:
        text = f"{view.value[0]} {view.position}"
        acquisition.with_label(pixels, text, at_left=sheet.mirrored, value=most)
    if plan.vendor.photometric == "MONOCHROME1":
        pixels = np.uint16(most) - pixels
    pixel_mm = field.pixel_mm / scale
    return RenderedView(
        pixels=pixels,
        mask=sheet.laid(mask * (under_skin > 0), fill=0),
        places={name: sheet.pixel(place, pixel_mm) for name, place in places.items()},
        contrast_to_noise=ratios,
        facing=facing_of(view, mirrored=plan.stored_mirrored),
        pixel_spacing_mm=pixel_mm,
        voi_window=acquisition.voi_window(plan.vendor),
    )


T = TypeVar("T", np.uint8, np.uint16)


@dataclass(frozen=True)
class _Sheet:
    """How a canvas lies on its detector."""

    rows: int
    columns: int
    top: int
    mirrored: bool

    def laid(self, part: NDArray[T], *, fill: int) -> NDArray[T]:
        whole = np.full((self.rows, self.columns), fill, part.dtype)
        fitting = part[: self.rows - self.top, : self.columns]
        whole[self.top : self.top + fitting.shape[0], : fitting.shape[1]] = fitting
        return np.ascontiguousarray(whole[:, ::-1]) if self.mirrored else whole

    def pixel(self, place: tuple[float, float], pixel_mm: float) -> tuple[float, float]:
        row, column = (at / pixel_mm - 0.5 for at in place)
        return row, self.columns - 1 - column if self.mirrored else column


def _averaged(values: Field, size: tuple[int, int]) -> Field:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _reduced_mask(mask: NDArray[np.uint8], finer: int) -> NDArray[np.uint8]:
    """The lowest value but 0 of each block: what is marked stays marked, malignant first."""
    blocks = mask.reshape(mask.shape[0] // finer, finer, mask.shape[1] // finer, finer)
    blocks = np.where(blocks == 0, np.uint8(255), blocks).min(axis=(1, 3))
    return np.where(blocks == 255, np.uint8(0), blocks)


def _add_bead(light: Field, plan: ExamPlan, shape: Shape, canvas: Canvas) -> None:
    """The nipple's bead, in the exams of some patients, whatever was found in them."""
    if chance(plan.seed, "bead").random() > 0.25:
        return
    y, x = shape.nipple_y, shape.depth_mm + max(shape.nipple[0], 0.0) - 0.5
    patch = patch_around(canvas, (y, x), BEAD_MM + 1, sample_mm=0.15)
    disc = patch.to_pixels(
        np.clip((BEAD_MM - np.hypot(patch.y, patch.x)) / 0.15 + 0.5, 0, 1).astype(np.float32)
    )
    part = light[patch.rows, patch.columns]
    part += disc * (1 - part)
