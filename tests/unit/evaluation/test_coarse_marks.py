"""Marks found on blocks of a heatmap."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.evaluation.coarse_marks import coarse_marks
from fourview.evaluation.localisation import Place, marks


def hills(*peaks: tuple[int, int, float], shape: tuple[int, int] = (83, 61)) -> np.ndarray:
    """Cones of radius 20 px on a floor of 0."""
    rows, columns = np.indices(shape)
    cones = [
        height * np.clip(1 - np.hypot(rows - row, columns - column) / 20, 0, 1)
        for row, column, height in peaks
    ]
    return np.max(cones, axis=0)


def test_blocks_find_the_marks_that_pixels_find() -> None:
    heatmap = hills((10, 9, 0.9), (60, 50, 0.4), (82, 0, 0.2))
    expected = [Place(10, 9, 0.9), Place(60, 50, 0.4), Place(82, 0, 0.2)]
    assert marks(heatmap, apart_px=16, at_least=0) == expected
    for block_px in (1, 4, 8):
        assert coarse_marks(heatmap, apart_px=16, at_least=0, block_px=block_px) == expected
    assert coarse_marks(heatmap, apart_px=16, at_least=0.3, block_px=8) == expected[:2]


def test_a_plateau_is_marked_in_the_middle_of_a_block() -> None:
    heatmap = np.zeros((32, 32))
    heatmap[8:16, 8:16] = 0.5
    (place,) = coarse_marks(heatmap, apart_px=8, at_least=0, block_px=8)
    assert place == Place(11, 11, 0.5)


def test_what_the_map_does_not_say_is_no_mark() -> None:
    heatmap = hills((40, 30, 0.9))
    heatmap[:, :40] = np.nan
    (place,) = coarse_marks(heatmap, apart_px=16, at_least=0, block_px=4)
    assert place == Place(40, 40, heatmap[40, 40])
    assert coarse_marks(np.full((9, 9), 0.3), apart_px=4, at_least=0, block_px=4) == []
    assert coarse_marks(np.full((9, 9), np.nan), apart_px=4, at_least=0, block_px=4) == []


@pytest.mark.parametrize(("block_px", "apart_px"), [(0, 5), (4, 0)])
def test_blocks_and_distances_are_at_least_a_pixel(block_px: int, apart_px: int) -> None:
    with pytest.raises(ValueError, match="1 is the least"):
        coarse_marks(np.zeros((9, 9)), apart_px=apart_px, at_least=0, block_px=block_px)


def test_a_heatmap_has_rows_and_columns() -> None:
    with pytest.raises(ValueError, match="rows by columns"):
        coarse_marks(np.zeros(9), apart_px=4, at_least=0, block_px=4)
