"""The shape of a compressed breast in one view: skin line, nipple, pectoral muscle.

All lengths are millimetres on the detector, `x` from the chest wall towards the nipple, `y`
downwards from the detector's upper edge; the breast faces rightward, whichever it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.core.views import View
from fourview.phantom.plan import Breast, ExamPlan
from fourview.phantom.positions import OtherView
from fourview.phantom.texture import chance, smooth_line

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Detector:
    """An image's size at full scale."""

    rows: int
    columns: int
    pixel_mm: float

    @property
    def height_mm(self) -> float:
        return self.rows * self.pixel_mm

    @property
    def width_mm(self) -> float:
        return self.columns * self.pixel_mm


def detector(pixel_mm: float) -> Detector:
    """24 cm x 18 cm (3328 x 2560 pixels of 0.07 mm) for fine pixels, 29 cm x 23 cm for coarser."""
    if pixel_mm < 0.08:
        return Detector(3328, 2560, pixel_mm)
    return Detector(round(288 / pixel_mm), round(225 / pixel_mm), pixel_mm)


@dataclass(frozen=True)
class Shape:
    """A compressed breast's outline in one view."""

    position: str
    """`CC`, `MLO`, `ML`, `LM` or `XCCL`."""
    depth_mm: float
    """From the chest wall to the nipple's base, the same in all views but XCCL."""
    nipple_y: float
    above: float
    """From the nipple's row to the upper end of the breast proper, at the chest wall."""
    below: float
    fullness: tuple[float, float]
    """How round the upper and the lower half are: 1.5 conical, 2.5 very full."""
    behind: tuple[float, float]
    """How far the widest place lies behind the chest wall's edge, as a part of the depth."""
    nipple: tuple[float, float]
    """How far the nipple stands out (not at all if negative), and its half width."""
    axilla: float
    """Where the skin leaves the upper edge of an MLO or lateral image; 0 in CC and XCCL."""
    pectoral: tuple[float, float]
    """Where the pectoral muscle's edge meets an MLO image's upper and chest-wall edge; in CC, how
    far the muscle reaches in, and half its height; 0: none."""
    bow: float
    """How far the muscle's edge in MLO bends outwards (inwards, if negative), as a part of its
    length along the upper edge."""
    abdomen: tuple[float, float]
    """How far the abdomen stands out below the inframammary fold, and half its height; 0: none."""
    creases: int
    """The seed of skin folds in the axilla; 0: none."""
    thickness_mm: float
    seed: int

    def edges(self, x: Numbers | float) -> tuple[Numbers, Numbers]:
        """The breast proper's upper and lower end at a distance from the chest wall."""
        along = np.asarray(x, dtype=np.float64) / self.depth_mm
        upper = self.above * _half_width(along, self.fullness[0], self.behind[0])
        lower = self.below * _half_width(along, self.fullness[1], self.behind[1])
        return self.nipple_y - upper, self.nipple_y + lower

    def outline(self) -> Numbers:
        """`(N, 2)` points (x, y) of the skin line, closed beyond the chest wall and upper edge."""
        s = 1 - np.linspace(1, 0, 240) ** 2.5
        x = self.depth_mm * s
        upper, lower = self.edges(x)
        upper_x = x
        if self.axilla:
            upper_x, upper = self._axillary_line(x, upper)
        lower_x, lower = self._fold(x[::-1][1:], lower[::-1][1:])
        side = np.concatenate([upper_x, lower_x])
        rows = np.concatenate([upper, lower])
        rng = chance(self.seed, "outline")
        wander = 0.9 * smooth_line(rng, rows.size, length=60)
        rise, half = self.nipple
        bump = max(rise, 0.0) * np.exp(-(np.abs((rows - self.nipple_y) / half) ** 6))
        side = side + np.where(side > 0.6 * self.depth_mm, bump, 0) + wander * (side > 0)
        far = np.array([[-40, rows[-1] + 4], [-40, min(rows[0], 0) - 40]])
        if self.axilla:
            far = np.vstack([far, [side[0], -40]])
        else:
            far[1, 1] = rows[0] - 4
        return np.vstack([np.stack([side, rows], axis=1), far])

    def _axillary_line(self, x: Numbers, upper: Numbers) -> tuple[Numbers, Numbers]:
        """The upper half of an MLO's skin line, from the image's upper edge to the nipple."""
        y = np.linspace(0, self.nipple_y, 240)
        away = 1 - y / self.nipple_y
        bulge = np.interp(y, upper, x, left=0)
        tail = self.axilla + (self.depth_mm - self.axilla) * (1 - away**1.8) ** 1.9
        soft = 7.0
        line = soft * np.logaddexp(bulge / soft, tail / soft) - soft * np.log(2) * np.exp(
            -np.abs(bulge - tail) / soft
        )
        return np.minimum(line, self.depth_mm), y

    def _fold(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """The lower half of the skin line, from the nipple down, with what is below the breast."""
        out, half = self.abdomen
        if not out:
            return x, y
        middle = y[-1] + 0.4 * half
        y = np.concatenate([y, np.linspace(y[-1], middle + half, 40)])
        x = np.concatenate([x, np.zeros(40)])
        belly = out * np.cos(np.pi / 2 * np.clip((y - middle) / half, -1, 1)) ** 1.5
        return np.maximum(x, belly), y

    def pectoral_depth(self, x: Numbers, y: Numbers) -> Numbers:
        """How far inside the pectoral muscle's edge a point lies; negative outside of it."""
        across, down = self.pectoral
        if not across:
            return np.full(np.broadcast_shapes(x.shape, y.shape), -np.inf)
        if self.position in ("CC", "XCCL"):
            middle = self.nipple_y - (self.above if self.position == "XCCL" else 0)
            rest = 1 - np.square((y - middle) / down)
            return np.asarray(across * rest - x, dtype=np.float64)
        length = np.hypot(across, down)
        along = x / across + y / down
        bow = self.bow * across * np.sin(np.pi * np.clip(y / down, 0, 1))
        inside = (1 - along) * across * down / length + bow
        return np.asarray(inside, dtype=np.float64)


def _half_width(along: Numbers, fullness: float, behind: float) -> Numbers:
    """1 at the chest wall (0), 0 at the nipple (1)."""
    rest = np.clip((along + behind) / (1 + behind), 0, 1)
    widest = (1 - (behind / (1 + behind)) ** fullness) ** 0.53
    return np.asarray((1 - rest**fullness) ** 0.53 / widest, dtype=np.float64)


def shape_of(plan: ExamPlan, view: View | OtherView, field: Detector, *, repeat: int = 0) -> Shape:
    """How a breast lies in one view of one exam.

    The breast's own form comes from its seed, the positioning from the exam's and from `repeat`.
    """
    breast = plan.breast(view.laterality)
    placed = chance(plan.seed, view.value, "position", repeat)
    form = _form_of(breast, field, placed)
    lies = _from_above if view.position in ("CC", "XCCL") else _from_the_side
    return lies(form, view.position, field, placed)


@dataclass(frozen=True)
class _Form:
    """What all views of a breast have in common; see `Shape`."""

    depth: float
    width: float
    fullness: tuple[float, float]
    behind: tuple[float, float]
    nipple: tuple[float, float]
    tilt: float
    reach: tuple[float, float, float]
    bow: float
    thickness: float
    seed: int


def _form_of(breast: Breast, field: Detector, placed: np.random.Generator) -> _Form:
    depth = min(breast.size_mm * placed.uniform(0.98, 1.02), field.width_mm - 25)
    own = chance(breast.seed, "form")
    fullness = float(own.uniform(1.5, 2.6)), float(own.uniform(1.6, 2.6))
    behind = float(own.uniform(0.1, 0.8)), float(own.uniform(0.1, 0.8))
    nipple = float(own.uniform(-2.5, 6.0)), float(own.uniform(4.0, 6.0))
    tilt = own.uniform(-0.06, 0.06)
    seed = int(own.integers(2**31))
    reach = own.uniform(0.6, 0.9), own.uniform(0.35, 0.95), own.uniform(0.55, 1.25)
    bow = own.uniform(-0.12, 0.22)
    return _Form(
        depth, breast.width_mm, fullness, behind, nipple, tilt, reach, bow,
        breast.thickness_mm, seed,
    )  # fmt: skip


def _from_above(form: _Form, position: str, field: Detector, placed: np.random.Generator) -> Shape:
    """CC; and XCCL, which shows more of the lateral side and the muscle at its back."""
    width = min(form.width, field.height_mm - 16)
    above = width * (0.5 + form.tilt + placed.uniform(-0.02, 0.02))
    below = width - above
    muscle = float(placed.uniform(3, 12)), float(width * placed.uniform(0.15, 0.3))
    seen = placed.random() < 0.3
    depth = form.depth
    if position == "XCCL":
        above, below, depth = 1.04 * above, 0.8 * below, 0.93 * depth
        muscle, seen = (2 * muscle[0], 1.4 * muscle[1]), True
    slack = field.height_mm - above - below - 12
    top = 6 + slack * placed.uniform(0.35, 0.65)
    return Shape(
        position, depth, top + above, above, below, form.fullness, form.behind, form.nipple, 0.0,
        muscle if seen else (0.0, 0.0), 0.0, (0.0, 0.0), 0, form.thickness, form.seed,
    )  # fmt: skip


def _from_the_side(
    form: _Form, position: str, field: Detector, placed: np.random.Generator
) -> Shape:
    """MLO; and ML and LM, straight from the side: little of the axilla, and less muscle or none."""
    width = min(form.width, 0.86 * field.height_mm)
    above, below = 0.52 * width, 0.42 * width
    nipple_y = above * placed.uniform(1.25, 1.5)
    axilla = float(np.clip(form.depth * form.reach[0], 38, 0.9 * form.depth))
    pectoral = axilla * form.reach[1] * placed.uniform(0.9, 1.1), nipple_y * form.reach[2]
    bow = form.bow + placed.uniform(-0.03, 0.03)
    abdomen = float(placed.uniform(4, 14)), float(placed.uniform(25, 45))
    creases = int(placed.integers(1, 2**31))
    has_abdomen, has_creases = placed.random() < 0.4, placed.random() < 0.25
    if position != "MLO":
        nipple_y, axilla, has_creases = 0.85 * nipple_y, 0.5 * axilla, False
        pectoral = 0.3 * pectoral[0], 0.7 * pectoral[1]
        if placed.random() < 0.35:
            pectoral = 0.0, 0.0
    return Shape(
        position, form.depth, min(nipple_y, field.height_mm - below - 8), above, below,
        form.fullness, form.behind, form.nipple, axilla, pectoral, bow,
        abdomen if has_abdomen else (0.0, 0.0), creases if has_creases else 0,
        form.thickness, form.seed,
    )  # fmt: skip
