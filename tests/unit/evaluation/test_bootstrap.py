"""Intervals by drawing patients."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.stats import t as student

from fourview.core.errors import TableError
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.delong import delong
from fourview.evaluation.precision_recall import average_precision
from fourview.evaluation.resampled import Resampled, Resamples

BOTH = {"auc": auc, "average precision": average_precision}


def breasts(n_patients: int, seed: int = 0) -> tuple[Floats, Bools, list[int]]:
    """Two correlated breasts a patient, scores with ties."""
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(n_patients), 2)
    truth = rng.random(2 * n_patients) < 0.2
    own = rng.normal(size=n_patients)[patients]
    scores = np.round(own + rng.normal(size=2 * n_patients) + truth, 1)
    order = rng.permutation(2 * n_patients)
    return scores[order], truth[order], patients[order].tolist()


def test_the_quick_way_gives_what_copied_breasts_give() -> None:
    scores, truth, patients = breasts(60)
    slow = {
        "auc": lambda s, t: auc(s, t),
        "average precision": lambda s, t: average_precision(s, t),
    }
    quick = resample(scores, truth, patients, BOTH, rng=np.random.default_rng(1), draws=200)
    copied = resample(scores, truth, patients, slow, rng=np.random.default_rng(1), draws=200)
    for name in BOTH:
        assert quick[name].replicates == pytest.approx(copied[name].replicates, abs=1e-12)
        assert quick[name].values == pytest.approx(copied[name].values)


def test_a_draw_takes_all_breasts_of_a_patient() -> None:
    patients = ["a", "a", "b", "c", "c", "c"]
    scores = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    sums = resample(
        scores,
        [0, 1, 0, 1, 0, 1],
        patients,
        {"sum": lambda s, _: float(s.sum()), "n": lambda s, _: float(len(s))},
        rng=np.random.default_rng(0),
        draws=50,
    )
    possible = {a * 3 + b * 4 + c * 56 for a in range(4) for b in range(4 - a) for c in [3 - a - b]}
    assert set(sums["sum"].replicates[0]) <= possible
    assert len(set(sums["n"].replicates[0])) > 2
    assert sums["sum"].values[0] == 63


def test_the_same_seed_gives_the_same_draws() -> None:
    scores, truth, patients = breasts(30)
    first, again = (
        resample(scores, truth, patients, BOTH, rng=np.random.default_rng(7), draws=20)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first["auc"].replicates, again["auc"].replicates)


def test_its_standard_error_is_the_clustered_delongs() -> None:
    scores, truth, patients = breasts(600)
    found = resample(scores, truth, patients, {"auc": auc}, rng=np.random.default_rng(2))
    clustered = delong(scores, truth, patients=patients).standard_error()
    assert found["auc"].model().standard_error == pytest.approx(clustered, rel=0.05)


def test_differences_are_taken_draw_by_draw() -> None:
    scores, truth, patients = breasts(200)
    worse = scores + np.random.default_rng(3).normal(size=len(scores))
    found = resample([scores, worse], truth, patients, BOTH, rng=np.random.default_rng(4))
    both = found["auc"]
    difference = both.difference(0, 1)
    assert difference.value == both.values[0] - both.values[1]
    np.testing.assert_array_equal(difference.replicates, both.replicates[0] - both.replicates[1])
    paired = delong([scores, worse], truth, patients=patients).difference()
    assert difference.standard_error == pytest.approx(paired.standard_error, rel=0.07)
    assert difference.p_below_or_above_zero == pytest.approx(paired.p, abs=0.02)


def test_the_interval_is_the_percentile_one() -> None:
    one = Resampled(0.5, np.arange(101) / 100)
    interval = one.interval(level=0.9)
    assert (interval.low, interval.high) == pytest.approx((0.05, 0.95))
    assert interval.remark == ""


def test_the_logit_interval_is_the_normal_one_on_that_scale() -> None:
    draws = np.linspace(0.3, 0.9, 200)
    interval = Resampled(0.7, draws).interval(scale="logit")
    spread = np.std(np.log(draws / (1 - draws)), ddof=1)
    expected = [1 / (1 + math.exp(-(math.log(7 / 3) + k * spread))) for k in (-1.959964, 1.959964)]
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("draws", [[0.8, 1.0, 0.9], [0.0, 0.5, 0.6], [-0.1, 0.2, 0.3]])
def test_draws_at_an_end_have_no_logit_interval(draws: list[float]) -> None:
    one = Resampled(0.5, np.array(draws), "logit")
    assert "no log-odds" in one.interval(scale="logit").remark
    assert not one.interval(scale="logit").defined
    percentile = one.interval(scale="percentile")
    assert percentile.remark == ""
    unnamed = one.interval()
    assert (unnamed.low, unnamed.high) == (percentile.low, percentile.high)
    assert unnamed.remark.startswith("percentile: a draw is at 0 or 1")


def test_draws_of_an_area_at_1_leave_it_an_interval_on_the_logit_scale() -> None:
    """Percentiles of 0.98 with draws at 1 said: to 1.000."""
    draws = np.array([0.9, 0.95, 1.0, 1.0, 0.97])
    interval = Resampled(0.98, draws, "plus-two", 1e-4).interval()
    spread = math.sqrt(np.var(draws, ddof=1) + 1e-4) / (0.98 * 0.02)
    ends = [1 / (1 + math.exp(-(math.log(49) + k * spread))) for k in (-1.959964, 1.959964)]
    assert (interval.low, interval.high) == pytest.approx(ends, abs=1e-6)
    assert interval.remark == ""
    at_1 = Resampled(1.0, draws, "plus-two", 0.0)
    assert at_1.interval().remark.startswith("percentile")
    assert not at_1.interval(scale="plus-two").defined
    assert not Resampled(0.5, np.array([-0.1, 0.2, 0.3])).interval(scale="plus-two").defined


def test_areas_take_the_logit_scale_and_two_more_breasts_and_others_the_percentiles() -> None:
    scores, truth, patients = breasts(80)
    found = resample(
        [scores, -scores],
        truth,
        patients,
        BOTH | {"mean": lambda s, _: float(s.mean())},
        rng=np.random.default_rng(0),
        draws=99,
    )
    scales = {name: one.model().scale for name, one in found.items()}
    assert scales == {"auc": "plus-two", "average precision": "plus-two", "mean": "percentile"}
    area = found["auc"].model()
    assert area.interval() == area.interval(scale="plus-two")
    assert area.interval() != area.interval(scale="percentile")
    assert area.interval().low < area.interval(scale="logit").low
    assert found["auc"].difference().scale == "student"
    assert found["mean"].difference().scale == "percentile"


def test_what_two_more_breasts_add_is_delongs_and_of_average_precision_only_of_cases() -> None:
    scores, truth, patients = breasts(300)
    found = resample(scores, truth, patients, BOTH, rng=np.random.default_rng(0), draws=50)
    clustered = delong(scores, truth, patients=patients)
    area, precision = found["auc"].model(), found["average precision"].model()
    assert area.two_more == pytest.approx(clustered.variance_of_two_more())
    with_case = len({who for who, case in zip(patients, truth, strict=True) if case})
    v = precision.value
    assert precision.two_more == pytest.approx(2 * v * (1 - v) / (truth.sum() * with_case))
    interval = precision.interval()
    draws = precision.replicates
    spread = math.sqrt(
        np.var(np.log(draws / (1 - draws)), ddof=1) + 2 / (v * (1 - v) * truth.sum() * with_case)
    )
    ends = [1 / (1 + math.exp(-(math.log(v / (1 - v)) + k * spread))) for k in (-1.96, 1.96)]
    assert (interval.low, interval.high) == pytest.approx(ends, abs=1e-5)


def test_a_difference_of_areas_takes_students_t_and_its_p_agrees_with_its_interval() -> None:
    """Few patients with a case: t has one degree less than they are."""
    scores, truth, patients = breasts(60)
    worse = scores + np.random.default_rng(3).normal(size=len(scores))
    found = resample([scores, worse], truth, patients, BOTH, rng=np.random.default_rng(4))
    with_case = len({who for who, case in zip(patients, truth, strict=True) if case})
    for name in BOTH:
        difference = found[name].difference()
        error = difference.standard_error
        half = student.isf(0.025, with_case - 1) * error
        interval = difference.interval()
        ends = difference.value - half, difference.value + half
        assert (interval.low, interval.high) == pytest.approx(ends)
        assert difference.p == pytest.approx(
            2 * student.sf(abs(difference.value) / error, with_case - 1)
        )
        at_zero = difference.interval(level=1 - difference.p)
        assert min(abs(at_zero.low), abs(at_zero.high)) == pytest.approx(0, abs=1e-9)


def test_a_p_of_other_numbers_counts_draws() -> None:
    one = Resampled(0.15, np.array([-0.1] + [0.1] * 48 + [0.2] * 50))
    assert one.p == one.p_below_or_above_zero == pytest.approx(2 * 2 / 100)
    assert math.isnan(Resampled(0.0, np.zeros(9), "student").p)


def test_area_keeps_its_percentiles_by_name() -> None:
    scores, truth, patients = breasts(80)
    area = resample(scores, truth, patients, BOTH, rng=np.random.default_rng(0), draws=99)["auc"]
    ends = np.quantile(area.replicates[0], [0.025, 0.975])
    interval = area.model().interval(scale="percentile")
    assert [interval.low, interval.high] == pytest.approx(ends.tolist())


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_in_percent_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        Resampled(0.5, np.array([0.4, 0.6])).interval(level=level)


def test_draws_that_do_not_define_the_number_are_counted() -> None:
    few = Resampled(0.5, np.array([0.4, 0.6] * 49 + [math.nan] * 2))
    assert few.undefined == 2
    assert few.interval().defined
    assert few.interval().remark == "2 of 100 draws left out"
    many = few.interval(most_undefined=0.01)
    assert not many.defined
    assert many.remark == "2 of 100 draws do not define it"


def test_one_case_has_too_many_undefined_draws() -> None:
    scores, truth = np.arange(20.0), np.arange(20) == 12
    found = resample(scores, truth, list(range(20)), BOTH, rng=np.random.default_rng(0), draws=500)
    for name in BOTH:
        one = found[name].model()
        assert 0.3 < one.undefined / 500 < 0.42  # (1 - 1/20)^20 = 0.36
        assert not one.interval().defined


def test_draws_without_others_are_the_same_quickly_and_copied() -> None:
    scores, truth, patients = [1.0, 2, 3, 4], [1, 1, 0, 1], [1, 2, 3, 4]
    ways = {"quick": average_precision, "copied": lambda s, t: average_precision(s, t)}
    found = resample(scores, truth, patients, ways, rng=np.random.default_rng(0), draws=60)
    assert found["quick"].model().undefined > 5
    np.testing.assert_allclose(found["quick"].replicates, found["copied"].replicates)


def test_ten_breasts_have_an_interval() -> None:
    truth = [0, 1] * 5
    scores = [1, 2, 3, 3, 5, 4, 7, 8, 9, 11]
    found = resample(scores, truth, list(range(10)), {"auc": auc}, rng=np.random.default_rng(0))
    one = found["auc"].model()
    assert one.interval().defined
    assert one.interval().low <= one.value <= one.interval().high


@pytest.mark.parametrize(
    ("scores", "said"),
    [([1, 2, 3, 4, 5, 6, 7, 8], "every draw gave 1"), ([0.2] * 8, "every draw gave 0.5")],
)
def test_no_spread_is_no_interval(scores: list[float], said: str) -> None:
    """A perfect model and a constant score: no width would be no honest width."""
    truth, patients = [0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]
    found = resample(scores, truth, patients, {"auc": auc}, rng=np.random.default_rng(0), draws=99)
    interval = found["auc"].model().interval()
    assert not interval.defined
    assert said in interval.remark


def test_one_kind_only_or_a_score_that_is_no_number_is_not_defined() -> None:
    rng = np.random.default_rng(0)
    for scores, truth in [([1, 2, 3], [0, 0, 0]), ([1, math.nan, 3], [0, 1, 0])]:
        found = resample(scores, truth, ["a", "b", "c"], BOTH, rng=rng, draws=9)
        for name in BOTH:
            assert found[name].model().undefined == 9
            assert found[name].model().interval().remark == "the number itself is not defined"


def test_breasts_without_patients_and_no_breasts_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(TableError, match="no patient"):
        resample([1, 2], [0, 1], ["a", None], BOTH, rng=rng)
    with pytest.raises(ValueError, match="draws of 0 patients"):
        resample([], [], [], BOTH, rng=rng)


def test_without_an_interval_for_want_of_draws_there_is_no_p_and_no_error() -> None:
    few = Resampled(0.15, np.array([np.nan] * 6 + [0.1, 0.2] * 47))
    assert not few.interval().defined
    assert math.isnan(few.p_below_or_above_zero)
    assert math.isnan(few.standard_error)
    enough = Resampled(0.15, np.array([np.nan] * 5 + [0.1] * 48 + [0.2] * 47))
    assert enough.interval().defined
    assert enough.p_below_or_above_zero == pytest.approx(2 / 96)
    assert math.isnan(Resampled(math.nan, enough.replicates).p_below_or_above_zero)


def test_an_interval_of_no_width_is_none() -> None:
    """44 of 44 cases found says little of the next: Wilson's interval starts at 0.92."""
    found = Resampled(1.0, np.array([1.0] * 198 + [0.95, 0.97]))
    interval = found.interval()
    assert not interval.defined
    assert interval.remark == "nearly every draw gave 1"
    assert found.interval(level=0.999).low < found.interval(level=0.999).high == 1


def test_two_models_that_never_differ_have_no_p() -> None:
    same = Resamples(np.array([0.5, 0.5]), np.array([[0.4, 0.6], [0.4, 0.6]]))
    assert math.isnan(same.difference().p_below_or_above_zero)
    assert not same.difference().interval().defined


def test_twenty_thousand_breasts_take_seconds() -> None:
    scores, truth, patients = breasts(10_000)
    start = time.process_time()
    resample(scores, truth, patients, BOTH, rng=np.random.default_rng(0), draws=200)
    assert time.process_time() - start < 2
