"""One function over many images, in their order, with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from fourview.io.processes import in_processes

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
    """`work(item)` of each item in their order, whatever `jobs`; see `in_processes`."""
    on_progress(0, len(items))
    results = in_processes(jobs, work, items, in_order=True)
    for done, result in enumerate(results, start=1):
        on_progress(done, len(items))
        yield result
