"""BI-RADS tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.core.views import Laterality
from fourview.io.assessments import category_of, read_assessments


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "birads.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_by_exam_and_by_patient_and_day_are_read(tmp_path: Path) -> None:
    [one] = read_assessments(table(tmp_path, "exam,birads\n0001,4A\n")).assessments
    assert (one.exam, one.category, one.laterality) == ("0001", "4a", None)
    text = "patient,date,birads,laterality\np,2019-03-31,2,both\n"
    found = read_assessments(table(tmp_path, text)).assessments
    assert [row.laterality for row in found] == [Laterality.LEFT, Laterality.RIGHT]
    assert {(row.patient, row.date) for row in found} == {("p", date(2019, 3, 31))}


@pytest.mark.parametrize(
    ("text", "category"),
    [("2", "2"), ("2.0", "2"), ("BI-RADS 4B", "4b"), ("birads:0", "0"), ("397143007", "3")],
)
def test_categories_are_read_as_they_are_written(text: str, category: str) -> None:
    assert category_of(text) == category


@pytest.mark.parametrize("text", ["", "7", "4d", "benign", "-1", "2.5"])
def test_another_category_is_refused(text: str) -> None:
    with pytest.raises(TableError, match="birads is"):
        category_of(text)


@pytest.mark.parametrize(
    ("row", "said"),
    [("1,9,L", "birads is '9'"), ("1,2,up", "the side is"), (",2,L", "names no exam")],
)
def test_a_row_that_cannot_be_read_keeps_its_exam_from_having_a_class(
    tmp_path: Path, row: str, said: str
) -> None:
    found = read_assessments(table(tmp_path, f"exam,birads,laterality\n{row}\n"))
    assert said in found.problems[0].problem
    assert found.problems[0].place == "birads.csv, line 2"
    assert [one.category for one in found.assessments] == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exam,birads\n", "no rows"),
        ("exam,score\n1,2\n", "no column 'birads'"),
        ("patient,birads\n1,2\n", "no column 'exam'"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        read_assessments(table(tmp_path, text))
