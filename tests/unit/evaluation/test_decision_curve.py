"""Net benefit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.decision_curve import decision_curve


def test_it_is_cases_found_less_needless_recalls() -> None:
    curve = decision_curve([0.9, 0.3, 0.5, 0.2, 0.1], [1, 1, 0, 0, 0], [0.25, 0.3, 0.4])
    assert curve.model == pytest.approx([2 / 5 - 1 / 5 / 3, 2 / 5 - 0.6 / 7, 1 / 5 - 2 / 15])
    assert curve.everyone == pytest.approx([0.4 - 0.6 / 3, 0.4 - 0.6 * 3 / 7, 0.4 - 0.6 * 2 / 3])
    assert curve.prevalence == 0.4


def test_recalling_everyone_is_the_model_below_its_lowest_probability() -> None:
    rng = np.random.default_rng(0)
    curve = decision_curve(rng.uniform(0.2, 0.9, 100), rng.integers(0, 2, 100), [0.05, 0.95])
    assert curve.model[0] == pytest.approx(curve.everyone[0])
    assert curve.model[1] == 0


def test_a_stated_prevalence_weighs_the_kinds() -> None:
    scores, truth, at = [0.9, 0.3, 0.5, 0.2, 0.1], [1, 1, 0, 0, 0], [0.25, 0.4]
    same, own = decision_curve(scores, truth, at, prevalence=0.4), decision_curve(scores, truth, at)
    assert same.model == pytest.approx(own.model)
    rare = decision_curve(scores, truth, at, prevalence=0.01)
    assert rare.model[0] == pytest.approx(0.01 - 0.99 / 3 / 3)


def test_kinds_that_are_missing_are_not_made_up() -> None:
    assert decision_curve([0.1, 0.9], [0, 0], 0.5).model == pytest.approx([-0.5])
    assert decision_curve([0.1, 0.9], [1, 1], 0.5).model == pytest.approx([0.5])
    assert np.isnan(decision_curve([0.1, 0.9], [0, 0], 0.5, prevalence=0.1).model).all()
    assert np.isnan(decision_curve([0.1, math.nan], [0, 1], 0.5).model).all()
    assert np.isnan(decision_curve([], [], 0.5).model).all()


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(TableError, match="outside 0 to 1"):
        decision_curve([10, 90], [0, 1], 0.5)
    with pytest.raises(ValueError, match="thresholds"):
        decision_curve([0.1, 0.9], [0, 1], [0.0, 0.5])
    with pytest.raises(ValueError, match="prevalence"):
        decision_curve([0.1, 0.9], [0, 1], 0.5, prevalence=6)
    with pytest.raises(ValueError, match="shape"):
        decision_curve([[0.1, 0.9]], [0, 1], 0.5)
