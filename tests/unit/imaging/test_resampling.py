from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fourview.imaging.resampling import resample, resampled_shape

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def test_the_shape_keeps_millimetres() -> None:
    assert resampled_shape((100, 80), (0.1, 0.1), 0.2) == (50, 40)
    assert resampled_shape((100, 80), (0.1, 0.05), 0.1) == (100, 40)  # rows first, then columns
    assert resampled_shape((100, 80), (0.07, 0.07), 0.07) == (100, 80)
    assert resampled_shape((1, 1), (0.01, 0.01), 1) == (1, 1)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
@settings(deadline=None)
@given(st.data())
def test_resampling_stays_in_the_range_of_values_and_changes_no_input(
    dtype: type, data: st.DataObject
) -> None:
    elements = st.integers(0, 65535) if dtype is np.uint16 else st.floats(0, 1, width=32)
    image = data.draw(arrays(dtype, SHAPES, elements=elements))
    image.flags.writeable = False
    shape = data.draw(SHAPES)
    found = resample(image, shape)
    assert found.shape == shape
    assert found.dtype == dtype
    slack = 0 if dtype is np.uint16 else 1e-6
    assert found.min() >= image.min() - slack
    assert found.max() <= image.max() + slack


def test_the_same_shape_is_a_copy() -> None:
    image = np.arange(12, dtype=np.uint16).reshape(3, 4)
    found = resample(image, (3, 4))
    np.testing.assert_array_equal(found, image)
    assert not np.shares_memory(found, image)


def test_shrinking_averages_areas() -> None:
    image = np.array([[0, 2, 10, 30], [4, 6, 20, 40]], dtype=np.uint16)
    assert resample(image, (1, 2)).tolist() == [[3, 25]]


def test_growing_is_linear_between_pixel_centres() -> None:
    image = np.array([[0, 100]], dtype=np.float32)
    np.testing.assert_allclose(resample(image, (1, 4)), [[0, 25, 75, 100]])
