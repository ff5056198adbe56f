"""What a reader study says beside its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fourview.core.ratings import Ratings, ratings_of
from fourview.study.analysis import PERHAPS_BIRADS, analyse
from fourview.study.options import StudyOptions
from fourview.study.words import methods_of

FEW = StudyOptions(model="AI", draws=40, sweep=3)


def read_by_two(kinds: list[float], n: int = 40) -> Ratings:
    """Two readers' ratings, drawn from some kinds; two cases a patient."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 4 == 0
    values = np.array(kinds)[rng.integers(len(kinds), size=(2, n))]
    return ratings_of(values, truth, patients=[f"p{i // 2}" for i in range(n)])


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([0, 1, 2, 4, 5], True),  # with 0 the lowest, where it often means a recall
        ([1, 2, 3, 4, 5], False),  # the order is the same with and without --birads
        ([0, 1], False),
        ([0, 0.5, 1], False),
        ([0, 20, 50, 100], False),
    ],
)
def test_numbers_that_may_be_birads_categories_are_told(kinds: list[float], told: bool) -> None:
    found = analyse(read_by_two(kinds), None, replace(FEW, model=""))
    assert (PERHAPS_BIRADS in found.remarks) is told


def test_categories_that_are_said_to_be_some_are_not_told_again() -> None:
    ratings = read_by_two([0, 1, 2, 4, 5])
    options = replace(FEW, model="", birads=True)
    assert PERHAPS_BIRADS not in analyse(ratings, None, options).remarks


@pytest.mark.parametrize("independent", [True, False])
def test_patients_are_named_only_where_they_are_clusters(independent: bool) -> None:
    options = replace(FEW, independent=independent)
    found = analyse(read_by_two([0.1, 0.2, 0.7]), np.linspace(0, 1, 40), options)
    by = " ".join(row.by for row in (*found.tests, *found.hybrids, *found.differences))
    assert ("patient" not in by) is independent
    assert ("over readers and cases" in by) is independent
    words = " ".join(methods_of(found, options))
    assert ("draws of cases" in words) is independent
    assert ("draws of patients" not in words) is independent


def test_a_single_case_gives_the_average_precision_no_p_over_patients() -> None:
    """A third of the draws lack the case, and the rest say nothing of other cases."""
    ratings = read_by_two([0.1, 0.2, 0.7])
    truth = np.arange(40) == 3
    found = analyse(replace(ratings, truth=truth), np.linspace(0, 1, 40), FEW)
    (drawn,) = (row for row in found.tests if row.measure == "average-precision")
    assert "draws do not define it" in drawn.remark
    assert np.isnan([drawn.low, drawn.high, drawn.p, drawn.standard_error]).all()
