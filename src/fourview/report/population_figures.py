"""Figures of parts of a population (Figure 6), and of how a model's four predictions go together
(Figure S1).

`fourview evaluate` turns its numbers into the dataclasses here and gets `(png, svg)` back.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

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
    new_figure,
    plain_axes,
)

Floats = NDArray[np.float64]
_INK = "#404040"
_COUNTS = "below: breasts with / without the finding"
_LEAST_WIDTH = 2.6
"""Inches of a panel's axes: what a legend's name needs."""
_SPREAD = 0.56
"""Of a group's place on the axis, what its models take."""


@dataclass(frozen=True)
class Group:
    """A part of a population: `50–59`, `heterogeneously dense`."""

    name: str
    cases: int
    """Breasts with the finding."""
    others: int
    """Breasts without."""


@dataclass(frozen=True, eq=False)
class GroupValues:
    """A model's number in each of `G` groups."""

    name: str
    values: Floats
    """`(G,)`; NaN where it is not defined."""
    low: Floats
    """`(G,)`: of the interval; NaN where that is not defined."""
    high: Floats


@dataclass(frozen=True, eq=False)
class GroupsPanel:
    """Models in the groups of one column, for one finding."""

    title: str
    """`malignant, by age`."""
    groups: Sequence[Group]
    models: Sequence[GroupValues]
    measure: str = "AUC"
    chance: float | None = 0.5


def groups_figure(rows: Sequence[Sequence[GroupsPanel]], *, few: int = 10) -> tuple[bytes, bytes]:
    """A number with its interval in each group, models side by side (Figure 6), as PNG and SVG.

    Under each group stand its breasts with and without the finding. A group with fewer than `few`
    of either has open marks: its interval may not hold what it promises. Where a number is not
    defined, a cross stands at the foot, and no mark is drawn.
    """
    width = sum(_width(panel) for panel in max(rows, key=lambda row: sum(map(_width, row))))
    across = max(map(len, rows))
    names = [one.name for row in rows for panel in row for one in panel.models]
    columns = max(1, int(width / (0.075 * max(map(len, [*names, _COUNTS])) + 0.5)))
    lines = -(-(len(set(names)) + 3) // columns)
    with new_figure(width, 3.3 * len(rows) + 0.2 * lines + 0.1) as figure:
        ratios = [max(_width(row[at]) for row in rows if at < len(row)) for at in range(across)]
        grid = figure.subplots(
            len(rows), across, squeeze=False, gridspec_kw={"width_ratios": ratios}
        )
        colours = colours_of(names)
        for row, row_axes in zip(rows, grid, strict=True):
            for at, axes in enumerate(row_axes):
                if at < len(row):
                    _draw_groups(axes, row[at], colours, few)
                else:
                    axes.set_visible(False)
        figure.legend(
            handles=_group_handles(rows, colours, few), loc="outside lower left",
            ncols=columns, frameon=False,
        )  # fmt: skip
        return both_forms(figure)


def _width(panel: GroupsPanel) -> float:
    """Inches: a group takes as much as its models and its name need."""
    longest = max((len(line) for one in panel.groups for line in _lines(one)), default=0)
    groups = len(panel.groups) * max(0.45 + 0.16 * len(panel.models), 0.075 * longest + 0.15)
    return 0.9 + max(groups, 0.085 * len(panel.title), _LEAST_WIDTH)


def _lines(group: Group) -> list[str]:
    """Its name, broken where it is long, and its counts."""
    return [*textwrap.wrap(group.name, 16), f"{group.cases} / {group.others}"]


def _draw_groups(axes: Axes, panel: GroupsPanel, colours: dict[str, str], few: int) -> None:
    n = len(panel.models)
    if panel.chance is not None:
        axes.axhline(panel.chance, color=GREY, linewidth=0.8, linestyle=DASHES, zorder=1)
    foot = _foot(panel)
    for at, one in enumerate(panel.models):
        shift = (at - (n - 1) / 2) * _SPREAD / n
        for place, group in enumerate(panel.groups):
            x, value = place + shift, float(one.values[place])
            if np.isnan(value):
                axes.plot(x, foot + 0.02, marker="x", color=colours[one.name], markersize=4.5)
                continue
            ends = np.array([[value - one.low[place]], [one.high[place] - value]])
            is_small = min(group.cases, group.others) < few
            axes.errorbar(
                x, value, yerr=None if np.isnan(ends).any() else np.maximum(ends, 0),
                color=colours[one.name], marker="o", markersize=5, linewidth=1.3, capsize=2,
                markerfacecolor="white" if is_small else colours[one.name],
            )  # fmt: skip
    axes.set_xticks(range(len(panel.groups)), ["\n".join(_lines(one)) for one in panel.groups])
    axes.tick_params(axis="x", length=0, labelsize=8)
    axes.set_xlim(-0.5, len(panel.groups) - 0.5)
    axes.set_ylim(foot, 1.02)
    axes.set_title(panel.title, loc="left")
    axes.set_ylabel(panel.measure)
    plain_axes(axes)
    axes.grid(visible=False, axis="x")


def _foot(panel: GroupsPanel) -> float:
    """Where the vertical axis begins: a tenth below everything, not above chance less 0.1."""
    drawn = [np.concatenate([one.values, one.low]) for one in panel.models]
    values = np.concatenate([*drawn, np.array([1.0 if panel.chance is None else panel.chance])])
    lowest = float(np.nanmin(values))
    return max(0.0, math.floor(10 * lowest - 0.5) / 10)


def _group_handles(
    rows: Sequence[Sequence[GroupsPanel]], colours: dict[str, str], few: int
) -> list[Line2D]:
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=5, linewidth=1.3, label=name)
        for name, colour in colours.items()
    ]
    panels = [panel for row in rows for panel in row]
    groups = [group for panel in panels for group in panel.groups]
    if any(min(one.cases, one.others) < few for one in groups):
        handles.append(
            Line2D([], [], color=_INK, marker="o", markersize=5, markerfacecolor="white",
                   linestyle="", label=f"fewer than {few} with or without")
        )  # fmt: skip
    if any(np.isnan(one.values).any() for panel in panels for one in panel.models):
        handles.append(Line2D([], [], color=_INK, marker="x", linestyle="", label="not defined"))
    handles.append(Line2D([], [], linestyle="", label=_COUNTS))
    return handles


@dataclass(frozen=True, eq=False)
class Correlations:
    """How one model's predictions go together."""

    name: str
    labels: Sequence[str]
    """Of `L` predictions: `left benign`, `left malignant`, …"""
    matrix: Floats
    """`(L, L)`, from -1 to 1; NaN where one of the two does not vary."""
    exams: int


_TITLE = 28
"""Characters that fit above a matrix."""


def correlation_figure(panels: Sequence[Correlations]) -> tuple[bytes, bytes]:
    """Correlation matrices side by side, a panel a model (Figure S1), as PNG and SVG. A cell that
    is not defined is grey with a dash."""
    with new_figure(3.5 * len(panels) + 0.8, 3.9) as figure:
        all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, panel in zip(all_axes, panels, strict=True):
            image = axes.imshow(panel.matrix, cmap="RdBu_r", vmin=-1, vmax=1)
            axes.set_facecolor("#d8d8d8")
            for (row, column), value in np.ndenumerate(panel.matrix):
                axes.text(
                    column, row, "–" if np.isnan(value) else f"{value:z.2f}".replace("-", "−"),
                    ha="center", va="center", color="white" if abs(value) > 0.6 else "black",
                )  # fmt: skip
            ticks = range(len(panel.labels))
            axes.set_xticks(ticks, panel.labels, rotation=35, ha="right", rotation_mode="anchor")
            axes.set_yticks(ticks, panel.labels)
            axes.tick_params(length=0)
            axes.set_title(f"{broken(panel.name, _TITLE)}\n{panel.exams} exams", loc="left")
        figure.colorbar(image, ax=list(all_axes), shrink=0.75, label="correlation")
        return both_forms(figure)
