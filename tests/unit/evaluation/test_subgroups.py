"""Groups of breasts by a column's cells."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.subgroups import subgroups


def named(cells: list[str], column: str) -> dict[str, list[int]]:
    groups = subgroups(cells, column=column)
    assert np.sum([one.which for one in groups], axis=0).tolist() == [1] * len(cells)
    return {one.name: np.flatnonzero(one.which).tolist() for one in groups}


def test_ages_go_by_decade() -> None:
    found = named(["49", "50", "59.9", "", "103", "60"], "age")
    assert found == {
        "40–49": [0],
        "50–59": [1, 2],
        "60–69": [5],
        "100–109": [4],
        "not told": [3],
    }
    assert list(found)[-1] == "not told"


def test_words_are_groups_as_they_are_written() -> None:
    assert named(["b", "a", "", "b"], "density") == {"a": [1], "b": [0, 3], "not told": [2]}


def test_a_few_numbers_are_groups_by_size() -> None:
    assert list(named(["10", "9", "10", "2"], "birads")) == ["2", "9", "10"]


def test_many_numbers_go_by_quarters() -> None:
    found = named([str(i) for i in range(1, 13)], "thickness")
    assert {name: len(rows) for name, rows in found.items()} == {
        "up to 3.75": 3,
        "above 3.75, up to 6.5": 3,
        "above 6.5, up to 9.25": 3,
        "above 9.25": 3,
    }


def test_quarters_of_large_numbers_have_names_of_their_own() -> None:
    found = named([str(20190100 + day) for day in range(1, 29)], "study_date")
    assert {name: len(rows) for name, rows in found.items()} == {
        "up to 20190107.75": 7,
        "above 20190107.75, up to 20190114.5": 7,
        "above 20190114.5, up to 20190121.25": 7,
        "above 20190121.25": 7,
    }


def test_equal_numbers_share_a_quarter() -> None:
    cells = ["5"] * 20 + [str(i) for i in range(6, 15)]
    found = named(cells, "thickness")
    assert found["up to 5"] == list(range(20))


def test_an_empty_column_is_one_group() -> None:
    for column in ("age", "density"):
        assert named(["", ""], column) == {"not told": [0, 1]}


def test_an_age_that_is_no_number_and_a_column_of_names_are_refused() -> None:
    with pytest.raises(TableError, match="'045Y' is no age"):
        subgroups(["50", "045Y"], column="age")
    with pytest.raises(TableError, match="31 different values"):
        subgroups([f"scanner {i}" for i in range(31)], column="device")
