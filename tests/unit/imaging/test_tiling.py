from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.chance import Chance, ReleasedChance
from fourview.core.geometry import Box
from fourview.imaging.tiling import (
    corners,
    grid,
    overlap_average,
    overlap_average_within,
    overlap_shares,
    strides,
)

PATCHES = st.integers(1, 300)
TRAVELS = st.integers(0, 3000)
SEEDS = st.integers(0, 9)


@settings(deadline=None)
@given(PATCHES, TRAVELS, st.integers(1, 300), SEEDS)
def test_strides_walk_from_end_to_end_as_evenly_as_can_be(
    patch: int, travel: int, step: int, seed: int
) -> None:
    """SI, Algorithm 1: what it promises."""
    found = strides(patch + travel, Chance(seed), patch_px=patch, step_px=step)
    assert sum(found) == travel
    assert len(found) == -(-travel // step)
    assert all(0 < one <= step for one in found)
    assert not found or max(found) - min(found) <= 1


def algorithm_1(image_size: int) -> tuple[list[int], int]:
    """SI, Algorithm 1 line by line: the list before its last line, and how many are decremented."""
    prefixed_stride, patch_size = 70, 256
    sliding_steps = (image_size - patch_size) // prefixed_stride
    pixel_remaining = (image_size - patch_size) % prefixed_stride
    if pixel_remaining == 0:
        return [prefixed_stride] * sliding_steps, 0
    sliding_steps += 1
    pixel_overlap = prefixed_stride - pixel_remaining
    stride_avg = prefixed_stride - pixel_overlap // sliding_steps
    return [stride_avg] * sliding_steps, pixel_overlap % sliding_steps


@pytest.mark.parametrize("length", [256, 257, 325, 326, 327, 396, 400, 1000, 2677, 2974, 4096])
def test_strides_are_algorithm_1(length: int) -> None:
    """SI, Algorithm 1."""
    found = strides(length, Chance(0))
    usual, n_shorter = algorithm_1(length)
    shorter = [a - b for a, b in zip(usual, found, strict=True)]
    assert sorted(shorter) == [0] * (len(usual) - n_shorter) + [1] * n_shorter


def test_chance_chooses_the_shorter_strides() -> None:
    found = {tuple(strides(1000, Chance(seed))) for seed in range(20)}
    assert len(found) > 5
    assert tuple(strides(1000, Chance(3))) in found


def test_an_axis_as_long_as_a_patch_needs_no_stride() -> None:
    assert strides(256, Chance(0)) == []


def test_an_axis_shorter_than_a_patch_is_refused() -> None:
    with pytest.raises(ValueError, match="255 px is shorter than a patch of 256 px"):
        strides(255, Chance(0))


def test_rows_are_drawn_before_columns() -> None:
    """Released pipeline, part 7."""
    draws = ReleasedChance(4)
    expected = [strides(n, draws) for n in (1000, 900)]
    rows, columns = grid((1000, 900), ReleasedChance(4))
    assert [np.diff(rows).tolist(), np.diff(columns).tolist()] == expected
    assert rows[0] == columns[0] == 0
    assert rows[-1] + 256 == 1000
    assert columns[-1] + 256 == 900


def test_patches_go_down_one_column_strip_after_another() -> None:
    """Released pipeline, part 7."""
    found = corners(np.array([0, 10]), np.array([0, 5, 9]))
    assert found.tolist() == [[0, 0], [10, 0], [0, 5], [10, 5], [0, 9], [10, 9]]


@st.composite
def tilings(draw: st.DrawFn) -> tuple[tuple[int, int], np.ndarray, int]:
    """An image's shape, the corners of its patches, and their size."""
    patch = draw(st.integers(1, 30))
    step = draw(st.integers(1, patch))
    shape = draw(st.integers(patch, 120)), draw(st.integers(patch, 120))
    rows, columns = grid(shape, Chance(draw(SEEDS)), patch_px=patch, step_px=step)
    return shape, corners(rows, columns), patch


@settings(deadline=None, max_examples=60)
@given(tilings())
def test_every_pixel_is_covered_and_no_patch_leaves_the_image(
    tiling: tuple[tuple[int, int], np.ndarray, int],
) -> None:
    shape, at, patch = tiling
    covered = np.zeros(shape, dtype=int)
    for row, column in at:
        assert row >= 0
        assert column >= 0
        assert row + patch <= shape[0]
        assert column + patch <= shape[1]
        covered[row : row + patch, column : column + patch] += 1
    assert covered.min() >= 1
    assert covered[0, 0] == covered[-1, -1] == 1 or len(at) == 1 or patch == 1


@settings(deadline=None, max_examples=60)
@given(tilings(), st.floats(0, 1, width=32))
def test_the_overlap_average_of_a_constant_is_that_constant(
    tiling: tuple[tuple[int, int], np.ndarray, int], value: float
) -> None:
    shape, at, patch = tiling
    found = overlap_average(shape, at, np.full(len(at), value, np.float32), patch_px=patch)
    assert found.shape == shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, value, rtol=1e-5)


@settings(deadline=None, max_examples=60)
@given(tilings(), SEEDS)
def test_a_pixel_has_the_mean_of_the_patches_that_hold_it(
    tiling: tuple[tuple[int, int], np.ndarray, int], seed: int
) -> None:
    """SI, 'Patch classification heatmap generation'."""
    shape, at, patch = tiling
    rng = np.random.default_rng(seed)
    values = rng.random(len(at)).astype(np.float32)
    found = overlap_average(shape, at, values, patch_px=patch)
    for row, column in rng.integers(shape, size=(5, 2)):
        holds = [
            value
            for (top, left), value in zip(at, values, strict=True)
            if top <= row < top + patch and left <= column < left + patch
        ]
        assert found[row, column] == pytest.approx(np.mean(holds), rel=1e-5)


def test_neighbouring_patches_touch_or_overlap() -> None:
    rows, columns = grid((3000, 2000), Chance(0))
    for starts in (rows, columns):
        assert all(b - a <= 256 for a, b in pairwise(starts))


@pytest.mark.parametrize(
    "box", [Box(0, 900, 0, 700), Box(130, 645, 77, 400), Box(-40, 950, 600, 800)]
)
def test_a_part_of_the_average_is_made_without_the_rest(box: Box) -> None:
    shape = (900, 700)
    rows, columns = grid(shape, Chance(0, "grid"))
    values = np.random.default_rng(0).random((len(rows), len(columns)), dtype=np.float32)
    whole = overlap_average(shape, corners(rows, columns), values.T.ravel())
    padded = np.pad(whole, 100)
    expected = padded[box.top + 100 : box.bottom + 100, box.left + 100 : box.right + 100]
    found = overlap_average_within(box, rows, columns, values)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_shares_of_a_pixel_are_those_of_the_patches_that_hold_it() -> None:
    found = overlap_shares(-1, 6, np.array([0, 2, 3]), patch_px=3)
    expected = [
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
        [0.5, 0.5, 0],
        [0, 0.5, 0.5],
        [0, 0.5, 0.5],
        [0, 0, 1],
    ]
    np.testing.assert_allclose(found, expected)
