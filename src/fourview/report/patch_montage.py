"""Figure S18: patches of the four classes, beside the images they are from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fourview.report.mammogram_axes import draw_mammogram

COLOURS = {"malignant": "#ff2020", "benign": "#20e020", "high_risk_benign": "#ffe000"}
"""Of outlines, by class: as in masks."""
SQUARE = "#3060ff"
_CAPTIONS = {
    "malignant": "(a) malignant: overlaps findings marked in red, and no others",
    "benign": "(b) benign: overlaps findings marked in green or yellow, and no others",
    "outside": "(c) outside: of an image with marked findings, overlaps none",
    "negative": "(d) negative: of an exam that is negative in all labels",
}
_DPI = 110


@dataclass(frozen=True, eq=False)
class MontagePatch:
    """A patch with the image of its origin."""

    wanted: str
    """Its class."""
    patch: NDArray[np.float32]
    """`(p, p)`, as the network reads it."""
    image: NDArray[np.uint16]
    """`(H, W)`, facing rightward."""
    corners: NDArray[np.float64]
    """`(4, 2)` (row, column) on the image."""
    outlines: Mapping[str, Sequence[NDArray[np.float64]]]
    """By class of finding, closed lines of `(N, 2)` (row, column)."""
    title: str


def patch_montage_png(patches: Sequence[MontagePatch]) -> bytes:
    """The montage as PNG: a row a class, each patch at the left of its image."""
    rows = {
        name: [one for one in patches if one.wanted == name]
        for name in _CAPTIONS
        if any(one.wanted == name for one in patches)
    }
    across = max(map(len, rows.values()))
    figure = Figure(figsize=(3.6 * across, 2.9 * len(rows)), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    bands = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
    for band, (name, some) in zip(bands, rows.items(), strict=True):
        band.suptitle(_CAPTIONS[name], fontsize=10, x=0.01, ha="left")
        axes = band.subplots(1, 2 * across, squeeze=False, width_ratios=[1, 1.2] * across)[0]
        for one in axes:
            one.set_axis_off()
        for place, one in enumerate(some):
            _draw_patch(axes[2 * place], one)
            _draw_image(axes[2 * place + 1], one)
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()


def _draw_patch(axes: Axes, one: MontagePatch) -> None:
    low, high = np.percentile(one.patch, (0.5, 99.5))
    axes.imshow(one.patch, cmap="gray", vmin=float(low), vmax=max(float(high), float(low) + 1e-6))
    axes.set_title(one.title, fontsize=6)


def _draw_image(axes: Axes, one: MontagePatch) -> None:
    draw_mammogram(axes, one.image)
    for name, lines in one.outlines.items():
        for line in lines:
            closed = np.concatenate([line, line[:1]])
            axes.plot(closed[:, 1], closed[:, 0], color=COLOURS[name], linewidth=0.8)
    square = np.concatenate([one.corners, one.corners[:1]])
    axes.plot(square[:, 1], square[:, 0], color=SQUARE, linewidth=1.2)
