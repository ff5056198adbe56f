"""One breast's images with what is marked in them and its heatmaps, as Figures S4 to S12 show them:
image, lesions, benign heatmap, malignant heatmap; a row an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fourview.core.views import Facing
from fourview.report.drawing import both_forms, new_figure
from fourview.report.mammogram_axes import draw_mammogram

LESIONS = {
    1: ("malignant", "#ff2a2a"),
    2: ("benign", "#20e040"),
    3: ("high-risk benign", "#ffe000"),
}
"""A mask's values: their names and colours (SI, Figures S4 to S12)."""
_MAPS = {"benign": (0.1, 0.9, 0.2), "malignant": (1.0, 0.12, 0.12)}
_OPAQUE = 0.75
"""How much of the image a probability of 1 covers."""
_HEATMAP_SIDE = 600
_AROUND = 250
"""A lesion's line is this part of the image's longer side away from it."""
_INK, _QUIET = "#f0f0f0", "#b8c0c8"
_WIDTH = 2.5
"""Inches of a column."""
_TITLE = 0.24
"""Inches of a line above the images."""


@dataclass(frozen=True, eq=False)
class PanelImage:
    """One image, as it is hung: all arrays `(H, W)`."""

    name: str
    """`R-CC`."""
    pixels: NDArray[np.uint16]
    mask: NDArray[np.uint8] | None
    """0 none, 1 malignant, 2 benign, 3 high-risk benign; None where it is not known."""
    benign: NDArray[np.float32] | None
    """In [0, 1]; None where there is no heatmap."""
    malignant: NDArray[np.float32] | None
    remark: str = ""
    """Under the image's name: `an occult finding`."""


@dataclass(frozen=True, eq=False)
class ErrorPanel:
    """A breast."""

    title: str
    lines: Sequence[str]
    """Under the title: scores of model and readers, the truth."""
    images: Sequence[PanelImage]
    facing: Facing
    """Of all images; the chest walls of all rows are in line."""


def error_panel(panel: ErrorPanel) -> tuple[bytes, bytes]:
    """The panel as PNG and SVG, all images to the same scale. The column of lesions is left out
    where no image has a mask, those of heatmaps where none has any."""
    columns = _columns(panel)
    height, width = (max(one.pixels.shape[axis] for one in panel.images) for axis in (0, 1))
    row_inches = _WIDTH * height / width
    text = _TITLE * (len(panel.lines) + 3)
    size = (max(_WIDTH * len(columns), 5.0), row_inches * len(panel.images) + text + 0.5)
    with new_figure(*size) as figure:
        figure.set_facecolor("black")
        grid = figure.subplots(len(panel.images), len(columns), squeeze=False)
        for row, image in zip(grid, panel.images, strict=True):
            for axes, column in zip(row, columns, strict=True):
                _draw(axes, image, column)
                _frame(axes, image, panel.facing, (height, width))
        figure.suptitle(
            "\n".join([panel.title, *panel.lines]), color=_INK, fontsize=9.5, x=0.01, ha="left",
        )  # fmt: skip
        if "lesions" in columns:
            figure.legend(
                handles=[
                    Line2D([], [], color=colour, linewidth=1.5, label=name)
                    for name, colour in LESIONS.values()
                ],
                loc="outside lower left", ncols=3, frameon=False, labelcolor=_INK,
            )  # fmt: skip
        return both_forms(figure)


def _columns(panel: ErrorPanel) -> list[str]:
    columns = ["image"]
    if any(one.mask is not None for one in panel.images):
        columns.append("lesions")
    if any(one.benign is not None for one in panel.images):
        columns += ["benign", "malignant"]
    return columns


def _draw(axes: Axes, image: PanelImage, column: str) -> None:
    draw_mammogram(axes, image.pixels)
    if column == "image":
        _say(axes, "\n".join(filter(None, [image.name, image.remark])))
    elif column == "lesions":
        if image.mask is None:
            said = "marks not known"
        else:
            _outline(axes, image.mask)
            said = "lesions" if image.mask.any() else "nothing marked"
        _say(axes, said)
    else:
        heatmap = image.benign if column == "benign" else image.malignant
        if heatmap is None:
            _say(axes, f"{column}: no heatmap")
        else:
            _overlay(axes, heatmap, _MAPS[column])
            _say(axes, f"{column}, up to {float(heatmap.max()):.2f}")


def _say(axes: Axes, text: str) -> None:
    axes.set_title(text, color=_QUIET, fontsize=8, loc="left")


def _outline(axes: Axes, mask: NDArray[np.uint8]) -> None:
    """A line around all areas of each value, a little outside: it hides no lesion, and a speck of a
    pixel has one, too."""
    around = max(1, max(mask.shape) // _AROUND)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * around + 1, 2 * around + 1))
    for value, (_, colour) in LESIONS.items():
        area = cv2.dilate(np.ascontiguousarray(mask == value, dtype=np.uint8), brush)
        for line in cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            points = line[:, 0, :].astype(float)  # (N, 2) of (column, row)
            closed = np.concatenate([points, points[:1]])
            axes.plot(closed[:, 0], closed[:, 1], color=colour, linewidth=1.1)


def _overlay(axes: Axes, heatmap: NDArray[np.float32], colour: tuple[float, float, float]) -> None:
    """The colour, the more opaque the higher the probability."""
    height, width = heatmap.shape
    factor = min(1.0, _HEATMAP_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(np.ascontiguousarray(heatmap), size, interpolation=cv2.INTER_AREA)
    layer = np.empty((*small.shape, 4))
    layer[..., :3] = colour
    layer[..., 3] = _OPAQUE * np.clip(small, 0, 1)
    axes.imshow(layer, extent=(-0.5, width - 0.5, height - 0.5, -0.5), interpolation="nearest")


def _frame(axes: Axes, image: PanelImage, facing: Facing, most: tuple[int, int]) -> None:
    """The same scale for all, the chest walls at one side."""
    width = image.pixels.shape[1]
    left = -0.5 if facing is Facing.RIGHT else width - most[1] - 0.5
    axes.set_xlim(left, left + most[1])
    axes.set_ylim(most[0] - 0.5, -0.5)
    axes.set_facecolor("black")
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in axes.spines.values():
        edge.set_color("#303030")
