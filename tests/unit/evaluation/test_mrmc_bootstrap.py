"""Readers and patients drawn with replacement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_bootstrap import resample_readers_and_patients
from fourview.evaluation.mrmc_measure import measured
from support.simulated_readers import simulated_ratings


def test_it_comes_near_the_formulas() -> None:
    ratings = simulated_ratings(
        np.random.default_rng(0), readers=12, with_disease=60, without=90, better=0.5
    )
    known = obuchowski_rockette(ratings).tests
    both = resample_readers_and_patients(ratings, "auc", rng=np.random.default_rng(1))
    fixed = resample_readers_and_patients(
        ratings, "auc", rng=np.random.default_rng(1), fixed_readers=True
    )
    for drawn, analysis in ((both, "RRRC"), (fixed, "FRRC")):
        difference = known[analysis].differences[0].estimate  # type: ignore[index]
        assert drawn.difference().value == pytest.approx(difference.value)
        assert drawn.difference().standard_error == pytest.approx(
            difference.standard_error, rel=0.25
        )
    assert both.difference().standard_error > fixed.difference().standard_error


def test_average_precision_has_an_interval() -> None:
    ratings = simulated_ratings(np.random.default_rng(2), better=1.5)
    drawn = resample_readers_and_patients(ratings, rng=np.random.default_rng(3), draws=500)
    means = measured(ratings, "average-precision").mean(axis=1)
    assert drawn.model(0).value == pytest.approx(means[0])
    interval = drawn.difference().interval()
    assert interval.low < means[0] - means[1] < interval.high


def test_the_same_seed_gives_the_same_draws() -> None:
    ratings = simulated_ratings(np.random.default_rng(4))
    one, other = (
        resample_readers_and_patients(ratings, "auc", rng=np.random.default_rng(5), draws=50)
        for _ in range(2)
    )
    assert (one.replicates == other.replicates).all()


def test_missing_ratings_stay_missing_in_every_draw() -> None:
    ratings = simulated_ratings(np.random.default_rng(6), readers=2)
    values = ratings.values.copy()
    values[:, 0, ::2], values[:, 1, 1::2] = np.nan, np.nan
    drawn = resample_readers_and_patients(
        replace(ratings, values=values), "auc", rng=np.random.default_rng(7), draws=200
    )
    assert not np.isnan(drawn.replicates).any()
    assert drawn.difference().interval().defined


def test_identical_modalities_have_no_interval_and_no_p() -> None:
    ratings = simulated_ratings(np.random.default_rng(8))
    same = replace(ratings, values=np.stack([ratings.values[0]] * 2))
    drawn = resample_readers_and_patients(same, "auc", rng=np.random.default_rng(9), draws=50)
    assert drawn.difference().value == 0
    assert not drawn.difference().interval().defined
    assert np.isnan(drawn.difference().p_below_or_above_zero)


def test_a_reader_without_cases_is_refused() -> None:
    ratings = simulated_ratings(np.random.default_rng(10), with_disease=0)
    with pytest.raises(TableError, match="with the disease"):
        resample_readers_and_patients(ratings, rng=np.random.default_rng(0))
