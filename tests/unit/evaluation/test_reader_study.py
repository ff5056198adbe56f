"""Readers one by one, hybrids, ensembles: the paper's reader study on made-up tables."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.auc import auc
from fourview.evaluation.delong import delong
from fourview.evaluation.reader_study import (
    hybrid,
    hybrid_ensemble,
    hybrid_sweep,
    hybrids_and_readers,
    reader_ensemble,
    reader_scores,
    spread,
)
from support.simulated_readers import simulated_ratings

NAN = float("nan")


def probabilities(seed: int = 0, *, modalities: int = 1) -> tuple[Ratings, np.ndarray]:
    """Three readers' probabilities, and a model's."""
    drawn = simulated_ratings(np.random.default_rng(seed), modalities=modalities, readers=4)
    values = 1 / (1 + np.exp(-drawn.values))
    return ratings_of(values[:, :3], drawn.truth), values[0, 3]


def test_each_reader_has_both_areas_and_an_interval() -> None:
    ratings = ratings_of([[0.9, 0.2, 0.4, 0.1], [0.1, 0.2, 0.3, 0.4]], [1, 1, 0, 0], readers="ab")
    good, bad = reader_scores(ratings)
    assert (good.reader, good.auc, good.cases, good.with_disease) == ("a", 0.75, 4, 2)
    assert good.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert bad.auc == 0
    expected = delong(ratings.values[0, 0], ratings.truth, patients=ratings.patients).interval()
    assert good.auc_interval == expected


def test_a_reader_counts_on_the_cases_that_he_rated() -> None:
    ratings = ratings_of([[0.9, 0.2, NAN, 0.4], [NAN] * 4], [1, 0, 1, 0])
    some, none = reader_scores(ratings)
    assert (some.cases, some.with_disease, some.auc) == (3, 1, 1.0)
    assert none.cases == 0
    assert math.isnan(none.auc)
    assert math.isnan(none.average_precision)
    assert not none.auc_interval.defined


def test_a_constant_reader_is_said_to_be_one() -> None:
    (reader,) = reader_scores(ratings_of([[0.3] * 4], [1, 0, 1, 0]))
    assert reader.auc == 0.5
    assert reader.remark == "gave all cases the same rating"
    assert not reader.auc_interval.defined


def test_a_reader_of_one_class_only_has_no_auc() -> None:
    (reader,) = reader_scores(ratings_of([[0.3, 0.4, NAN]], [1, 1, 0]))
    assert math.isnan(reader.auc)
    assert not reader.auc_interval.defined


def test_the_spread_is_that_of_the_readers_at_hand() -> None:
    found = spread([0.7, NAN, 0.9])
    assert (found.mean, found.sd, found.low, found.high, found.readers) == pytest.approx(
        (0.8, 0.1, 0.7, 0.9, 2)
    )
    assert math.isnan(spread([0.7]).sd)
    assert math.isnan(spread([NAN]).mean)


def test_a_hybrid_is_the_weighted_mean() -> None:
    ratings, model = probabilities()
    quarter = hybrid(ratings, model, reader_weight=0.25)
    assert quarter.values == pytest.approx(0.25 * ratings.values + 0.75 * model)
    assert hybrid(ratings, model, reader_weight=1.0).values == pytest.approx(ratings.values)
    assert hybrid(ratings, model, reader_weight=0.0).values[0, 2] == pytest.approx(model)


def test_a_hybrid_exists_where_reader_and_model_do() -> None:
    ratings = ratings_of([[0.1, NAN, 0.3]], [0, 1, 1])
    for weight in (0.0, 0.5, 1.0):
        mixed = hybrid(ratings, [0.5, 0.5, NAN], reader_weight=weight).values[0, 0]
        assert np.isnan(mixed).tolist() == [False, True, True]
    pair = hybrids_and_readers(ratings, [0.5, 0.5, NAN])
    assert np.isnan(pair.values[:, 0]).tolist() == [[False, True, True]] * 2
    assert pair.modalities == ("hybrid with model", "modality 1")


@pytest.mark.parametrize(("rating", "score"), [(5.0, 0.5), (0.5, 50.0), (-0.1, 0.5), (0.5, -2.0)])
def test_scales_that_are_no_probabilities_are_not_mixed(rating: float, score: float) -> None:
    """BI-RADS categories and percentages, for example."""
    ratings = ratings_of([[0.1, rating]], [0, 1])
    with pytest.raises(TableError, match="outside 0 to 1"):
        hybrid(ratings, [0.5, score])
    if rating != 0.5:
        with pytest.raises(TableError, match="outside 0 to 1"):
            reader_ensemble(ratings)


def test_a_sweep_goes_from_the_model_to_the_reader() -> None:
    ratings, model = probabilities(1)
    sweep = hybrid_sweep(ratings, model, reader_weights=[0.0, 0.5, 1.0])
    of_auc = sweep.values["auc"]
    assert of_auc.shape == (3, 3)
    assert of_auc[:, 0] == pytest.approx(auc(model, ratings.truth))
    assert of_auc[:, 2].tolist() == [auc(row, ratings.truth) for row in ratings.values[0]]
    best = sweep.best("auc")
    for row, weight in zip(of_auc, best, strict=True):
        assert row[sweep.reader_weights.tolist().index(weight)] == row.max()


def test_a_reader_without_both_kinds_has_no_best_weight() -> None:
    ratings = ratings_of([[0.1, 0.2, NAN], [0.3, 0.2, 0.9]], [0, 0, 1])
    best = hybrid_sweep(ratings, [0.5, 0.1, 0.2]).best("auc")
    assert np.isnan(best).tolist() == [True, False]


def test_ensembles_are_means() -> None:
    ratings, model = probabilities(2)
    together = reader_ensemble(ratings)
    assert together == pytest.approx(ratings.values[0].mean(axis=0))
    assert hybrid_ensemble(ratings, model) == pytest.approx((together + model) / 2)
    third = hybrid_ensemble(ratings, model, reader_weight=1 / 3)
    assert third == pytest.approx(together / 3 + model * 2 / 3)


def test_an_ensemble_takes_the_readers_that_there_are() -> None:
    ratings = ratings_of([[0.2, NAN, NAN], [0.4, 0.6, NAN]], [0, 1, 1])
    assert reader_ensemble(ratings).tolist() == pytest.approx([0.3, 0.6, NAN], nan_ok=True)


def test_one_modality_is_asked_for() -> None:
    ratings, model = probabilities(3, modalities=2)
    for ask in (hybrids_and_readers, hybrid_sweep, hybrid_ensemble):
        with pytest.raises(TableError, match="2 modalities"):
            ask(ratings, model)


def test_weights_and_lengths_that_do_not_fit_are_refused() -> None:
    ratings, model = probabilities(4)
    with pytest.raises(ValueError, match="weight"):
        hybrid(ratings, model, reader_weight=50)
    with pytest.raises(ValueError, match="50 cases"):
        hybrid(ratings, model[1:])


def test_ordered_categories_have_the_same_auc_whatever_their_numbers() -> None:
    ratings = simulated_ratings(np.random.default_rng(5), modalities=1, levels=5)
    stretched = replace(ratings, values=ratings.values**3)
    assert [r.auc for r in reader_scores(ratings)] == [r.auc for r in reader_scores(stretched)]


def test_means_of_the_same_ratings_tie_whoever_gave_them() -> None:
    assert np.mean([0.1, 0.2, 0.3]) != np.mean([0.3, 0.2, 0.1])  # in floating point
    ratings = ratings_of(
        [[0.1, 0.3, 0.0, 0.1], [0.2, 0.2, 0.0, NAN], [0.3, 0.1, 0.9, 0.3]], [1, 0, 0, 0]
    )
    means = reader_ensemble(ratings)
    assert means[0] == means[1] == means[3]
    assert means == pytest.approx([0.2, 0.2, 0.3, 0.2])
    assert auc(means, ratings.truth) == pytest.approx(1 / 3)


def test_hybrids_of_equal_sums_tie() -> None:
    assert 0.5 * 0.1 + 0.5 * 0.7 != 0.5 * 0.4 + 0.5 * 0.4  # in floating point
    ratings = ratings_of([[0.1, 0.4, 0.8, NAN, 0.40001]], [1, 0, 1, 0, 0])
    scores = [0.7, 0.4, 0.0, 0.4, 0.4]
    mixed = hybrid(ratings, scores).values[0, 0]
    assert mixed[0] == mixed[1] == mixed[2] < mixed[4]
    assert math.isnan(mixed[3])
    np.testing.assert_array_equal(hybrid_ensemble(ratings, scores), mixed)


def test_computed_scores_stay_as_they_are_in_a_hybrid() -> None:
    scores = np.array([1e-19, 3e-19, 0.07264999999999999, 0.07265, 1 - 1e-13])
    ratings = ratings_of([[0.0] * 5], [1, 0, 1, 0, 0])
    np.testing.assert_array_equal(hybrid(ratings, scores).values[0, 0], scores / 2)
    np.testing.assert_array_equal(hybrid(ratings, scores, reader_weight=0).values[0, 0], scores)


def test_ratings_of_any_size_are_no_constant_ones() -> None:
    (reader,) = reader_scores(ratings_of([[1e308, -1e308, 0.0, 1.0]], [1, 0, 1, 0]))
    assert (reader.auc, reader.remark) == (0.75, "")
