"""From density to the grey values that a machine stores."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.phantom.plan import Vendor
from fourview.phantom.texture import Field

FAT = 0.15
"""The brightness of fat, of 1, as presented."""
GLAND = 0.56
"""How much brighter dense tissue is."""
RISE_MM = 0.9
"""How fast the image rises from air to fat at the breast's edge."""
SHOULDER = 0.62
"""From this brightness on, more density shows less and less."""
GRAIN = 0.075
"""The sd of the grain at full scale, at brightness 1 (it grows with the root of brightness)."""
SIGMOID_CENTRE, SIGMOID_WIDTH = 0.64, 0.22
"""Of the stored range: where a `SIGMOID` machine's values lie."""


def presented(density: Field, under_skin: Field) -> Field:
    """Brightness, 0 (air) to 1, as a For Presentation image shows it; equalised to the edge."""
    body = 1 - cv2.exp(-np.square(np.maximum(under_skin, 0) / np.float32(RISE_MM)))
    light = body * np.maximum(FAT + GLAND * density, 0.02)
    room = np.float32(1 - SHOULDER)
    over = np.maximum(light - np.float32(SHOULDER), 0) / room
    shown = np.minimum(light, np.float32(SHOULDER)) + room * np.tanh(over)
    return np.asarray(shown, dtype=np.float32)


def with_grain(light: Field, rng: np.random.Generator, *, scale: float) -> Field:
    """The image with quantum noise, weaker where a pixel collects more: at a smaller scale."""
    grain = rng.standard_normal(light.shape, dtype=np.float32)
    if scale > 0.7:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * np.float32(1.6)
    sd = np.float32(GRAIN * min(1.0, scale)) * np.sqrt(np.maximum(light, 0))
    return np.asarray(np.clip(light + sd * grain, 0, 1), dtype=np.float32)


def voi_window(vendor: Vendor) -> tuple[float, float]:
    """Window centre and width (0028,1050), (0028,1051) that present the stored values as meant."""
    values = 2**vendor.bits
    if vendor.voi == "SIGMOID":
        return SIGMOID_CENTRE * values, SIGMOID_WIDTH * values
    return values / 2, float(values)


def stored(light: Field, breast: NDArray[np.bool_], vendor: Vendor) -> NDArray[np.uint16]:
    """Grey values, bright is dense: air is the vendor's background, the breast above it."""
    most = 2**vendor.bits - 1
    if vendor.voi == "SIGMOID":
        centre, width = voi_window(vendor)
        clipped = np.clip(light, 0.02, 0.985)
        values = centre + width / 4 * np.log(clipped / (1 - clipped))
    else:
        values = vendor.background + 1 + light * (0.98 * most - vendor.background - 1)
    values = np.clip(np.round(values), vendor.background + 1, most)
    return np.where(breast, values, vendor.background).astype(np.uint16)


def with_label(pixels: NDArray[np.uint16], text: str, *, at_left: bool, value: int) -> None:
    """Burns a view's name into the corner opposite the breast, in place."""
    rows, columns = pixels.shape
    size = rows / 1100
    thick = max(1, round(size * 1.6))
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    margin = rows // 16
    left = margin if at_left else columns - margin - width
    drawn = np.zeros(pixels.shape, np.uint8)
    place = (left, margin + height)
    cv2.putText(drawn, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
    lit = drawn > 127
    pixels[lit] = value
