"""How a batch is shared out."""

from __future__ import annotations

import pytest

from fourview.training.parts import parts_of_epoch


def test_one_process_reads_the_batches_as_they_are() -> None:
    found = parts_of_epoch(range(7), batch_size=3, accumulate=1)
    assert found == [[[0, 1, 2]], [[3, 4, 5]], [[6]]]


def test_turns_of_one_process_are_what_two_processes_read() -> None:
    alone = parts_of_epoch(range(16), batch_size=8, accumulate=4)
    both = [parts_of_epoch(range(16), batch_size=8, accumulate=2, rank=r, world=2) for r in (0, 1)]
    assert [one + two for one, two in zip(*both, strict=True)] == alone


def test_what_cannot_be_cut_equally_is_left_out_of_the_last_batch_only() -> None:
    assert parts_of_epoch(range(7), batch_size=4, accumulate=2) == [[[0, 1], [2, 3]], [[4], [5]]]


def test_a_batch_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="3 equal parts"):
        parts_of_epoch(range(8), batch_size=4, accumulate=3)
