"""What statistics ask of their numbers."""

from __future__ import annotations

import math

import pytest

from fourview.core.errors import TableError
from fourview.evaluation.checks import (
    match,
    patient_codes,
    probabilities,
    refuse_duplicates,
    scores_and_truth,
)


@pytest.mark.parametrize("odd", [math.nan, 2, -1, 0.5])
def test_a_truth_that_is_neither_0_nor_1_is_refused(odd: float) -> None:
    with pytest.raises(TableError, match="1 of 3 truths") as error:
        scores_and_truth([0.1, 0.2, 0.3], [0, 1, odd])
    assert error.value.hint


def test_scores_that_are_no_number_stay_in() -> None:
    values, cases = scores_and_truth([0.1, math.nan], [False, True])
    assert math.isnan(values[1])
    assert cases.tolist() == [False, True]


@pytest.mark.parametrize("scores", [[0.1], [[0.1, 0.2, 0.3]], 0.1])
def test_other_lengths_are_refused(scores: object) -> None:
    with pytest.raises(ValueError, match="shape"):
        scores_and_truth(scores, [0, 1])  # type: ignore[arg-type]


@pytest.mark.parametrize("truth", [["malignant", "benign"], [0, [1]]])
def test_words_are_refused(truth: list[object]) -> None:
    with pytest.raises(TableError, match="the truth cannot be read as numbers"):
        scores_and_truth([0.1, 0.2], truth)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [1.01, -0.2, 55])
def test_what_needs_probabilities_refuses_other_scores(odd: float) -> None:
    with pytest.raises(TableError, match="1 of 2 scores lie outside 0 to 1") as error:
        probabilities([0.5, odd])
    assert "divide percentages by 100" in error.value.hint


def test_breasts_without_a_patient_are_refused() -> None:
    with pytest.raises(TableError, match="1 of 3 breasts have no patient"):
        patient_codes(["a", None, "a"], 3)
    with pytest.raises(ValueError, match="2 patients are given for 3"):
        patient_codes(["a", "b"], 3)
    with pytest.raises(TableError, match="2 of 3 breasts have no patient"):
        patient_codes(["", "a", ""], 3)
    codes, n = patient_codes([("b", 1), ("a", 1), ("b", 1)], 3)
    assert (codes.tolist(), n) == ([0, 1, 0], 2)


def test_duplicate_breasts_are_refused_by_name() -> None:
    refuse_duplicates(["1-L", "1-R"], where="the labels")
    with pytest.raises(TableError, match="1 breasts are in the labels more than once: 1-L"):
        refuse_duplicates(["1-L", "1-R", "1-L"], where="the labels")


def test_breasts_on_one_side_only_are_named() -> None:
    found = match(["b", "c", "a"], ["a", "b", "d"])
    assert (found.in_scores, found.in_truth) == ([0, 2], [1, 0])
    assert (found.not_read, found.not_known) == (["d"], ["c"])


def test_tables_with_nothing_in_common_are_refused() -> None:
    with pytest.raises(TableError, match="none of 1 scored breasts"):
        match(["a"], ["b"])
    with pytest.raises(TableError, match="the truth more than once"):
        match(["a"], ["a", "a"])
