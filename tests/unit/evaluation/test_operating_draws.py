"""Operating points drawn again: the same as copying breasts, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.interval import wilson, wilson_of_share
from fourview.evaluation.operating_draws import RATES, DrawnRate, Rule, operating_draws

RULES = (
    Rule("threshold", 0.5),
    Rule("threshold", 2.0),
    Rule("sensitivity", 0.9),
    Rule("sensitivity", 1.0),
    Rule("specificity", 0.9),
    Rule("specificity", 1.0),
    Rule("recall rate", 0.2),
    Rule("recall rate", 0.0),
)


def some(n: int = 60) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Breasts with ties, two a patient."""
    rng = np.random.default_rng(3)
    truth = np.arange(n) % 7 == 0
    scores = np.clip(0.3 + 0.3 * truth + rng.normal(0, 0.2, n), 0, 1).round(1)
    return scores, truth, [f"p{i // 2}" for i in range(n)]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_rates_are_those_of_breasts_copied_as_often_as_their_patient_was_drawn(rule: Rule) -> None:
    scores, truth, patients = some()
    (found,) = operating_draws(
        scores, truth, patients, [rule], rng=np.random.default_rng(1), draws=40
    )
    for rate in RATES:

        def statistic(s: np.ndarray, t: np.ndarray, rate: str = rate) -> float:
            return float(getattr(rule.point(s, t), rate))

        copied = resample(
            scores, truth, patients, {"x": statistic}, rng=np.random.default_rng(1), draws=40
        )["x"].model()
        np.testing.assert_allclose(found[rate].replicates, copied.replicates, err_msg=rate)
        np.testing.assert_equal(found[rate].value, copied.value)


def test_a_draw_without_a_case_defines_no_sensitivity() -> None:
    truth = np.array([1, 0, 0, 0])
    (found,) = operating_draws(
        [0.9, 0.1, 0.2, 0.3], truth, "abcd", [Rule("sensitivity", 0.9)],
        rng=np.random.default_rng(0), draws=200,
    )  # fmt: skip
    none = 0.75**4
    assert found["sensitivity"].undefined / 200 == pytest.approx(none, abs=0.1)
    assert found["specificity"].undefined == found["sensitivity"].undefined


@pytest.mark.parametrize("truth", [[0, 0, 0], [1, 1, 1]])
def test_one_kind_and_one_score_define_what_they_can(truth: list[int]) -> None:
    found = operating_draws([0.2] * 3, truth, "abc", RULES, rng=np.random.default_rng(0), draws=20)
    for rule, rates in zip(RULES, found, strict=True):
        for rate in RATES:
            expected = getattr(rule.point([0.2] * 3, truth), rate)
            np.testing.assert_equal(rates[rate].replicates, np.full(20, expected))


def test_a_breast_without_a_score_is_refused() -> None:
    with pytest.raises(TableError, match="1 of 2 breasts have no score"):
        operating_draws([0.5, np.nan], [1, 0], "ab", RULES[:1], rng=np.random.default_rng(0))


def test_rules_say_what_they_are() -> None:
    assert [str(rule) for rule in (RULES[0], RULES[2], RULES[6])] == [
        "threshold 0.5",
        "sensitivity at least 0.9",
        "recall rate at most 0.2",
    ]
    assert [rule.is_chosen_here for rule in (RULES[0], RULES[2])] == [False, True]


def found_of_39(found: int) -> DrawnRate:
    """The sensitivity where so many of 39 cases, one a patient, are recalled."""
    scores = np.r_[np.ones(found), np.zeros(39 - found), np.full(300, 0.2)]
    truth = np.arange(339) < 39
    (rates,) = operating_draws(
        scores, truth, np.arange(339).tolist(), [Rule("threshold", 0.5)],
        rng=np.random.default_rng(0),
    )  # fmt: skip
    return rates["sensitivity"]


def test_a_rate_of_independent_breasts_has_wilsons_interval() -> None:
    """38 of 39: percentiles said 0.92 to 1, Wilson 0.868 to 0.995."""
    for found in (38, 30, 20):
        rate, expected = found_of_39(found), wilson(found, 39)
        interval = rate.interval()
        assert (interval.low, interval.high) == pytest.approx(
            (expected.low, expected.high), abs=0.006
        )
    near_1 = found_of_39(38)
    assert near_1.interval(scale="percentile").high == 1
    assert near_1.interval().high < 1


def test_all_found_is_no_proof_that_all_will_be() -> None:
    interval, expected = found_of_39(39).interval(), wilson(39, 39)
    assert (interval.low, interval.high) == pytest.approx((expected.low, 1.0))


def test_breasts_that_are_doubled_within_patients_are_worth_half() -> None:
    scores, truth = np.array([1.0] * 30 + [0.0] * 9 + [0.2] * 200), np.arange(239) < 39
    patients = np.arange(239)
    once, twice = (
        operating_draws(
            np.repeat(scores, times), np.repeat(truth, times), np.repeat(patients, times).tolist(),
            [Rule("threshold", 0.5)], rng=np.random.default_rng(0),
        )[0]
        for times in (1, 2)
    )  # fmt: skip
    for rate in RATES:
        assert twice[rate].breasts == 2 * once[rate].breasts
        assert twice[rate].patients == once[rate].patients
        a, b = once[rate].interval(), twice[rate].interval()
        assert (b.low, b.high) == pytest.approx((a.low, a.high), abs=0.004)


def test_each_rate_is_a_share_of_its_own_breasts_and_patients() -> None:
    scores, truth = [0.9, 0.8, 0.1, 0.7, 0.2, 0.3], [1, 1, 1, 0, 0, 0]
    (found,) = operating_draws(
        scores, truth, list("aabbbc"), [Rule("threshold", 0.5)], rng=np.random.default_rng(0)
    )
    shares = {rate: (one.breasts, one.patients) for rate, one in found.items()}
    assert shares == {
        "sensitivity": (3, 2),
        "specificity": (3, 2),
        "ppv": (3, 2),
        "npv": (3, 2),
        "recall_rate": (6, 3),
    }


def test_a_rate_that_its_rule_chose_is_not_surer_than_its_breasts_allow() -> None:
    """Each draw's threshold finds 90 % again: that says nothing of other cases."""
    rng = np.random.default_rng(2)
    truth = np.arange(1000) < 50
    scores = rng.normal(size=1000) + truth
    (found,) = operating_draws(
        scores, truth, np.arange(1000).tolist(), [Rule("sensitivity", 0.9)], rng=rng
    )
    rate = found["sensitivity"]
    assert rate.standard_error < 0.02
    assert rate.interval() == wilson_of_share(rate.value, 50)


def test_a_threshold_that_was_chosen_here_makes_a_rate_less_sure_than_a_stated_one() -> None:
    rng = np.random.default_rng(2)
    truth = np.arange(300) < 150
    scores = rng.normal(size=300) + truth
    rules = [Rule("specificity", 0.9)]
    rules.append(Rule("threshold", rules[0].point(scores, truth).threshold))
    chosen, stated = (
        found["sensitivity"].interval()
        for found in operating_draws(scores, truth, np.arange(300).tolist(), rules, rng=rng)
    )
    assert chosen.high - chosen.low > 1.1 * (stated.high - stated.low)


def test_a_rate_of_one_patient_or_of_nothing_has_no_interval() -> None:
    (found,) = operating_draws(
        [0.9, 0.8, 0.1, 0.2], [1, 1, 0, 0], list("aabc"), [Rule("threshold", 0.95)],
        rng=np.random.default_rng(0),
    )  # fmt: skip
    assert not found["sensitivity"].interval().defined
    assert found["ppv"].interval().remark == "the number itself is not defined"
    assert found["specificity"].interval().defined
