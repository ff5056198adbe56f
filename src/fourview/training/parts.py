"""How a batch is shared out over processes and over the turns of one process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def parts_of_epoch(
    order: Sequence[T], *, batch_size: int, accumulate: int, rank: int = 0, world: int = 1
) -> list[list[list[T]]]:
    """For each optimiser's step of an epoch, the parts that this process reads one after another.

    A batch is cut into `world * accumulate` equal parts; process `rank` takes its `accumulate`
    ones in a row, so that one process with `accumulate=2` reads what two processes read. Of a last
    batch that is too small to be cut equally, the rest is left out.

    Raises:
        ValueError: the batch cannot be cut so.
    """
    n = world * accumulate
    if batch_size % n:
        raise ValueError(f"a batch of {batch_size} cannot be cut into {n} equal parts")
    steps = []
    for first in range(0, len(order), batch_size):
        size = len(order[first : first + batch_size]) // n
        if size:
            starts = [first + size * (rank * accumulate + turn) for turn in range(accumulate)]
            steps.append([list(order[start : start + size]) for start in starts])
    return steps
