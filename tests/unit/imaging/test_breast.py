from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.core.geometry import Box
from fourview.core.views import Facing
from fourview.imaging.breast import crop_around, released_mask

Mask = NDArray[np.bool_]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 30), st.integers(1, 30))).filter(np.any)


@settings(deadline=None)
@given(MASKS, st.sampled_from(Facing), st.integers(0, 9))
def test_the_crop_is_in_the_image_and_holds_the_breast(
    mask: Mask, facing: Facing, buffer: int
) -> None:
    box = crop_around(mask, facing, buffer_px=buffer, top_skipped=0).box
    assert 0 <= box.top < box.bottom <= mask.shape[0]
    assert 0 <= box.left < box.right <= mask.shape[1]
    assert mask[box.slices].sum() == mask.sum()


@settings(deadline=None)
@given(MASKS, st.sampled_from(Facing), st.integers(0, 9))
def test_the_margin_is_the_buffer_or_ends_with_the_image_and_none_is_at_the_wall(
    mask: Mask, facing: Facing, buffer: int
) -> None:
    """Released pipeline, part 3, steps 7 and 9."""
    rows, columns = np.nonzero(mask)
    box = crop_around(mask, facing, buffer_px=buffer, top_skipped=0).box
    assert box.top == max(0, rows.min() - buffer)
    assert box.bottom == min(mask.shape[0], rows.max() + 1 + buffer)
    left, right = columns.min(), columns.max() + 1
    if facing is Facing.RIGHT:
        assert (box.left, box.right) == (left, min(mask.shape[1], right + buffer))
    else:
        assert (box.left, box.right) == (max(0, left - buffer), right)


@settings(deadline=None)
@given(MASKS, st.integers(0, 9), st.booleans())
def test_a_mirrored_image_has_the_mirrored_crop(mask: Mask, buffer: int, released: bool) -> None:
    """In the release its points' columns are one more: part 3, steps 10 and 11."""
    how = {"buffer_px": buffer, "top_skipped": 0, "released": released}
    one = crop_around(mask, Facing.RIGHT, **how)
    other = crop_around(mask[:, ::-1], Facing.LEFT, **how)
    more = 1 if released else 0
    width = mask.shape[1]
    box = one.box
    assert other.box == Box(box.top, box.bottom, width - box.right, width - box.left)
    assert other.distance_from_starting_side == one.distance_from_starting_side
    assert other.rightmost == (one.rightmost[0], one.rightmost[1] + more)
    row, (first, last) = one.bottommost
    assert other.bottommost == (row, (first + more, last + more))


def test_the_points_of_a_crop_by_hand() -> None:
    mask = np.zeros((40, 30), np.bool_)
    mask[10:30, 2:12] = True
    mask[20:23, 12:20] = True  # the nipple
    mask[30, 4:6] = True  # the lowest points
    crop = crop_around(mask, Facing.RIGHT, buffer_px=3)
    assert crop.box == Box(7, 34, 2, 23)
    assert crop.rightmost == ((13, 15), 17)
    assert crop.bottommost == (23, (2, 3))
    assert crop.distance_from_starting_side == 2


def test_no_nipple_is_looked_for_in_the_top_third() -> None:
    """Released pipeline, part 3, step 11."""
    mask = np.zeros((30, 30), np.bool_)
    mask[:, :10] = True
    mask[:5, :20] = True  # an arm
    assert crop_around(mask, Facing.RIGHT, buffer_px=0).rightmost == ((10, 29), 9)
    everywhere = crop_around(mask, Facing.RIGHT, buffer_px=0, top_skipped=0)
    assert everywhere.rightmost == ((0, 4), 19)


def test_a_breast_in_the_part_that_is_skipped_is_refused_with_a_way_out() -> None:
    mask = np.zeros((30, 10), np.bool_)
    mask[2:4, :5] = True
    with pytest.raises(ImageError, match="no breast below the first") as caught:
        crop_around(mask, Facing.RIGHT, buffer_px=25, top_skipped=0.5)
    assert "crop.top_skipped" in caught.value.hint


def test_an_image_of_thin_lines_holds_no_breast() -> None:
    pixels = np.zeros((60, 60), np.uint16)
    pixels[10:14, :] = 9
    with pytest.raises(ImageError, match=r"60 x 60 pixels is thicker than 10 pixels") as caught:
        released_mask(pixels, erosion_px=5)
    assert "adaptive" in caught.value.hint


def test_the_released_mask_is_the_largest_of_all_that_is_not_zero() -> None:
    pixels = np.zeros((60, 60), np.uint16)
    pixels[5:50, :40] = 1
    pixels[20:32, 46:58] = 60000  # a bright label
    found = released_mask(pixels, erosion_px=2)
    assert found[30, 20]
    assert not found[:, 42:].any()


@pytest.mark.parametrize("value", [0, 1, 999])
def test_the_released_mask_of_a_constant_image_is_refused(value: int) -> None:
    with pytest.raises(ImageError, match=f"every pixel has the value {value}"):
        released_mask(np.full((300, 300), value, np.uint16), erosion_px=5)
