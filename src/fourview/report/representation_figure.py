"""Exams as points, near each other where a network represents them alike (Figures 9 and S3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fourview.report.drawing import both_forms, new_figure

_SIDE = 4.6
"""Inches of a panel."""
_SMALLEST, _LARGEST = 9.0, 75.0
"""Points squared, of up to `_MANY` exams; of more they shrink."""
_MANY = 700
_PIXELS_ABOVE = 2_000
"""Points above which SVG holds them as a picture."""
_COLOURS = ListedColormap(colormaps["turbo"](np.linspace(0.07, 0.93, 256)))
"""From cold to warm, without the ends that are nearly black."""


@dataclass(frozen=True, eq=False)
class PointsPanel:
    """Where each exam lies, `(N, 2)`, in a picture whose axes have no unit."""

    title: str
    places: NDArray[np.float64]
    note: str = ""
    """Below it: how far the picture may be trusted."""


def representation_figure(
    panels: Sequence[PointsPanel], scores: NDArray[np.float64], *, score_name: str
) -> tuple[bytes, bytes]:
    """The panels side by side as PNG and as SVG; the same content gives the same bytes.

    Args:
        scores: `(N,)`: the warmer and larger a point, the higher. Where there are two values only
            they stand in a legend, else beside a bar.
    """
    order = np.argsort(scores, kind="stable")  # the highest on top
    low, high = float(scores.min()), float(scores.max())
    height = (scores - low) / (high - low) if high > low else np.zeros_like(scores)
    with new_figure(_SIDE * len(panels) + 0.9, _SIDE + 0.4) as figure:
        all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, panel in zip(all_axes, panels, strict=True):
            _draw(axes, panel, height, order)
        if len(np.unique(scores)) <= 2:
            _legend(figure, np.unique(scores), score_name)
        else:
            bar = ScalarMappable(Normalize(low, high), _COLOURS)
            figure.colorbar(bar, ax=list(all_axes), label=score_name, shrink=0.8, aspect=30)
        return both_forms(figure)


def _draw(
    axes: Axes, panel: PointsPanel, height: NDArray[np.float64], order: NDArray[np.int64]
) -> None:
    n = len(height)
    shrunk = min(1.0, _MANY / max(n, 1)) ** 0.5
    x, y = panel.places[order].T
    axes.scatter(
        x, y, s=_sizes(height[order]) * shrunk, c=_COLOURS(height[order]),
        linewidths=0.35, edgecolors="#303030", alpha=0.9, rasterized=n > _PIXELS_ABOVE,
    )  # fmt: skip
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.note, loc="left")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.06)
    for spine in axes.spines.values():
        spine.set_color("#c8c8c8")


def _sizes(height: NDArray[np.float64]) -> NDArray[np.float64]:
    return _SMALLEST + (_LARGEST - _SMALLEST) * height


def _legend(figure: Figure, values: NDArray[np.float64], score_name: str) -> None:
    handles = [
        Line2D([], [], marker="o", linestyle="", markeredgecolor="#303030", markeredgewidth=0.35,
               markerfacecolor=_COLOURS(at), markersize=float(_sizes(np.array(at))) ** 0.5,
               label=f"{value:g}")
        for at, value in zip((0.0, 1.0), values, strict=False)
    ]  # fmt: skip
    figure.legend(handles=handles, title=score_name, loc="outside right upper", frameon=False)
