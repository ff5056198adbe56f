"""One function over many images, in processes of their own."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import cv2

from fourview.core.errors import FourviewError

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""


def no_progress(_done: int, _all: int) -> None:
    """Tell nobody."""


def each_image(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    jobs: int = 1,
    on_progress: Progress = no_progress,
) -> Iterator[R]:
    """`work(item)` of each item in their order, whatever `jobs`.

    Args:
        work: a module's own function; what it takes and gives back must travel between processes.
    Raises:
        FourviewError: a process was ended from outside.
    """
    on_progress(0, len(items))
    results = map(work, items) if jobs == 1 else _in_processes(work, items, jobs)
    for done, result in enumerate(results, start=1):
        on_progress(done, len(items))
        yield result


def _in_processes(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    coming: deque[Future[R]] = deque()
    try:
        for item in items:
            coming.append(pool.submit(work, item))
            if len(coming) > 4 * jobs:  # so few that millions of images need no memory
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    except BrokenProcessPool as error:
        raise FourviewError(
            "a process that read images was ended from outside",
            hint="was memory too little? --jobs 1 needs the least",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Ctrl-C is for the first process; and processes, not threads, share the processor's cores."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
