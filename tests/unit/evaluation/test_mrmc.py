"""Obuchowski and Rockette's analysis: worked by hand, simulated, and on hostile tables."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import ratings_of
from fourview.evaluation.delong import delong
from fourview.evaluation.modality_tests import (
    ErrorCovariances,
    compare_means,
    error_covariances,
    mean_squares,
)
from fourview.evaluation.mrmc import Mrmc, obuchowski_rockette
from fourview.evaluation.readers_mean import mean_over_readers
from support.simulated_readers import simulated_ratings


def test_the_three_tests_worked_by_hand() -> None:
    """Areas .8 .9 / .7 .6: MS(T) = 2 * .02, MS(TR) = 4 * .05^2 / 1, MS(R) = 0."""
    values = np.array([[0.8, 0.9], [0.7, 0.6]])
    squares = mean_squares(values)
    assert (squares.modality, squares.modality_reader, squares.reader) == pytest.approx(
        (0.04, 0.01, 0.0)
    )
    errors = ErrorCovariances(variance=0.004, cov1=0.001, cov2=0.002, cov3=0.0005)
    tests = compare_means(values, ("new", "old"), squares, errors, level=0.95)
    both, fixed, readers = tests["RRRC"], tests["FRRC"], tests["RRFC"]
    assert (both.f, both.df1, both.df2) == pytest.approx((0.04 / 0.013, 1, 1.69))
    assert (fixed.f, fixed.df2) == pytest.approx((0.04 / 0.0045, math.inf))
    assert (readers.f, readers.df2) == pytest.approx((4.0, 1))
    # F with 1 and 1 degrees is the square of a Cauchy variable: p = 1 - 2 atan(2) / pi
    assert readers.p == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    assert fixed.p == pytest.approx(math.erfc(math.sqrt(0.04 / 0.0045 / 2)))
    difference = both.differences[0]
    assert (difference.first, difference.second) == ("new", "old")
    assert difference.estimate.value == pytest.approx(0.2)
    assert difference.estimate.standard_error == pytest.approx(math.sqrt(0.013))
    assert difference.estimate.p() == pytest.approx(both.p)


def test_error_covariances_are_means_over_pairs() -> None:
    blocks = np.array(
        [
            [9.0, 2.0, 5.0, 1.0],
            [2.0, 7.0, 0.0, 3.0],
            [5.0, 0.0, 8.0, 4.0],
            [1.0, 3.0, 4.0, 6.0],
        ]
    )
    errors = error_covariances((2, 2), blocks)
    assert (errors.variance, errors.cov1, errors.cov2, errors.cov3) == (7.5, 4.0, 3.0, 0.5)


def test_a_mean_over_readers_worked_by_hand() -> None:
    """MS(R) = .01 and Cov2 = .002 of two readers: (.01 + 2 * .002) / 2, and 1.96 degrees."""
    covariance = np.array([[0.004, 0.002], [0.002, 0.006]])
    mean = mean_over_readers(np.array([0.8, 0.8 + math.sqrt(0.02)]), covariance)
    assert mean.mean_square == pytest.approx(0.01)
    assert mean.by["RRRC"].standard_error == pytest.approx(math.sqrt(0.007))
    assert mean.by["RRRC"].df == pytest.approx(0.014**2 / 0.01**2)
    assert mean.by["FRRC"].standard_error == pytest.approx(math.sqrt(0.007 / 2))
    assert mean.by["RRFC"].standard_error == pytest.approx(math.sqrt(0.005))


def test_with_one_reader_it_is_delongs_test() -> None:
    """How readers vary is not defined then, and the result says so."""
    ratings = simulated_ratings(np.random.default_rng(0), readers=1)
    found = obuchowski_rockette(ratings)
    expected = delong(ratings.values[:, 0], ratings.truth).difference(0, 1)
    fixed = found.tests["FRRC"]
    assert fixed.p == pytest.approx(expected.p, abs=1e-14)
    assert fixed.differences[0].estimate.standard_error == pytest.approx(expected.standard_error)
    assert found.of_reader(0).p() == pytest.approx(expected.p)
    for analysis in ("RRRC", "RRFC"):
        test = found.tests[analysis]
        assert math.isnan(test.f)
        assert math.isnan(test.p)
        assert "one reader" in test.remark
        assert "one reader" in test.differences[0].estimate.remark
        assert not found.means[0].by[analysis].interval.defined
    assert found.means[0].by["FRRC"].interval.defined


def test_three_modalities_have_one_overall_test_and_three_pairs() -> None:
    ratings = simulated_ratings(np.random.default_rng(1), modalities=3, better=1.5)
    found = obuchowski_rockette(ratings)
    test = found.tests["RRRC"]
    assert test.df1 == 2
    assert test.p < 0.05
    assert [(d.first, d.second) for d in test.differences] == [
        ("modality 1", "modality 2"),
        ("modality 1", "modality 3"),
        ("modality 2", "modality 3"),
    ]
    assert test.differences[0].estimate.value > 0.05
    assert found.tests["FRRC"].df1 == 2


def test_two_modalities_turned_about_change_the_sign_only() -> None:
    ratings = simulated_ratings(np.random.default_rng(2))
    turned = replace(
        ratings, modalities=ratings.modalities[::-1], values=ratings.values[::-1].copy()
    )
    one, other = obuchowski_rockette(ratings), obuchowski_rockette(turned)
    for analysis, test in one.tests.items():
        assert other.tests[analysis].p == pytest.approx(test.p)
        value = test.differences[0].estimate.value
        assert other.tests[analysis].differences[0].estimate.value == pytest.approx(-value)


def test_one_modality_has_means_and_no_test() -> None:
    found = obuchowski_rockette(simulated_ratings(np.random.default_rng(3), modalities=1))
    assert found.means[0].by["RRRC"].interval.defined
    test = found.tests["RRRC"]
    assert math.isnan(test.p)
    assert test.remark == "one modality: nothing to compare"
    assert test.differences == ()


def test_modalities_that_rank_alike_have_no_test_and_no_interval() -> None:
    """Not a p of 1: there is no error to measure a difference by."""
    ratings = simulated_ratings(np.random.default_rng(4), modalities=1)
    twice = ratings_of(np.concatenate([ratings.values, 2 * ratings.values]), ratings.truth)
    for method in ("delong", "jackknife", "unbiased"):
        found = obuchowski_rockette(twice, method=method)
        for test in found.tests.values():
            assert math.isnan(test.f)
            assert math.isnan(test.p)
            assert "nothing varies" in test.remark
            assert test.differences[0].estimate.value == 0
            assert not test.differences[0].estimate.interval.defined


def test_ties_everywhere_are_said_and_have_no_interval() -> None:
    found = obuchowski_rockette(ratings_of(np.ones((2, 3, 10)), [0, 1] * 5))
    assert (found.values == 0.5).all()
    assert len(found.remarks) == 6
    assert "no measurement" in found.remarks[0]
    assert not found.each[0][0].interval.defined
    assert not found.means[0].by["RRRC"].interval.defined
    assert math.isnan(found.tests["RRRC"].p)


def test_a_constant_reader_among_others_is_named() -> None:
    ratings = simulated_ratings(np.random.default_rng(5))
    values = ratings.values.copy()
    values[1, 2] = 7
    found = obuchowski_rockette(replace(ratings, values=values))
    assert found.values[1, 2] == 0.5
    assert found.remarks[0].startswith("reader 3 gave all cases the same rating in modality 2")
    assert not found.each[1][2].interval.defined
    assert found.tests["RRRC"].p > 0


def test_perfect_readers_have_no_interval() -> None:
    """An AUC of 1 by everybody is no proof of no error."""
    ratings = ratings_of(np.stack([[np.arange(10), np.arange(10)]] * 2), np.arange(10) > 4)
    found = obuchowski_rockette(ratings)
    assert (found.values == 1).all()
    assert not found.means[0].by["RRRC"].interval.defined
    assert math.isnan(found.tests["FRRC"].p)


def test_one_class_only_is_refused() -> None:
    ratings = simulated_ratings(np.random.default_rng(6), with_disease=20, without=0)
    with pytest.raises(TableError, match="none of the 20 cases is without it"):
        obuchowski_rockette(ratings)
    ratings = simulated_ratings(np.random.default_rng(6), with_disease=0, without=20)
    with pytest.raises(TableError, match="none of the 20 cases is with the disease"):
        obuchowski_rockette(ratings)


def test_a_reader_without_a_kind_of_case_in_a_modality_is_refused_by_name() -> None:
    ratings = simulated_ratings(np.random.default_rng(7))
    values = ratings.values.copy()
    values[1, 2, ratings.truth] = np.nan
    with pytest.raises(TableError, match="rated by 'reader 3' in 'modality 2'") as caught:
        obuchowski_rockette(replace(ratings, values=values))
    assert "leave that reader" in caught.value.hint


def test_missing_ratings_are_counted_and_said() -> None:
    ratings = simulated_ratings(np.random.default_rng(8))
    values = ratings.values.copy()
    values[0, 0, :5] = np.nan
    found = obuchowski_rockette(replace(ratings, values=values))
    assert found.remarks == (
        "5 of 400 ratings are missing: each reader counts on the cases that he or she rated",
    )
    assert found.tests["RRRC"].p > 0


def test_each_reader_with_cases_of_his_own_is_an_analysis_too() -> None:
    """Readers who share no case: Cov2 and Cov3 are 0, and the modality-reader table tells all."""
    ratings = simulated_ratings(
        np.random.default_rng(9), with_disease=60, without=80, modalities=2, readers=4
    )
    values = np.full_like(ratings.values, np.nan)
    for reader in range(4):
        values[:, reader, reader::4] = ratings.values[:, reader, reader::4]
    found = obuchowski_rockette(replace(ratings, values=values))
    assert found.errors.cov2 == found.errors.cov3 == 0
    assert found.tests["RRRC"].p == pytest.approx(found.tests["RRFC"].p)
    assert found.tests["RRRC"].df2 == pytest.approx(3)


def test_ten_cases_give_wide_intervals() -> None:
    ratings = simulated_ratings(
        np.random.default_rng(10), with_disease=5, without=5, separation=0.8
    )
    found = obuchowski_rockette(ratings)
    interval = found.means[0].by["RRRC"].interval
    assert interval.high - interval.low > 0.3
    assert 0 <= interval.low < found.values[0].mean() < interval.high <= 1


def test_a_single_case_of_a_kind_leaves_only_what_needs_no_sample_of_cases() -> None:
    ratings = simulated_ratings(np.random.default_rng(11), with_disease=1, without=20)
    found = obuchowski_rockette(ratings)
    assert math.isnan(found.tests["RRRC"].p)
    assert "covariance" in found.tests["FRRC"].remark
    assert found.tests["RRFC"].p > 0


def test_average_precision_goes_the_same_way_by_the_jackknife() -> None:
    found = obuchowski_rockette(
        simulated_ratings(np.random.default_rng(12), better=1.5),
        measure="average-precision",
        method="jackknife",
    )
    assert found.tests["RRRC"].differences[0].estimate.value > 0
    assert 0 < found.tests["RRRC"].p < 1


def test_covariance_below_what_the_model_knows_is_said() -> None:
    for seed in range(40):
        found = obuchowski_rockette(
            simulated_ratings(np.random.default_rng(seed), with_disease=6, without=6, readers=2)
        )
        if found.errors.cov2 < found.errors.cov3:
            assert "counts as 0" in found.remarks[-1]
            assert found.tests["RRRC"].p == pytest.approx(found.tests["RRFC"].p)
            break
    else:
        pytest.fail("no study of forty had Cov2 below Cov3")


def rejections(analysis: str, studies: int, **study: float) -> float:
    rng = np.random.default_rng(2024)
    found: list[Mrmc] = [
        obuchowski_rockette(simulated_ratings(rng, **study))  # type: ignore[arg-type]
        for _ in range(studies)
    ]
    return float(np.mean([each.tests[analysis].p < 0.05 for each in found]))  # type: ignore[index]


def test_without_a_difference_one_study_in_twenty_finds_one() -> None:
    """The size of the test, random readers and cases. Binomial: 0.05 ± 0.039 holds 99.5 % of 250
    studies."""
    assert 0.011 < rejections("RRRC", 250) < 0.089


def test_a_difference_is_found() -> None:
    assert rejections("RRRC", 50, better=1.2) > 0.8
