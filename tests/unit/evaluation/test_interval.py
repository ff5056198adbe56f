"""Intervals, and Wilson's for proportions."""

from __future__ import annotations

import math

import pytest

from fourview.evaluation.interval import Interval, wilson, wilson_of_share


def test_wilson_equals_a_printed_example() -> None:
    """R. G. Newcombe, Statist. Med. 17 (1998) 857, table I, method 3."""
    for r, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)]:
        interval = wilson(r, n)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_effective_trials_has_the_interval_of_so_many_trials() -> None:
    assert wilson_of_share(0.25, 40) == wilson(10, 40)
    between = wilson_of_share(0.25, 30.5)
    assert wilson(10, 40).low > between.low > wilson(5, 20).low
    p, n, z = 0.25, 30.5, 1.959963984540054
    for end in (between.low, between.high):  # the share that lies z of its own errors away
        assert abs(p - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n))


def test_none_or_all_keeps_a_width() -> None:
    none, every = wilson(0, 20), wilson(20, 20)
    assert (none.low, every.high) == (0.0, 1.0)
    assert none.high == pytest.approx(0.1611, abs=5e-5)
    assert every.low == pytest.approx(1 - none.high)


def test_nothing_counted_is_not_defined() -> None:
    interval = wilson(0, 0)
    assert not interval.defined
    assert str(interval) == "not defined: there is nothing to count"
    assert math.isnan(interval.low)


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level=level)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="3 successes in 2 trials"):
        wilson(3, 2)


def test_it_prints_as_a_range() -> None:
    assert str(Interval(0.81234, 0.9)) == "0.812 to 0.900"
