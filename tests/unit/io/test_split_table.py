"""splits.csv, read and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.core.errors import TableError
from fourview.core.records import SplitRecord
from fourview.io.split_table import read_split_table, split_of_exams, write_split_table


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "splits.csv"
    write_split_table(path, [SplitRecord(exam="1", patient="a", split="test")])
    assert path.read_text() == "exam,patient,split\n1,a,test\n"
    (found,) = read_split_table(path)
    assert (found.exam, found.patient, found.split) == ("1", "a", "test")
    assert found.place == "splits.csv, line 2"
    assert split_of_exams(path) == {"1": "test"}


def test_an_exam_that_stands_there_twice_is_kept_for_the_check_only(tmp_path: Path) -> None:
    path = tmp_path / "splits.csv"
    path.write_text("exam,split\n1,test\n1,training\n")
    assert len(read_split_table(path)) == 2
    with pytest.raises(TableError, match="line 3: the exam '1' stands there twice"):
        split_of_exams(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"exam,split\n1,train\n", "line 2: the split is 'train'; it may be training, validation"),
        (b"exam,split\n,test\n", "line 2: the exam is empty"),
        (b"exam,split\n1\n", "line 2: the row has 1 cells"),
        (b"exam,split\n", "has no rows"),
        (b"exam;split\n1;test\n", "no column 'exam', 'split'"),
        ("exam,split\n1,test\n".encode("utf-16"), "encoded as UTF-16"),
        ("exam,split\nJosé,test\n".encode("latin-1"), "line 2: not UTF-8"),
    ],
)
def test_a_wrong_table_is_refused_by_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "splits.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_split_table(path)
