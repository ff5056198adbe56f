from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.geometry import Box, Placement

LENGTHS = st.integers(1, 4000)


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    """Any way a prepared view may lie in its source."""
    source = draw(LENGTHS), draw(LENGTHS)
    resampled = source if draw(st.booleans()) else (draw(LENGTHS), draw(LENGTHS))
    top, left = draw(st.integers(0, resampled[0] - 1)), draw(st.integers(0, resampled[1] - 1))
    bottom = draw(st.integers(top + 1, resampled[0]))
    right = draw(st.integers(left + 1, resampled[1]))
    return Placement(source, resampled, Box(top, bottom, left, right), draw(st.booleans()))


POINTS = st.lists(
    st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000)), min_size=1, max_size=5
).map(np.array)


@settings(deadline=None)
@given(placements(), POINTS)
def test_to_the_source_and_back_is_where_one_was(place: Placement, points: np.ndarray) -> None:
    np.testing.assert_allclose(place.from_source(place.to_source(points)), points, atol=1e-6)
    np.testing.assert_allclose(place.to_source(place.from_source(points)), points, atol=1e-6)


@settings(deadline=None)
@given(placements(), st.data())
def test_without_resampling_a_point_is_the_pixel_that_was_cut_and_mirrored(
    place: Placement, data: st.DataObject
) -> None:
    place = replace(place, resampled_shape=place.source_shape)
    crop = place.crop
    crop = Box(
        0, min(crop.bottom, place.source_shape[0]), 0, min(crop.right, place.source_shape[1])
    )
    place = replace(place, crop=crop)
    rows, columns = crop.shape
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    [[source_row, source_column]] = place.to_source(np.array([[row, column]]))
    numbers = np.arange(place.source_shape[1])[crop.slices[1]]
    numbers = numbers[::-1] if place.flipped else numbers
    assert (source_row, source_column) == (crop.top + row, numbers[column])
    assert not place.is_resampled


def test_corners_of_a_mirrored_crop_by_hand() -> None:
    place = Placement((100, 80), (100, 80), Box(10, 60, 20, 70), flipped=True)
    corners = np.array([[0, 0], [0, 49], [49, 0]])
    expected = [[10, 69], [10, 20], [59, 69]]
    np.testing.assert_array_equal(place.to_source(corners), expected)
    np.testing.assert_array_equal(place.from_source(np.array(expected)), corners)


def test_a_resampled_pixel_is_the_middle_of_those_it_was_made_of() -> None:
    """Half the size: pixel 0 is made of the source's 0 and 1, so its centre is at 0.5."""
    place = Placement((100, 80), (50, 40), Box(0, 50, 0, 40), flipped=False)
    np.testing.assert_allclose(
        place.to_source(np.array([[0, 0], [49, 39]])), [[0.5] * 2, [98.5, 78.5]]
    )
    assert place.is_resampled


def test_a_box_is_half_open() -> None:
    box = Box(top=2, bottom=5, left=1, right=7)
    assert box.shape == (3, 6)
    assert np.zeros((9, 9))[box.slices].shape == box.shape
