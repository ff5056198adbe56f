"""The patches that the patch classifier learns from (SI, 'Sampling the patches')."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.geometry import Box
from fourview.imaging.lesion_patches import (
    LEAST_PX,
    MOST_DEGREES,
    MOST_PX,
    OUTPUT_PX,
    Patch,
    cut_patch,
    draw_patch,
    holds_tissue,
    is_inside,
    part_marked,
    patch_class,
    sample_patch,
    touched,
)
from fourview.imaging.marks import BENIGN, HIGH_RISK, MALIGNANT, Marks

SHAPE = (700, 600)


def marked(colour: int, top: int, left: int, side: int = 20) -> Marks:
    mask = np.zeros(SHAPE, np.uint8)
    mask[top : top + side, left : left + side] = colour
    return Marks.of(mask)


def tissue(box: Box) -> NDArray[np.uint16]:
    return np.full(box.shape, 100, np.uint16)


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


def test_a_patch_of_one_dark_value_is_background_whatever_the_value() -> None:
    """Some machines write another value than 0 beside the breast; one bright value is an implant,
    and one pixel more than the background is breast."""
    pixels = np.full(SHAPE, 40, np.uint16)
    patch = Patch(300, 300, 128, 20)
    assert not holds_tissue(patch, pixels, mean=700.0)
    assert holds_tissue(patch, pixels, mean=40.0)
    assert holds_tissue(patch, pixels)  # the paper's rule alone
    assert holds_tissue(patch, np.full(SHAPE, 4095, np.uint16), mean=700.0)
    pixels[300, 300] = 41
    assert holds_tissue(patch, pixels, mean=700.0)


@pytest.mark.parametrize("background", [0, 40])
def test_no_patch_of_background_only_is_sampled_where_it_is_not_0(background: int) -> None:
    image = np.full(SHAPE, background, np.uint16)
    image[:, :250] = np.random.default_rng(0).integers(500, 3000, (SHAPE[0], 250))

    def read(box: Box) -> NDArray[np.uint16]:
        return image[box.slices]

    draws = Chance(11, "background")
    for _ in range(60):
        found = sample_patch(SHAPE, read, None, "negative", draws, mean=float(image.mean()))
        assert found is not None
        assert found.patch.corners[:, 1].min() < 250


def test_colours_count_where_the_square_covers_them_and_not_in_its_reach() -> None:
    patch = Patch(300, 300, 200, 45)
    corner = patch.reach.top + 1, patch.reach.left + 1
    assert touched(patch, marked(MALIGNANT, *corner, side=3)) == {}
    assert touched(patch, marked(MALIGNANT, 299, 299, side=1)) == {MALIGNANT: 1}


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
    ("marks", "wanted"),
    [
        (marked(MALIGNANT, 300, 300), "malignant"),
        (marked(BENIGN, 300, 300), "benign"),
        (marked(HIGH_RISK, 300, 300), "benign"),
        (marked(MALIGNANT, 300, 300), "outside"),
        (None, "negative"),
    ],
)
def test_a_sampled_patch_is_of_its_class(marks: Marks | None, wanted: str) -> None:
    draws = Chance(1, "sample")
    for _ in range(20):
        found = sample_patch(SHAPE, tissue, marks, wanted, draws)
        assert found is not None
        assert is_inside(found.patch, SHAPE)
        colours = touched(found.patch, marks)
        assert patch_class(colours, segmented=marks is not None) == wanted


def test_the_part_marked_is_of_the_patch_or_of_the_marks_whichever_is_more() -> None:
    small = marked(MALIGNANT, 300, 300, side=10)
    assert part_marked(Patch(304.5, 304.5, 200, 0), small) == 1  # all of it is in the patch
    assert part_marked(Patch(304.5, 404.5, 200, 0), small) == 0.5  # from column 305 on
    assert part_marked(Patch(100, 100, 50, 0), small) == 0
    assert part_marked(Patch(304.5, 304.5, 200, 0), None) == 0
    large = marked(MALIGNANT, 200, 200, side=200)
    assert part_marked(Patch(299.5, 299.5, 100, 0), large) == 1  # the patch holds nothing else


@pytest.mark.parametrize(("side", "least"), [(12, 0.6), (150, 0.4)])
def test_patches_that_show_too_little_of_a_lesion_can_be_left_out(side: int, least: float) -> None:
    marks = marked(MALIGNANT, 300, 280, side=side)
    draws = Chance(5, "least")
    parts = {
        limit: [
            part_marked(found.patch, marks)
            for _ in range(100)
            if (found := sample_patch(SHAPE, tissue, marks, "malignant", draws, least_marked=limit))
        ]
        for limit in (0.0, least)
    }
    assert min(parts[0.0]) < least / 2  # any overlap counts in the paper
    assert len(parts[least]) == 100
    assert min(parts[least]) >= least


def test_looking_near_the_lesion_leaves_the_distribution_as_it_is() -> None:
    """The same mean place and size as by rejecting patches from the whole image."""
    marks = marked(MALIGNANT, 330, 280, side=10)
    draws = Chance(2, "near")
    near = [sample_patch(SHAPE, tissue, marks, "malignant", draws) for _ in range(400)]
    far: list[Patch] = []
    draws = Chance(3, "far")
    while len(far) < 400:
        patch = draw_patch(Box(0, 700, 0, 600), draws)
        if is_inside(patch, SHAPE) and touched(patch, marks):
            far.append(patch)
    for what in ("row", "column", "size_px", "degrees"):
        ours = np.array([getattr(one.patch, what) for one in near if one])
        theirs = np.array([getattr(patch, what) for patch in far])
        error = math.hypot(ours.std(), theirs.std()) / 20
        assert abs(ours.mean() - theirs.mean()) < 4 * error, what


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        (marked(BENIGN, 300, 300), "malignant"),
        (marked(MALIGNANT, 300, 300), "negative"),
        (None, "outside"),
        (Marks.of(np.full(SHAPE, MALIGNANT, np.uint8)), "outside"),
    ],
)
def test_an_image_without_such_patches_gives_none(marks: Marks | None, wanted: str) -> None:
    assert sample_patch(SHAPE, tissue, marks, wanted, Chance(4, "none"), tries=50) is None


def test_a_patch_that_touches_red_and_green_is_of_no_class() -> None:
    """Red and green side by side in every row and column that a patch could touch alone."""
    mask = np.full(SHAPE, MALIGNANT, np.uint8)
    mask[::100, ::100] = BENIGN
    marks = Marks.of(mask)
    for wanted in ("malignant", "benign", "outside"):
        assert sample_patch(SHAPE, tissue, marks, wanted, Chance(9), tries=50) is None


def test_an_image_smaller_than_any_patch_gives_none() -> None:
    assert sample_patch((100, 100), tissue, None, "negative", Chance(5), tries=50) is None


def test_the_same_draws_give_the_same_patch() -> None:
    found = [sample_patch(SHAPE, tissue, None, "negative", Chance(6, "same")) for _ in range(2)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].patch == found[1].patch


def test_only_the_box_that_a_patch_reaches_is_read() -> None:
    read: list[Box] = []

    def spied(box: Box) -> NDArray[np.uint16]:
        read.append(box)
        return tissue(box)

    found = sample_patch(SHAPE, spied, marked(BENIGN, 300, 300), "benign", Chance(7))
    assert found is not None
    assert read == [found.box]
    assert max(found.box.shape) <= found.patch.size_px * math.sqrt(2) + 4


def test_a_patch_without_tissue_is_drawn_again() -> None:
    def only_below(box: Box) -> NDArray[np.uint16]:
        rows = np.arange(box.top, box.bottom)[:, None]
        return np.broadcast_to(rows >= 500, box.shape).astype(np.uint16)

    draws = Chance(8)
    for _ in range(20):
        found = sample_patch(SHAPE, only_below, None, "negative", draws)
        assert found is not None
        assert found.patch.corners[:, 0].max() >= 499


@pytest.mark.parametrize("size", [128.0, 301.5, 384.0])
@pytest.mark.parametrize("degrees", [-30.0, 0.0, 11.0])
def test_cutting_from_the_surroundings_equals_cutting_from_the_image(
    size: float, degrees: float
) -> None:
    image = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    for row, column in ((350.2, 300.6), (size / 2 - 0.5, size / 2 - 0.5)):
        patch = Patch(row, column, size, degrees if row > 340 else 0)
        box = patch.surroundings(SHAPE)
        part = np.ascontiguousarray(image[box.slices])
        assert np.allclose(  # cv2 tells places in float32
            cut_patch(part, patch, origin=(box.top, box.left)), cut_patch(image, patch), atol=1e-3
        )
