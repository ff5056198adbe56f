"""What a table's cell says as a number, and what only Python takes for one."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.io.annotations.shapes import points_cell
from fourview.io.cells import number_cell, number_in, spacing_cell, whole_cell
from fourview.io.label_table import read_label_table
from fourview.io.prediction_file import read_predictions
from fourview.io.reader_table import read_reader_table

PYTHONS = ["0_5", "1_0", "٠", "０.５", "infinity", "nan", "1e5_0", "0x1", " 1", "1 ", "1,5", "+-1"]
"""What `float` takes, most of it, and no table means."""
HEADER = "exam,left_benign,right_benign,left_malignant,right_malignant"


@pytest.mark.parametrize("text", ["0.5", ".5", "+0.5", "5e-1", "5E-01", "0.50", "00.5"])
def test_plain_digits_are_a_number(text: str) -> None:
    assert number_in(text) == 0.5
    assert number_in(f"-{text.lstrip('+')}") == -0.5


@pytest.mark.parametrize("text", ["1", "1.", "1.0", "1e0"])
def test_a_whole_number_may_be_written_with_a_point(text: str) -> None:
    assert whole_cell(text, "rows", least=1, most=9) == 1


@pytest.mark.parametrize("text", PYTHONS)
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    assert math.isnan(number_in(text))
    with pytest.raises(TableError, match="expected a number"):
        number_cell(text, "age", least=-100, most=100)


def test_spacings_and_points_are_plain_numbers_too() -> None:
    assert spacing_cell("0.07 \\ 0.08") == (0.07, 0.08)
    with pytest.raises(TableError, match="expected millimetres"):
        spacing_cell("0_1")
    with pytest.raises(TableError, match="expected pairs of numbers"):
        points_cell("1_0 20; 30 40")


def test_five_written_with_an_underscore_is_refused_in_each_table(tmp_path: Path) -> None:
    """`0_5` was read as 5, `0_1` as 1."""
    (tmp_path / "labels.csv").write_text(f"{HEADER}\n1,0,0,0_1,0\n")
    with pytest.raises(TableError, match=r"line 2.*left_malignant is '0_1'"):
        read_label_table(tmp_path / "labels.csv")
    (tmp_path / "predictions.csv").write_text(f"{HEADER}\n1,0.1,0.1,0_1,0.1\n")
    with pytest.raises(TableError, match=r"line 2.*left_malignant is '0_1'"):
        read_predictions(tmp_path / "predictions.csv")
    readers = tmp_path / "readers.csv"
    readers.write_text("case,truth,reader\na,0,0.1\nb,1,0_5\n")
    with pytest.raises(TableError, match="the rating is '0_5'"):
        read_reader_table(readers)
    readers.write_text("case,truth,reader\na,0_0,0.1\nb,1,0.5\n")
    with pytest.raises(TableError, match="'0_0'; expected 0 or 1"):
        read_reader_table(readers)
