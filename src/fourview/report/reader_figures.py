"""Curves on shared axes: of readers, hybrids, model, ensembles (Figures 7, 8 and S2), or of
several models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fourview.report.drawing import (
    DASHES,
    GREY,
    both_forms,
    broken,
    colours_of,
    legend_height,
    new_figure,
    plain_axes,
)

Role = Literal["one", "own", "readers", "model", "hybrid", "other"]
"""One of many, pale; one of many, in a colour of its own; and what has a colour everywhere."""

_COLOURS: dict[str, str] = {
    "one": "#b4bcc6",
    "readers": "#1f5fbf",
    "model": "#c0321c",
    "hybrid": "#23824a",
    "other": "#7a4fa3",
}
_SIDE = 4.1
"""Inches of a panel."""
_MARKERS = "os^vP*"
"""Of points, by their kind."""


@dataclass(frozen=True)
class MarkedPoint:
    """A point on a curve: an operating point."""

    x: float
    y: float
    kind: str
    """In the legend, in which each kind has its marker."""
    x_interval: tuple[float, float] | None = None
    y_interval: tuple[float, float] | None = None


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
    points: Sequence[MarkedPoint] = ()
    """Marked in the line's colour, with their intervals."""


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
    legend_below: bool = False
    """Under the axes, for names that are long."""


def study_figure(
    rows: Sequence[Sequence[CurvePanel]], *, beside: bool = False
) -> tuple[bytes, bytes]:
    """The panels, row by row, as PNG and as SVG. The same panels give the same bytes.

    Args:
        beside: one legend for all on the right, for many lines; else each panel has its own.
    """
    across, down = max(map(len, rows)), len(rows)
    heights = [_SIDE + max(map(_below, row)) for row in rows]
    with new_figure(_SIDE * across + (1.6 if beside else 0), sum(heights)) as figure:
        all_axes = figure.subplots(
            down, across, squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for axes_row, row in zip(all_axes, rows, strict=True):
            for axes, panel in zip(axes_row, row, strict=True):
                _draw(axes, panel)
                if not beside:
                    _own_legend(axes, panel)
        if beside:
            handles = _handles(rows[0][0])
            figure.legend(handles=handles, loc="outside right upper", frameon=False)
        return both_forms(figure)


def _below(panel: CurvePanel) -> float:
    """Inches that are added for a long legend."""
    if not panel.legend_below:
        return 0.0
    return legend_height([str(one.get_label()) for one in _handles(panel)])


def _colour(trace: Trace, panel: CurvePanel) -> str:
    if trace.role != "own":
        return _COLOURS[trace.role]
    own = [one for one in panel.traces if one.role == "own"]
    names = [str(at) for at in range(len(own))]  # a name may be empty, or stand twice
    return colours_of(names)[names[own.index(trace)]]


def _draw(axes: Axes, panel: CurvePanel) -> None:
    if panel.is_roc:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=DASHES, zorder=1)
    if panel.level is not None:
        axes.axhline(panel.level, color=GREY, linewidth=0.8, linestyle=DASHES, zorder=1)
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
        for point in trace.points:
            _draw_point(axes, point, _colour(trace, panel), _kinds(panel))
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    axes.set_xlim(-0.015, 1.015)
    if panel.whole:
        axes.set_ylim(-0.015, 1.015)
        axes.set_aspect("equal", adjustable="box")
    plain_axes(axes)


def _draw_point(axes: Axes, point: MarkedPoint, colour: str, kinds: Sequence[str]) -> None:
    if np.isnan([point.x, point.y]).any():
        return
    axes.errorbar(
        point.x, point.y, xerr=_lengths(point.x, point.x_interval),
        yerr=_lengths(point.y, point.y_interval), color=colour, linewidth=1.0, zorder=4,
        marker=_MARKERS[kinds.index(point.kind) % len(_MARKERS)], markersize=5.5,
        markerfacecolor="white", markeredgecolor=colour,
    )  # fmt: skip


def _lengths(value: float, interval: tuple[float, float] | None) -> NDArray[np.float64] | None:
    """Of an error bar, below and above; nothing where there is no interval."""
    if interval is None or np.isnan(interval).any():
        return None
    below, above = value - interval[0], interval[1] - value
    return np.array([[max(below, 0.0)], [max(above, 0.0)]])


def _kinds(panel: CurvePanel) -> list[str]:
    """Of the points that there are: one without a value is not drawn."""
    points = [point for trace in panel.traces for point in trace.points]
    return list(dict.fromkeys(one.kind for one in points if not np.isnan([one.x, one.y]).any()))


def _handles(panel: CurvePanel) -> list[Line2D]:
    handles = [
        Line2D(
            [],
            [],
            color=_colour(trace, panel),
            linewidth=1.8,
            label=broken(trace.name) if panel.legend_below else trace.name,
        )
        for trace in panel.traces
        if trace.name
    ]
    if any(trace.mark is not None for trace in panel.traces):
        handles.append(
            Line2D([], [], marker="D", linestyle="", markerfacecolor="white",
                   markeredgecolor="#404040", label="best")
        )  # fmt: skip
    handles += [
        Line2D([], [], marker=_MARKERS[at % len(_MARKERS)], linestyle="", markerfacecolor="white",
               markeredgecolor="#404040", label=kind)
        for at, kind in enumerate(_kinds(panel))
    ]  # fmt: skip
    return handles


def _own_legend(axes: Axes, panel: CurvePanel) -> None:
    """Below a ROC curve, where no curve is, unless it is too long; under the axes of precision and
    recall, which curves may cross anywhere."""
    handles = _handles(panel)
    if panel.is_roc and not panel.legend_below:
        axes.legend(handles=handles, loc="lower right", framealpha=0.85, edgecolor="none")
    else:
        axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.17), frameon=False)
