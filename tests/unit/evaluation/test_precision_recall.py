"""Average precision (the paper's PRAUC) and the trapezoid."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.errors import TableError
from fourview.evaluation.precision_recall import (
    average_precision,
    precision_recall_curve,
    trapezoidal_pr_area,
)


def slow_average_precision(scores: list[float], truth: list[int]) -> float:
    """The mean over cases of the precision among breasts that score at least as high."""
    above = [
        [t for s, t in zip(scores, truth, strict=True) if s >= own]
        for own, t in zip(scores, truth, strict=True)
        if t
    ]
    return sum(sum(kinds) / len(kinds) for kinds in above) / len(above)


BREASTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=40).filter(
    lambda rows: len({t for _, t in rows}) == 2
)


@settings(deadline=None)
@given(BREASTS)
def test_it_is_the_mean_precision_at_the_cases(rows: list[tuple[int, int]]) -> None:
    scores, truth = [float(s) for s, _ in rows], [t for _, t in rows]
    expected = slow_average_precision(scores, truth)
    assert average_precision(scores, truth) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(BREASTS)
def test_a_rising_map_of_the_scores_changes_nothing(rows: list[tuple[int, int]]) -> None:
    scores, truth = np.array([float(s) for s, _ in rows]), [t for _, t in rows]
    assert average_precision(np.exp(scores), truth) == average_precision(scores, truth)


def test_a_perfect_score_has_1_and_a_constant_one_the_share_of_cases() -> None:
    assert average_precision([1, 2, 3, 4], [0, 0, 1, 1]) == 1.0
    assert average_precision([5, 5, 5, 5], [0, 0, 1, 0]) == 0.25
    assert average_precision([4, 3, 2, 1], [0, 0, 0, 1]) == 0.25


def test_without_both_kinds_or_with_a_score_that_is_no_number_there_is_none() -> None:
    assert math.isnan(average_precision([1, 2], [1, 1]))
    assert math.isnan(average_precision([1, 2], [0, 0]))
    assert math.isnan(trapezoidal_pr_area([1, math.nan], [0, 1]))
    assert len(precision_recall_curve([1, 2], [0, 0]).recall) == 0


def test_a_truth_that_is_not_known_is_refused() -> None:
    with pytest.raises(TableError, match="neither 0 nor 1"):
        average_precision([1, 2, 3], [0, 1, math.nan])


def test_the_curve_takes_ties_at_once() -> None:
    curve = precision_recall_curve([3, 2, 2, 1], [1, 1, 0, 0])
    assert curve.thresholds.tolist() == [3, 2, 1]
    assert curve.precision.tolist() == [1, 2 / 3, 0.5]
    assert curve.recall.tolist() == [0.5, 1, 1]
    assert average_precision([3, 2, 2, 1], [1, 1, 0, 0]) == pytest.approx(5 / 6)
    assert trapezoidal_pr_area([3, 2, 2, 1], [1, 1, 0, 0]) == pytest.approx(0.5 + 0.5 * 5 / 6)


PRINTED = ".2611 .3169 .3742 .4528 .2937 .3043 .3202 .3293 .3446 .2869 .3169 .3284 .3643 .2438"
"""Each reader's average precision on the paper's public reader table."""


def test_the_papers_readers_have_their_printed_values(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "data" / "reader_study.csv")
    readers = [table[f"Reader{i:02}_POM"].to_numpy() for i in range(1, 15)]
    found = [average_precision(scores, table["label"]) for scores in readers]
    assert found == pytest.approx([float(word) for word in PRINTED.split()], abs=5e-5)
    assert np.std(found) == pytest.approx(0.0496, abs=5e-5)
    areas = [trapezoidal_pr_area(scores, table["label"]) for scores in readers]
    assert (min(areas), max(areas)) == pytest.approx((0.259, 0.478), abs=5e-4)
    assert np.mean(areas) == pytest.approx(0.358, abs=5e-4)
