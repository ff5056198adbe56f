"""What most breasts show beside gland and fat: ligaments, vessels, nodes, folds, stray specks.

They come from the breast's seed, whatever findings it has, and look like findings now and then.
"""

from __future__ import annotations

import cv2
import numpy as np

from fourview.phantom.anatomy import Shape
from fourview.phantom.canvas import Canvas
from fourview.phantom.patch import patch_around
from fourview.phantom.plan import Breast
from fourview.phantom.projection import point_mm
from fourview.phantom.texture import Field, blurred, chance, smooth_line

STEP_MM = 0.25


def add_landmarks(
    density: Field, shape: Shape, canvas: Canvas, breast: Breast, under_skin: Field
) -> None:
    """Draws them into a view's tissue, in place; nothing within 3 mm of the skin."""
    drawn = _vessels(shape, canvas, breast)
    _add_creases(drawn, shape, canvas)
    _add_nodes(drawn, shape, canvas, breast)
    _add_specks(drawn, shape, canvas, breast)
    density += drawn * np.clip(under_skin / 3 - 1, 0, 1)


def ligaments(shape: Shape, canvas: Canvas, breast: Breast) -> Field:
    """What ligaments add: curved strands from gland to skin, a few together, fading inwards."""
    rng = chance(breast.seed, shape.position, "ligaments")
    y, x = canvas.grid(STEP_MM)
    drawn = np.zeros((y.size, x.size), np.uint8)
    outline = shape.outline()[:-2]
    skin = outline[outline[:, 0] > 0.05 * shape.depth_mm]
    inwards = np.array([0.35 * shape.depth_mm, shape.nipple_y])
    along = np.linspace(0, 1, 14)[:, None]
    for _ in range(int(rng.integers(2, 6))):
        place, lean = rng.random(), rng.normal(0, 0.5)
        for _ in range(int(rng.integers(1, 5))):
            start = skin[int(np.clip(place + rng.normal(0, 0.05), 0, 0.999) * len(skin))]
            way = inwards - start
            way = way / max(float(np.hypot(*way)), 1.0) * rng.uniform(6, 40)
            turn = lean + rng.normal(0, 0.3)
            way = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ way
            bent = rng.normal(0, 0.16) * np.array([-way[1], way[0]])
            points = start + along * way + 4 * along * (1 - along) * bent
            points = np.round((points - [0, canvas.top_mm]) / STEP_MM * 16).astype(np.int32)
            light = 255 * rng.beta(1.2, 2.5)
            for part, whole in ((14, 0.3), (10, 0.65), (6, 1.0)):
                cv2.polylines(drawn, [points[:part]], False, light * whole, 1, cv2.LINE_AA, 4)
    lit = blurred(drawn.astype(np.float32), 1.1) * np.float32(0.6 / 255)
    return canvas.fine(lit, STEP_MM)


def _vessels(shape: Shape, canvas: Canvas, breast: Breast) -> Field:
    """Winding bands of 0.7 to 1.8 mm, roughly along the breast."""
    rng = chance(breast.seed, shape.position, "vessels")
    y, x = canvas.grid(STEP_MM)
    drawn = np.zeros((y.size, x.size), np.uint8)
    for _ in range(int(rng.integers(2, 6))):
        start, end = rng.uniform(-0.1, 0.4), rng.uniform(0.55, 0.95)
        along = np.linspace(start, end, 60) * shape.depth_mm
        upper, lower = shape.edges(np.maximum(along, 0))
        across = rng.uniform(0.12, 0.88) + 0.035 * smooth_line(rng, 60, length=14)
        across = across + rng.uniform(-0.15, 0.15) * np.linspace(0, 1, 60)
        rows = upper + np.clip(across, 0.03, 0.97) * (lower - upper)
        points = np.stack([along, rows - canvas.top_mm], axis=1) / STEP_MM
        thick = int(rng.integers(3, 7))
        at = np.round(points * 16).astype(np.int32)
        cv2.polylines(drawn, [at], False, 1500 * rng.uniform(0.06, 0.17), thick, cv2.LINE_AA, 4)
    lit = blurred(drawn.astype(np.float32), 1.5) / np.float32(1500)
    return canvas.fine(lit, STEP_MM)


def _add_creases(drawn: Field, shape: Shape, canvas: Canvas) -> None:
    """Folds of the skin in the axilla: bands with a sharp bright edge, dim beside it."""
    if not shape.creases:
        return
    rng = chance(shape.creases, "creases")
    y, x = canvas.grid(STEP_MM)
    lit = np.zeros((y.size, x.size), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        down = np.linspace(-5, rng.uniform(0.35, 0.75) * shape.nipple_y, 40)
        side = shape.axilla * rng.uniform(0.65, 0.9) - down * rng.uniform(0.05, 0.35)
        side = side + rng.uniform(1, 6) * np.sin(np.pi * down / down[-1])
        band = np.zeros(lit.shape, np.uint8)
        for beside, thick, light in ((1.2, 9, 90), (0.0, 2, 255), (-1.0, 3, 0)):
            points = np.stack([side + beside, down - canvas.top_mm], axis=1) / STEP_MM
            at = np.round(points * 16).astype(np.int32)
            cv2.polylines(band, [at], False, float(light), thick, cv2.LINE_AA, 4)
        ends = np.clip((down[-1] - y) / 25, 0, 1)
        lit = np.maximum(lit, ends * blurred(band.astype(np.float32), 1.2) * rng.uniform(0.2, 0.45))
    drawn += canvas.fine(np.asarray(lit / 255, dtype=np.float32), STEP_MM)


def _add_nodes(drawn: Field, shape: Shape, canvas: Canvas, breast: Breast) -> None:
    """Lymph nodes in the axilla of an MLO view: ovals, often with a fatty hilum."""
    rng = chance(breast.seed, shape.position, "nodes")
    if shape.position != "MLO" or rng.random() < 0.45:
        return
    for _ in range(int(rng.integers(1, 4))):
        at = rng.uniform(5, 0.35 * shape.nipple_y), rng.uniform(4, 0.75 * shape.axilla)
        size, ratio = rng.uniform(5, 15), rng.uniform(0.45, 0.8)
        turn, hilum = rng.uniform(0, np.pi), rng.uniform(0.2, 0.8)
        c, s = np.cos(turn), np.sin(turn)
        patch = patch_around(canvas, at, size, sample_mm=0.2)
        along, beside = c * patch.x + s * patch.y, (c * patch.y - s * patch.x) / ratio
        q = np.hypot(along, beside) / (size / 2)
        body = 1 / (1 + cv2.exp(np.clip((q - 1) * np.float32(size / 1.2), -30, 30)))
        notch = cv2.exp(-np.square(np.hypot(along, beside - 0.3 * size) / (0.22 * size)))
        node = rng.uniform(0.2, 0.4) * body * (1 - hilum * notch)
        part = drawn[patch.rows, patch.columns]
        np.maximum(part, patch.to_pixels(node.astype(np.float32)), out=part)


def _add_specks(drawn: Field, shape: Shape, canvas: Canvas, breast: Breast) -> None:
    """Single round calcifications, at the same points of the breast in both views."""
    rng = chance(breast.seed, "specks")
    for _ in range(int(rng.poisson(1.5))):
        depth, (lateral, height) = rng.uniform(0.15, 0.9), rng.uniform(-0.65, 0.65, 2)
        radius = rng.uniform(0.2, 0.6)
        place = point_mm(shape, depth=depth, lateral=lateral, height=height)
        patch = patch_around(canvas, place, radius + 0.5, sample_mm=0.06)
        q = np.hypot(patch.y, patch.x) / np.float32(radius)
        disc = np.float32(rng.uniform(0.4, 0.9)) / (1 + cv2.exp(np.clip(6 * (q - 1), -30, 30)))
        part = drawn[patch.rows, patch.columns]
        part += patch.to_pixels(np.asarray(disc, dtype=np.float32))
