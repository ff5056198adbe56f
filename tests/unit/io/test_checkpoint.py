from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from fourview.core.errors import WeightsError
from fourview.io.checkpoint import (
    file_sha256,
    read_torch_file,
    read_weights,
    read_weights_info,
    write_weights,
)
from support.small_exams import breast_info

TENSORS = {
    "a": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "b": torch.tensor(3),
    "turned": torch.arange(6, dtype=torch.float32).reshape(2, 3).T,
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_weights(tmp_path / "w.safetensors", breast_info(), TENSORS)
    return tmp_path / "w.safetensors"


def test_what_is_written_is_read(written: Path) -> None:
    info, tensors = read_weights(written)
    assert info == breast_info() == read_weights_info(written)
    assert set(tensors) == set(TENSORS)
    assert all(torch.equal(tensors[key], TENSORS[key]) for key in TENSORS)


def test_the_same_weights_are_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_weights(tmp_path / "again", breast_info(), dict(reversed(TENSORS.items())))
    assert (tmp_path / "again").read_bytes() == written.read_bytes()
    assert file_sha256(written) == hashlib.sha256(written.read_bytes()).hexdigest()


@pytest.mark.parametrize("n_bytes", [0, 4, 8, 100, -1])
def test_a_file_that_was_cut_short_is_refused(written: Path, n_bytes: int) -> None:
    written.write_bytes(written.read_bytes()[:n_bytes])
    with pytest.raises(WeightsError, match=r"w\.safetensors") as caught:
        read_weights_info(written)
    assert caught.value.hint


def test_a_file_with_something_added_is_refused(written: Path) -> None:
    written.write_bytes(written.read_bytes() + b"\0")
    with pytest.raises(WeightsError, match="something was added"):
        read_weights_info(written)


def test_a_missing_file_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_weights(tmp_path / "none")
    (tmp_path / "x").write_bytes(b"PK\x03\x04" + bytes(1000))
    with pytest.raises(WeightsError, match="not a fourview weights file") as caught:
        read_weights(tmp_path / "x")
    assert "weights import" in caught.value.hint


@pytest.mark.parametrize("new", [False, True])
def test_a_torch_files_tensors_are_read_in_either_format(tmp_path: Path, new: bool) -> None:
    """Released pipeline, part 12: breast models lie under the key `model`."""
    for content in (TENSORS, {"model": TENSORS}):
        torch.save(content, tmp_path / "w.p", _use_new_zipfile_serialization=new)
        found = read_torch_file(tmp_path / "w.p")
        assert all(torch.equal(found[key], TENSORS[key]) for key in TENSORS)


class Runs:
    """A pickle of it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("new", [False, True])
def test_a_torch_file_that_would_run_code_is_refused_and_runs_nothing(
    tmp_path: Path, new: bool
) -> None:
    torch.save(
        {"model": TENSORS, "x": Runs(tmp_path / "ran")},
        tmp_path / "w.p",
        _use_new_zipfile_serialization=new,
    )
    with pytest.raises(WeightsError, match=r"w\.p"):
        read_torch_file(tmp_path / "w.p")
    assert not (tmp_path / "ran").exists()


def test_a_torch_file_of_other_things_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "w.p")
    with pytest.raises(WeightsError, match="not a table of tensors"):
        read_torch_file(tmp_path / "w.p")
