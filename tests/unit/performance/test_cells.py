"""Numbers and remarks as the texts of a page's cells."""

from __future__ import annotations

import math

from fourview.performance.page.cells import remarks, signed_interval, with_interval, with_sd


def test_a_cell_breaks_before_its_interval_and_nowhere_else() -> None:
    assert with_interval(0.895, 0.871, 0.917).split(" ") == ["0.895", "(0.871\xa0to\xa00.917)"]
    assert with_sd(0.827, 0.008) == "0.827\xa0±\xa00.008"
    assert signed_interval(-0.01, 0.02) == "−0.010\xa0to\xa0+0.020"
    assert with_interval(0.5, math.nan, math.nan) == "0.500"


def test_a_remark_on_every_row_of_a_long_table_is_said_of_all() -> None:
    rows = [(name, "chosen here") for name in "abcd"]
    assert remarks(rows) == ("all: chosen here.",)
    assert remarks(rows[:3]) == ("a; b; c: chosen here.",)
    assert remarks([*rows, ("e", "")]) == ("a; b; c; d: chosen here.",)
    assert remarks([*rows, ("e", "chosen here; few")]) == ("all: chosen here.", "e: few.")
