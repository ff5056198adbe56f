from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.geometry import Box, Placement
from fourview.imaging.placing import over_source

CROP = Box(top=10, bottom=50, left=5, right=35)


@pytest.mark.parametrize("flipped", [False, True])
@settings(deadline=None)
@given(row=st.integers(0, 39), column=st.integers(0, 29))
def test_a_maximum_stands_on_its_source_pixel(flipped: bool, row: int, column: int) -> None:
    place = Placement((60, 45), (60, 45), CROP, flipped)
    prepared = np.full(CROP.shape, 0.25, np.float32)
    prepared[row, column] = 1
    found = over_source(prepared, place)
    assert found.shape == (60, 45)
    at = np.unravel_index(found.argmax(), found.shape)
    assert at == (10 + row, 34 - column if flipped else 5 + column)
    np.testing.assert_array_equal([at], place.to_source(np.array([[row, column]])))


@pytest.mark.parametrize("flipped", [False, True])
def test_outside_the_crop_it_is_zero_and_inside_nothing_changes(flipped: bool) -> None:
    place = Placement((60, 45), (60, 45), CROP, flipped)
    prepared = np.random.default_rng(0).random(CROP.shape).astype(np.float32)
    before = prepared.copy()
    found = over_source(prepared, place)
    assert found.sum(dtype=np.float64) == pytest.approx(prepared.sum(dtype=np.float64))
    inside = np.zeros(found.shape, bool)
    inside[CROP.slices] = True
    assert not found[~inside].any()
    np.testing.assert_array_equal(prepared, before)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("source", [(120, 90), (30, 23), (97, 31)])
@settings(deadline=None, max_examples=20)
@given(row=st.integers(2, 37), column=st.integers(2, 27))
def test_a_resampled_images_maximum_is_within_a_pixel(
    flipped: bool, source: tuple[int, int], row: int, column: int
) -> None:
    """A pixel of the coarser of the two grids."""
    place = Placement(source, (60, 45), CROP, flipped)
    rows, columns = np.mgrid[: CROP.shape[0], : CROP.shape[1]]
    prepared = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 8).astype(np.float32)
    found = over_source(prepared, place)
    assert found.shape == source
    at = np.array(np.unravel_index(found.argmax(), found.shape))
    [expected] = place.to_source(np.array([[row, column]]))
    assert (np.abs(at - expected) <= np.maximum(1, np.divide(source, (60, 45)))).all()
    assert found.min() >= 0
    assert found.max() <= 1
