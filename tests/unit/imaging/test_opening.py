from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import ndimage

from fourview.imaging.opening import biggest_component, largest_opened


def slowly(mask: NDArray[np.bool_], steps: int) -> NDArray[np.bool_] | None:
    """What the released crop does, step by step."""
    if steps:
        mask = ndimage.binary_erosion(mask, iterations=steps)
    labels, n = ndimage.label(mask)
    if n == 0:
        return None
    core = labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])
    return ndimage.binary_dilation(core, iterations=steps) if steps else core


def same(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.dtype == np.bool_ and np.array_equal(one, other)


masks = st.tuples(st.integers(1, 24), st.integers(1, 24)).flatmap(
    lambda shape: arrays(np.bool_, shape)
)
"""Mostly noise: many small components, many ties."""


@st.composite
def blobs(draw: st.DrawFn) -> NDArray[np.bool_]:
    """Rectangles, some equal, some joined: what survives an erosion."""
    mask = np.zeros((draw(st.integers(1, 40)), draw(st.integers(1, 40))), bool)
    side = st.sampled_from([1, 3, 5, 9, 15])
    for _ in range(draw(st.integers(0, 6))):
        top, left = draw(st.integers(0, mask.shape[0])), draw(st.integers(0, mask.shape[1]))
        mask[top : top + draw(side), left : left + draw(side)] = True
    return mask


@given(masks | blobs(), st.integers(0, 6))
@settings(max_examples=400, deadline=None)
def test_it_equals_erosion_and_dilation_step_by_step(mask: NDArray[np.bool_], steps: int) -> None:
    assert same(largest_opened(mask, steps), slowly(mask, steps))


@pytest.mark.parametrize("steps", [100, 254, 255, 300])
def test_long_erosions_are_exact_too(steps: int) -> None:
    rng = np.random.default_rng(steps)
    mask = ndimage.gaussian_filter(rng.normal(size=(1400, 1000)), 90) > -0.001
    assert same(largest_opened(mask, steps), slowly(mask, steps))


@pytest.mark.parametrize("transposed", [False, True])
def test_of_equal_components_the_first_in_raster_order_is_kept(transposed: bool) -> None:
    mask = np.zeros((40, 40), bool)
    mask[20:31, 2:13] = mask[5:16, 25:36] = True
    first = np.zeros_like(mask)
    first[5:16, 25:36] = True
    if transposed:
        mask, first = mask.T.copy(), np.zeros_like(mask)
        first[2:13, 20:31] = True
    assert same(biggest_component(mask), first)
    assert same(largest_opened(mask, 3), slowly(mask, 3))


def test_many_thousand_equal_components_take_no_time() -> None:
    mask = np.zeros((1000, 1000), bool)
    mask[::2, ::2] = True
    found = biggest_component(mask)
    assert found is not None
    assert np.argwhere(found).tolist() == [[0, 0]]


def test_the_input_is_not_changed_and_not_shared() -> None:
    mask = np.ones((9, 9), bool)
    found = largest_opened(mask, 0)
    assert found is not None
    found[:] = False
    assert mask.all()


def test_a_mask_that_is_no_block_of_memory_is_read_rightly() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:50, 20:70] = True
    view = mask[::2, ::-1]
    assert same(largest_opened(view, 4), slowly(view.copy(), 4))


def test_an_erosion_beyond_the_image_leaves_nothing() -> None:
    assert largest_opened(np.ones((9, 30), bool), 5) is None
    assert largest_opened(np.zeros((9, 30), bool), 0) is None


def test_a_negative_erosion_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        largest_opened(np.ones((9, 9), bool), -1)
