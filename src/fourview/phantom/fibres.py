"""Fat lobules and the fibres between them: Cooper's ligaments, drawn on periodic tiles.

Fibres are long, thin and nearly straight, most of them along the tile's rows; lobules are dark
ovals, some with a bright rim. Sizes are spread over a wide range, as texture at all scales needs.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Tile = NDArray[np.float32]
Points = NDArray[np.float64]

FIBRES_PER_CM2 = 3.0
LOBULES_PER_CM2 = 1.3
MARGIN_MM = 36.0
"""No fibre and no lobule reaches further from its centre."""
_SUB = 4
"""Binary digits of a coordinate's fraction, in OpenCV's drawing."""


def fibres_and_lobules(rng: np.random.Generator, side: int, step: float) -> tuple[Tile, Tile]:
    """Two periodic tiles of `side` x `side` samples of `step` millimetres.

    Returns:
        Fibres, 0 between them and 1 on the brightest, and fat lobules, about 1 inside and 0
        outside of them.
    """
    margin = round(MARGIN_MM / step)
    lines = np.zeros((side + 2 * margin,) * 2, np.uint8)
    bodies = np.zeros_like(lines)
    square_cm = (side * step / 10) ** 2
    ovals, sizes = _ovals(rng, round(LOBULES_PER_CM2 * square_cm), side, step)
    fills = rng.uniform(110, 255, len(ovals))
    for i in np.argsort(-sizes):  # small ones lie before large ones
        cv2.fillPoly(bodies, [_fixed(ovals[i] + margin)], float(fills[i]), cv2.LINE_8, _SUB)
    strands = [*_strands(rng, round(FIBRES_PER_CM2 * square_cm), side, step), *_rims(rng, ovals)]
    light = rng.beta(1.1, 3.6, len(strands))
    thick = np.where((light > 0.3) & (rng.random(light.size) < 0.2), 2, 1)
    for part, whole in ((0.0, 0.35), (0.18, 0.7), (0.36, 1.0)):  # they fade at both ends
        for i in np.argsort(light):  # where two cross, the brighter is seen
            skipped = round(part * len(strands[i]))
            at = _fixed(strands[i][skipped : len(strands[i]) - skipped] + margin)
            colour = float(whole * (45 + 180 * light[i]))
            cv2.polylines(lines, [at], False, colour, int(thick[i]), cv2.LINE_AA, _SUB)
    web = cv2.GaussianBlur(_folded(lines, margin).astype(np.float32) / 255, (0, 0), 0.9)
    dark = cv2.GaussianBlur(_folded(bodies, margin).astype(np.float32) / 255, (0, 0), 0.7 / step)
    return np.asarray(1.7 * web, dtype=np.float32), np.asarray(dark, dtype=np.float32)


def _strands(rng: np.random.Generator, n: int, side: int, step: float) -> Points:
    """`(n, 12, 2)` points (x, y), in samples, of fibres that bend a little."""
    length = np.clip(rng.lognormal(np.log(27), 0.5, n), 6, 1.9 * MARGIN_MM)
    turn = rng.normal(0, 0.42, n) + np.pi / 2
    bend = rng.normal(0, 0.007, n)  # per millimetre
    sway = rng.normal(0, 0.03, n)
    along = np.linspace(-0.5, 0.5, 12)[None, :] * length[:, None]
    beside = bend[:, None] * np.square(along) / 2
    beside += sway[:, None] * length[:, None] * np.sin(2 * np.pi * along / length[:, None])
    beside = np.clip(beside, -MARGIN_MM / 4, MARGIN_MM / 4)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = np.stack([c * along - s * beside, s * along + c * beside], axis=2) / step
    return np.asarray(points + rng.uniform(0, side, (n, 1, 2)), dtype=np.float64)


def _ovals(
    rng: np.random.Generator, n: int, side: int, step: float
) -> tuple[Points, NDArray[np.float64]]:
    """`(n, 24, 2)` points (x, y), in samples, of uneven ovals, and their half lengths."""
    half = np.clip(rng.lognormal(np.log(3.6), 0.65, n), 1.0, 14)
    ratio = rng.uniform(0.45, 0.95, n)
    turn = rng.normal(0, 0.6, n) + np.pi / 2
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)[None, :]
    edge = 1 + sum(
        rng.normal(0, 0.22 / order, (n, 1)) * np.cos(order * angle + rng.uniform(0, 7, (n, 1)))
        for order in (2, 3, 4)
    )
    edge = np.clip(edge, 0.5, 1.6)
    along = half[:, None] * edge * np.cos(angle)
    beside = (half * ratio)[:, None] * edge * np.sin(angle)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = np.stack([c * along - s * beside, s * along + c * beside], axis=2) / step
    return points + rng.uniform(0, side, (n, 1, 2)), half


def _rims(rng: np.random.Generator, ovals: Points) -> list[Points]:
    """Parts of the ovals' outlines: the septa around lobules."""
    n = ovals.shape[1]
    rims = []
    for oval in ovals[rng.random(len(ovals)) < 0.4]:
        first, count = int(rng.integers(n)), int(rng.integers(6, 16))
        rims.append(oval[(first + np.arange(count)) % n])
    return rims


def _fixed(points: Points) -> NDArray[np.int32]:
    return np.asarray(np.round(points * 2**_SUB), dtype=np.int32)


def _folded(drawn: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    """What is drawn beyond the tile's edges, laid over the opposite ones."""
    for _ in range(2):
        core = drawn[margin:-margin].copy()
        np.maximum(core[:margin], drawn[-margin:], out=core[:margin])
        np.maximum(core[-margin:], drawn[:margin], out=core[-margin:])
        drawn = core.T
    return np.ascontiguousarray(drawn)
