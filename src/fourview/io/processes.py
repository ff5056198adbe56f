"""Work in processes of one thread each, which end when the one that started them does."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from fourview.core.errors import OutputError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3
"""Tasks handed over for each process, so that none waits."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def in_processes(
    jobs: int,
    work: Callable[[T], R],
    tasks: Sequence[T],
    *,
    in_order: bool = False,
    may_be_killed: bool = False,
) -> Iterator[R]:
    """`work(task)` for each task, as they are done; in this process for one job or task.

    The first error ends all: what has begun is finished, the rest is not begun.

    Args:
        work: a module's own function; what it takes and gives back must travel between processes.
        in_order: give the results in the order of the tasks.
        may_be_killed: Ctrl-C ends at once what has begun, where that would take minutes.

    Raises:
        OutputError: a process died.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        yield from map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    try:
        waiting = iter(tasks)
        running: list[Future[R]] = []
        while True:
            for task in waiting:
                running.append(pool.submit(work, task))
                if len(running) >= jobs * _AHEAD:
                    break
            if not running:
                return
            for future in _finished(running, in_order):
                running.remove(future)
                yield future.result()
    except KeyboardInterrupt:
        if may_be_killed:
            for process in multiprocessing.active_children():
                process.terminate()
        raise
    except BrokenProcessPool as error:
        raise OutputError(
            "a process that worked on images died; it may have had too little memory",
            hint="run it again with fewer --jobs; what is finished is kept",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(running: Sequence[Future[R]], in_order: bool) -> list[Future[R]]:
    """At least one of the running that is done: the first of them, where order matters."""
    if in_order:
        wait(running[:1])
        return list(running[:1])
    done = wait(running, return_when=FIRST_COMPLETED).done
    return [future for future in running if future in done]


def _begin() -> None:
    """In each process, once: one thread, Ctrl-C left to the parent, no life without it."""
    for name in _ONE_THREAD:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
