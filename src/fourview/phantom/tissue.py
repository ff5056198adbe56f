"""What one view shows of a healthy breast, before findings, as density on a canvas.

Fat is 0, dense glandular tissue about 1; what a machine makes of it is `acquisition`'s.
"""

from __future__ import annotations

import cv2
import numpy as np

from fourview.phantom.anatomy import Shape
from fourview.phantom.canvas import SLOW_MM, Canvas
from fourview.phantom.landmarks import add_landmarks, ligaments
from fourview.phantom.parenchyma import denseness, slabs
from fourview.phantom.plan import Breast
from fourview.phantom.texture import (
    TILE_SIDE,
    TILE_STEP_MM,
    Field,
    blurred,
    chance,
    smooth_line,
    texture,
)

CRISPNESS = 0.4
"""How much a machine's processing lifts structures above their surroundings."""
COARSE_ENOUGH_MM = 0.1
"""Tissue is not drawn on finer pixels."""
APEX_MM = 14.0
"""Ducts and ligaments run towards a point so far beyond the nipple's base."""
GLOW_MM = 2.6
"""How fast the skin's glow falls off."""
REFERENCE_MM = 65.0
"""At this distance from it, texture is neither squeezed nor widened."""


def healthy_density(
    shape: Shape, canvas: Canvas, breast: Breast, under_skin: Field, shared_seed: int
) -> Field:
    """`canvas.shape`: the density of skin, fat, gland, ligaments and pectoral muscle.

    Nothing but landmarks is finer than the texture's samples, so that fine pixels are drawn from
    coarser ones.
    """
    if canvas.pixel_mm >= COARSE_ENOUGH_MM:
        density = _tissue(shape, canvas, breast, under_skin, shared_seed)
    else:
        coarse = canvas.coarser(2)
        skin = cv2.resize(under_skin, coarse.shape[::-1], interpolation=cv2.INTER_AREA)
        tissue = _tissue(shape, coarse, breast, np.asarray(skin, np.float32), shared_seed)
        density = canvas.fine(tissue, coarse.pixel_mm)
    add_landmarks(density, shape, canvas, breast, under_skin)
    return density


def _tissue(
    shape: Shape, canvas: Canvas, breast: Breast, under_skin: Field, shared_seed: int
) -> Field:
    (cloud, web, lobules), (other, crossing, more_lobules) = _textures(shape, canvas, breast)
    web = np.maximum(web, np.float32(0.8) * crossing)
    fractions, shares = _slabs_on_canvas(shape, canvas, breast, shared_seed)
    lobed = lobules, more_lobules, np.maximum(lobules, more_lobules)
    dense = denseness(breast.fibroglandular)
    begun = under_skin - _fat_under_skin(shape, canvas, breast)
    border = np.clip(begun - 4, -9, 0)
    gland = np.zeros(canvas.shape, np.float32)
    for i, (fraction, share) in enumerate(zip(fractions, shares, strict=True)):
        own = (cloud, -cloud, other)[i]
        level = 8.0 * (np.sqrt(fraction) - (0.58 - 0.1 * dense)) + 0.5 * web + border
        level += (1.3 - 0.4 * dense) * own - (3.2 - 1.4 * dense) * lobed[i]
        gland += share * np.clip(1.08 / (1 + cv2.exp(-level)) - 0.08, 0, None)
    fatty = np.exp(-breast.fibroglandular / 0.15)
    coarse_fat = (1 + 0.45 * fatty) * chance(breast.seed, "fat").uniform(0.8, 1.15)
    coarse_fat = np.float32(coarse_fat) * _gathered(shape, canvas, breast)
    calm = np.clip(0.25 + under_skin / 32, 0, 1) * coarse_fat  # the fat under the skin
    cloudy = 0.065 * (cloud + other) * (0.85 * calm + 0.9 * gland)
    cloudy -= 0.045 * calm * (lobules + more_lobules - 0.7)
    density = np.clip(under_skin / 7.0 - 0.25, 0, 1) * (0.9 * gland + cloudy)
    # ligaments reach the skin, gland does not
    density += np.clip(under_skin / 3.0 - 0.3, 0, 1) * web * (0.34 * coarse_fat + 0.05 * gland)
    crispness = np.float32(CRISPNESS + 0.2 * fatty)  # machines give fatty breasts more contrast
    density += crispness * (density - _slow_part(density, canvas))
    density = np.maximum(density, np.float32(0.5) * density)  # no fat is black
    if shape.pectoral[0]:
        density += _pectoral(density, shape, canvas, breast, cloud)
    density += ligaments(shape, canvas, breast) * np.clip(under_skin, 0, 1)
    density += _retroareolar(shape, canvas, breast, web)
    density += _skin(shape, canvas, breast, under_skin, web)
    return np.asarray(density, dtype=np.float32)


def _slow_part(density: Field, canvas: Canvas) -> Field:
    """The tissue without structures finer than about a centimetre."""
    size = [max(1, round(side * canvas.pixel_mm)) for side in canvas.shape]
    coarse = cv2.resize(density, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    smooth = blurred(np.asarray(coarse, dtype=np.float32), 3.5)
    whole = cv2.resize(smooth, canvas.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, dtype=np.float32)


def _textures(shape: Shape, canvas: Canvas, breast: Breast) -> tuple[list[Field], list[Field]]:
    """The breast's texture twice: running towards the nipple, and leaning across.

    Both wind a little. Each has the layers of `texture`.
    """
    rng = chance(breast.seed, shape.position, "flow")
    y, x = canvas.grid(SLOW_MM)
    winding = [canvas.slow_field(rng, nipple_y=shape.nipple_y, longest=60.0) for _ in range(2)]
    apex = shape.depth_mm + APEX_MM
    dy, dx = y - shape.nipple_y, apex - x
    radius = np.hypot(dy, dx)
    angle = np.arctan2(dy, np.maximum(dx, 0.3 * np.abs(dy)))
    # squeezed near the nipple, but not to nothing; widened less than the rays part far from it
    reach = REFERENCE_MM * (np.maximum(radius, 18) / REFERENCE_MM) ** 0.35
    lean = rng.uniform(0.35, 0.75) * rng.choice([-1, 1])
    tiles = texture(breast.seed)
    seen = []
    for tilt in (0.0, lean):
        start = rng.uniform(0, TILE_SIDE, size=2)
        along = radius - tilt * angle * reach + 0.9 * winding[0]
        beside = angle * reach + tilt * radius + 1.0 * winding[1]
        rows = canvas.fine((along / TILE_STEP_MM + start[0]).astype(np.float32), SLOW_MM)
        columns = canvas.fine((beside / TILE_STEP_MM + start[1]).astype(np.float32), SLOW_MM)
        seen.append(_seen(tiles, rows, columns, canvas.pixel_mm / TILE_STEP_MM))
    return seen[0], seen[1]


def _seen(tiles: Field, rows: Field, columns: Field, factor: float) -> list[Field]:
    """Each tile at the given samples, smoothed to what a pixel of `factor` samples shows."""
    if factor > 1:
        tiles = blurred(tiles, 0.35 * factor)
    seen = cv2.remap(tiles, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return [np.asarray(layer, dtype=np.float32) for layer in cv2.split(seen)]


def _slabs_on_canvas(
    shape: Shape, canvas: Canvas, breast: Breast, shared_seed: int
) -> tuple[list[Field], list[Field]]:
    fractions, shares = slabs(breast, shape.position, shared_seed)
    y, x = canvas.grid(SLOW_MM)
    upper, lower = shape.edges(x.astype(np.float64))
    half = np.maximum((lower - upper) / 2, 0.5)
    coordinate = ((upper + lower) / 2 - y) / half
    _, n_depths, side = fractions.shape
    rows = np.broadcast_to(x / shape.depth_mm * (n_depths - 1), coordinate.shape)
    columns = (np.clip(coordinate, -1, 1) + 1) / 2 * (side - 1)
    maps = columns.astype(np.float32), np.ascontiguousarray(rows, dtype=np.float32)

    def placed(values: Field) -> Field:
        seen = cv2.remap(values, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.clip(canvas.fine(np.asarray(seen, dtype=np.float32), SLOW_MM), 0, 1)

    nearly = 0.78 + 0.08 * denseness(breast.fibroglandular)
    rng = chance(breast.seed, shape.position, "gland's ends")
    wander = 0.04 + 0.13 * canvas.slow_field(rng, nipple_y=shape.nipple_y, longest=45.0)
    outside = np.clip((np.abs(coordinate) + wander - nearly) / 0.3, 0, 1)
    fat = np.clip(canvas.fine(outside.astype(np.float32), SLOW_MM), 0, 1)
    return [placed(part) * (1 - fat) for part in fractions], [placed(part) for part in shares]


def _gathered(shape: Shape, canvas: Canvas, breast: Breast) -> Field:
    """How much structure the fat has, about 1 on average: much in places, little in others."""
    rng = chance(breast.seed, shape.position, "gathered")
    waves = canvas.slow_field(rng, nipple_y=shape.nipple_y, longest=70.0)
    return canvas.fine(np.clip(1 + 0.33 * waves, 0.35, 1.6).astype(np.float32), SLOW_MM)


def _fat_under_skin(shape: Shape, canvas: Canvas, breast: Breast) -> Field:
    """Millimetres from the skin to where gland may begin: scallops between ligaments' tips."""
    rng = chance(breast.seed, shape.position, "scallops")
    y, x = canvas.grid(SLOW_MM)
    dy, dx = y - shape.nipple_y, x - shape.depth_mm
    direction = np.arctan2(dy, x + 0.1 * shape.depth_mm)
    line = rng.uniform(-0.7, 0.7) + smooth_line(rng, 320, length=rng.uniform(10, 26))
    waves = np.interp(direction, np.linspace(-np.pi / 2, np.pi / 2, 320), line)
    bulges = np.sqrt(np.square(np.clip(waves, -2, 2)) + rng.uniform(0.03, 0.4))
    thick = rng.uniform(2.0, 7.0) + rng.uniform(3.0, 7.0) * bulges
    thick *= np.clip(np.hypot(dy, dx) / 35, 0.25, 1)
    return canvas.fine(thick.astype(np.float32), SLOW_MM)


def _retroareolar(shape: Shape, canvas: Canvas, breast: Breast, web: Field) -> Field:
    """The ducts that meet behind the nipple."""
    strength = chance(breast.seed, "ducts").uniform(0.1, 0.35)
    y, x = canvas.grid(SLOW_MM)
    along, beside = shape.depth_mm - x, y - shape.nipple_y
    spread = 3 + 0.35 * np.abs(along)
    cone = np.exp(-np.square(beside / spread) - np.square((along - 8) / 17))
    lit = canvas.fine((strength * cone).astype(np.float32), SLOW_MM)
    return np.asarray(lit * (0.6 + 1.2 * web), dtype=np.float32)


def _pectoral(tissue: Field, shape: Shape, canvas: Canvas, breast: Breast, cloud: Field) -> Field:
    """What the pectoral muscle adds: a bright triangle in MLO, a low mound in CC; little gland
    before it.
    """
    rng = chance(breast.seed, "muscle")
    y, x = canvas.grid(SLOW_MM)
    inside = shape.pectoral_depth(x.astype(np.float64), y.astype(np.float64))
    inside += 1.3 * canvas.slow_field(rng, nipple_y=shape.nipple_y, longest=60.0)
    fine = canvas.fine(inside.astype(np.float32), SLOW_MM)
    fan = inside - rng.uniform(0.1, 0.3) * (x + 0 * y)  # bundles part from one another upwards
    bundles = np.interp(fan, np.arange(-60, 200, 0.5), smooth_line(rng, 520, length=5))
    streaks = 0.11 * canvas.fine(bundles.astype(np.float32), SLOW_MM)
    strength = rng.uniform(0.32, 0.72)
    body = 1 / (1 + cv2.exp(-fine / np.float32(rng.uniform(0.6, 2.0))))
    thin = rng.uniform(0.45, 0.8)
    thick = thin + (1 - thin) * np.clip(fine / rng.uniform(15, 45), 0, 1)
    if rng.random() < 0.4:  # the minor muscle lies behind
        thick += rng.uniform(0.12, 0.3) / (1 + cv2.exp(np.float32(rng.uniform(14, 34)) - fine))
    fat_line = 0.05 * cv2.exp(-np.square((fine + 2.5) / 1.6))
    covered = 0.6 * np.clip(fine / 15, 0, 1) * tissue
    muscle = body * strength * thick * (1 + 0.08 * cloud + streaks)
    return np.asarray(muscle - fat_line - covered, dtype=np.float32)


def _skin(shape: Shape, canvas: Canvas, breast: Breast, under_skin: Field, web: Field) -> Field:
    """The thin skin line, thicker at the nipple, and its glow to about 5 mm."""
    rng = chance(breast.seed, shape.position, "skin")
    y, x = canvas.grid(SLOW_MM)
    uneven = rng.uniform(0.9, 1.25) + 0.25 * canvas.slow_field(
        rng, nipple_y=shape.nipple_y, longest=50.0
    )
    uneven = np.maximum(uneven, 0.3)
    areola = rng.uniform(-0.35, 0.3)
    distance = np.hypot(y - shape.nipple_y, x - shape.depth_mm)
    nipple = np.exp(-np.square(distance / 9.0))
    wall = np.exp(-x / 16.0) if not shape.axilla else 0 * x
    width = canvas.fine((0.6 + 1.0 * nipple + 2.4 * wall).astype(np.float32), SLOW_MM)
    strength = canvas.fine(
        (uneven * (0.95 + areola * nipple + 0.8 * wall)).astype(np.float32), SLOW_MM
    )
    line = cv2.exp(-np.square((under_skin - 1.1) / width))
    glow = cv2.exp(-under_skin / np.float32(GLOW_MM)) * (0.75 + 1.2 * web)
    return np.asarray(strength * (0.35 * line + glow), dtype=np.float32)
