"""Reliability, the Brier score, slope and intercept."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from fourview.core.errors import TableError
from fourview.evaluation.calibration import brier, calibration, reliability
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.logistic import fit_line, log_odds


def foretold(n: int, slope: float = 1.0, intercept: float = 0.0) -> tuple[Floats, Bools]:
    """Probabilities, and a truth drawn from intercept + slope · their log-odds."""
    rng = np.random.default_rng(0)
    x = rng.normal(-1, 1.5, n)
    return np.asarray(expit(x)), rng.random(n) < expit(intercept + slope * x)


def test_rows_have_as_many_breasts_each() -> None:
    scores, truth = foretold(1000)
    rows = reliability(scores, truth, rows=8)
    assert [row.n for row in rows] == [125] * 8
    assert sum(row.cases for row in rows) == truth.sum()
    sure = [row.interval(level=0.999) for row in rows]
    assert all(i.low <= row.predicted <= i.high for i, row in zip(sure, rows, strict=True))
    first = scores[np.argsort(scores)[:125]]
    assert rows[0].predicted == pytest.approx(first.mean())
    assert (rows[0].lowest, rows[0].highest) == (first[0], first[-1])


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=60),
    st.integers(1, 12),
)
def test_equal_probabilities_stay_in_one_row(tenths: list[int], n_rows: int) -> None:
    scores = np.array(tenths) / 10
    rows = reliability(scores, np.zeros(len(scores)), rows=n_rows)
    assert sum(row.n for row in rows) == len(scores)
    assert 1 <= len(rows) <= n_rows
    assert all(a.highest < b.lowest for a, b in pairwise(rows))


def test_a_constant_score_has_one_row() -> None:
    (row,) = reliability([0.2] * 5, [1, 0, 0, 0, 0])
    assert (row.n, row.cases, row.observed) == (5, 1, 0.2)
    assert row.predicted == pytest.approx(0.2)


def test_the_brier_score_and_its_parts_by_hand() -> None:
    found = brier([0.1, 0.4, 0.4, 0.9], [0, 1, 0, 1])
    assert found.score == pytest.approx((0.01 + 0.36 + 0.16 + 0.01) / 4)
    assert found.uncertainty == 0.25
    # The best that keeps the order says 0, 1/2, 1/2, 1.
    assert found.miscalibration == pytest.approx(found.score - 0.5 / 4)
    assert found.discrimination == pytest.approx(0.25 - 0.5 / 4)
    assert found.skill == pytest.approx(1 - found.score / 0.25)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 1)), min_size=1, max_size=40),
)
def test_the_brier_scores_parts_sum_to_it_and_are_not_negative(rows: list[tuple[int, int]]) -> None:
    found = brier([s / 10 for s, _ in rows], [t for _, t in rows])
    total = found.miscalibration - found.discrimination + found.uncertainty
    assert found.score == pytest.approx(total, abs=1e-12)
    assert found.miscalibration >= -1e-12
    assert found.discrimination >= -1e-12


def test_saying_the_share_of_cases_has_no_skill_and_one_kind_has_none_to_show() -> None:
    assert brier([0.25] * 4, [1, 0, 0, 0]).skill == pytest.approx(0)
    assert math.isnan(brier([0.1, 0.2], [0, 0]).skill)
    assert brier([0.1, 0.2], [0, 0]).score == pytest.approx(0.025)
    assert math.isnan(brier([0.1, math.nan], [0, 1]).score)


def test_slope_and_intercept_are_those_of_highest_likelihood() -> None:
    scores, truth = foretold(400, slope=0.6, intercept=-0.5)
    x = logit(scores)

    def loss(at: Floats) -> float:
        return float(np.sum(np.logaddexp(0, np.where(truth, -1, 1) * (at[0] + at[1] * x))))

    best = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-9}).x
    found = calibration(scores, truth)
    assert (found.intercept, found.slope) == pytest.approx(tuple(best), abs=1e-5)
    p = expit(best[0] + best[1] * x)
    design = np.stack([np.ones_like(x), x])
    covariance = np.linalg.inv((design * p * (1 - p)) @ design.T)
    errors = (found.intercept_error, found.slope_error)
    assert errors == pytest.approx(tuple(np.sqrt(np.diag(covariance))), rel=1e-4)
    low, high = found.interval_of_slope().low, found.interval_of_slope().high
    assert low < 0.6 < high
    assert (low + high) / 2 == pytest.approx(found.slope)


def test_the_intercept_in_the_large_makes_the_sums_equal() -> None:
    scores, truth = foretold(500, intercept=0.7)
    found = calibration(scores, truth)
    assert expit(logit(scores) + found.in_the_large).sum() == pytest.approx(truth.sum())
    interval = found.interval_in_the_large()
    assert interval.low < 0.7 < interval.high


def test_right_probabilities_have_a_slope_of_1() -> None:
    found = calibration(*foretold(50_000))
    assert found.slope == pytest.approx(1, abs=0.04)
    assert found.in_the_large == pytest.approx(0, abs=0.04)


@pytest.mark.parametrize(
    "scores", [[0.1, 0.2, 0.3, 0.4], [0.4, 0.4, 0.2, 0.1], [0.1, 0.2, 0.2, 0.4]]
)
def test_kinds_that_a_threshold_parts_have_no_slope(scores: list[float]) -> None:
    found = calibration(scores, [0, 0, 1, 1])
    assert math.isnan(found.slope)
    assert "parts cases and others" in found.interval_of_slope().remark
    assert not math.isnan(found.in_the_large)


def test_a_constant_score_has_only_the_intercept_in_the_large() -> None:
    found = calibration([0.2] * 4, [1, 1, 0, 0])
    assert math.isnan(found.slope)
    assert found.remark == "every breast has the same score"
    assert found.in_the_large == pytest.approx(-logit(0.2))


@pytest.mark.parametrize(
    ("scores", "truth"), [([0.1, 0.2], [1, 1]), ([0.1, 0.2], [0, 0]), ([0.1, math.nan], [0, 1])]
)
def test_one_kind_or_a_score_that_is_no_number_is_not_defined(
    scores: list[float], truth: list[int]
) -> None:
    found = calibration(scores, truth)
    assert math.isnan(found.slope)
    assert math.isnan(found.in_the_large)
    assert not found.interval_in_the_large().defined


def test_the_ends_have_no_log_odds_unless_clipped() -> None:
    with pytest.raises(TableError, match="2 of 4 probabilities are exactly 0 or 1") as error:
        calibration([0, 0.5, 1, 0.2], [0, 1, 1, 0])
    assert "clip" in error.value.hint
    assert log_odds([0, 1], clip=0.01) == pytest.approx(logit([0.01, 0.99]))
    with pytest.raises(ValueError, match="clip"):
        log_odds([0.1], clip=0.5)


@pytest.mark.parametrize("function", [reliability, brier, calibration])
def test_percentages_are_refused(function: object) -> None:
    with pytest.raises(TableError, match="outside 0 to 1"):
        function([10, 90, 50], [0, 1, 1])  # type: ignore[operator]
    with pytest.raises(ValueError, match="shape"):
        function([[0.1, 0.9]], [0, 1])  # type: ignore[operator]


def test_no_breasts_have_no_rows() -> None:
    assert reliability([], []) == []
    assert reliability([math.nan, 0.1], [0, 1]) == []
    assert math.isnan(brier([], []).score)
    with pytest.raises(ValueError, match="at least one row"):
        reliability([0.1], [0], rows=0)


@pytest.mark.parametrize(("unit", "away"), [(1e-6, 0.0), (1e6, 1e9), (1.0, -3e5)])
def test_a_line_does_not_depend_on_the_unit(unit: float, away: float) -> None:
    scores, truth = foretold(300)
    x, y = logit(scores), truth.astype(np.float64)
    plain, other = fit_line(x, y), fit_line(unit * x + away, y)
    assert plain is not None
    assert other is not None
    assert other.slope * unit == pytest.approx(plain.slope, rel=1e-6)
    assert other.intercept + other.slope * away == pytest.approx(plain.intercept, abs=1e-5)


def test_nearly_parted_kinds_still_have_their_line() -> None:
    x = np.append(np.linspace(-8, 8, 200), [0.2, -0.2])
    y = np.append((np.linspace(-8, 8, 200) > 0).astype(np.float64), [0.0, 1.0])
    line = fit_line(x, y)
    assert line is not None
    p = expit(line.intercept + line.slope * x)
    assert np.sum(y - p) == pytest.approx(0, abs=1e-6)
    assert np.sum(x * (y - p)) == pytest.approx(0, abs=1e-6)
