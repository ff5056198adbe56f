"""Secret keys in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.core.errors import OutputError, RecipeError
from fourview.io.keyfile import new_key, read_key


def test_a_new_key_is_32_bytes_that_only_its_owner_reads(tmp_path: Path) -> None:
    key = new_key(tmp_path / "key.txt")
    assert len(key) == 32
    assert read_key(tmp_path / "key.txt") == key
    assert (tmp_path / "key.txt").stat().st_mode & 0o777 == 0o600
    assert new_key(tmp_path / "other.txt") != key


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    key = new_key(tmp_path / "key.txt")
    with pytest.raises(RecipeError, match="never replaced"):
        new_key(tmp_path / "key.txt")
    assert read_key(tmp_path / "key.txt") == key


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "0 bytes"), (b"0123", "2 bytes"), (b"secret", "holds no key"), (b"\xff" * 64, "no key")],
)
def test_a_file_without_a_long_key_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=told):
        read_key(path)


def test_a_key_file_that_is_missing_is_told_with_its_way_out(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="--new-key"):
        read_key(tmp_path / "key.txt")


def test_a_key_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        new_key(tmp_path / "file" / "key.txt")
