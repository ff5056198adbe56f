from __future__ import annotations

import threading

import pytest

from fourview.training.read_ahead import read_ahead


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_what_is_read_comes_in_order(workers: int) -> None:
    assert list(read_ahead(lambda n: n * n, range(20), workers=workers)) == [
        n * n for n in range(20)
    ]


def test_no_worker_is_idle_however_little_is_read_ahead() -> None:
    """All six must be at work at once, or the barrier breaks."""
    together = threading.Barrier(6)
    assert len(list(read_ahead(lambda _: together.wait(5), range(12), workers=6, ahead=1))) == 12


def test_no_more_is_taken_than_is_read_ahead() -> None:
    taken = []

    def wanted():  # type: ignore[no-untyped-def]
        for n in range(100):
            taken.append(n)
            yield n

    reading = read_ahead(lambda n: n, wanted(), workers=2, ahead=5)
    assert next(reading) == 0
    assert len(taken) == 6
    reading.close()  # type: ignore[attr-defined]
