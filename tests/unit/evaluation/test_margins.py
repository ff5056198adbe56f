"""Non-inferiority, superiority, equivalence."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm, t

from fourview.evaluation.margins import within_margin
from fourview.evaluation.readers_mean import Estimate, estimate


def of(value: float, error: float = 0.02, df: float = 10.0) -> Estimate:
    return estimate(value, error**2, df, level=0.95)


def test_worked_by_hand() -> None:
    """A difference of -0.01 with an error of 0.02 and a margin of 0.05: t = 2."""
    found = within_margin(of(-0.01), 0.05)
    assert found.p_non_inferior == pytest.approx(t.sf(2.0, 10))
    assert found.p_superior == pytest.approx(t.sf(-0.5, 10))
    assert found.p_equivalent == pytest.approx(found.p_non_inferior)
    assert found.lower_limit == pytest.approx(-0.01 - 0.02 * t.isf(0.025, 10))
    assert (found.non_inferior, found.superior, found.equivalent) == (False, False, False)
    assert within_margin(of(-0.01, 0.015), 0.05).non_inferior is True


def test_the_limit_and_the_p_agree() -> None:
    """Non-inferior by p exactly where the lower limit is above -margin."""
    for value in (-0.04, -0.01, 0.0, 0.03):
        for error in (0.005, 0.02, 0.04):
            found = within_margin(of(value, error), 0.05)
            assert found.non_inferior is (found.lower_limit > -0.05)
            limits_inside = found.lower_limit > -0.05 and found.upper_limit < 0.05
            assert found.equivalent is limits_inside


def test_infinite_degrees_are_the_normal_distribution() -> None:
    found = within_margin(of(0.0, 0.02, math.inf), 0.05)
    assert found.p_non_inferior == pytest.approx(norm.sf(2.5))
    assert found.p_equivalent == pytest.approx(norm.sf(2.5))


def test_without_an_error_nothing_is_shown() -> None:
    """Two readings that are the same are not thereby proved equivalent."""
    found = within_margin(of(0.0, 0.0), 0.05)
    assert found.non_inferior is found.superior is found.equivalent is None
    assert math.isnan(found.lower_limit)


@pytest.mark.parametrize("margin", [0.0, -0.05, 5.0])
def test_a_margin_must_be_one(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        within_margin(of(0.0), margin)


def test_alpha_must_be_one_sided() -> None:
    with pytest.raises(ValueError, match="alpha"):
        within_margin(of(0.0), 0.05, alpha=0.95)


def test_a_level_must_be_one() -> None:
    with pytest.raises(ValueError, match="level"):
        estimate(0.0, 1.0, 3.0, level=95)
