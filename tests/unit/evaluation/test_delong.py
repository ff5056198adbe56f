"""DeLong's variance, intervals and tests."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from fourview.core.errors import TableError
from fourview.evaluation.auc import auc
from fourview.evaluation.checks import Floats
from fourview.evaluation.delong import DeLong, compare_unpaired, delong


def slow_delong(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """AUCs and their covariance as DeLong 1988 writes them: psi for every pair, S10 and S01."""
    cases, others = scores[:, truth == 1], scores[:, truth == 0]
    m, n = cases.shape[1], others.shape[1]
    psi = np.empty((len(scores), m, n))
    for r in range(len(scores)):
        for i in range(m):
            for j in range(n):
                x, y = cases[r, i], others[r, j]
                psi[r, i, j] = 1.0 if x > y else 0.5 if x == y else 0.0
    theta = psi.mean(axis=(1, 2))
    covariance = np.zeros((len(scores), len(scores)))
    for r in range(len(scores)):
        for s in range(len(scores)):
            v10 = [(psi[r, i].mean() - theta[r]) * (psi[s, i].mean() - theta[s]) for i in range(m)]
            v01 = [
                (psi[r, :, j].mean() - theta[r]) * (psi[s, :, j].mean() - theta[s])
                for j in range(n)
            ]
            covariance[r, s] = sum(v10) / (m - 1) / m + sum(v01) / (n - 1) / n
    return theta, covariance


def a_set(rng: np.random.Generator, models: int = 3) -> tuple[Floats, Floats]:
    """Scores with many ties, and the truth."""
    n_cases, n_others = rng.integers(2, 25, 2)
    truth = np.repeat([1.0, 0.0], [n_cases, n_others])
    scores = rng.integers(0, 7, (models, len(truth))) + rng.integers(0, 3) * truth
    return scores.astype(np.float64), truth


def test_a_hundred_sets_with_ties_agree_with_the_definition() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        scores, truth = a_set(rng)
        found = delong(scores, truth)
        aucs, covariance = slow_delong(scores, truth)
        assert found.aucs == pytest.approx(aucs, abs=1e-12)
        assert found.covariance == pytest.approx(covariance, abs=1e-12)
        for k, (area, variance) in enumerate(zip(aucs, covariance.diagonal(), strict=True)):
            if 0 < area < 1 and variance > 0:  # what MLstatkit, pROC and others print
                plain = found.interval(k, scale="plain")
                half = 1.959963984540054 * math.sqrt(variance)
                ends = max(0.0, area - half), min(1.0, area + half)
                assert (plain.low, plain.high) == pytest.approx(ends, abs=1e-6)
        alone = delong(scores[1], truth)
        assert alone.covariance[0, 0] == pytest.approx(covariance[1, 1], abs=1e-12)


SETS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(-4, 4)),
        arrays(np.int64, n, elements=st.integers(0, 1)).filter(lambda t: 0 < t.sum() < len(t)),
    )
)


@settings(deadline=None)
@given(SETS)
def test_a_rising_map_changes_nothing_and_a_falling_one_turns_the_auc(
    one: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, truth = one
    found, risen, fallen = (delong(s, truth) for s in (scores, np.exp(scores), -scores))
    assert found.aucs[0] == pytest.approx(auc(scores, truth), abs=1e-12)
    assert risen.aucs[0] == found.aucs[0]
    assert fallen.aucs[0] == pytest.approx(1 - found.aucs[0], abs=1e-12)
    np.testing.assert_array_equal(risen.covariance, found.covariance)
    np.testing.assert_allclose(fallen.covariance, found.covariance, atol=1e-15)


@settings(deadline=None)
@given(SETS)
def test_patients_with_one_breast_each_are_no_clusters(one: tuple[np.ndarray, np.ndarray]) -> None:
    scores, truth = one
    each = delong(scores, truth, patients=list(range(len(truth))))
    np.testing.assert_allclose(each.covariance, delong(scores, truth).covariance, atol=1e-15)


def test_breasts_doubled_within_patients_give_no_more_certainty() -> None:
    """Two equal breasts a patient: nearly the variance of one breast each, not half of it."""
    scores, truth = a_set(np.random.default_rng(3), models=2)
    patients = np.repeat(np.arange(len(truth)), 2)
    twice = delong(np.repeat(scores, 2, axis=1), np.repeat(truth, 2), patients=patients.tolist())
    once = delong(scores, truth)
    np.testing.assert_allclose(twice.covariance, once.covariance, atol=1e-15)
    assert twice.independent_pairs == once.independent_pairs


def test_a_patient_with_both_kinds_adds_the_cross_term() -> None:
    """Obuchowski 1997, written out for four patients."""
    truth = np.array([1, 0, 1, 0, 0, 0, 1, 1])
    scores = np.array([3, 2, 1, 1, 0, 2, 3, 0.5])
    patients = list("aabbccdd")
    psi = (scores[truth == 1][:, None] > scores[truth == 0]) + 0.5 * (
        scores[truth == 1][:, None] == scores[truth == 0]
    )
    theta = psi.mean()
    x, y = psi.mean(axis=1) - theta, psi.mean(axis=0) - theta
    by_x = np.array([x[0], x[1], 0, x[2] + x[3]])  # a, b, c, d
    by_y = np.array([y[0], y[1], y[2] + y[3], 0])
    s10 = 3 / (2 * 4) * (by_x**2).sum()
    s01 = 3 / (2 * 4) * (by_y**2).sum()
    s11 = 4 / 3 * (by_x * by_y).sum()
    expected = s10 / 4 + s01 / 4 + 2 * s11 / 16
    found = delong(scores, truth, patients=patients)
    assert found.covariance[0, 0] == pytest.approx(expected, abs=1e-15)
    assert found.independent_pairs == 2


def example() -> DeLong:
    rng = np.random.default_rng(5)
    truth = np.repeat([1, 0], [60, 300])
    shared = rng.normal(size=360) + truth
    return delong(np.stack([shared + rng.normal(size=360) for _ in range(2)]), truth)


def test_the_intervals_are_the_normal_ones_on_their_scales() -> None:
    found = example()
    a, error = float(found.aucs[0]), found.standard_error(0)
    z = norm.isf(0.025)
    plain = found.interval(0, scale="plain")
    assert (plain.low, plain.high) == pytest.approx((a - z * error, a + z * error))
    logit = found.interval(0, scale="logit")
    centre, half = math.log(a / (1 - a)), z * error / (a * (1 - a))
    back = [1 / (1 + math.exp(-x)) for x in (centre - half, centre + half)]
    assert (logit.low, logit.high) == pytest.approx(back)
    assert found.interval(0, level=0.5).low > logit.low


def test_the_default_is_the_logit_one_with_the_variance_of_two_more_breasts_of_each_kind() -> None:
    found = example()
    a, z = float(found.aucs[0]), norm.isf(0.025)
    variance = found.covariance[0, 0] + 2 * a * (1 - a) * (1 / 60**2 + 1 / 300**2)
    centre, half = math.log(a / (1 - a)), z * math.sqrt(variance) / (a * (1 - a))
    back = [1 / (1 + math.exp(-x)) for x in (centre - half, centre + half)]
    default, logit = found.interval(), found.interval(scale="logit")
    assert (default.low, default.high) == pytest.approx(back)
    assert default.low < logit.low < logit.high < default.high
    width, narrower = default.high - default.low, logit.high - logit.low
    assert width / narrower == pytest.approx(1.04, abs=0.01)


def test_two_more_breasts_are_as_alike_as_those_of_a_patient() -> None:
    """Of doubled breasts two are one patient: half of what two patients add."""
    scores, truth = a_set(np.random.default_rng(3))
    patients = np.repeat(np.arange(len(truth)), 2).tolist()
    twice = delong(np.repeat(scores, 2, axis=1), np.repeat(truth, 2), patients=patients)
    once = delong(scores, truth)
    assert (once.patients_with_case, once.patients_with_other) == (once.n_cases, once.n_others)
    assert twice.variance_of_two_more(1) == pytest.approx(once.variance_of_two_more(1) / 2)


def test_a_patient_with_both_kinds_counts_among_both() -> None:
    found = delong([3, 2, 1, 1, 0], [1, 0, 1, 0, 0], patients=list("aabbc"))
    assert (found.patients_with_case, found.patients_with_other) == (2, 3)
    a = float(found.aucs[0])
    assert found.variance_of_two_more() == pytest.approx(2 * a * (1 - a) * (1 / 4 + 1 / 9))


def test_the_plain_interval_is_cut_at_1() -> None:
    found = delong([1, 2, 3, 4, 5, 6.5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 1, 1, 1])
    assert found.interval(scale="plain").high == 1.0
    assert found.interval().high < 1.0


def test_the_paired_difference_uses_the_covariance() -> None:
    found = example()
    v = found.covariance
    compared = found.difference(0, 1)
    error = math.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])
    assert compared.difference == found.aucs[0] - found.aucs[1]
    assert compared.standard_error == pytest.approx(error)
    assert compared.z == pytest.approx(compared.difference / error)
    assert compared.p == pytest.approx(2 * norm.sf(abs(compared.z)))
    assert compared.interval.high - compared.interval.low == pytest.approx(3.919928 * error)
    assert found.difference(1, 0).z == -compared.z


def test_different_patients_are_compared_without_a_covariance() -> None:
    found = example()
    first, second = found, delong([1, 2, 3, 2, 5], [0, 0, 0, 1, 1])
    compared = compare_unpaired(first, second, models=(1, 0))
    expected = math.hypot(first.standard_error(1), second.standard_error(0))
    assert compared.standard_error == pytest.approx(expected)
    assert compared.difference == first.aucs[1] - second.aucs[0]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_score_has_an_exact_interval_and_says_so(sign: int) -> None:
    found = delong(sign * np.array([1, 2, 3, 4, 5]), [0, 0, 1, 1, 1])
    interval = found.interval()
    assert (found.covariance[0, 0], found.independent_pairs) == (0, 2)
    edge = 0.025 ** (1 / 2)
    expected = (edge, 1.0) if sign > 0 else (0.0, 1 - edge)
    assert (interval.low, interval.high) == pytest.approx(expected)
    assert "2 independent pairs" in interval.remark
    assert found.interval(scale="plain") == interval


def test_a_constant_score_has_no_interval() -> None:
    found = delong([0.3] * 6, [0, 1, 0, 1, 0, 1])
    assert found.aucs[0] == 0.5
    assert "every breast has the same score" in found.interval().remark
    assert not found.interval().defined


def test_patients_whose_breasts_balance_each_other_have_no_interval_of_no_width() -> None:
    scores = [1, 3, 5, 1, 3, 5, *[2, 4] * 3]
    patients = [*"XXXYYYAABBCC"]
    found = delong(scores, [0] * 6 + [1] * 6, patients=patients)
    assert found.aucs[0] == 0.5
    assert found.covariance[0, 0] < 1e-30  # what rounding leaves of 0
    assert not found.interval().defined
    assert "balance each other" in found.interval().remark
    assert math.isnan(compare_unpaired(found, found).p)


def test_two_models_that_rank_alike_are_not_tested() -> None:
    rng = np.random.default_rng(1)
    scores, truth = rng.normal(size=500), rng.integers(0, 2, 500)
    compared = delong([scores, np.exp(scores)], truth).difference()
    assert compared.difference == 0
    assert math.isnan(compared.z)
    assert math.isnan(compared.p)
    assert "rank the breasts alike" in compared.interval.remark


def test_one_kind_only_is_not_defined() -> None:
    found = delong([[1, 2], [2, 1]], [1, 1])
    assert np.isnan(found.aucs).all()
    assert np.isnan(found.covariance).all()
    assert not found.interval().defined
    assert "not defined" in found.difference().interval.remark


def test_one_case_has_an_auc_and_no_interval() -> None:
    found = delong([1, 3, 2, 0], [0, 0, 1, 0])
    assert found.aucs[0] == pytest.approx(2 / 3)
    assert "fewer than two cases or two others" in found.interval().remark


def test_cases_of_one_patient_have_an_auc_and_no_interval() -> None:
    found = delong([1, 3, 2, 2.5, 0], [0, 0, 1, 1, 0], patients=[1, 2, 3, 3, 4])
    assert found.aucs[0] == pytest.approx(2 / 3)
    assert not found.interval().defined


def test_a_score_that_is_no_number_spoils_its_own_model_only() -> None:
    found = delong([[1, 2, 3, 2], [1, math.nan, 3, 2]], [0, 0, 1, 1])
    whole = delong([1, 2, 3, 2], [0, 0, 1, 1])
    assert found.aucs[0] == whole.aucs[0]
    assert found.covariance[0, 0] == whole.covariance[0, 0]
    assert math.isnan(found.aucs[1])
    assert math.isnan(found.difference().p)


def test_infinite_scores_have_ranks() -> None:
    assert delong([-math.inf, 0, 1, math.inf], [0, 1, 0, 1]).aucs[0] == 0.75


def test_truths_and_patients_that_are_not_known_are_refused() -> None:
    with pytest.raises(TableError, match="neither 0 nor 1"):
        delong([1, 2, 3], [0, 1, math.nan])
    with pytest.raises(TableError, match="no patient"):
        delong([1, 2, 3], [0, 1, 1], patients=["a", None, "b"])


def test_a_hundred_thousand_breasts_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(100_000) < 0.05
    scores = np.round(rng.normal(size=100_000) + truth, 3)
    start = time.process_time()
    delong(scores, truth)
    assert time.process_time() - start < 1
