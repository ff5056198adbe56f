"""Ratings as a value: names, shapes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.ratings import ratings_of


def test_a_table_of_readers_is_one_modality_and_each_case_a_patient() -> None:
    ratings = ratings_of([[1, 2, 3], [3, 2, 1]], [0, 1, 0], readers=["a", "b"])
    assert ratings.values.shape == (1, 2, 3)
    assert ratings.readers == ("a", "b")
    assert ratings.patients == ratings.cases
    assert ratings.is_complete


def test_a_missing_rating_stays_missing() -> None:
    ratings = ratings_of([[1, np.nan]], [0, 1])
    assert not ratings.is_complete
    assert np.isnan(ratings.values[0, 0, 1])


def test_names_that_stand_twice_are_refused_by_name() -> None:
    with pytest.raises(TableError, match="the case '17-L' stands there twice"):
        ratings_of([[1, 2, 3]], [0, 1, 0], cases=["17-L", "18-L", "17-L"])
    with pytest.raises(TableError, match="the reader 'a' stands there twice"):
        ratings_of([[1, 2], [1, 2]], [0, 1], readers=["a", "a"])
    many = [str(n // 2) for n in range(14)]
    with pytest.raises(TableError, match="'4' and 2 more stands there twice"):
        ratings_of(np.ones((1, 14)), [0, 1] * 7, cases=many)


@pytest.mark.parametrize("wrong", [2, -1, np.nan, 0.5])
def test_a_truth_that_is_neither_0_nor_1_is_refused(wrong: float) -> None:
    with pytest.raises(TableError, match="expected 0 or 1"):
        ratings_of([[1, 2]], [0, wrong])


def test_an_infinite_rating_is_refused_with_its_place() -> None:
    with pytest.raises(TableError, match="reader 'b', case 'case 2'"):
        ratings_of([[1, 2], [1, np.inf]], [0, 1], readers=["a", "b"])


@pytest.mark.parametrize("values", [[1, 2], [[1, 2, 3]], np.ones((1, 0, 2)), np.ones((1, 1, 1, 2))])
def test_shapes_that_do_not_fit_are_refused(values: object) -> None:
    with pytest.raises(ValueError, match=r"shape|axes|truths"):
        ratings_of(values, [0, 1])  # type: ignore[arg-type]


@pytest.mark.parametrize("nobody", [None, float("nan"), ""])
def test_a_case_of_nobody_is_refused(nobody: object) -> None:
    """Else all cases without a patient would be one patient's."""
    with pytest.raises(TableError, match="1 of 3 cases have no patient"):
        ratings_of([[1, 2, 3]], [0, 1, 0], patients=["a", nobody, "b"])  # type: ignore[list-item]
    with pytest.raises(TableError, match="1 of 3 cases have no name"):
        ratings_of([[1, 2, 3]], [0, 1, 0], cases=["a", nobody, "b"])  # type: ignore[list-item]


def test_patients_must_be_as_many_as_cases() -> None:
    with pytest.raises(ValueError, match="1 patients"):
        ratings_of([[1, 2]], [0, 1], patients=["a"])
