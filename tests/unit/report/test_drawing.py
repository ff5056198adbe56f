"""Names of all kinds in figures: warnings are errors here, and no name raises one."""

from __future__ import annotations

import struct

import pytest

from fourview.report.drawing import both_forms, new_figure


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def drawn(name: str, width: float = 3.0, height: float = 3.0) -> tuple[bytes, bytes]:
    with new_figure(width, height) as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label=name)
        axes.set_title(name, loc="left")
        figure.legend(loc="outside lower left")
        return both_forms(figure)


@pytest.mark.parametrize(
    "name", ["日本語のモデル", "모델", "модель", "نموذج", "🩻 v2", "$x_{1", "a\x07b"]
)
def test_a_name_in_any_letters_is_drawn_without_a_warning_and_stays_text(name: str) -> None:
    png, svg = drawn(name)
    assert size_of(png) == (390, 390)
    if "\x07" not in name:
        assert name in svg.decode()
    assert drawn(name) == (png, svg)


def test_a_name_that_leaves_no_room_makes_the_figure_larger() -> None:
    """Its axes had no height, and matplotlib warned."""
    png, svg = drawn("line\n" * 14, 3.0, 3.0)
    width, height = size_of(png)
    assert width == height > 390
    assert svg.decode().count(">line<") == 2 * 14


def test_a_name_with_no_room_on_any_figure_is_still_drawn() -> None:
    png, _ = drawn("line\n" * 300, 1.0, 1.0)
    assert size_of(png)[0] > 130


def test_other_warnings_are_not_hushed() -> None:
    """That there is nothing to be laid out is one."""
    with new_figure(2, 2) as figure:
        figure.add_axes((0.1, 0.1, 0.8, 0.8))
        with pytest.raises(UserWarning, match="no gridspecs"):
            both_forms(figure)
