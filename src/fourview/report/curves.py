"""What trainings showed, epoch by epoch (Figure S13), as a picture."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

_INK = "#404040"
COLOURS = {"malignant": "#c0321c", "benign": "#1f7a8c", "": _INK}
_TAB10 = 10
_COLUMNS = 4
_FEW = 25
"""Epochs up to which each is a dot of its own."""
_MANY = 300
"""Epochs from which on lines are thin."""
_DPI = 110
_CHANCE = 0.5
_DASHES = (0, (4, 2))
_BEST: dict[str, Any] = {
    "marker": "o",
    "markersize": 7,
    "markerfacecolor": "white",
    "markeredgewidth": 1.8,
    "linestyle": "",
}
_MOMENT: dict[str, Any] = {"color": "#707070", "linewidth": 1.2, "linestyle": "-."}
_LEVEL: dict[str, Any] = {"color": "#a0a0a0", "linewidth": 1.0}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "fourview",  # the same curves, the same bytes
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True)
class Curve:
    """A number of each epoch."""

    name: str
    """What it is of, which chooses its colour: a finding, a class, a network; nothing
    where it is of all."""
    training: bool
    """Of training, drawn dashed; else of validation."""
    epochs: Sequence[int]
    values: Sequence[float]
    """NaN where there is none."""
    best: int | None = None
    """The epoch that was the best, to be marked."""


@dataclass(frozen=True)
class Panel:
    """Curves on the same axes."""

    title: str
    unit: str
    """What the vertical axis counts."""
    curves: Sequence[Curve]
    is_auc: bool = True
    """Drawn up to 1, with a line at 0.5."""


@dataclass(frozen=True)
class Moment:
    """An epoch to be told of on every panel."""

    epoch: int
    text: str


def curve_pictures(
    title: str, panels: Sequence[Panel], moments: Sequence[Moment] = (), *, note: str = ""
) -> tuple[bytes, bytes]:
    """The panels side by side as PNG and as SVG. The same curves give the same bytes.

    Args:
        note: a line below, of what the curves are computed on.
    """
    names = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves))
    colours = _colours(names)
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.04)
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.2 * len(panels), 4.6), layout=layout)
        FigureCanvasAgg(figure)
        figure.suptitle(title, fontsize=11, x=0.01, ha="left")
        all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, panel in zip(all_axes, panels, strict=True):
            _draw(axes, panel, colours, moments)
        figure.legend(
            handles=_legend(panels, colours, moments), title=note, title_fontsize=8.5,
            alignment="left", loc="outside lower left", ncols=_COLUMNS * len(panels),
            frameon=False, handlelength=3.0,
        )  # fmt: skip
        layout.execute(figure)
        figure.set_layout_engine("none")  # laid out once for both
        png, svg = io.BytesIO(), io.BytesIO()
        figure.savefig(png, format="png", dpi=_DPI, metadata={"Software": None})
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "fourview"})
    return png.getvalue(), svg.getvalue()


def _colours(names: Sequence[str]) -> dict[str, str]:
    """Findings have theirs; others are told apart by ten colours, more by a rainbow."""
    others = [name for name in names if name not in COLOURS]
    many = colormaps["turbo"].resampled(max(len(others), 2))
    few = colormaps["tab10"]
    return COLOURS | {
        name: to_hex((few if len(others) <= _TAB10 else many)(place))
        for place, name in enumerate(others)
    }


def _draw(axes: Axes, panel: Panel, colours: dict[str, str], moments: Sequence[Moment]) -> None:
    for moment in moments:
        axes.axvline(moment.epoch, zorder=1, **_MOMENT)
    for curve in panel.curves:
        thin = 0.6 if len(curve.epochs) > _MANY else 1.0
        axes.plot(
            curve.epochs, curve.values, color=colours[curve.name],
            linestyle=_DASHES if curve.training else "-",
            linewidth=thin * (1.0 if curve.training else 1.7),
            marker="." if len(curve.epochs) <= _FEW else "",
            zorder=2 if curve.training else 3,
        )  # fmt: skip
        if curve.best is not None and curve.best in curve.epochs:
            value = curve.values[list(curve.epochs).index(curve.best)]
            axes.plot([curve.best], [value], color=colours[curve.name], zorder=4, **_BEST)
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel("epoch")
    axes.set_ylabel(panel.unit)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.grid(color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if panel.is_auc:
        axes.set_ylim(_lowest(panel), 1.005)
        axes.axhline(_CHANCE, zorder=1, **_LEVEL)


def _lowest(panel: Panel) -> float:
    """Where an axis of AUCs begins: a tenth, not above 0.45, so that chance is on it."""
    values = [v for curve in panel.curves for v in curve.values if not math.isnan(v)]
    return min(0.45, math.floor(min(values, default=1.0) * 20) / 20)


def _legend(
    panels: Sequence[Panel], colours: dict[str, str], moments: Sequence[Moment]
) -> list[Line2D]:
    """A colour a name, then what dashes, circles and dots mean, of what is drawn."""
    curves = [curve for panel in panels for curve in panel.curves]
    names = dict.fromkeys(curve.name for curve in curves if curve.name)
    handles = [Line2D([], [], color=colours[name], linewidth=2.5, label=name) for name in names]
    if any(not curve.training for curve in curves):
        handles.append(Line2D([], [], color=_INK, linewidth=1.7, label="validation"))
    if any(curve.training for curve in curves):
        handles.append(Line2D([], [], color=_INK, linestyle=_DASHES, linewidth=1, label="training"))
    if any(curve.best is not None for curve in curves):
        handles.append(Line2D([], [], color=_INK, label="best epoch", **_BEST))
    handles += [Line2D([], [], label=moment.text, **_MOMENT) for moment in moments]
    if any(panel.is_auc for panel in panels):
        handles.append(Line2D([], [], label="chance", **_LEVEL))
    return handles
