"""Who is working on an exam: a file that only one process can make, taken away when it is done.

Workers that see the same folder, on one machine or many, share exams by it. A claim is a courtesy:
where two workers hold the same exam all the same (a disk whose clocks or names lie), they write the
same bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from fourview.io.atomic import cannot_write, remove_file


@dataclass(frozen=True)
class Claim:
    """Who works on an exam."""

    host: str
    pid: int
    started: float
    """Seconds since 1970, by the clock of the one who claims."""


@dataclass(frozen=True)
class Claims:
    """The claims in a folder, `.EXAM.claim`. Holds no open file; may go to other processes."""

    folder: Path
    now: Callable[[], float]
    """Seconds since 1970."""
    stale_after_s: float = 3600.0

    @contextlib.contextmanager
    def claimed(self, exam: str) -> Iterator[bool]:
        """Whether the exam is this process's, until the block ends.

        A stale claim is taken over: one of a process that is no more on this host, or one that is
        older than `stale_after_s`, or one that was cut short while it was written.

        Raises:
            OutputError: the disk is full, or the folder cannot be written to.
        """
        mine = Claim(socket.gethostname(), os.getpid(), self.now())
        path = self.path(exam)
        is_mine = self._make(path, mine)
        if not is_mine and self._is_stale(path):
            self._take_away(path)
            is_mine = self._make(path, mine)
        try:
            yield is_mine
        finally:
            if is_mine and _read(path) == mine:  # unless someone took it for stale
                remove_file(path)

    def is_held(self, exam: str) -> bool:
        """Whether somebody works on the exam."""
        path = self.path(exam)
        return path.exists() and not self._is_stale(path)

    def sweep(self) -> None:
        """Take away the claims of processes of this host that are no more."""
        for path in self.folder.glob(".*.claim"):
            found = _read(path)
            if found and found.host == socket.gethostname() and not _is_alive(found.pid):
                self._take_away(path)

    def path(self, exam: str) -> Path:
        """Where an exam's claim lies."""
        return self.folder / f".{exam}.claim"

    def _is_stale(self, path: Path) -> bool:
        """Whether the one who made this claim works no more."""
        found = _read(path)
        if found is None:  # no claim in it: being written now, or never finished
            return self._age_by_file(path) > min(60.0, self.stale_after_s)
        if found.host == socket.gethostname() and not _is_alive(found.pid):
            return True
        return self.now() - found.started > self.stale_after_s

    def _age_by_file(self, path: Path) -> float:
        try:
            return self.now() - path.stat().st_mtime
        except OSError:
            return 0.0

    def _make(self, path: Path, claim: Claim) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path.parent, error) from error
        try:
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            with os.fdopen(file, "wb") as opened:
                opened.write(json.dumps(asdict(claim)).encode())
        except OSError as error:
            with contextlib.suppress(OSError):
                path.unlink()
            raise cannot_write(path, error) from error
        return True

    def _take_away(self, path: Path) -> None:
        """Move a stale claim aside. Another worker may have done so since, and have claimed the
        exam: then its claim is put back."""
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.stale")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return
        except OSError as error:
            raise cannot_write(path, error) from error
        if not self._is_stale(aside):
            with contextlib.suppress(OSError):
                os.link(aside, path)
        remove_file(aside)


def _read(path: Path) -> Claim | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Claim(str(values["host"]), int(values["pid"]), float(values["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
