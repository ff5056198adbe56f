"""The power of a planned reader study, by its cases, for several numbers of readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.report.drawing import DASHES, GREY, both_forms, colours_of, new_figure, plain_axes


@dataclass(frozen=True, eq=False)
class PowerLine:
    """One number of readers."""

    readers: int
    cases: NDArray[np.int64]
    power: NDArray[np.float64]


def power_figure(lines: Sequence[PowerLine], *, wanted: float) -> tuple[bytes, bytes]:
    """A line for each number of readers, as PNG and as SVG; the wanted power dashed across."""
    colours = colours_of([str(line.readers) for line in lines])
    with new_figure(6.4, 4.2) as figure:
        axes = figure.subplots()
        axes.axhline(wanted, color=GREY, linewidth=0.9, linestyle=DASHES, zorder=1)
        for line in lines:
            axes.plot(
                line.cases, line.power, color=colours[str(line.readers)], linewidth=1.7,
                label=str(line.readers), zorder=2,
            )  # fmt: skip
        axes.set_xlabel("cases")
        axes.set_ylabel("power")
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.015)
        plain_axes(axes)
        axes.legend(title="readers", loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
        return both_forms(figure)
