"""A flow diagram for a paper, as STARD and CONSORT ask for: boxes with counts, down the page,
what leaves to the right, the groups at the end side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import text_to_path

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: to be found, translated, and set in another face
    "svg.hashsalt": "fourview",  # the same diagram, the same bytes
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
}
_INCH = 72.0
"""Points in an inch; lengths below are points."""
_SIZE, _LINE, _PAD, _GAP, _MARGIN = 9.0, 14.0, 10.0, 34.0, 12.0
_INSET = 10.0
_BETWEEN = 36.0
_INK, _EDGE, _FILL, _ASIDE = "#1d2530", "#5b6675", "#ffffff", "#f3f5f7"


@dataclass(frozen=True)
class FlowBox:
    """A box: its title in bold, lines below it. A line that starts with two spaces is set in."""

    title: str
    lines: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        """Points."""
        return (1 + len(self.lines)) * _LINE + 2 * _PAD - (_LINE - _SIZE)

    @property
    def width(self) -> float:
        """Points."""
        widths = [_text_width(self.title, bold=True), *map(_text_width, self.lines)]
        return max(widths) + 2 * _PAD


@dataclass(frozen=True)
class FlowDiagram:
    """What is drawn: at the top who came in, to the right who left, then who stayed, and how."""

    start: FlowBox
    left: FlowBox | None
    """None where nobody was excluded."""
    stayed: FlowBox
    ends: tuple[FlowBox, ...]


def _text_width(text: str, *, bold: bool = False) -> float:
    """In points, in DejaVu Sans; the faces that a viewer may have instead are narrower."""
    face = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=_SIZE)
    width, _, _ = text_to_path.get_text_width_height_descent(text.strip(), face, ismath=False)
    return float(width) + (_INSET if text.startswith("  ") else 0.0)


def flow_svg(diagram: FlowDiagram) -> bytes:
    """The diagram as SVG, its text as text. The same diagram gives the same bytes."""
    with rc_context(_STYLE):
        figure = _drawn(diagram)
        FigureCanvasSVG(figure)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "fourview"})
    return file.getvalue()


def _drawn(diagram: FlowDiagram) -> Figure:
    trunk = max(diagram.start.width, diagram.stayed.width)
    ends = sum(box.width for box in diagram.ends) + _BETWEEN * (len(diagram.ends) - 1)
    aside = diagram.left.width + _BETWEEN if diagram.left else 0.0
    half = max(trunk, ends) / 2
    centre = _MARGIN + half
    width = centre + max(half, aside) + _MARGIN
    drop = diagram.left.height + _GAP if diagram.left else _GAP
    tallest = max((box.height for box in diagram.ends), default=0.0)
    height = 2 * _MARGIN + diagram.start.height + drop + diagram.stayed.height + _GAP + tallest

    figure = Figure(figsize=(width / _INCH, height / _INCH), facecolor="white")
    page = _Page(figure, width, height)
    top = height - _MARGIN
    page.box(diagram.start, centre, top, trunk)
    below = top - diagram.start.height
    stayed = below - drop
    page.arrow((centre, below), (centre, stayed))
    if diagram.left:
        middle = below - drop / 2
        edge = centre + _BETWEEN
        page.arrow((centre, middle), (edge, middle))
        page.box(
            diagram.left, edge + diagram.left.width / 2, middle + diagram.left.height / 2,
            diagram.left.width, fill=_ASIDE,
        )  # fmt: skip
    page.box(diagram.stayed, centre, stayed, trunk)
    _draw_ends(page, diagram, centre, stayed - diagram.stayed.height, centre - ends / 2)
    return figure


def _draw_ends(page: _Page, diagram: FlowDiagram, centre: float, top: float, x: float) -> None:
    """The groups side by side from `x` on, under a common bar."""
    bar = top - _GAP / 2
    middles = []
    for box in diagram.ends:
        middles.append(x + box.width / 2)
        page.box(box, middles[-1], top - _GAP, box.width)
        x += box.width + _BETWEEN
    if middles:
        page.line([(centre, top), (centre, bar)])
        page.line([(min(*middles, centre), bar), (max(*middles, centre), bar)])
    for middle in middles:
        page.arrow((middle, bar), (middle, top - _GAP))


class _Page:
    """A sheet measured in points, from its lower left corner."""

    def __init__(self, figure: Figure, width: float, height: float) -> None:
        self._axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(0, height)
        self._axes.set_axis_off()

    def box(
        self, box: FlowBox, centre: float, top: float, width: float, *, fill: str = _FILL
    ) -> None:
        left = centre - width / 2
        self._axes.add_patch(
            FancyBboxPatch(
                (left, top - box.height), width, box.height, boxstyle="round,pad=0,rounding_size=3",
                facecolor=fill, edgecolor=_EDGE, linewidth=0.9, zorder=2,
            )
        )  # fmt: skip
        y = top - _PAD
        for number, line in enumerate((box.title, *box.lines)):
            inset = _INSET if line.startswith("  ") else 0.0
            self._axes.text(
                left + _PAD + inset, y - number * _LINE, line.strip(), va="top", ha="left",
                fontsize=_SIZE, color=_INK, fontweight="normal" if number else "bold", zorder=3,
            )  # fmt: skip

    def line(self, way: Sequence[tuple[float, float]]) -> None:
        x, y = zip(*way, strict=True)
        self._axes.plot(x, y, color=_EDGE, linewidth=0.9, solid_capstyle="projecting", zorder=1)

    def arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self._axes.annotate(
            "", xy=end, xytext=start, zorder=1,
            arrowprops={"arrowstyle": "-|>", "color": _EDGE, "linewidth": 0.9, "shrinkA": 0,
                        "shrinkB": 0, "mutation_scale": 9},
        )  # fmt: skip
