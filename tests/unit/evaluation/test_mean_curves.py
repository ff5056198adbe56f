"""Mean curves by vertical averaging."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import ratings_of
from fourview.evaluation.mean_curves import mean_precision_recall, mean_roc
from fourview.evaluation.mrmc_measure import measured
from support.simulated_readers import simulated_ratings

NAN = float("nan")


def test_a_roc_curve_worked_by_hand() -> None:
    """One reader perfect, one who ties all: heights 1 and the diagonal, mean half-way."""
    ratings = ratings_of([[4, 3, 2, 1], [5, 5, 5, 5]], [1, 1, 0, 0])
    curve = mean_roc(ratings, at=[0, 0.25, 0.5, 1])
    assert curve.of_readers.tolist() == [[1, 1, 1, 1], [0, 0.25, 0.5, 1]]
    assert curve.mean.tolist() == [0.5, 0.625, 0.75, 1]


def test_where_a_roc_curve_rises_straight_up_its_top_counts() -> None:
    ratings = ratings_of([[4, 3, 2, 1]], [1, 0, 1, 0])  # (0, .5) (.5, .5) (.5, 1) (1, 1)
    assert mean_roc(ratings, at=[0, 0.4, 0.5, 0.6]).mean.tolist() == [0.5, 0.5, 1, 1]


def test_a_precision_recall_curve_worked_by_hand() -> None:
    """Precision 1 up to the first of two cases, 2/3 up to the second."""
    ratings = ratings_of([[4, 3, 2, 1]], [1, 0, 1, 0])
    curve = mean_precision_recall(ratings, at=[0, 0.5, 0.51, 1])
    assert curve.mean == pytest.approx([1, 1, 2 / 3, 2 / 3])


@pytest.mark.parametrize("levels", [None, 5])
def test_areas_under_mean_curves_are_mean_areas(levels: int | None) -> None:
    ratings = simulated_ratings(np.random.default_rng(0), modalities=1, levels=levels)
    at = np.linspace(0, 1, 20_001)
    roc = mean_roc(ratings, at=at)
    assert np.trapezoid(roc.mean, at) == pytest.approx(measured(ratings).mean(), abs=1e-3)
    steps = mean_precision_recall(ratings, at=at)
    expected = measured(ratings, "average-precision").mean()
    assert np.trapezoid(steps.mean, at) == pytest.approx(expected, abs=1e-3)


def test_every_recall_has_a_precision() -> None:
    """Recalls of k / 61 are no round numbers: none falls beyond the last point."""
    ratings = simulated_ratings(
        np.random.default_rng(1), modalities=1, with_disease=61, without=100
    )
    curve = mean_precision_recall(ratings, at=np.arange(62) / 61)
    assert not np.isnan(curve.of_readers).any()
    assert curve.of_readers[:, -1].min() >= 61 / 161


def test_a_reader_without_a_curve_is_left_out_of_the_mean() -> None:
    ratings = ratings_of([[4, 3, 2, 1], [4, 3, NAN, NAN], [NAN] * 4], [1, 1, 0, 0])
    curve = mean_roc(ratings, at=[0, 1])
    assert np.isnan(curve.of_readers[1:]).all()
    assert curve.mean.tolist() == [1, 1]


def test_without_any_curve_or_with_two_modalities_it_refuses() -> None:
    with pytest.raises(TableError, match="both kinds"):
        mean_roc(ratings_of([[1, 2]], [1, 1]))
    with pytest.raises(TableError, match="2 modalities"):
        mean_precision_recall(ratings_of([[[1, 2]], [[1, 2]]], [0, 1]))
