"""The C library's allocator, told to keep what a network frees."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc


def keep_freed_memory() -> bool:
    """Make malloc reuse large blocks; True where that could be done (glibc on Linux).

    A patch classifier takes and frees the same large blocks for every batch. Given back to the
    system each time, they come back page by page: that was half of the whole time on a CPU.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    wanted = {_MMAP_THRESHOLD: 1 << 30, _TRIM_THRESHOLD: 1 << 30, _TOP_PAD: 1 << 26}
    accepted = [mallopt(option, value) for option, value in wanted.items()]
    return all(accepted)
