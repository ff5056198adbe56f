"""Work in processes of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

import pytest

from fourview.io.processes import in_processes

SOON_S = 20.0


def test_ctrl_c_ends_at_once_what_may_be_killed() -> None:
    start = time.monotonic()

    def press() -> None:
        while len(multiprocessing.active_children()) < 2 and time.monotonic() < start + SOON_S:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        list(in_processes(2, time.sleep, [60.0, 60.0], may_be_killed=True))
    assert time.monotonic() - start < 2 * SOON_S
    assert not multiprocessing.active_children()
