"""Power and sample size of a planned study."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, nct, norm
from scipy.stats import t as student

from fourview.core.errors import TableError
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_sample_size import (
    Components,
    cases_needed,
    components_of,
    power,
    readers_needed,
)
from support.simulated_readers import simulated_ratings

PILOT = Components(
    modality_reader=0.0002, variance=0.0008, cov1=0.00035, cov2=0.00034, cov3=0.00024, cases=100
)


def test_the_noncentrality_worked_by_hand() -> None:
    """r = 5, twice the cases: V = .0002 + (.00045 + 4 * .0001) / 2 = .000625."""
    found = power(PILOT, effect=0.05, readers=5, cases=200)
    assert found.noncentrality == pytest.approx(5 * 0.05**2 / 2 / 0.000625)
    assert found.df == pytest.approx(0.000625**2 / (0.000375**2 / 4))
    fixed = power(PILOT, effect=0.05, readers=5, cases=200, analysis="FRRC")
    assert fixed.noncentrality == pytest.approx(5 * 0.05**2 / 2 / 0.000425)
    root = math.sqrt(fixed.noncentrality)
    assert fixed.power == pytest.approx(norm.sf(1.959964 - root) + norm.cdf(-1.959964 - root))
    readers = power(PILOT, effect=0.05, readers=5, cases=200, analysis="RRFC")
    assert (readers.noncentrality, readers.df) == pytest.approx((5 * 0.05**2 / 2 / 0.000375, 4))


def test_with_no_effect_the_power_is_alpha() -> None:
    for analysis in ("RRRC", "FRRC", "RRFC"):
        found = power(PILOT, effect=0.0, readers=5, cases=200, analysis=analysis)  # type: ignore[arg-type]
        assert found.power == pytest.approx(0.05)


def test_for_non_inferiority_the_margin_is_the_distance() -> None:
    found = power(PILOT, effect=0.0, margin=0.05, alpha=0.025, readers=5, cases=200)
    df, ratio = found.df, math.sqrt(found.noncentrality)
    assert found.power == pytest.approx(nct.sf(student.isf(0.025, df), df, ratio))
    worse = power(PILOT, effect=-0.05, margin=0.05, alpha=0.025, readers=5, cases=200)
    assert worse.power == pytest.approx(0.025)


def test_the_fewest_that_do() -> None:
    cases = cases_needed(PILOT, effect=0.05, readers=8)
    assert cases is not None
    assert cases.power >= 0.8
    assert power(PILOT, effect=0.05, readers=8, cases=cases.cases - 1).power < 0.8
    readers = readers_needed(PILOT, effect=0.05, cases=200)
    assert readers is not None
    assert readers.power >= 0.8
    assert power(PILOT, effect=0.05, readers=readers.readers - 1, cases=200).power < 0.8
    alone = cases_needed(PILOT, effect=0.08, readers=1, analysis="FRRC")
    assert alone is not None
    assert alone.power >= 0.8


def test_where_no_number_does_it_says_so() -> None:
    """Two readers who vary: no number of cases shows how readers differ."""
    assert cases_needed(PILOT, effect=0.01, readers=2) is None
    assert readers_needed(PILOT, effect=0.001, cases=50) is None


def test_a_huge_effect_has_a_power_of_1() -> None:
    assert power(PILOT, effect=0.4, readers=20, cases=5000).power == pytest.approx(1.0)


@pytest.mark.parametrize("readers", [2, 4, 11, 15, 20, 200])
def test_power_is_a_number_however_large_the_study(readers: int) -> None:
    """SciPy's non-central t gives NaN in tails far out, where a search then ended anywhere."""
    cases = np.unique(np.geomspace(2, 1_000_000, 60).astype(int))
    for alpha in (0.05, 0.001):
        found = [
            power(PILOT, effect=0.05, readers=readers, cases=int(n), alpha=alpha).power
            for n in cases
        ]
        back = [
            power(PILOT, effect=-0.05, readers=readers, cases=int(n), alpha=alpha).power
            for n in cases
        ]
        assert found == back
        assert min(found) > 0
        assert max(found) <= 1 + 1e-9


def test_power_is_the_integral_over_the_denominator() -> None:
    """P(|Z + ratio| > t S), S^2 = chi-squared / df: by quadrature, without a non-central t."""
    for readers, cases, alpha in ((4, 150, 0.05), (8, 400, 0.05), (15, 900, 0.001)):
        found = power(PILOT, effect=0.05, readers=readers, cases=cases, alpha=alpha)
        ratio, t = math.sqrt(found.noncentrality), student.isf(alpha / 2, found.df)
        scale = np.sqrt(chi2.ppf((np.arange(40_000) + 0.5) / 40_000, found.df) / found.df)
        both = norm.sf(t * scale - ratio) + norm.cdf(-t * scale - ratio)
        assert found.power == pytest.approx(both.mean(), abs=1e-5)


def test_the_fewest_are_found_where_the_power_falls_again() -> None:
    """Two readers: more cases lower the degrees of freedom to 1, and the power with them."""
    powers = [power(PILOT, effect=0.05, readers=2, cases=n).power for n in range(2, 1_000)]
    assert max(powers) > powers[-1] > power(PILOT, effect=0.05, readers=2, cases=100_000).power
    wanted = 0.234
    first = 2 + next(at for at, value in enumerate(powers) if value >= wanted)
    found = cases_needed(PILOT, effect=0.05, readers=2, wanted=wanted)
    assert found is not None
    assert found.cases == first
    assert cases_needed(PILOT, effect=0.05, readers=2, wanted=max(powers) + 0.001) is None


def test_many_readers_need_few_cases() -> None:
    few = [cases_needed(PILOT, effect=0.05, readers=readers) for readers in (6, 10, 15, 20, 200)]
    numbers = [one.cases for one in few if one is not None]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 5
    assert numbers[0] < 500


def test_a_component_below_0_counts_as_0() -> None:
    below = Components(-0.0003, 0.0008, 0.00035, 0.00034, 0.00024, 100)
    none = Components(0.0, 0.0008, 0.00035, 0.00034, 0.00024, 100)
    assert power(below, effect=0.05, readers=5, cases=100) == power(
        none, effect=0.05, readers=5, cases=100
    )


def area(separation: float) -> float:
    """Of the simulated readers: a rating varies by 1, a reader's own reading of a kind by 0.02."""
    return float(norm.cdf(separation / math.sqrt(2 * 1.02)))


def test_planning_predicts_what_simulated_studies_find() -> None:
    """Components from a large study, the true difference; the share of small studies that find
    it. 200 studies: ± 0.1 holds 99.5 % at a power of one half."""
    rng = np.random.default_rng(1)
    known = obuchowski_rockette(
        simulated_ratings(rng, readers=40, with_disease=400, without=600, better=0.5)
    )
    planned = power(
        components_of(known, cases=1000), effect=area(2.0) - area(1.5), readers=5, cases=100
    ).power
    found = [
        obuchowski_rockette(
            simulated_ratings(rng, readers=5, with_disease=40, without=60, better=0.5)
        )
        .tests["RRRC"]
        .p
        < 0.05
        for _ in range(200)
    ]
    assert 0.3 < planned < 0.8
    assert np.mean(found) == pytest.approx(planned, abs=0.1)


def test_a_pilot_that_shows_no_variation_is_refused() -> None:
    one = obuchowski_rockette(simulated_ratings(np.random.default_rng(2), readers=1))
    with pytest.raises(TableError, match="1 readers and 2 modalities"):
        components_of(one, cases=50)


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="2 readers are the least"):
        power(PILOT, effect=0.05, readers=1, cases=100)
    with pytest.raises(ValueError, match="alpha"):
        power(PILOT, effect=0.05, readers=5, cases=100, alpha=5)
    with pytest.raises(ValueError, match="power lies"):
        cases_needed(PILOT, effect=0.05, readers=5, wanted=80)
    with pytest.raises(ValueError, match="variance 0"):
        Components(0, 0, 0, 0, 0, 100)
