"""Rates at a threshold, and thresholds at a rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.errors import TableError
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.interval import wilson
from fourview.evaluation.operating_points import (
    OperatingPoint,
    at_recall_rate,
    at_sensitivity,
    at_specificity,
    at_threshold,
)

BREASTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=40).filter(
    lambda rows: len({t for _, t in rows}) == 2
)


def test_rates_are_shares_of_what_they_are_of() -> None:
    point = at_threshold([5, 4, 3, 3, 2, 1, 0], [1, 0, 1, 0, 1, 0, 0], 3)
    assert point == OperatingPoint(3.0, 2, 2, 1, 2)
    rates = (point.sensitivity, point.specificity, point.ppv, point.npv, point.recall_rate)
    assert rates == pytest.approx((2 / 3, 2 / 4, 2 / 4, 2 / 3, 4 / 7))
    assert point.interval("sensitivity") == wilson(2, 3)
    assert point.interval("recall_rate", level=0.9) == wilson(4, 7, level=0.9)


def test_predictive_values_follow_the_stated_prevalence() -> None:
    point = at_threshold([5, 4, 3, 3, 2, 1, 0], [1, 0, 1, 0, 1, 0, 0], 3)
    assert point.ppv_at(3 / 7) == pytest.approx(point.ppv)
    assert point.npv_at(3 / 7) == pytest.approx(point.npv)
    assert point.ppv_at(0.006) == pytest.approx(2 / 3 * 0.006 / (2 / 3 * 0.006 + 0.5 * 0.994))
    with pytest.raises(ValueError, match="share"):
        point.ppv_at(60)


def test_a_rate_of_nothing_is_not_defined() -> None:
    none = at_threshold([1, 2], [0, 0], 9)
    assert math.isnan(none.sensitivity)
    assert math.isnan(none.ppv)
    assert math.isnan(none.ppv_at(0.1))
    assert not none.interval("ppv").defined
    assert (none.specificity, none.recall_rate) == (1.0, 0.0)


@settings(deadline=None)
@given(BREASTS, st.floats(0.01, 1))
def test_thresholds_are_the_best_that_keep_the_rate(
    rows: list[tuple[int, int]], wanted: float
) -> None:
    scores, truth = [float(s) for s, _ in rows], [t for _, t in rows]
    every = [at_threshold(scores, truth, t) for t in [*sorted(set(scores)), math.inf]]
    high = max(p.threshold for p in every if p.sensitivity >= wanted)
    assert at_sensitivity(scores, truth, wanted).threshold == high
    low = min(p.threshold for p in every if p.specificity >= wanted)
    assert at_specificity(scores, truth, wanted).threshold == low
    least = min(p.threshold for p in every if p.recall_rate <= wanted)
    assert at_recall_rate(scores, truth, wanted).threshold == least


def test_ties_are_recalled_together() -> None:
    scores, truth = [2, 2, 2, 1, 1], [1, 1, 0, 1, 0]
    assert at_sensitivity(scores, truth, 0.4).sensitivity == pytest.approx(2 / 3)
    assert at_specificity(scores, truth, 0.6).threshold == math.inf
    assert at_recall_rate(scores, truth, 0.5).recall_rate == 0.0


def test_a_share_that_is_reached_exactly_is_reached() -> None:
    scores, truth = np.arange(20.0), np.ones(20)
    assert at_sensitivity(scores, truth, 0.85).sensitivity == 0.85
    assert at_specificity(-scores, 1 - truth, 0.85).specificity == 0.85
    assert at_recall_rate(scores, truth, 0.15).recall_rate == 0.15


def test_a_constant_score_recalls_all_or_none() -> None:
    scores, truth = [0.3] * 4, [1, 0, 0, 0]
    assert at_sensitivity(scores, truth, 0.5).recall_rate == 1.0
    assert at_specificity(scores, truth, 0.5).recall_rate == 0.0


@pytest.mark.parametrize(
    ("find", "truth"), [(at_sensitivity, [0, 0]), (at_specificity, [1, 1])], ids=["sens", "spec"]
)
def test_without_its_kind_there_is_no_such_point(
    find: Callable[..., OperatingPoint], truth: list[int]
) -> None:
    point = find([1, 2], truth, 0.9)
    assert math.isnan(point.threshold)
    assert math.isnan(point.sensitivity)
    assert math.isnan(point.recall_rate)


@pytest.mark.parametrize("find", [at_threshold, at_sensitivity, at_specificity, at_recall_rate])
def test_a_breast_without_a_score_is_not_counted_as_not_recalled(
    find: Callable[..., OperatingPoint],
) -> None:
    with pytest.raises(TableError, match="1 of 3 breasts have no score") as error:
        find([0.1, math.nan, 0.2], [0, 1, 1], 0.5)
    assert "not read" in error.value.hint


@pytest.mark.parametrize("find", [at_sensitivity, at_specificity, at_recall_rate])
def test_a_rate_in_percent_is_refused(find: Callable[..., OperatingPoint]) -> None:
    with pytest.raises(ValueError, match="not 90"):
        find([0.1, 0.2], [0, 1], 90)


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        at_threshold([1, 2], [0, 1], math.nan)


def test_a_bootstrap_chooses_the_threshold_anew_in_each_draw() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.3
    scores = rng.normal(size=400) + 1.5 * truth
    found = resample(
        scores,
        truth,
        (np.arange(400) // 2).tolist(),
        {"sensitivity": lambda s, t: at_specificity(s, t, 0.9).sensitivity},
        rng=rng,
        draws=200,
    )["sensitivity"].model()
    point = at_specificity(scores, truth, 0.9)
    assert found.value == point.sensitivity
    wider, narrow = found.interval(), point.interval("sensitivity")
    assert wider.high - wider.low > narrow.high - narrow.low
