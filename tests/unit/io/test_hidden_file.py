"""hidden.npz: what was written is read again, and files of other kinds are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.io.hidden_file import read_hidden
from fourview.io.results import write_hidden


def activations(n: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 1024)).astype(np.float32)


def test_what_was_written_is_read_again_and_a_view_that_was_not_is_told(tmp_path: Path) -> None:
    columns, fc = activations(3), activations(3, seed=1)
    columns[1, 256:512] = np.nan
    write_hidden(tmp_path / "hidden.npz", ["a", "b", "c"], list(columns), list(fc))
    for path in (tmp_path, tmp_path / "hidden.npz"):
        found = read_hidden(path)
        assert found.exams == ("a", "b", "c")
        assert np.array_equal(found.columns, columns, equal_nan=True)
        assert np.array_equal(found.fc, fc)
        assert found.whole.tolist() == [True, False, True]


def test_what_the_run_said_of_itself_is_read_beside_it(tmp_path: Path) -> None:
    write_hidden(tmp_path / "hidden.npz", ["a"], list(activations(1)), list(activations(1)))
    for text, expected in (
        ('{"notices": ["they know nothing"]}', ("they know nothing",)),
        ('{"notices": 3}', ()),
        ("[]", ()),
        ("torn", ()),
    ):
        (tmp_path / "run.json").write_text(text)
        assert read_hidden(tmp_path).notices == expected


def test_a_run_without_exams_has_none(tmp_path: Path) -> None:
    write_hidden(tmp_path / "hidden.npz", [], [], [])
    assert read_hidden(tmp_path).exams == ()


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"fc": None}, "has no array 'fc'"),
        ({"exam": np.array([1, 2])}, "'exam' holds no list of names"),
        ({"exam": np.array(["a", "a"])}, "the exam 'a' stands there twice"),
        ({"columns": np.zeros((3, 4), np.float32)}, r"shape \(3, 4\); expected numbers of 2 exams"),
        ({"columns": np.zeros(2, np.float32)}, r"'columns' is float32 of shape \(2,\)"),
        ({"fc": np.zeros((2, 4), int)}, "'fc' is int64"),
        ({"fc": np.full((2, 4), np.inf, np.float32)}, "'fc' of exam 'a' is infinite"),
        ({"exam": np.array(["a", None], dtype=object)}, "cannot be read"),
    ],
)
def test_an_archive_of_another_kind_is_refused(
    tmp_path: Path, parts: dict[str, Any], says: str
) -> None:
    whole = {
        "exam": np.array(["a", "b"]),
        "columns": np.zeros((2, 4), np.float32),
        "fc": np.zeros((2, 4), np.float32),
    } | parts
    given = {name: values for name, values in whole.items() if values is not None}
    np.savez(tmp_path / "hidden.npz", **given)
    with pytest.raises(TableError, match=says):
        read_hidden(tmp_path)


@pytest.mark.parametrize("content", [b"", b"exam,columns\n", b"PK\x03\x04 torn"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hidden.npz"
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"hidden\.npz") as error:
        read_hidden(path)
    assert "--hidden" in error.value.hint


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    write_hidden(tmp_path / "hidden.npz", ["a"], list(activations(1)), list(activations(1)))
    path = tmp_path / "hidden.npz"
    data = bytearray(path.read_bytes())
    data[200:3000] = bytes(2800)
    path.write_bytes(data)
    with pytest.raises(TableError, match="cannot be read"):
        read_hidden(path)


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_hidden(tmp_path)
