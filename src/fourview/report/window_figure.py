"""Figure S14: the windows that augmentation draws, on the image that they are cut from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from fourview.core.geometry import Box
from fourview.report.mammogram_axes import draw_mammogram

FIXED, DRAWN = "#ffd000", "#30c8ff"
OUTSIDE = "#544a5c"
"""Where no image is: windows that reach there hold zeros."""
_DPI = 110
_EDGE = 0.02


@dataclass(frozen=True, eq=False)
class DrawnWindows:
    """The windows of one image."""

    title: str
    image: NDArray[np.uint16]
    """`(H, W)`, facing rightward."""
    fixed: Box
    """The one that validation reads; may lie partly outside, as the others."""
    drawn: Sequence[Box]


def window_figure_png(title: str, views: Sequence[DrawnWindows]) -> bytes:
    """The images side by side, to the same scale, as PNG. The same windows give the same bytes."""
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.12)
    figure = Figure(figsize=(3.3 * len(views), 6.2), dpi=_DPI, layout=layout)
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    shared = figure.subplots(1, len(views), squeeze=False, sharex=True, sharey=True)[0]
    for axes, view in zip(shared, views, strict=True):
        _draw(axes, view)
    _frame(shared[0], views)
    shared[0].set_ylabel("row (px)")
    figure.legend(
        handles=[
            Line2D([], [], color=FIXED, linewidth=2, linestyle="--", label="optimal window"),
            Line2D([], [], color=DRAWN, linewidth=1, label="drawn windows"),
            Rectangle((0, 0), 1, 1, facecolor=OUTSIDE, label="outside the image: zeros"),
        ],
        loc="outside lower left",
        ncols=3,
        frameon=False,
    )
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()


def _draw(axes: Axes, view: DrawnWindows) -> None:
    draw_mammogram(axes, view.image)
    axes.set_facecolor(OUTSIDE)
    for box in view.drawn:
        axes.add_patch(_outline(box, color=DRAWN, linewidth=0.9))
    axes.add_patch(_outline(view.fixed, color=FIXED, linewidth=2.0, linestyle="--"))
    axes.set_title(view.title, fontsize=9, loc="left")
    axes.set_xlabel("column (px)")
    axes.tick_params(labelsize=7)


def _outline(box: Box, *, color: str, linewidth: float, linestyle: str = "-") -> Rectangle:
    rows, columns = box.shape
    return Rectangle(
        (box.left - 0.5, box.top - 0.5), columns, rows, fill=False, color=color,
        linewidth=linewidth, linestyle=linestyle,
    )  # fmt: skip


def _frame(axes: Axes, views: Sequence[DrawnWindows]) -> None:
    """Limits that hold every image and every window."""
    boxes = [box for view in views for box in (view.fixed, *view.drawn)]
    boxes += [Box(0, view.image.shape[0], 0, view.image.shape[1]) for view in views]
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    margin = _EDGE * max(bottom - top, right - left)
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom + margin, top - margin)
