"""Free-response ROC curves, and how often heatmaps' maxima hit, beside chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from fourview.report.drawing import both_forms, new_figure, plain_axes

COLOURS = {"malignant": "#c0321c", "benign": "#23824a"}
_TICKS = (0.125, 0.25, 0.5, 1, 2, 4)
_LEAST, _MOST = 0.06, 5.0
"""False marks an image from which, and up to which, a curve is drawn."""


@dataclass(frozen=True)
class FrocLine:
    """A FROC curve."""

    name: str
    colour: str
    """`malignant` or `benign`."""
    false_marks: Sequence[float]
    """Marks on no lesion, an image, as the threshold falls."""
    sensitivity: Sequence[float]
    told_at: Sequence[tuple[float, float, float, float]]
    """False marks, sensitivity there, and its interval, NaN where it is not defined."""


@dataclass(frozen=True)
class HitMark:
    """How often maxima hit, of some images."""

    name: str
    colour: str
    rate: float
    """NaN where no image was asked."""
    low: float
    high: float
    by_chance: float
    told: str
    """`7 of 9`."""


def localisation_figure(lines: Sequence[FrocLine], hits: Sequence[HitMark]) -> tuple[bytes, bytes]:
    """FROC curves (false marks on a logarithmic axis) beside hit rates, as PNG and SVG."""
    with new_figure(10.4, max(4.2, 1.6 + 0.34 * len(hits))) as figure:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": (1, 1)})
        for line in lines:
            _draw_line(left, line)
        left.set_xscale("log")
        left.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        left.minorticks_off()
        left.set(xlim=(_LEAST, _MOST), ylim=(-0.015, 1.015))
        left.set_xlabel("false marks an image")
        left.set_ylabel("lesions found")
        left.set_title("free-response ROC", loc="left")
        left.legend(loc="upper left", bbox_to_anchor=(0, -0.13), frameon=False)
        plain_axes(left)
        _draw_hits(right, hits)
        return both_forms(figure)


def _draw_line(axes: Axes, line: FrocLine) -> None:
    """Level to the right of a point: what a threshold finds holds until the next."""
    colour = COLOURS[line.colour]
    x, y = np.array([0.0, *line.false_marks, np.inf]), np.array([0.0, *line.sensitivity, 0.0])
    y[-1] = y[-2]
    axes.plot(
        np.clip(x, _LEAST / 2, 2 * _MOST), y, color=colour, linewidth=1.7, label=line.name,
        drawstyle="steps-post",
    )  # fmt: skip
    for false_marks, sensitivity, low, high in line.told_at:
        if np.isnan(sensitivity) or not _LEAST <= false_marks <= _MOST:
            continue
        ends = np.array([[sensitivity - low], [high - sensitivity]])
        axes.errorbar(
            false_marks, sensitivity, yerr=None if np.isnan(ends).any() else np.maximum(ends, 0),
            color=colour, marker="o", markersize=5, markerfacecolor="white", linewidth=1.0,
            capsize=2, zorder=4,
        )  # fmt: skip


def _draw_hits(axes: Axes, hits: Sequence[HitMark]) -> None:
    for row, one in enumerate(hits):
        colour = COLOURS[one.colour]
        if not np.isnan(one.by_chance):
            axes.plot([one.by_chance] * 2, [row - 0.3, row + 0.3], color="#808080", linewidth=2)
        if np.isnan(one.rate):
            axes.text(0.02, row, "not defined", va="center", color="#606060", fontsize=8)
            continue
        ends = np.array([[one.rate - one.low], [one.high - one.rate]])
        axes.errorbar(
            one.rate, row, xerr=None if np.isnan(ends).any() else np.maximum(ends, 0),
            color=colour, marker="o", markersize=5.5, linewidth=1.3, capsize=2,
        )  # fmt: skip
    axes.set_yticks(range(len(hits)), [f"{one.name}\n{one.told}" for one in hits])
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(hits) - 0.4, -0.6))
    axes.set_xlabel("maxima in a lesion; grey: by chance")
    axes.set_title("hits of the heatmap's maximum", loc="left")
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
