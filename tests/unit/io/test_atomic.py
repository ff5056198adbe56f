from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fourview.core.errors import ExamError, OutputError
from fourview.io.atomic import cannot_write, remove_file, remove_folder, whole_folder, write_file


def names(folder: Path) -> list[str]:
    """All that is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a.bin"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["a.bin"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    write_file(path, b"old")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="the disk is full") as caught:
        write_file(path, b"new")
    assert caught.value.hint
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        write_file(tmp_path / "taken" / "a.bin", b"")


def test_a_folder_appears_when_all_of_it_is_there(tmp_path: Path) -> None:
    target = tmp_path / "exams" / "a"
    with whole_folder(target) as folder:
        (folder / "one").write_bytes(b"1")
        assert not target.exists()
    assert names(target) == ["one"]
    assert names(target.parent) == ["a"]


def test_a_folder_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "a"
    for name in ("old", "new"):
        with whole_folder(target) as folder:
            (folder / name).write_bytes(b"")
    assert names(target) == ["new"]


@pytest.mark.parametrize("error", [ExamError("no"), KeyboardInterrupt()])
def test_a_folder_that_was_not_finished_leaves_the_old_one(
    tmp_path: Path, error: BaseException
) -> None:
    target = tmp_path / "a"
    with whole_folder(target) as folder:
        (folder / "old").write_bytes(b"")

    def stopped() -> None:
        with whole_folder(target) as folder:
            (folder / "half").write_bytes(b"")
            raise error

    with pytest.raises(type(error)):
        stopped()
    assert names(target) == ["old"]
    assert names(tmp_path) == ["a"]


def test_what_a_killed_run_left_is_no_obstacle(tmp_path: Path) -> None:
    """In a container, every run may have the same process number."""
    left = tmp_path / f".a.{os.getpid()}.partial"
    left.mkdir()
    (left / "half").write_bytes(b"")
    with whole_folder(tmp_path / "a") as folder:
        (folder / "one").write_bytes(b"1")
    assert names(tmp_path) == ["a"]
    assert names(tmp_path / "a") == ["one"]


def test_taking_away_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove_file(tmp_path / "a")
    remove_folder(tmp_path / "b")
    write_file(tmp_path / "b" / "c", b"")
    remove_file(tmp_path / "b" / "c")
    remove_folder(tmp_path / "b")
    assert names(tmp_path) == []


def test_an_error_in_writing_names_the_place_and_a_way_out() -> None:
    error = cannot_write(Path("x/y"), PermissionError(errno.EACCES, "Permission denied"))
    assert error.problem == "x/y: cannot be written: Permission denied"
    assert "another folder" in error.hint
