"""A mask on a prepared view's pixels."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.geometry import Box, Placement
from fourview.imaging.mask_alignment import place_mask

MASK = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)


@pytest.mark.parametrize("flipped", [False, True])
def test_without_resampling_each_pixel_keeps_its_value(flipped: bool) -> None:
    crop = Box(3, 31, 5, 26)
    placed = place_mask(MASK, Placement((40, 30), (40, 30), crop, flipped))
    cut = MASK[crop.slices]
    assert np.array_equal(placed, cut[:, ::-1] if flipped else cut)


@pytest.mark.parametrize("shape", [(80, 60), (20, 15), (33, 47), (7, 90)])
@pytest.mark.parametrize("flipped", [False, True])
def test_a_resampled_pixel_has_the_value_of_the_source_pixel_at_its_centre(
    shape: tuple[int, int], flipped: bool
) -> None:
    crop = Box(1, shape[0] - 2, 3, shape[1])
    placement = Placement((40, 30), shape, crop, flipped)
    placed = place_mask(MASK, placement)
    assert placed.shape == crop.shape
    centres = np.argwhere(np.ones(crop.shape)).astype(float)
    rows, columns = np.floor(placement.to_source(centres) + 0.5 + 1e-9).astype(int).T
    assert np.array_equal(placed.ravel(), MASK[rows, columns])


def test_the_mask_itself_is_not_shared() -> None:
    before = MASK.copy()
    place_mask(MASK, Placement((40, 30), (40, 30), Box(0, 40, 0, 30), False))[:] = 9
    assert np.array_equal(MASK, before)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="40 rows, 30 columns for an image of 41 rows"):
        place_mask(MASK, Placement((41, 30), (41, 30), Box(0, 41, 0, 30), False))
