"""A model, or a fixed number, against many readers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.auc import auc
from fourview.evaluation.delong import delong
from fourview.evaluation.mrmc_covariance import covariance_of_readers
from fourview.evaluation.mrmc_model import model_against_readers, value_against_readers
from fourview.evaluation.readers_mean import mean_over_readers
from support.simulated_readers import simulated_ratings


def readers_and_model(seed: int, **study: float) -> tuple[Ratings, np.ndarray]:
    """Readers of one modality, and one more reader of their kind as the model."""
    everyone = simulated_ratings(
        np.random.default_rng(seed),
        modalities=1,
        **study,  # type: ignore[arg-type]
    )
    return (
        ratings_of(everyone.values[:, :-1], everyone.truth, patients=everyone.patients),
        everyone.values[0, -1],
    )


def test_it_is_the_test_of_a_single_modality_on_the_differences() -> None:
    readers, model = readers_and_model(0, readers=5)
    found = model_against_readers(readers, model)
    rows = np.concatenate([readers.values[0], model[None]])
    each = delong(rows, readers.truth)
    less = np.concatenate([-np.eye(4), np.ones((4, 1))], axis=1)
    expected = mean_over_readers(less @ each.aucs, less @ each.covariance @ less.T)
    for analysis, estimate in found.difference.by.items():
        assert estimate.value == pytest.approx(expected.by[analysis].value)
        assert estimate.standard_error == pytest.approx(expected.by[analysis].standard_error)
        assert estimate.df == pytest.approx(expected.by[analysis].df)
    assert found.of_model == pytest.approx(auc(model, readers.truth))


def test_a_single_reader_is_compared_by_delongs_test() -> None:
    readers, model = readers_and_model(1, readers=2)
    found = model_against_readers(readers, model)
    pair = delong(np.stack([model, readers.values[0, 0]]), readers.truth).difference()
    assert found.difference.by["FRRC"].p() == pytest.approx(pair.p)
    assert found.difference.by["FRRC"].interval.low == pytest.approx(pair.interval.low)
    assert math.isnan(found.difference.by["RRRC"].p())
    assert "one reader" in found.difference.by["RRRC"].remark


def test_with_missing_ratings_each_reader_meets_the_model_on_his_own_cases() -> None:
    readers, model = readers_and_model(2)
    values = readers.values.copy()
    values[0, 0, ::3] = np.nan
    found = model_against_readers(replace(readers, values=values), model)
    own = ~np.isnan(values[0, 0])
    assert found.of_model[0] == auc(model[own], readers.truth[own])
    assert found.of_model[1] == auc(model, readers.truth)
    assert "missing" in found.remarks[0]
    assert 0 < found.difference.by["RRRC"].p() < 1


def test_cases_that_the_model_did_not_read_count_for_no_reader() -> None:
    readers, model = readers_and_model(3)
    model = model.copy()
    model[:10] = np.nan
    found = model_against_readers(readers, model, name="net")
    assert found.of_readers[0] == auc(readers.values[0, 0, 10:], readers.truth[10:])
    assert found.remarks == ("10 of 50 cases have no score of net and are left out",)
    with pytest.raises(TableError, match="no case with the disease was rated"):
        model_against_readers(readers, np.where(readers.truth, np.nan, model))


def test_a_model_that_reads_as_the_only_reader_does_has_no_test() -> None:
    readers, _ = readers_and_model(4, readers=2)
    found = model_against_readers(readers, readers.values[0, 0])
    assert found.difference.by["FRRC"].value == 0
    assert math.isnan(found.difference.by["FRRC"].p())


def test_a_fixed_value_is_held_against_the_readers_mean() -> None:
    readers, _ = readers_and_model(5, readers=6)
    mean = mean_over_readers(
        np.array([auc(row, readers.truth) for row in readers.values[0]]),
        covariance_of_readers(readers),
    ).by["RRRC"]
    found = value_against_readers(readers, 0.7)
    assert found.difference.by["RRRC"].value == pytest.approx(0.7 - mean.value)
    assert found.difference.by["RRRC"].p() == pytest.approx(mean.p(0.7))
    # a value at the end of the mean's interval has p = 0.05
    edge = value_against_readers(readers, mean.interval.low)
    assert edge.difference.by["RRRC"].p() == pytest.approx(0.05)
    with pytest.raises(ValueError, match="between 0 and 1"):
        value_against_readers(readers, 78.0)


def test_one_modality_is_asked_for() -> None:
    ratings = simulated_ratings(np.random.default_rng(6))
    with pytest.raises(TableError, match="2 modalities"):
        model_against_readers(ratings, np.zeros(50))
    with pytest.raises(TableError, match="2 modalities"):
        value_against_readers(ratings, 0.5)


def test_scores_of_other_length_are_refused() -> None:
    readers, model = readers_and_model(7)
    with pytest.raises(ValueError, match="50 cases"):
        model_against_readers(readers, model[1:])


def test_a_true_value_is_refused_one_time_in_twenty() -> None:
    """Readers of known skill: the area of normal ratings, Phi(separation / sd of a difference).

    300 studies: 0.05 ± 0.036 holds 99.6 %.
    """
    rng = np.random.default_rng(8)
    # variances of a rating, case by case: 0.3 + 0.2 + 0.2 + 0.3; the reader's own kind adds 0.02
    skill = 1.5 / math.sqrt(2 * (1.0 + 0.02))
    area = 0.5 * math.erfc(-skill / math.sqrt(2))
    wrong = [
        value_against_readers(
            simulated_ratings(rng, modalities=1, readers=5, with_disease=40, without=60), area
        )
        .difference.by["RRRC"]
        .p()
        < 0.05
        for _ in range(300)
    ]
    assert 0.014 < np.mean(wrong) < 0.086
