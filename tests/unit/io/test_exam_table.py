"""exams.csv, read and written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.core.records import ImageRecord
from fourview.core.views import Facing, View
from fourview.io.exam_table import read_exam_table, write_exam_table

IMAGE = ImageRecord(
    exam="0001",
    path="0001/l_cc.png",
    view=View.L_CC,
    patient="p7",
    study_date=date(2019, 3, 31),
    age=57.0,
    density="b",
    manufacturer="Maker, Inc.",
    rows=3328,
    columns=2560,
    pixel_spacing_mm=(0.07, 0.07),
    facing=Facing.RIGHT,
    other={"clinic": "north"},
)


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "exams.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_again_unknown_columns_too(tmp_path: Path) -> None:
    aside = ImageRecord(exam="0001", path="0001/ml.png", status="set aside", reason="no such view")
    write_exam_table(tmp_path / "exams.csv", [IMAGE, aside])
    found = read_exam_table(tmp_path / "exams.csv")
    assert found.problems == ()
    assert [replace(image, place="") for image in found.images] == [
        IMAGE,
        replace(aside, other={"clinic": ""}),
    ]


def test_the_least_table_is_read(tmp_path: Path) -> None:
    found = read_exam_table(table(tmp_path, "exam,view,path\n1,L-CC,a.png\n1,rmlo,b.png\n"))
    assert [image.view for image in found.images] == [View.L_CC, View.R_MLO]
    assert found.image_path(found.images[0]) == tmp_path / "a.png"


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("study_date", "31.03.2019", "year first"),
        ("study_date", "2019-02-30", "expected a date"),
        ("study_date", "2019111", "expected a date"),
        ("study_date", "2019-4-01", "expected a date"),
        ("study_date", "2019-04/01", "expected a date"),
        ("study_date", "2019-04-01 - 2019-09-01", "expected a date"),
        ("study_date", "2019-04-01 or later", "expected a date"),
        ("study_date", "2019-04-01 25:00", "expected a date"),
        ("study_date", "0019-02-03", "expected a date"),
        ("age", "old", "a number, 0 to 130"),
        ("age", "-3", "a number, 0 to 130"),
        ("density", "e", "a, b, c or d"),
        ("rows", "12.5", "whole number"),
        ("pixel_spacing_mm", "70 um", "millimetres"),
        ("facing", "up", "left, right or empty"),
        ("status", "maybe", "ok, set aside or refused"),
        ("view", "L-ML", "expected L-CC"),
        ("path", "", "the path is empty"),
        ("exam", "a/b", "path separator"),
    ],
)
def test_a_row_with_an_impossible_cell_is_named_and_the_others_are_read(
    tmp_path: Path, column: str, cell: str, said: str
) -> None:
    cells = {"exam": "1", "view": "L-CC", "path": "a.png", column: cell}
    sound = {name: SOUND.get(name, "") for name in cells}
    text = "\n".join(",".join(row) for row in (cells, cells.values(), sound.values()))
    found = read_exam_table(table(tmp_path, text))
    assert [problem.place for problem in found.problems] == ["exams.csv, line 2"]
    assert said in str(found.problems[0])
    assert len(found.images) == 1


SOUND = {"exam": "2", "view": "L-CC", "path": "b.png"}


@pytest.mark.parametrize(
    "written",
    [
        *("2019-03-31", "20190331", "2019/03/31", "2019.03.31", "2019-03-31 14:05"),
        *("2019-03-31T14:05:59.123456Z", "2019-03-31 00:00:00+02:00", "20190331 00:00:00"),
    ],
)
def test_dates_with_the_year_first_are_read(tmp_path: Path, written: str) -> None:
    text = f"exam,view,path,study_date\n1,L-CC,a.png,{written}\n"
    assert read_exam_table(table(tmp_path, text)).images[0].study_date == date(2019, 3, 31)


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no rows"):
        read_exam_table(table(tmp_path, "exam,view,path\n"))
