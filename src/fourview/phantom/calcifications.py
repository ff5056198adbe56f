"""Groups of calcifications: from coarse and round to fine, pleomorphic and linear."""

from __future__ import annotations

import cv2
import numpy as np

from fourview.phantom.masses import Drawn
from fourview.phantom.patch import Patch
from fourview.phantom.plan import Finding
from fourview.phantom.projection import across
from fourview.phantom.texture import Field, chance

COARSE_MM, FINE_MM = 1.0, 0.22
"""Median diameters of a calcification in a group of irregularity 0 and of 1."""


def draw_calcifications(finding: Finding, position: str, patch: Patch) -> Drawn:
    """Specks in a group of the finding's size, at the same places of the breast in both views."""
    rng = chance(finding.seed, "calcifications")
    fine = float(np.clip(finding.irregularity + rng.normal(0, 0.12), 0, 1))
    typical = COARSE_MM * (FINE_MM / COARSE_MM) ** fine
    n = 2 + int(rng.poisson((1.5 + 24 * fine**1.3) * (0.5 + finding.size_mm / 20)))
    places = rng.normal(0, 1, (n, 3))
    places *= (rng.uniform(0, 1, n) ** 0.45 / np.linalg.norm(places, axis=1))[:, None]
    places[0] = 0
    stretched = 1 + 0.8 * fine * rng.uniform(0, 1)
    added = np.zeros(np.broadcast_shapes(patch.y.shape, patch.x.shape), np.float32)
    points = []
    for depth, lateral, height in places:
        beside = across(position, lateral=float(lateral), height=float(height))
        reach = (finding.size_mm - typical) / 2
        y = float(-beside * reach / stretched)
        x = float(depth * reach)
        diameter = float(np.clip(typical * rng.lognormal(0, 0.28), 0.16, 0.5 * finding.size_mm))
        points.append((x, y))
        _speck(added, patch, (y, x), diameter, fine, rng)
    return Drawn(added, _hull(patch, points, 0.5 * typical + 0.6))


def _speck(
    added: Field,
    patch: Patch,
    centre: tuple[float, float],
    diameter: float,
    fine: float,
    rng: np.random.Generator,
) -> None:
    """One calcification: the finer the group, the more angular and the longer."""
    length = 1 + rng.exponential(1.1) * fine**2
    turn = rng.normal(0, 0.6) if rng.random() < 0.6 else rng.uniform(0, np.pi)
    lobes, phase = rng.uniform(0.05, 0.1 + 0.2 * fine, 3), rng.uniform(0, 7, 3)
    lucent = fine < 0.45 and rng.random() < 0.35
    strength = rng.uniform(0.6, 1.1) * min(1.25, (diameter / 0.3) ** 0.6)
    reach = diameter * length
    y, x = patch.y[:, 0] - centre[0], patch.x[0] - centre[1]
    rows, columns = np.flatnonzero(np.abs(y) < reach), np.flatnonzero(np.abs(x) < reach)
    if not rows.size or not columns.size:
        return
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    dy, dx = y[part[0], None], x[None, part[1]]
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    along, beside = (c * dx + s * dy) / np.float32(length), c * dy - s * dx
    angle = np.arctan2(beside, along)
    edge = sum(
        (np.float32(a) * np.cos((i + 2) * angle + np.float32(p)))
        for i, (a, p) in enumerate(zip(lobes, phase, strict=True))
    )
    q = np.hypot(along, beside) / (np.float32(diameter / 2) * (1 + edge))
    solid = 1 / (1 + cv2.exp(np.clip((q - 1) * np.float32(5), -30, 30)))
    if lucent:
        solid *= 1 - 0.6 * cv2.exp(-np.square(q / np.float32(0.55)))
    np.maximum(added[part], np.float32(strength) * solid, out=added[part])


def _hull(
    patch: Patch, points: list[tuple[float, float]], margin_mm: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """The convex hull of the specks, with a margin."""
    step = float(patch.y[1, 0] - patch.y[0, 0]) if patch.y.size > 1 else 1.0
    origin = np.array([patch.x[0, 0], patch.y[0, 0]])
    corners = np.array(
        [
            (x + margin_mm * np.cos(a), y + margin_mm * np.sin(a))
            for x, y in points
            for a in np.linspace(0, 2 * np.pi, 12, endpoint=False)
        ]
    )
    hull = cv2.convexHull(((corners - origin) / step).astype(np.float32))
    drawn = np.zeros((patch.y.size, patch.x.size), np.uint8)
    cv2.fillPoly(drawn, [np.round(hull * 16).astype(np.int32)], 1, shift=4)
    return drawn.astype(bool)
