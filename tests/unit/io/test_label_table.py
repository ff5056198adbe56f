"""labels.csv, read and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.core.records import ExamLabels
from fourview.core.views import Label
from fourview.io.label_table import read_label_table, write_label_table

HEADER = "exam,left_benign,right_benign,left_malignant,right_malignant"


def labels(exam: str, **values: bool) -> ExamLabels:
    found = {label: values.get(label.value, False) for label in Label}
    return ExamLabels(exam=exam, values=found, biopsied=any(values.values()), birads=2)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    both = [labels("1", left_benign=True, left_malignant=True), labels("2")]
    write_label_table(tmp_path / "labels.csv", both)
    assert list(read_label_table(tmp_path / "labels.csv").values()) == both


def test_without_the_column_an_exam_with_a_label_was_biopsied(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(f"{HEADER}\n1,0,0,0,1\n2,0,0,0,0\n")
    found = read_label_table(tmp_path / "labels.csv")
    assert [found[exam].biopsied for exam in "12"] == [True, False]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,0,0,0,2", "right_malignant is '2'"),
        ("1,0,0,0,", "right_malignant is empty"),
        ("1,0,0,0,yes", "expected a number"),
        (",0,0,0,0", "the exam is empty"),
        ("1,0,0", "has 3 cells"),
        ("1,0,0,0,1\n1,0,0,0,0", "stands there twice"),
    ],
)
def test_a_wrong_row_is_refused_by_its_line(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "labels.csv").write_text(f"{HEADER}\n{row}\n")
    with pytest.raises(TableError, match=said) as caught:
        read_label_table(tmp_path / "labels.csv")
    assert f"line {2 + row.count(chr(10))}" in str(caught.value)
