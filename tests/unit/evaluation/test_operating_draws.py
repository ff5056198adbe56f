"""Operating points drawn again: the same as copying breasts, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.operating_draws import RATES, Rule, operating_draws

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
