"""The patches that the patch classifier learns from (SI, 'Sampling the patches')."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.geometry import Box
from fourview.imaging.lesion_patches import (
    BENIGN,
    HIGH_RISK,
    LEAST_PX,
    MALIGNANT,
    MOST_DEGREES,
    MOST_PX,
    OUTPUT_PX,
    Patch,
    cut_patch,
    draw_patch,
    holds_tissue,
    is_inside,
    patch_class,
    sample_patch,
    touched,
)

SHAPE = (700, 600)


def mask_with(colour: int, top: int, left: int, side: int = 20) -> NDArray[np.uint8]:
    mask = np.zeros(SHAPE, np.uint8)
    mask[top : top + side, left : left + side] = colour
    return mask


def tissue() -> NDArray[np.uint16]:
    return np.full(SHAPE, 100, np.uint16)


def test_sizes_angles_and_the_network_s_input_are_the_papers() -> None:
    """SI, 'Sampling the patches': 128 to 384 pixels, -30 to 30 degrees, resized to 256 x 256."""
    assert (LEAST_PX, MOST_PX, MOST_DEGREES, OUTPUT_PX) == (128, 384, 30, 256)


def test_centre_size_and_angle_are_uniform() -> None:
    draws = Chance(0, "patches")
    area = Box(10, 110, 200, 500)
    found = [draw_patch(area, draws) for _ in range(4000)]
    for values, low, high in (
        ([p.row for p in found], 9.5, 109.5),
        ([p.column for p in found], 199.5, 499.5),
        ([p.size_px for p in found], 128, 384),
        ([p.degrees for p in found], -30, 30),
    ):
        counts, _ = np.histogram(values, bins=8, range=(low, high))
        assert counts.sum() == 4000
        assert abs(counts - 500).max() < 100  # five standard deviations


@pytest.mark.parametrize("degrees", [-30.0, 0.0, 17.0])
def test_the_footprint_is_the_square_of_that_size(degrees: float) -> None:
    patch = Patch(300.3, 300.8, 200.0, degrees)
    assert patch.footprint().sum() == pytest.approx(200**2, rel=0.01)
    assert patch.footprint().shape == patch.reach.shape


def test_a_positive_angle_turns_counter_clockwise() -> None:
    right_end = (Patch(0, 0, 100, 20).corners[1] + Patch(0, 0, 100, 20).corners[2]) / 2
    assert right_end[0] < 0 < right_end[1]


@pytest.mark.parametrize("degrees", [-25.0, 0.0, 30.0])
@pytest.mark.parametrize("size", [128.0, 256.0, 384.0])
def test_what_is_cut_is_what_the_footprint_covers(degrees: float, size: float) -> None:
    """An image that holds each pixel's place shows which place went where."""
    patch = Patch(330.25, 290.5, size, degrees)
    rows, columns = np.indices(SHAPE).astype(np.float32)
    cut_rows, cut_columns = cut_patch(rows, patch), cut_patch(columns, patch)
    half_pixel = size / OUTPUT_PX / 2
    angle = math.radians(degrees)
    first = -size / 2 + half_pixel  # the first output pixel's centre, before turning
    expected = (
        patch.row + math.cos(angle) * first - math.sin(angle) * first,
        patch.column + math.sin(angle) * first + math.cos(angle) * first,
    )
    assert (cut_rows[0, 0], cut_columns[0, 0]) == pytest.approx(expected, abs=0.05)
    assert cut_rows.mean() == pytest.approx(patch.row, abs=0.05)
    assert cut_columns.mean() == pytest.approx(patch.column, abs=0.05)


def test_a_patch_that_leaves_the_image_is_not_inside() -> None:
    assert is_inside(Patch(127.5, 127.5, 256, 0), SHAPE)
    assert not is_inside(Patch(127.4, 127.5, 256, 0), SHAPE)
    assert not is_inside(Patch(127.5, 127.5, 256, 5), SHAPE)
    assert not is_inside(Patch(600, 300, 256, 0), SHAPE)


def test_a_patch_of_zeros_only_holds_no_tissue() -> None:
    pixels = np.zeros(SHAPE, np.uint16)
    patch = Patch(300, 300, 128, 45)
    assert not holds_tissue(patch, pixels)
    pixels[300 - 64, 300 - 64] = 9  # in the reach of the turned square, not in it
    assert not holds_tissue(patch, pixels)
    pixels[300, 300] = 1
    assert holds_tissue(patch, pixels)


def test_colours_count_where_the_square_covers_them_and_not_in_its_reach() -> None:
    patch = Patch(300, 300, 200, 45)
    corner = patch.reach.top + 1, patch.reach.left + 1
    assert touched(patch, mask_with(MALIGNANT, *corner, side=3)) == frozenset()
    assert touched(patch, mask_with(MALIGNANT, 299, 299, side=1)) == {MALIGNANT}


@pytest.mark.parametrize(
    ("colours", "segmented", "expected"),
    [
        ({MALIGNANT}, True, "malignant"),
        ({BENIGN}, True, "benign"),
        ({HIGH_RISK}, True, "benign"),
        ({BENIGN, HIGH_RISK}, True, "benign"),
        ({MALIGNANT, BENIGN}, True, None),
        ({MALIGNANT, HIGH_RISK}, True, None),
        (set(), True, "outside"),
        (set(), False, "negative"),
    ],
)
def test_classes_are_the_papers(colours: set[int], segmented: bool, expected: str | None) -> None:
    """SI, 'Details of the auxiliary patch-level classifier', (i) to (iv)."""
    assert patch_class(frozenset(colours), segmented=segmented) == expected


@pytest.mark.parametrize(
    ("mask", "wanted"),
    [
        (mask_with(MALIGNANT, 300, 300), "malignant"),
        (mask_with(BENIGN, 300, 300), "benign"),
        (mask_with(HIGH_RISK, 300, 300), "benign"),
        (mask_with(MALIGNANT, 300, 300), "outside"),
        (None, "negative"),
    ],
)
def test_a_sampled_patch_is_of_its_class(mask: NDArray[np.uint8] | None, wanted: str) -> None:
    draws = Chance(1, "sample")
    for _ in range(20):
        patch = sample_patch(tissue(), mask, wanted, draws)
        assert patch is not None
        assert is_inside(patch, SHAPE)
        colours = frozenset[int]() if mask is None else touched(patch, mask)
        assert patch_class(colours, segmented=mask is not None) == wanted


def test_looking_near_the_lesion_leaves_the_distribution_as_it_is() -> None:
    """The same mean place and size as by rejecting patches from the whole image."""
    mask = mask_with(MALIGNANT, 330, 280, side=10)
    draws = Chance(2, "near")
    near = [sample_patch(tissue(), mask, "malignant", draws) for _ in range(400)]
    far: list[Patch] = []
    draws = Chance(3, "far")
    while len(far) < 400:
        patch = draw_patch(Box(0, 700, 0, 600), draws)
        if is_inside(patch, SHAPE) and touched(patch, mask):
            far.append(patch)
    for what in ("row", "column", "size_px", "degrees"):
        ours = np.array([getattr(patch, what) for patch in near])
        theirs = np.array([getattr(patch, what) for patch in far])
        error = math.hypot(ours.std(), theirs.std()) / 20
        assert abs(ours.mean() - theirs.mean()) < 4 * error, what


@pytest.mark.parametrize(
    ("mask", "wanted"),
    [
        (mask_with(BENIGN, 300, 300), "malignant"),
        (mask_with(MALIGNANT, 300, 300), "negative"),
        (None, "outside"),
        (np.full(SHAPE, MALIGNANT, np.uint8), "outside"),
    ],
)
def test_an_image_without_such_patches_gives_none(
    mask: NDArray[np.uint8] | None, wanted: str
) -> None:
    assert sample_patch(tissue(), mask, wanted, Chance(4, "none"), tries=50) is None


def test_an_image_smaller_than_any_patch_gives_none() -> None:
    small = np.ones((100, 100), np.uint16)
    assert sample_patch(small, None, "negative", Chance(5, "small"), tries=50) is None


def test_the_same_draws_give_the_same_patch() -> None:
    found = [sample_patch(tissue(), None, "negative", Chance(6, "same")) for _ in range(2)]
    assert found[0] == found[1]
