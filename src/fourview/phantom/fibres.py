"""Fat lobules and the fibres between them: Cooper's ligaments, drawn on periodic tiles.

Fibres are thin and bend, most of them along the tile's rows; they gather in places and are rare
in others. Lobules are dark ovals, some with a bright rim. Sizes are spread over a wide range, as
texture at all scales needs.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Tile = NDArray[np.float32]
Points = NDArray[np.float64]

FIBRES_PER_CM2 = 2.2
LOBULES_PER_CM2 = 1.3
LONGEST_MM = 90.0
GATHERED = 1.1
"""How unevenly fibres lie: the sd of the logarithm of their density."""
_SUB = 4
"""Binary digits of a coordinate's fraction, in OpenCV's drawing."""


def fibres_and_lobules(rng: np.random.Generator, side: int, step: float) -> tuple[Tile, Tile]:
    """Two periodic tiles of `side` x `side` samples of `step` millimetres.

    Returns:
        Fibres, 0 between them and 1 on the brightest, and fat lobules, about 1 inside and 0
        outside of them.
    """
    lines, bodies = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    square_cm = (side * step / 10) ** 2
    ovals, sizes = _ovals(rng, round(LOBULES_PER_CM2 * square_cm), side, step)
    fills = rng.uniform(110, 255, len(ovals))
    bodies_at = [_seen(oval, side) for oval in ovals]
    for i in np.argsort(-sizes):  # small ones lie before large ones
        for at in bodies_at[i]:
            cv2.fillPoly(bodies, [at], float(fills[i]), cv2.LINE_8, _SUB)
    strands = [*_strands(rng, round(FIBRES_PER_CM2 * square_cm), side, step), *_rims(rng, ovals)]
    light = rng.beta(0.8, 4.2, len(strands))
    thick = np.where((light > 0.3) & (rng.random(light.size) < 0.1), 2, 1)
    order = np.argsort(light).tolist()  # where two cross, the brighter is seen
    lines_at = [_seen(strand, side) for strand in strands]
    for part, whole in ((0.0, 0.35), (0.18, 0.7), (0.36, 1.0)):  # they fade at both ends
        colours = (whole * (45 + 180 * light)).tolist()
        for i in order:
            n = len(strands[i])
            skipped = round(part * n)
            seen = [at[skipped : n - skipped] for at in lines_at[i]]
            cv2.polylines(lines, seen, False, colours[i], int(thick[i]), cv2.LINE_AA, _SUB)
    return 1.7 * _smooth(lines, 0.9), _smooth(bodies, 0.7 / step)


def _seen(points: Points, side: int) -> list[NDArray[np.int32]]:
    """A shape as often as it is seen in a periodic tile, each time in OpenCV's fixed point."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    fixed = np.round(points * 2**_SUB).astype(np.int32)
    shifts = (0, -side, side)
    return [
        fixed + np.array([x << _SUB, y << _SUB], dtype=np.int32) if x or y else fixed
        for x in shifts
        if left - 2 + x < side and right + 2 + x > 0
        for y in shifts
        if top - 2 + y < side and bottom + 2 + y > 0
    ]


def _strands(rng: np.random.Generator, n: int, side: int, step: float) -> Points:
    """`(n, 12, 2)` points (x, y), in samples, of fibres that bend a little."""
    length = np.clip(rng.lognormal(np.log(13), 0.85, n), 2.5, LONGEST_MM)
    turn = rng.normal(0, 0.42, n) + np.pi / 2
    bend = rng.normal(0, 0.011, n)  # per millimetre
    sway = rng.normal(0, 0.045, n)
    along = np.linspace(-0.5, 0.5, 12)[None, :] * length[:, None]
    beside = bend[:, None] * np.square(along) / 2
    beside += sway[:, None] * length[:, None] * np.sin(2 * np.pi * along / length[:, None])
    beside = np.clip(beside, -14, 14)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = np.stack([c * along - s * beside, s * along + c * beside], axis=2) / step
    return np.asarray(points + _gathered(rng, n, side)[:, None, :], dtype=np.float64)


def _gathered(rng: np.random.Generator, n: int, side: int) -> Points:
    """`(n, 2)` places, more of them where a slow periodic field is high."""
    places = rng.uniform(0, side, (4 * n, 2))
    waves = rng.integers(-6, 7, (10, 2))
    phases = 2 * np.pi * (places @ waves.T / side + rng.random(10))
    density = np.exp(GATHERED * np.sqrt(2 / 10) * np.cos(phases).sum(axis=1))
    # the smallest of such numbers are a draw without replacement, weighted by density
    first = np.argpartition(rng.exponential(size=4 * n) / density, n)[:n]
    return np.asarray(places[first], dtype=np.float64)


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


def _smooth(drawn: NDArray[np.uint8], sd: float) -> Tile:
    """A periodic tile, 0 to 1, smoothed by a Gaussian of `sd` samples."""
    edge = int(np.ceil(4 * sd))
    wrapped = np.pad(drawn, edge, mode="wrap").astype(np.float32) / 255
    smooth = cv2.GaussianBlur(wrapped, (0, 0), sd)[edge:-edge, edge:-edge]
    return np.ascontiguousarray(smooth, dtype=np.float32)
