"""Figures of how well models tell breasts apart, and of whether their probabilities mean what they
say: ROC and precision-recall curves, reliability diagrams, decision curves.

`fourview evaluate` turns its numbers into the dataclasses here and gets `(png, svg)` back. A number
that is not defined is NaN: its curve is left out, and the legend says so.
"""

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
from fourview.report.reader_figures import CurvePanel, MarkedPoint, Trace, study_figure

Floats = NDArray[np.float64]
_LABELS = {
    "roc": ("1 − specificity", "sensitivity"),
    "precision-recall": ("recall", "precision"),
}
_SIDE = 4.1
_ENDS = (0.02, 0.05, 0.1, 0.2, 0.5)
_UNDEFINED = "not defined"


@dataclass(frozen=True, eq=False)
class ModelCurve:
    """A model's curve on one population."""

    name: str
    x: Floats
    """`(M,)`: false-positive rates, or recalls. Empty where the curve is not defined."""
    y: Floats
    """`(M,)`: sensitivities, or precisions."""
    area: str = ""
    """Its area in words: `0.895 (0.871 to 0.917)`."""
    points: Sequence[MarkedPoint] = ()
    """Operating points, on the panel's axes."""


@dataclass(frozen=True, eq=False)
class ModelCurves:
    """Models on the same axes."""

    title: str
    axes: Literal["roc", "precision-recall"]
    curves: Sequence[ModelCurve]
    prevalence: float | None = None
    """The share of cases: the precision of chance."""


def curves_figure(rows: Sequence[Sequence[ModelCurves]]) -> tuple[bytes, bytes]:
    """ROC and precision-recall curves, panels row by row, as PNG and SVG. A model has the same
    colour in every panel that lists the models in the same order."""
    return study_figure([[_curve_panel(panel) for panel in row] for row in rows])


def _curve_panel(panel: ModelCurves) -> CurvePanel:
    is_roc = panel.axes == "roc"
    x_label, y_label = _LABELS[panel.axes]
    traces = [
        Trace(
            one.x, one.y, "own", _legend_name(one.name, one.area, len(one.x)), steps=not is_roc,
            points=tuple(one.points),
        )
        for one in panel.curves
    ]  # fmt: skip
    return CurvePanel(
        panel.title, x_label, y_label, traces, is_roc=is_roc, level=panel.prevalence,
        legend_below=True,
    )  # fmt: skip


def _legend_name(name: str, said: str, points: int) -> str:
    """Where both do not fit on a line, numbers stand on their own, unbroken."""
    said = said if points else _UNDEFINED
    whole = broken(f"{name}: {said}" if said else name)
    return f"{broken(f'{name}:')}\n{said}" if said and "\n" in whole else whole


@dataclass(frozen=True, eq=False)
class Reliability:
    """A model's probabilities against what was there, in `B` rows of breasts, and how they are
    spread over `H` bins."""

    name: str
    predicted: Floats
    """`(B,)`: mean probability of each row. Empty where it is not defined."""
    observed: Floats
    """`(B,)`: share of cases."""
    low: Floats
    """`(B,)`: of the share's interval; NaN where it is not defined."""
    high: Floats
    edges: Floats
    """`(H + 1,)`: of the histogram's bins, from 0 to 1."""
    cases: NDArray[np.int64]
    """`(H,)`: breasts with the finding, by probability."""
    others: NDArray[np.int64]
    """`(H,)`: breasts without."""
    said: str = ""
    """In the legend beside the name: slope, Brier score."""


@dataclass(frozen=True, eq=False)
class ReliabilityPanel:
    """Models on the same axes, with the histogram of their probabilities below."""

    title: str
    models: Sequence[Reliability]
    up_to: float | None = None
    """Where both axes of the diagram end; without it, the least of 0.02, 0.05, 0.1, 0.2, 0.5 and 1
    that holds every row and interval."""


def reliability_figure(panels: Sequence[ReliabilityPanel]) -> tuple[bytes, bytes]:
    """Reliability diagrams side by side, each above its histogram (counts on a logarithmic axis,
    from 0 to 1 whatever part the diagram shows), as PNG and SVG."""
    below = max(
        legend_height([_legend_name(one.name, one.said, 1) for one in panel.models])
        for panel in panels
    )
    heights = (1.2 * _SIDE + below, 0.5 * _SIDE)
    with new_figure(_SIDE * len(panels), sum(heights)) as figure:
        grid = figure.subplots(
            2, len(panels), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for at, panel in enumerate(panels):
            _draw_reliability(grid[0, at], panel)
            _draw_histogram(grid[1, at], panel)
        return both_forms(figure)


def _draw_reliability(axes: Axes, panel: ReliabilityPanel) -> None:
    end = panel.up_to or _end(panel.models)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=DASHES, zorder=1)
    colours = colours_of([one.name for one in panel.models])
    for one in panel.models:
        bars = np.stack([one.observed - one.low, one.high - one.observed])
        axes.errorbar(
            one.predicted, one.observed, yerr=np.maximum(np.nan_to_num(bars), 0),
            color=colours[one.name], linewidth=1.3, elinewidth=0.8, marker="o", markersize=4,
            label=_legend_name(one.name, one.said, len(one.predicted)),
        )  # fmt: skip
    edge = 0.015 * end
    axes.set(xlim=(-edge, end + edge), ylim=(-edge, end + edge), title="")
    axes.set_title(panel.title, loc="left")
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("observed share")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.15), frameon=False)
    plain_axes(axes)


def _end(models: Sequence[Reliability]) -> float:
    all_values = [np.concatenate([one.predicted, one.observed, one.high]) for one in models]
    values = np.concatenate([np.zeros(1), *all_values])
    highest = float(np.nanmax(values))
    return next((end for end in _ENDS if highest <= end), 1.0)


def _draw_histogram(axes: Axes, panel: ReliabilityPanel) -> None:
    colours = colours_of([one.name for one in panel.models])
    highest = 1
    for one in panel.models:
        for counts, style in ((one.others, ":"), (one.cases, "-")):
            drawn = np.where(counts > 0, counts, 0.5)  # below 1, where the axis begins
            axes.stairs(
                drawn, one.edges, color=colours[one.name], linestyle=style, linewidth=1.2,
                baseline=None,
            )  # fmt: skip
            highest = max(highest, int(counts.max(initial=1)))
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylim(0.7, 2 * highest)
    axes.set_xlim(-0.015, 1.015)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("breasts")
    ink = "#404040"
    axes.legend(
        handles=[
            Line2D([], [], color=ink, linewidth=1.2, label="with the finding"),
            Line2D([], [], color=ink, linewidth=1.2, linestyle=":", label="without"),
        ],
        loc="upper right", framealpha=0.85, edgecolor="none",
    )  # fmt: skip
    plain_axes(axes)


@dataclass(frozen=True, eq=False)
class NetBenefit:
    """A model's net benefit by threshold."""

    name: str
    values: Floats
    """`(T,)`; NaN where not defined."""


@dataclass(frozen=True, eq=False)
class DecisionPanel:
    """Models on the same axes, with recalling everyone and recalling nobody (0)."""

    title: str
    thresholds: Floats
    """`(T,)`, between 0 and 1, rising."""
    models: Sequence[NetBenefit]
    everyone: Floats
    """`(T,)`."""


def decision_figure(panels: Sequence[DecisionPanel]) -> tuple[bytes, bytes]:
    """Decision curves side by side, as PNG and SVG. The vertical axis begins a little below 0:
    what is far below it is worse than recalling nobody, however far."""
    below = max(legend_height([broken(one.name) for one in panel.models]) for panel in panels)
    with new_figure(1.15 * _SIDE * len(panels), 1.2 * _SIDE + below) as figure:
        for axes, panel in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            _draw_decision(axes, panel)
        return both_forms(figure)


def _draw_decision(axes: Axes, panel: DecisionPanel) -> None:
    axes.axhline(0, color="#404040", linewidth=1.0, label="nobody recalled")
    axes.plot(
        panel.thresholds, panel.everyone, color=GREY, linewidth=1.2, linestyle=DASHES,
        label="everyone recalled",
    )  # fmt: skip
    colours = colours_of([one.name for one in panel.models])
    for one in panel.models:
        undefined = np.isnan(one.values).all()
        axes.plot(
            panel.thresholds, one.values, color=colours[one.name], linewidth=1.5,
            label=broken(f"{one.name}: {_UNDEFINED}" if undefined else one.name),
        )  # fmt: skip
    values = np.concatenate([panel.everyone, *(one.values for one in panel.models), np.zeros(1)])
    top = float(np.nanmax(values)) or 1.0
    axes.set_ylim(-0.15 * top, 1.08 * top)
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel("threshold probability")
    axes.set_ylabel("net benefit (per breast)")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.13), frameon=False)
    plain_axes(axes)
