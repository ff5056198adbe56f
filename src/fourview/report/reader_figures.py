"""Figures of a reader study (Figures 7, 8 and S2): curves of readers, hybrids, model, ensembles."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from numpy.typing import NDArray

Role = Literal["one", "own", "readers", "model", "hybrid", "other"]
"""One of many, pale; one of many, in a colour of its own; and what has a colour everywhere."""

_COLOURS: dict[str, str] = {
    "one": "#b4bcc6",
    "readers": "#1f5fbf",
    "model": "#c0321c",
    "hybrid": "#23824a",
    "other": "#7a4fa3",
}
_DPI = 130
_SIDE = 4.1
"""Inches of a panel."""
_FEW_COLOURS = 10
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "fourview",  # the same curves, the same bytes
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True, eq=False)
class Trace:
    """A line."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    role: Role
    name: str = ""
    """In the legend; nothing for one that stands there already."""
    steps: bool = False
    """Level from a point to the left, as precision counts."""
    mark: int | None = None
    """The point to be marked by a diamond."""


@dataclass(frozen=True, eq=False)
class CurvePanel:
    """Lines on the same axes."""

    title: str
    x_label: str
    y_label: str
    traces: Sequence[Trace]
    is_roc: bool = False
    """Square, with the diagonal of chance."""
    level: float | None = None
    """A line across: the precision of chance."""
    whole: bool = True
    """The vertical axis is from 0 to 1; else as the lines need."""


def study_figure(
    rows: Sequence[Sequence[CurvePanel]], *, beside: bool = False
) -> tuple[bytes, bytes]:
    """The panels, row by row, as PNG and as SVG. The same panels give the same bytes.

    Args:
        beside: one legend for all on the right, for many lines; else each panel has its own.
    """
    across, down = max(map(len, rows)), len(rows)
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.03, hspace=0.03)
    with rc_context(_STYLE):
        size = (_SIDE * across + (1.6 if beside else 0), _SIDE * down)
        figure = Figure(figsize=size, layout=layout, facecolor="white")
        FigureCanvasAgg(figure)
        all_axes = figure.subplots(down, across, squeeze=False)
        for axes_row, row in zip(all_axes, rows, strict=True):
            for axes, panel in zip(axes_row, row, strict=True):
                _draw(axes, panel)
                if not beside:
                    _own_legend(axes, panel)
        if beside:
            handles = _handles(rows[0][0])
            figure.legend(handles=handles, loc="outside right upper", frameon=False)
        layout.execute(figure)
        figure.set_layout_engine("none")  # laid out once for both
        png, svg = io.BytesIO(), io.BytesIO()
        figure.savefig(png, format="png", dpi=_DPI, metadata={"Software": None})
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "fourview"})
    return png.getvalue(), svg.getvalue()


def _colour(trace: Trace, panel: CurvePanel) -> str:
    if trace.role != "own":
        return _COLOURS[trace.role]
    own = [one for one in panel.traces if one.role == "own"]
    if len(own) <= _FEW_COLOURS:
        return to_hex(colormaps["tab10"](own.index(trace)))
    return to_hex(colormaps["turbo"](0.04 + 0.92 * own.index(trace) / (len(own) - 1)))


def _draw(axes: Axes, panel: CurvePanel) -> None:
    if panel.is_roc:
        axes.plot([0, 1], [0, 1], color="#a0a0a0", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    if panel.level is not None:
        axes.axhline(panel.level, color="#a0a0a0", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    for trace in panel.traces:
        one = trace.role == "one"
        axes.plot(
            trace.x, trace.y, color=_colour(trace, panel),
            linewidth=0.7 if one else 1.3 if trace.role == "own" else 1.9,
            drawstyle="steps-pre" if trace.steps else "default", zorder=2 if one else 3,
        )  # fmt: skip
        if trace.mark is not None:
            axes.plot(
                trace.x[trace.mark], trace.y[trace.mark], marker="D", markersize=5.5, linestyle="",
                markerfacecolor="white", markeredgecolor=_colour(trace, panel), zorder=4,
            )  # fmt: skip
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    axes.set_xlim(-0.015, 1.015)
    if panel.whole:
        axes.set_ylim(-0.015, 1.015)
        axes.set_aspect("equal", adjustable="box")
    axes.grid(color="#ececec", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _handles(panel: CurvePanel) -> list[Line2D]:
    handles = [
        Line2D([], [], color=_colour(trace, panel), linewidth=1.8, label=trace.name)
        for trace in panel.traces
        if trace.name
    ]
    if any(trace.mark is not None for trace in panel.traces):
        handles.append(
            Line2D([], [], marker="D", linestyle="", markerfacecolor="white",
                   markeredgecolor="#404040", label="best")
        )  # fmt: skip
    return handles


def _own_legend(axes: Axes, panel: CurvePanel) -> None:
    """Below a ROC curve, where no curve is; under the axes of precision and recall, which curves
    may cross anywhere."""
    handles = _handles(panel)
    if panel.is_roc:
        axes.legend(handles=handles, loc="lower right", framealpha=0.85, edgecolor="none")
    else:
        axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.17), frameon=False)
