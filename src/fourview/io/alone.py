"""Holding a file, so that no second run writes where one is writing."""

from __future__ import annotations

from typing import IO

from fourview.core.errors import OutputError


def hold(file: IO[bytes], told: str, *, hint: str) -> None:
    """Hold an open file until it is closed; the system lets go of it when the process ends, however
    it ends. Nothing is held on Windows, nor on a file system without locks.

    Args:
        file: open for writing, which locks over NFS need.
        told: what is wrong where another process holds it.

    Raises:
        OutputError: another holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(told, hint=hint) from None
    except OSError:  # a file system without locks
        pass
