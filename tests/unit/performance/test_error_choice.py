"""Which breasts an error analysis shows."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.breasts import BreastScores
from fourview.core.errors import RecipeError, TableError
from fourview.performance.images.error_choice import ErrorKind, choose_errors, readers_mean
from support.planted_heatmaps import breasts_of

FP, FN, AWAY = ErrorKind.FALSE_POSITIVE, ErrorKind.FALSE_NEGATIVE, ErrorKind.DISAGREEMENT
PATIENTS = {"d": "1", "c": "2", "b": "3", "a": "4"}
"""Breasts d L, d R, c L, … a R, so that the names' order is not the table's."""
BREASTS = breasts_of(PATIENTS, malignant=["d L", "c L", "b L"])
NAN = float("nan")


def names(malignant: list[float], **options: object) -> dict[ErrorKind, list[str]]:
    scores = BreastScores(np.zeros(8), np.array(malignant))
    found: dict[ErrorKind, list[str]] = {FP: [], FN: [], AWAY: []}
    for one in choose_errors(BREASTS, scores, **options):  # type: ignore[arg-type]
        found[one.kind].append(BREASTS.names[one.place])
        assert one.rank == len(found[one.kind])
    return found


#        d L  d R  c L  c R  b L  b R  a L  a R
SAID = [0.1, 0.9, 0.8, 0.2, 0.3, 0.9, 0.4, NAN]


def test_the_highest_without_and_the_lowest_with_a_cancer_are_shown() -> None:
    found = names(SAID, most=2)
    assert found[FP] == ["b R", "d R"]  # equal: by name, not by the table's order
    assert found[FN] == ["d L", "b L"]
    assert found[AWAY] == []


def test_there_may_be_fewer_than_asked_for() -> None:
    found = names(SAID, most=9)
    assert found[FP] == ["b R", "d R", "a L", "c R"]  # a R was not read
    assert found[FN] == ["d L", "b L", "c L"]
    assert names(SAID, most=0) == {FP: [], FN: [], AWAY: []}


def test_a_threshold_says_what_an_error_is() -> None:
    found = names(SAID, most=9, threshold=0.4)
    assert found[FP] == ["b R", "d R", "a L"]
    assert found[FN] == ["d L", "b L"]


def test_disagreements_are_of_breasts_that_are_not_shown_yet() -> None:
    """Means: c R 0.95 by the one reader who rated it; a L 0.4; a R not read; the rest 0.5."""
    readers = np.full((2, 8), 0.5)
    readers[:, 3] = 0.95, NAN
    readers[:, 6] = 0.3, 0.5
    found = names(SAID, most=1, readers=readers)
    assert (found[FP], found[FN]) == (["b R"], ["d L"])
    assert found[AWAY] == ["c R"]
    more = names(SAID, most=2, readers=readers)
    assert (more[FP], more[AWAY]) == (["b R", "d R"], ["c R", "c L"])
    readers[:, 3] = NAN
    assert names(SAID, most=1, readers=readers)[AWAY] == ["d R"]


def test_the_mean_is_of_those_who_rated() -> None:
    mean = readers_mean(np.array([[0.2, NAN, NAN], [0.4, 0.7, NAN]]))
    np.testing.assert_allclose(mean, [0.3, 0.7, NAN])


def test_the_same_breasts_in_another_order_are_chosen_alike() -> None:
    turned = breasts_of(dict(reversed(PATIENTS.items())), malignant=["d L", "c L", "b L"])
    by_name = dict(zip(BREASTS.names, SAID, strict=True))
    scores = BreastScores(np.zeros(8), np.array([by_name[name] for name in turned.names]))
    found = [turned.names[one.place] for one in choose_errors(turned, scores, most=2)]
    assert found == ["b R", "d R", "d L", "b L"]


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(RecipeError, match="-1 breasts of each kind"):
        names(SAID, most=-1)
    with pytest.raises(TableError, match="outside 0 to 1"):
        names([55.0, *SAID[1:]])
    with pytest.raises(TableError, match="outside 0 to 1"):
        names(SAID, readers=np.full((2, 8), 30.0))
    with pytest.raises(ValueError, match="other shapes"):
        names(SAID, readers=np.full((2, 7), 0.3))
