"""The ROC curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.evaluation.auc import auc
from fourview.evaluation.roc import roc_curve

BREASTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=40).filter(
    lambda rows: len({t for _, t in rows}) == 2
)


@settings(deadline=None)
@given(BREASTS)
def test_the_area_under_it_is_the_auc(rows: list[tuple[int, int]]) -> None:
    scores, truth = [s for s, _ in rows], [t for _, t in rows]
    curve = roc_curve(scores, truth)
    area = np.trapezoid(curve.sensitivity, curve.false_positive_rate)
    assert area == pytest.approx(auc(scores, truth), abs=1e-12)


def test_a_point_is_the_rates_at_its_threshold() -> None:
    curve = roc_curve([3, 2, 2, 1], [1, 1, 0, 0])
    assert curve.thresholds.tolist() == [math.inf, 3, 2, 1]
    assert curve.sensitivity.tolist() == [0, 0.5, 1, 1]
    assert curve.false_positive_rate.tolist() == [0, 0, 0.5, 1]


@pytest.mark.parametrize(
    ("scores", "truth"), [([1, 2], [1, 1]), ([1, 2], [0, 0]), ([1, math.nan], [0, 1]), ([], [])]
)
def test_where_it_is_not_defined_it_has_no_points(scores: list[float], truth: list[int]) -> None:
    assert len(roc_curve(scores, truth).thresholds) == 0


def test_scores_of_two_models_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        roc_curve([[1, 2], [2, 1]], [0, 1])
