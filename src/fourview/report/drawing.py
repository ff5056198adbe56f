"""A figure drawn in both forms, PNG and SVG: the same content gives the same bytes."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine

DASHES = (0, (4, 3))
GREY = "#a0a0a0"
"""Of what is there to be compared with: chance, the diagonal, nobody recalled."""
_DPI = 130
_LEGEND_CHARACTERS = 46
"""That fit below a panel of 4 inches."""
_LEGEND_LINE = 0.185
"""Inches of a line of a legend."""
_FEW = 10
_LAYOUTS = 3
"""Square axes change what a legend below them takes, so that one layout cuts titles off; the third
moves nothing any more."""
_LARGER, _TRIES = 1.5, 5
"""A figure whose names leave no room for its axes is drawn so much larger, so often at most."""
_NO_ROOM = "constrained_layout not applied"
"""How matplotlib's warning begins."""
_FONT = "DejaVu Sans"
_FURTHER_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK KR",
    "Source Han Sans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "IPAexGothic", "IPAGothic",
    "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "Hiragino Sans", "PingFang SC",
    "Apple SD Gothic Neo", "Arial Unicode MS",
)  # fmt: skip
"""For letters that the first has not, where they are installed."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "fourview",  # the same curves, the same bytes
    "text.parse_math": False,  # a name may have dollar signs
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True)
class DrawnFigure:
    """One figure in both forms, with what is to be said below it."""

    name: str
    """Of its files, without the ending."""
    title: str
    caption: str
    png: bytes
    svg: bytes


@contextmanager
def new_figure(width: float, height: float) -> Iterator[Figure]:
    """An empty figure of so many inches, to be drawn and turned into bytes inside the block."""
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.03, hspace=0.03)
    installed = set(fontManager.get_font_names())
    fonts = [_FONT, *(name for name in _FURTHER_FONTS if name in installed)]
    with rc_context({**_STYLE, "font.family": fonts}):
        figure = Figure(figsize=(width, height), layout=layout, facecolor="white")
        FigureCanvasAgg(figure)
        yield figure


def both_forms(figure: Figure, *, dpi: int = _DPI) -> tuple[bytes, bytes]:
    """The figure as PNG and as SVG, laid out once for both.

    A letter that no installed font has is a box in the PNG; in the SVG it stays text, for a browser
    with a font of its own.
    """
    png, svg = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing from font", category=UserWarning
        )
        _lay_out(figure)
        figure.savefig(png, format="png", dpi=dpi, metadata={"Software": None})
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "fourview"})
    return png.getvalue(), svg.getvalue()


def _lay_out(figure: Figure) -> None:
    """Give axes, titles and legends their places, on a larger figure where there is no room."""
    layout = figure.get_layout_engine()
    if layout is None:
        return
    times = _LAYOUTS if _is_square_with_legend(figure) else 1
    for left in reversed(range(_TRIES)):
        with warnings.catch_warnings():
            on_no_room: Literal["error", "ignore"] = "error" if left else "ignore"
            warnings.filterwarnings(on_no_room, _NO_ROOM, UserWarning)
            try:
                for _ in range(times):
                    layout.execute(figure)
                break
            except UserWarning as said:
                if _NO_ROOM not in str(said):
                    raise
                width, height = figure.get_size_inches()
                figure.set_size_inches(_LARGER * width, _LARGER * height)
    figure.set_layout_engine("none")


def _is_square_with_legend(figure: Figure) -> bool:
    return any(one.get_aspect() != "auto" and one.get_legend() for one in figure.axes)


def colours_of(names: Sequence[str]) -> dict[str, str]:
    """A colour for each of several things of a kind, the first ten of them well apart."""
    names = list(dict.fromkeys(names))
    if len(names) <= _FEW:
        return {name: to_hex(colormaps["tab10"](at)) for at, name in enumerate(names)}
    rainbow = colormaps["turbo"]
    return {
        name: to_hex(rainbow(0.04 + 0.92 * at / (len(names) - 1))) for at, name in enumerate(names)
    }


def broken(text: str, characters: int = _LEGEND_CHARACTERS) -> str:
    """A name or a title over as many lines as it needs, ended by a space or a slash, or by a hyphen
    where a word is too long; lines that are broken stay so."""
    spaced = text.replace("/", "/ ")
    too_long = any(len(word) > characters for word in spaced.split())
    lines = [
        line
        for part in spaced.split("\n")
        for line in textwrap.wrap(part, characters, break_on_hyphens=too_long)
    ]
    return "\n".join(line.replace("/ ", "/") for line in lines) or text


def legend_height(texts: Sequence[str]) -> float:
    """Inches that a legend of these takes below its panel."""
    return _LEGEND_LINE * sum(text.count("\n") + 1 for text in texts) + 0.1


def plain_axes(axes: Axes) -> None:
    """A pale grid behind what is drawn, and no frame above or on the right."""
    axes.grid(color="#ececec", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
