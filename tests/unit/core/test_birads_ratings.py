"""BI-RADS categories as ordered ratings."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.birads_ratings import birads_ranks
from fourview.core.errors import TableError


def test_categories_are_ordered_and_a_missing_one_stays_missing() -> None:
    ranks = birads_ranks(["1", "2", "3", "4A", "4b", " 4c ", "5", "", None])
    assert (np.diff(ranks[:7]) > 0).all()
    assert np.isnan(ranks[7:]).all()


def test_0_stands_where_it_is_said_to() -> None:
    low, zero, high = birads_ranks(["3", "0", "4"], zero_above="3")
    assert low < zero < high


def test_0_without_a_place_is_refused() -> None:
    with pytest.raises(TableError, match="BI-RADS 0 has no place"):
        birads_ranks(["1", "0", "5"])


@pytest.mark.parametrize("wrong", ["6", "7", "x", "4d", "0.5"])
def test_what_is_no_category_is_refused(wrong: str) -> None:
    with pytest.raises(TableError, match=f"category '{wrong}'"):
        birads_ranks(["1", wrong], zero_above="3")


def test_4_beside_its_parts_has_no_order() -> None:
    with pytest.raises(TableError, match="4a, 4b or 4c"):
        birads_ranks(["4", "4a"])


def test_a_place_that_is_no_category_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of"):
        birads_ranks(["1"], zero_above="9")
