"""A contact sheet of synthetic exams: four views a row, plain and with the findings' contours.

    python examples/phantom_sheet.py sheet.png -n 12 --seed 1 --enrich 0.5

Views hang as on a viewing station: R-CC, L-CC, R-MLO, L-MLO, chest walls back to back.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.views import Facing, View
from fourview.phantom.plan import ExamPlan
from fourview.phantom.population import plan_population
from fourview.phantom.render import RenderedView, render_view

HANGING = (View.R_CC, View.L_CC, View.R_MLO, View.L_MLO)
COLOURS = {1: (60, 60, 255), 2: (80, 220, 80), 3: (60, 220, 255)}  # blue, green, red


def presented(plan: ExamPlan, image: RenderedView) -> NDArray[np.uint8]:
    """The image as a viewing station shows it, 8 bits."""
    values = image.pixels.astype(np.float32)
    if plan.vendor.photometric == "MONOCHROME1":
        values = 2**plan.vendor.bits - 1 - values
    centre, width = image.voi_window
    if plan.vendor.voi == "SIGMOID":
        light = 1 / (1 + np.exp(-4 * (values - centre) / width))
    else:
        light = np.clip((values - centre) / width + 0.5, 0, 1)
    return np.asarray(light * 255, dtype=np.uint8)


def shown(plan: ExamPlan, view: View, height: int, scale: float) -> list[NDArray[np.uint8]]:
    """A view without and with contours, `height` rows, right views facing left."""
    image = render_view(plan, view, scale=scale)
    pixels, mask = presented(plan, image), image.mask
    breast = plan.breast(view.laterality)
    width = min(round((breast.size_mm + 12) / image.pixel_spacing_mm), pixels.shape[1])
    wanted = Facing.RIGHT if view.value.startswith("L") else Facing.LEFT
    if image.facing is not wanted:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    part = slice(0, width) if wanted is Facing.RIGHT else slice(pixels.shape[1] - width, None)
    size = round(width * height / pixels.shape[0]), height
    small = cv2.resize(pixels[:, part], size, interpolation=cv2.INTER_AREA)
    labels = cv2.resize(mask[:, part], size, interpolation=cv2.INTER_NEAREST)
    plain = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    marked = plain.copy()
    for value, colour in COLOURS.items():
        found, _ = cv2.findContours(
            (labels == value).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(marked, found, -1, colour, 1)
    return [plain, marked]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("sheet", type=Path, help="the PNG to write")
    options.add_argument("-n", type=int, default=12, help="exams")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--enrich", type=float, default=0.5, help="the part that is biopsied")
    options.add_argument("--height", type=int, default=420, help="of a view, pixels")
    options.add_argument("--scale", type=float, default=0.25)
    options.add_argument("--plain", action="store_true", help="no contours beside")
    chosen = options.parse_args()
    rows = []
    for plan in plan_population(chosen.n, seed=chosen.seed, enrich=chosen.enrich).exams:
        pairs = [shown(plan, view, chosen.height, chosen.scale) for view in HANGING]
        sides = (0,) if chosen.plain else (0, 1)
        rows.append(np.hstack([pair[side] for side in sides for pair in pairs]))
    width = max(row.shape[1] for row in rows)
    rows = [np.pad(row, ((0, 4), (0, width - row.shape[1]), (0, 0))) for row in rows]
    cv2.imwrite(str(chosen.sheet), np.vstack(rows))


if __name__ == "__main__":
    main()
