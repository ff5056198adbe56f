"""Covariances of readers' areas over cases, against brute force and against draws."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.auc import auc
from fourview.evaluation.mrmc_covariance import CovarianceMethod, covariance_of_readers
from fourview.evaluation.mrmc_measure import Measure, measured
from fourview.evaluation.precision_recall import average_precision
from support.simulated_readers import simulated_ratings


def in_pairs(ratings: Ratings, patients: int) -> Ratings:
    """The cases dealt out to patients in turn, so that one has cases of both kinds."""
    return replace(ratings, patients=tuple(f"p{n % patients}" for n in range(len(ratings.cases))))


def with_gaps(ratings: Ratings, seed: int = 3, share: float = 0.2) -> Ratings:
    gaps = np.random.default_rng(seed).random(ratings.values.shape) < share
    return replace(ratings, values=np.where(gaps, np.nan, ratings.values))


def without_patient(ratings: Ratings, patient: str) -> Ratings:
    keep = np.array([who != patient for who in ratings.patients])
    return ratings_of(
        ratings.values[:, :, keep],
        ratings.truth[keep],
        patients=[who for who in ratings.patients if who != patient],
    )


@pytest.mark.parametrize("measure", ["auc", "average-precision"])
@pytest.mark.parametrize("patients", [16, 5])
def test_the_jackknife_leaves_out_each_patient_in_turn(measure: Measure, patients: int) -> None:
    ratings = simulated_ratings(
        np.random.default_rng(0), readers=2, with_disease=6, without=10, levels=5
    )
    ratings = in_pairs(ratings, patients)
    without = np.stack(
        [
            measured(without_patient(ratings, who), measure).ravel()
            for who in dict.fromkeys(ratings.patients)
        ]
    )
    deviations = without - without.mean(axis=0)
    expected = (patients - 1) / patients * deviations.T @ deviations
    found = covariance_of_readers(ratings, measure, "jackknife")
    assert found == pytest.approx(expected, abs=1e-14)


def brute_order(ratings: Ratings, row: int) -> np.ndarray:
    values = ratings.values.reshape(-1, len(ratings.cases))[row]
    high, low = values[ratings.truth][:, None], values[~ratings.truth][None]
    return np.where(np.isnan(high + low), np.nan, (high > low) + 0.5 * (high == low))


@pytest.mark.parametrize("gaps", [False, True])
def test_the_unbiased_one_is_brute_force_over_pairs_without_a_case_in_common(gaps: bool) -> None:
    ratings = simulated_ratings(
        np.random.default_rng(1), modalities=1, readers=2, with_disease=4, without=5, levels=4
    )
    ratings = with_gaps(ratings) if gaps else ratings
    a, b = brute_order(ratings, 0), brute_order(ratings, 1)
    products = [
        a[x, y] * b[v, w]
        for x, y, v, w in product(range(4), range(5), range(4), range(5))
        if x != v and y != w and not np.isnan(a[x, y] * b[v, w])
    ]
    expected = np.nanmean(a) * np.nanmean(b) - np.mean(products)
    found = covariance_of_readers(ratings, method="unbiased")
    assert found[0, 1] == pytest.approx(expected, abs=1e-14)
    assert found[0, 1] == found[1, 0]


def test_the_unbiased_one_is_right_on_average() -> None:
    """Where DeLong's is too large: with five cases of a kind."""
    rng = np.random.default_rng(2)
    areas, unbiased, delong = [], [], []
    for _ in range(600):
        skill = rng.normal(size=10)
        values = skill + rng.normal(size=(2, 10)) + np.repeat([1, 0], 5)
        ratings = ratings_of(values, np.repeat([1, 0], 5))
        areas.append(measured(ratings).ravel())
        unbiased.append(covariance_of_readers(ratings, method="unbiased"))
        delong.append(covariance_of_readers(ratings, method="delong"))
    truth = np.cov(np.array(areas).T)
    assert np.mean(unbiased, axis=0) == pytest.approx(truth, rel=0.15)
    assert np.trace(np.mean(delong, axis=0)) > np.trace(np.mean(unbiased, axis=0))


METHODS: tuple[CovarianceMethod, ...] = ("delong", "jackknife", "unbiased")


@pytest.mark.parametrize("method", METHODS)
def test_a_case_that_nobody_rated_changes_nothing(method: CovarianceMethod) -> None:
    """So the arithmetic for missing ratings equals that for complete ones."""
    full = simulated_ratings(np.random.default_rng(4), levels=6)
    truth = np.append(full.truth, [True, False])
    gap = np.full((*full.values.shape[:2], 2), np.nan)
    more = ratings_of(np.concatenate([full.values, gap], axis=2), truth)
    assert covariance_of_readers(more, method=method) == pytest.approx(
        covariance_of_readers(full, method=method), abs=1e-15
    )


def test_the_same_holds_by_patient() -> None:
    full = in_pairs(simulated_ratings(np.random.default_rng(5), levels=6), 21)
    gap = np.full((*full.values.shape[:2], 1), np.nan)
    more = ratings_of(
        np.concatenate([full.values, gap], axis=2),
        np.append(full.truth, True),
        patients=[*full.patients, "another"],
    )
    assert covariance_of_readers(more) == pytest.approx(covariance_of_readers(full), abs=1e-15)


@pytest.mark.parametrize("method", METHODS)
def test_readers_with_no_case_in_common_do_not_covary(method: CovarianceMethod) -> None:
    ratings = simulated_ratings(np.random.default_rng(6), modalities=1, readers=2)
    values = ratings.values.copy()
    values[0, 0, ::2], values[0, 1, 1::2] = np.nan, np.nan
    found = covariance_of_readers(replace(ratings, values=values), method=method)
    assert found[0, 1] == pytest.approx(0.0, abs=1e-16)
    assert found[0, 0] > 0 < found[1, 1]


def test_with_gaps_the_jackknife_and_delongs_agree_closely() -> None:
    ratings = with_gaps(simulated_ratings(np.random.default_rng(7), with_disease=60, without=90))
    by_delong = covariance_of_readers(ratings)
    by_jackknife = covariance_of_readers(ratings, method="jackknife")
    scale = np.diag(by_delong).mean()
    assert np.abs(by_delong - by_jackknife).max() < 0.1 * scale
    assert np.linalg.eigvalsh(by_delong).min() > 0


@pytest.mark.parametrize("measure", ["auc", "average-precision"])
def test_the_bootstrap_agrees_with_the_jackknife(measure: Measure) -> None:
    ratings = in_pairs(
        simulated_ratings(
            np.random.default_rng(8), modalities=1, readers=2, with_disease=60, without=90
        ),
        75,
    )
    jackknife = covariance_of_readers(ratings, measure, "jackknife")
    drawn = covariance_of_readers(
        ratings, measure, "bootstrap", rng=np.random.default_rng(0), draws=4000
    )
    assert drawn == pytest.approx(jackknife, rel=0.15)


def test_cases_of_a_patient_that_are_alike_count_as_one() -> None:
    """Twins in rating and truth: as one case each, where independent ones would halve it."""
    one = simulated_ratings(np.random.default_rng(9), modalities=1, readers=2)
    twins = ratings_of(
        np.concatenate([one.values, one.values], axis=2),
        np.append(one.truth, one.truth),
        patients=[*one.patients, *one.patients],
    )
    expected = covariance_of_readers(one)
    assert covariance_of_readers(twins) == pytest.approx(expected, abs=1e-15)
    apart = replace(twins, patients=twins.cases)
    assert np.diag(covariance_of_readers(apart)) == pytest.approx(np.diag(expected) / 2, rel=0.05)


def test_too_few_patients_of_a_kind_have_no_covariance() -> None:
    ratings = ratings_of([[1, 2, 3, 4], [2, 1, 4, 3]], [1, 0, 0, 0])
    for method in METHODS:
        assert np.isnan(covariance_of_readers(ratings, method=method)).all()
    drawn = covariance_of_readers(ratings, method="bootstrap", rng=np.random.default_rng(0))
    assert np.isnan(drawn).all()


def test_what_a_method_cannot_do_is_refused() -> None:
    ratings = in_pairs(simulated_ratings(np.random.default_rng(10)), 20)
    with pytest.raises(TableError, match="50 cases of 20 patients"):
        covariance_of_readers(ratings, method="unbiased")
    with pytest.raises(TableError, match="not of the average precision"):
        covariance_of_readers(ratings, "average-precision", "delong")
    with pytest.raises(TableError, match="without it"):
        covariance_of_readers(ratings_of([[1, 2]], [1, 1]))
    with pytest.raises(ValueError, match="seeded rng"):
        covariance_of_readers(ratings, method="bootstrap")


def test_the_measures_are_those_of_the_rated_cases() -> None:
    ratings = with_gaps(simulated_ratings(np.random.default_rng(11), readers=2))
    row = ratings.values[1, 0]
    rated = ~np.isnan(row)
    assert measured(ratings)[1, 0] == auc(row[rated], ratings.truth[rated])
    assert measured(ratings, "average-precision")[1, 0] == average_precision(
        row[rated], ratings.truth[rated]
    )
