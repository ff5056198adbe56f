"""Claims: who works on an exam."""

from __future__ import annotations

import errno
import json
import os
import socket
from pathlib import Path

import pytest

from fourview.core.errors import OutputError
from fourview.io.store.claims import Claims

NOW = 5000.0


def claims(folder: Path, now: float = NOW) -> Claims:
    return Claims(folder, lambda: now, stale_after_s=600.0)


def foreign(folder: Path, **values: object) -> Path:
    """A claim of another machine, made ten seconds ago."""
    path = folder / ".a.claim"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 1, "started": NOW - 10, **values}))
    return path


def test_a_claim_is_one_process_s_until_it_ends(tmp_path: Path) -> None:
    one, other = claims(tmp_path / "new"), claims(tmp_path / "new")
    with one.claimed("a") as mine, other.claimed("a") as theirs, other.claimed("b") as another:
        assert (mine, theirs, another) == (True, False, True)
        assert one.is_held("a")
        found = json.loads((tmp_path / "new" / ".a.claim").read_text())
        assert found == {"host": socket.gethostname(), "pid": os.getpid(), "started": NOW}
    assert not one.is_held("a")
    assert not list((tmp_path / "new").iterdir())


def test_a_claim_is_let_go_where_something_goes_wrong(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), claims(tmp_path).claimed("a"):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("values", "is_stale"),
    [
        ({}, False),
        ({"started": NOW - 599}, False),
        ({"started": NOW - 601}, True),
        ({"host": socket.gethostname(), "pid": os.getpid()}, False),
        ({"host": socket.gethostname(), "pid": os.getpid(), "started": NOW - 601}, True),
        ({"host": socket.gethostname(), "pid": 2**22 + 1}, True),
    ],
)
def test_a_stale_claim_is_taken_over_and_no_other(
    values: dict[str, object], is_stale: bool, tmp_path: Path
) -> None:
    path = foreign(tmp_path, **values)
    before = path.read_bytes()
    assert claims(tmp_path).is_held("a") is not is_stale
    with claims(tmp_path).claimed("a") as mine:
        assert mine is is_stale
    assert path.exists() is not is_stale
    if not is_stale:
        assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ([] if is_stale else [".a.claim"])


def test_claims_of_dead_processes_are_swept_away_and_no_other(tmp_path: Path) -> None:
    foreign(tmp_path, started=0).rename(tmp_path / ".other.claim")
    foreign(tmp_path, host=socket.gethostname(), pid=2**22 + 1)
    with claims(tmp_path).claimed("mine"):
        claims(tmp_path).sweep()
        assert sorted(one.name for one in tmp_path.iterdir()) == [".mine.claim", ".other.claim"]


@pytest.mark.parametrize(("age_s", "is_stale"), [(10, False), (70, True)])
def test_a_claim_that_was_cut_short_is_stale_after_a_minute(
    age_s: float, is_stale: bool, tmp_path: Path
) -> None:
    path = tmp_path / ".a.claim"
    path.write_text("")
    os.utime(path, (NOW - age_s, NOW - age_s))
    with claims(tmp_path).claimed("a") as mine:
        assert mine is is_stale


def test_a_claim_that_another_made_in_the_meantime_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two see a stale claim; the quicker one has claimed when the other moves it aside."""
    path = foreign(tmp_path, started=0)
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        foreign(tmp_path, host="quicker")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with claims(tmp_path).claimed("a") as mine:
        assert not mine
    assert json.loads(path.read_text())["host"] == "quicker"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_claim_that_was_taken_over_is_not_taken_away(tmp_path: Path) -> None:
    with claims(tmp_path).claimed("a") as mine:
        assert mine
        foreign(tmp_path, host="later")
    assert claims(tmp_path).is_held("a")


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a file stands"), claims(tmp_path / "file").claimed("a"):
        pass

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OutputError, match="the disk is full"), claims(tmp_path).claimed("a"):
        pass
