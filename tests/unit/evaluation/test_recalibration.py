"""Platt's curve, isotonic steps, and other prevalences."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from fourview.core.errors import TableError
from fourview.evaluation.auc import auc
from fourview.evaluation.calibration import calibration
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.recalibration import (
    Isotonic,
    Platt,
    fit_isotonic,
    fit_platt,
    from_json,
    shift_prevalence,
    to_json,
)

FITS = [fit_platt, fit_isotonic]


def enriched(n: int, seed: int = 0, share: float = 0.4) -> tuple[Floats, Bools]:
    """Overconfident probabilities from a set with many cases."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    return np.asarray(expit(2 * (rng.normal(size=n) + 1.2 * truth) - 1)), truth


@pytest.mark.parametrize("fit", FITS)
def test_the_fitting_sets_mean_becomes_its_share_of_cases(fit: Any) -> None:
    scores, truth = enriched(3000)
    fitted = fit(scores, truth)
    assert fitted(scores).mean() == pytest.approx(truth.mean(), abs=1e-3)
    assert fitted.prevalence == truth.mean()


@pytest.mark.parametrize("fit", FITS)
def test_new_breasts_become_calibrated(fit: Any) -> None:
    fitted = fit(*enriched(20_000))
    scores, truth = enriched(20_000, seed=1)
    before, after = (calibration(p, truth, clip=1e-4) for p in (scores, fitted(scores)))
    assert abs(before.slope - 1) > 0.3
    assert after.slope == pytest.approx(1, abs=0.1)
    assert after.in_the_large == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("fit", FITS)
def test_another_prevalence_is_met_by_breasts_that_have_it(fit: Any) -> None:
    fitted = fit(*enriched(20_000)).at_prevalence(0.05)
    scores, truth = enriched(40_000, seed=1, share=0.05)
    assert fitted.prevalence == 0.05
    assert fitted(scores).mean() == pytest.approx(truth.mean(), abs=0.004)


def test_platt_keeps_the_order_and_isotonic_never_turns_it() -> None:
    scores, truth = enriched(500)
    assert auc(fit_platt(scores, truth)(scores), truth) == auc(scores, truth)
    rising = fit_isotonic(scores, truth)(np.sort(scores))
    assert (np.diff(rising) >= 0).all()


def test_a_score_that_is_right_is_left_as_it_is() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=50_000)
    truth = rng.random(50_000) < expit(x)
    fitted = fit_platt(expit(x), truth)
    assert (fitted.slope, fitted.intercept) == pytest.approx((1, 0), abs=0.05)


def test_platt_stays_finite_where_a_threshold_parts_the_kinds() -> None:
    fitted = fit_platt([1.0, 2.0, 8.0, 9.0], [0, 0, 1, 1], of="score")
    p = fitted([1.0, 9.0])
    assert 0 < p[0] < 0.3 < 0.7 < p[1] < 1
    # Platt's targets: 3/4 and 1/4; their sum is the probabilities' sum at the top.
    assert fitted([1.0, 2.0, 8.0, 9.0]).sum() == pytest.approx(2)


def test_isotonic_is_the_pooled_steps_joined() -> None:
    fitted = fit_isotonic([1, 2, 3, 4, 4, 5], [0, 1, 0, 1, 0, 1])
    assert fitted.scores == (1, 2, 4, 5)
    assert fitted.probabilities == pytest.approx((0, 0.5, 0.5, 1))
    assert fitted([0, 1.5, 3, 4.5, 99]) == pytest.approx([0, 0.25, 0.5, 0.75, 1])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=2, max_size=20),
)
def test_isotonic_equals_pooling_by_hand(rows: list[tuple[int, int]]) -> None:
    scores, truth = [s for s, _ in rows], [t for _, t in rows]
    levels = sorted(set(scores))
    blocks = [[sum(t for s, t in rows if s == v), scores.count(v), 1] for v in levels]
    i = 0
    while i + 1 < len(blocks):
        if blocks[i][0] * blocks[i + 1][1] > blocks[i + 1][0] * blocks[i][1]:
            blocks[i : i + 2] = [[a + b for a, b in zip(*blocks[i : i + 2], strict=True)]]
            i = max(0, i - 1)
        else:
            i += 1
    expected = [cases / n for cases, n, width in blocks for _ in range(width)]
    if expected[0] == expected[-1]:
        with pytest.raises(TableError):
            fit_isotonic(scores, truth)
    else:
        assert fit_isotonic(scores, truth)(levels) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("of", ["log-odds", "score"])
def test_a_recalibration_survives_json(of: Any) -> None:
    scores, truth = enriched(300)
    new = np.linspace(0.01, 0.99, 9)
    for fitted in (fit_platt(scores, truth, of=of), fit_isotonic(scores, truth)):
        back = from_json(json.loads(json.dumps(to_json(fitted))))
        assert back == fitted
        np.testing.assert_array_equal(back(new), fitted(new))


PLATT = to_json(Platt(1.0, 0.0, "log-odds", 0.5))
STEPS = to_json(Isotonic((0.0, 1.0), (0.1, 0.9), 0.5))


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"kind": "beta"},
        {"kind": "platt", "slope": 1.0},
        PLATT | {"slope": -1.0},
        PLATT | {"intercept": math.nan},
        PLATT | {"of": "rank"},
        PLATT | {"prevalence": 0},
        STEPS | {"scores": [1.0, 0.0]},
        STEPS | {"scores": [0.0]},
        STEPS | {"probabilities": [0.9, 0.1]},
        STEPS | {"probabilities": [0.1, 1.1]},
        STEPS | {"probabilities": "many"},
    ],
)
def test_a_damaged_file_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(TableError) as error:
        from_json(written)
    assert error.value.hint


def test_ends_and_missing_scores_stay() -> None:
    p = Platt(2.0, -1.0, "log-odds", 0.1)([0, 1, math.nan, 0.5])
    assert p[:2].tolist() == [0, 1]
    assert math.isnan(p[2])
    assert p[3] == pytest.approx(expit(-1))
    assert math.isnan(Isotonic((0.0, 1.0), (0.1, 0.9), 0.5)([math.nan])[0])


def test_the_odds_are_multiplied_by_the_ratio_of_the_priors() -> None:
    p = shift_prevalence([0.5, 0, 1, math.nan], found=0.5, stated=0.006)
    assert p[0] == pytest.approx(0.006)
    assert p[1:3].tolist() == [0, 1]
    assert math.isnan(p[3])
    back = shift_prevalence(p, found=0.006, stated=0.5)
    assert back[0] == pytest.approx(0.5)
    fitted = Platt(1.0, 0.3, "log-odds", 0.5)
    same = shift_prevalence(fitted([0.2]), found=0.5, stated=0.01)
    assert fitted.at_prevalence(0.01)([0.2]) == pytest.approx(same)


@pytest.mark.parametrize("prevalence", [0, 1, 5, math.nan])
def test_a_prevalence_in_percent_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match="prevalence"):
        shift_prevalence([0.5], found=0.5, stated=prevalence)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(
    ("scores", "truth", "said"),
    [
        ([0.1, 0.2], [1, 1], "one kind"),
        ([0.2, 0.2, 0.2], [1, 0, 1], "the score 0.2"),
        ([0.1, math.nan, 0.3], [1, 0, 1], "1 breasts have no score"),
        ([0.9, 0.8, 0.2, 0.1, 0.3], [0, 0, 1, 1, 0], "do not score higher"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    fit: Any, scores: list[float], truth: list[int], said: str
) -> None:
    with pytest.raises(TableError, match=said) as error:
        fit(scores, truth)
    assert error.value.hint


def test_platt_on_log_odds_needs_probabilities_within_the_ends() -> None:
    truth = [0, 1, 0, 1]
    with pytest.raises(TableError, match="outside 0 to 1"):
        fit_platt([10, 90, 20, 80], truth)
    with pytest.raises(TableError, match="exactly 0 or 1"):
        fit_platt([0, 0.9, 0.2, 0.8], truth)
    assert fit_platt([0, 0.9, 0.2, 0.8], truth, clip=0.01).slope > 0
    assert fit_platt([10, 90, 20, 80], truth, of="score").slope > 0
    with pytest.raises(TableError, match="infinite"):
        fit_platt([-math.inf, 1, 0, 2], truth, of="score")
    with pytest.raises(TableError, match="infinite"):
        fit_isotonic([-math.inf, 1, 0, 2], truth)
    assert logit(fit_platt([10, 90, 20, 80], truth, of="score")(50)) == pytest.approx(0, abs=1e-6)
