"""Masses, asymmetries and architectural distortions: what is drawn, as density on a patch.

One number, `irregularity`, leads from a round, circumscribed mass to an irregular, spiculated one;
every part of it is drawn at random around that number, so that no single feature gives a class
away. What both views share comes from the finding's seed, what differs from the view's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.phantom.patch import Patch
from fourview.phantom.plan import Finding
from fourview.phantom.texture import Field, chance, power_law

REACH = 1.7
"""A patch reaches so many times a mass's size from its centre."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A finding on its patch's samples."""

    added: Field
    """Density, to be added; of contrast 1."""
    outline: NDArray[np.bool_]
    """What a radiologist would mark."""
    pull: float = 0.0
    """How far tissue is drawn towards the centre, in millimetres."""


def draw_mass(finding: Finding, position: str, patch: Patch) -> Drawn:
    """A dense body with a more or less even edge, and spicules."""
    own = chance(finding.seed, "mass")
    seen = chance(finding.seed, "mass", position)
    rough = float(np.clip(finding.irregularity + own.normal(0, 0.1), 0, 1))
    distance, angle = _polar(patch, own.uniform(0.7, 1.0), seen.uniform(0, np.pi))
    edge = _lobed(angle, 0.04 + 0.26 * rough, seen)
    radius = finding.size_mm / 2 * edge
    soft = 0.2 + (0.3 + 1.0 * rough) * own.uniform(0.2, 1.2) * min(1.0, finding.size_mm / 10)
    q = distance / radius
    body = (0.5 + 0.5 * np.sqrt(np.maximum(1 - np.square(np.minimum(q, 1)), 0))) / (
        1 + cv2.exp(np.clip((q - 1) * radius / np.float32(soft), -30, 30))
    )
    inner = _texture(patch, seen, longest=finding.size_mm)
    added = body * (1 + 0.18 * inner)
    strength = np.clip((rough - 0.3) / 0.5, 0, 1) * own.uniform(0.3, 1.0)
    if strength > 0.02:
        n = int(own.poisson(6 + 14 * rough))
        length = finding.size_mm * own.uniform(0.35, 0.8)
        lines = _spicules(patch, seen, n, finding.size_mm * 0.3, length)
        added = added + 0.5 * strength * lines
    return Drawn(0.85 * added.astype(np.float32), q <= 1.06, pull=0.8 * float(strength))


def draw_asymmetry(finding: Finding, position: str, patch: Patch) -> Drawn:
    """An island of gland without a border."""
    own = chance(finding.seed, "asymmetry")
    seen = chance(finding.seed, "asymmetry", position)
    distance, angle = _polar(patch, own.uniform(0.55, 0.9), seen.uniform(0, np.pi))
    radius = finding.size_mm / 2 * _lobed(angle, 0.15, seen)
    hill = cv2.exp(-1.4 * np.square(distance / radius))
    inner = _texture(patch, seen, longest=finding.size_mm)
    patchy = 1 / (1 + cv2.exp(-(8 * (hill - 0.35) + 1.3 * inner)))
    added = 0.6 * patchy * hill * (1 + 0.25 * inner)
    return Drawn(np.asarray(added, dtype=np.float32), distance <= radius)


def draw_distortion(finding: Finding, position: str, patch: Patch) -> Drawn:
    """Lines that meet in a point, tissue drawn towards it, and no mass."""
    own = chance(finding.seed, "distortion")
    seen = chance(finding.seed, "distortion", position)
    distance, _ = _polar(patch, 1.0, 0.0)
    reach = finding.size_mm / 2
    n = int(own.integers(10, 22))
    lines = _spicules(patch, seen, n, 0.2 * finding.size_mm, 0.9 * reach)
    core = 0.3 * cv2.exp(-np.square(distance / (0.4 * reach)))
    outline = distance <= np.float32(0.85 * reach)
    added = 0.65 * lines * (0.6 + 0.4 * finding.irregularity) + core
    return Drawn(np.asarray(added, dtype=np.float32), outline, pull=0.18 * finding.size_mm)


def _polar(patch: Patch, ratio: float, turn: float) -> tuple[Field, Field]:
    """Distance and angle in an ellipse whose shorter axis is `ratio` of the longer."""
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    along, beside = c * patch.x + s * patch.y, (c * patch.y - s * patch.x) / np.float32(ratio)
    return np.hypot(along, beside), np.arctan2(beside, along)


def _lobed(angle: Field, amount: float, rng: np.random.Generator) -> Field:
    """The radius at each angle, 1 at most."""
    edge = np.zeros_like(angle)
    orders = np.arange(2, 10)
    sizes = amount * rng.uniform(0.3, 1.0, orders.size) / orders**0.8
    for order, size, phase in zip(orders, sizes, rng.uniform(0, 7, orders.size), strict=True):
        edge += np.float32(size) * np.cos(np.float32(order) * angle + np.float32(phase))
    return 1 + edge - np.float32(min(float(edge.max()), 0.6))


def _texture(patch: Patch, rng: np.random.Generator, *, longest: float) -> Field:
    """Power-law texture on the patch; the same at any scale."""
    step = 0.25
    side = 1 << int(np.ceil(np.log2(2.5 * longest * REACH / step + 16)))
    tile = power_law(rng, (side, side), beta=3.0, step=step, longest=longest)
    rows = np.broadcast_to(patch.y / step + side / 2, np.broadcast_shapes(*_shapes(patch)))
    columns = np.broadcast_to(patch.x / step + side / 2, rows.shape)
    maps = np.ascontiguousarray(columns), np.ascontiguousarray(rows)
    seen = cv2.remap(tile, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(seen, dtype=np.float32)


def _shapes(patch: Patch) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return patch.y.shape, patch.x.shape


def _spicules(
    patch: Patch, rng: np.random.Generator, n: int, start_mm: float, length_mm: float
) -> Field:
    """`n` thin lines outward from `start_mm`, each tapering over its own length."""
    lines = np.zeros(np.broadcast_shapes(*_shapes(patch)), np.float32)
    for turn in np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.normal(0, 3.0 / max(n, 1), n):
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        along = c * patch.x + s * patch.y
        bend = np.float32(rng.normal(0, 0.02))
        beside = c * patch.y - s * patch.x + bend * np.square(along)
        end = start_mm + length_mm * rng.uniform(0.4, 1.2)
        width = np.float32(rng.uniform(0.15, 0.4))
        taper = np.clip((end - along) / (end - 0.5 * start_mm), 0, 1)
        taper = taper * np.clip(along / np.float32(start_mm), 0, 1)
        wide = width * (0.5 + taper)
        line = taper * np.exp(-np.square(beside / wide)) * np.float32(rng.uniform(0.4, 1))
        np.maximum(lines, line, out=lines)
    return lines
