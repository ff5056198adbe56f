"""Reading from disk while the network works."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def read_ahead(
    read: Callable[[A], B], wanted: Iterable[A], *, workers: int, ahead: int = 4
) -> Iterator[B]:
    """`read` of each, in order, by `workers` threads, `ahead` of what was taken, and as many as
    there are workers at least.

    Threads, as decompressing, resizing and copying leave the interpreter free; what is read does
    not depend on how many there are. With 0 workers each is read when it is asked for. An error
    comes out where its result would have.
    """
    if workers == 0:
        yield from map(read, wanted)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[B]] = deque()
    try:
        for one in wanted:
            waiting.append(pool.submit(read, one))
            if len(waiting) > max(ahead, workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
