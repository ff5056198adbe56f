from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.geometry import Box
from fourview.imaging.breast import BreastCrop
from fourview.imaging.window import PlacedWindow, cut, optimal_center, place, resized_corner

SIDES = st.integers(1, 90)


@dataclass
class Told:
    """Draws that were written down before; remembers what it was asked for."""

    numbers: list[float] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def image(self, n_images: int) -> int:
        raise AssertionError(n_images)

    def noise(self, n: int) -> NDArray[np.float64]:
        self.asked.append(n)
        taken, self.numbers = self.numbers[:n], self.numbers[n:]
        return np.array(taken + [0.0] * (n - len(taken)))

    def sample(self, population: int, n: int) -> list[int]:
        raise AssertionError(population, n)


@st.composite
def placings(draw: st.DrawFn, *, noisy: bool = True) -> dict[str, Any]:
    """Arguments of `place`: images smaller and larger than the window, centres anywhere."""
    window = draw(st.integers(2, 60)), draw(st.integers(2, 60))
    size_noise = draw(st.integers(0, 20)) if noisy else 0
    longest = max(window)
    assume(all(2 * round(size_noise * side / longest) < side for side in window))
    noise = st.integers(0, 15) if noisy else st.just(0)
    return {
        "image_shape": (draw(SIDES), draw(SIDES)),
        "position": draw(st.sampled_from(["CC", "MLO"])),
        "center": (draw(st.integers(-50, 120)), draw(st.integers(-50, 120))),
        "window": window,
        "location_noise_px": (draw(noise), draw(noise)),
        "size_noise_px": size_noise,
    }


def inside(box: Box, shape: tuple[int, int]) -> bool:
    return 0 <= box.top < box.bottom <= shape[0] and 0 <= box.left < box.right <= shape[1]


@settings(deadline=None, max_examples=300)
@given(placings(), st.integers(0, 99))
def test_a_window_lies_in_the_padded_image_whatever_is_drawn(
    how: dict[str, Any], seed: int
) -> None:
    placed = place(**how, draws=Chance(seed))
    height, width = how["image_shape"]
    assert placed.padded_shape == (
        height + placed.pad_above + placed.pad_below,
        width + placed.pad_right,
    )
    assert min(placed.pad_above, placed.pad_below, placed.pad_right) >= 0
    assert inside(placed.located, placed.padded_shape)
    assert inside(placed.box, placed.padded_shape)
    assert placed.located.shape == placed.shape == how["window"]


@settings(deadline=None, max_examples=300)
@given(placings(), st.integers(0, 99))
def test_a_windows_size_changes_by_no_more_than_its_noise(how: dict[str, Any], seed: int) -> None:
    """SI, 'Data augmentation': at most 100 pixels in any direction."""
    placed = place(**how, draws=Chance(seed))
    limit, longest = how["size_noise_px"], max(how["window"])
    for edge in ("top", "bottom", "left", "right"):
        side = how["window"][edge in ("left", "right")]
        moved = abs(getattr(placed.box, edge) - getattr(placed.located, edge))
        assert moved <= round(limit * side / longest)


@settings(deadline=None)
@given(placings(noisy=False), st.integers(0, 99), st.integers(100, 199))
def test_without_noise_chance_moves_nothing(how: dict[str, Any], one: int, other: int) -> None:
    placed = place(**how, draws=Chance(one))
    assert placed == place(**how, draws=Chance(other))
    assert placed.box == placed.located


@settings(deadline=None)
@given(st.integers(40, 60), st.integers(40, 60), st.integers(0, 15), st.integers(0, 99))
def test_a_window_with_room_moves_no_further_than_its_location_noise(
    row: int, column: int, noise: int, seed: int
) -> None:
    placed = place(
        (100, 100), "CC", (row, column), (20, 10), Chance(seed), location_noise_px=(noise, noise)
    )
    assert placed.padded_shape == (100, 100)
    assert abs(placed.located.top - (row - 10)) <= noise
    assert abs(placed.located.left - (column - 5)) <= noise


def test_draws_are_fractions_of_the_noise_in_the_order_rows_columns() -> None:
    """Released pipeline, part 6: rows, columns; then top, bottom, left, right."""
    draws = Told([0.5, -1, 0.25, -0.25, 1, -1])
    placed = place(
        (400, 400), "CC", (200, 200), (100, 50), draws, location_noise_px=(40, 40), size_noise_px=20
    )
    assert placed.located == Box(170, 270, 135, 185)
    assert placed.box == Box(175, 265, 145, 175)  # the short side moves half as far
    assert draws.asked == [2, 4]


def test_size_is_drawn_always_and_location_only_if_it_may_move() -> None:
    """Released pipeline, part 6: four numbers are used up even without augmentation."""
    draws = Told()
    place((400, 400), "MLO", (200, 200), (100, 50), draws)
    assert draws.asked == [4]


@pytest.mark.parametrize(
    ("edge", "center", "drawn", "expected"),
    [
        ("top", (50, 200), [-0.5, 0], (20, 175)),
        ("bottom", (350, 200), [0.5, 0], (280, 175)),
        ("left", (200, 25), [0, -0.5], (150, 20)),
        ("right", (200, 375), [0, 0.5], (150, 330)),
    ],
)
def test_a_window_at_an_edge_moves_away_from_it(
    edge: str, center: tuple[int, int], drawn: list[float], expected: tuple[int, int]
) -> None:
    """Released pipeline, part 6, step 4."""
    placed = place((400, 400), "CC", center, (100, 50), Told(drawn), location_noise_px=(40, 40))
    assert (placed.located.top, placed.located.left) == expected, edge


def test_a_cc_image_that_is_too_small_is_padded_above_below_and_at_the_nipple() -> None:
    """Released pipeline, part 6, step 2: twice the noise of rows, once that of columns."""
    placed = place(
        (100, 30), "CC", (7, 7), (99, 40), Told(), location_noise_px=(5, 6), size_noise_px=3
    )
    assert (placed.pad_above, placed.pad_below, placed.pad_right) == (7, 8, 19)
    assert placed.padded_shape == (115, 49)
    assert placed.located == Box(8, 107, 0, 40)


def test_an_mlo_image_that_is_too_small_is_padded_below_and_at_the_nipple() -> None:
    placed = place(
        (100, 30), "MLO", (7, 7), (99, 40), Told(), location_noise_px=(5, 6), size_noise_px=3
    )
    assert (placed.pad_above, placed.pad_below, placed.pad_right) == (0, 7, 19)
    assert placed.located == Box(0, 99, 0, 40)


@settings(deadline=None)
@given(placings(), st.integers(0, 99), st.integers(1, 3))
def test_what_is_cut_is_the_box_on_the_image_with_zeros_around(
    how: dict[str, Any], seed: int, n_channels: int
) -> None:
    image = np.random.default_rng(seed).normal(size=(*how["image_shape"], n_channels))
    image = image.astype(np.float32)
    image.flags.writeable = False
    placed = place(**how, draws=Chance(seed))
    padded = np.pad(image, ((placed.pad_above, placed.pad_below), (0, placed.pad_right), (0, 0)))
    expected = padded[placed.box.slices]
    as_it_is = replace(placed, shape=placed.box.shape)
    np.testing.assert_array_equal(cut(image, as_it_is), expected)
    found = cut(image, placed)
    assert found.shape == (*how["window"], n_channels)
    assert found.dtype == np.float32
    if placed.box.shape != placed.shape:
        expected = cv2.resize(expected, placed.shape[::-1], interpolation=cv2.INTER_CUBIC)
    np.testing.assert_array_equal(found, expected.reshape(found.shape))


@settings(deadline=None, max_examples=200)
@given(placings(), st.integers(0, 99))
def test_resizing_the_corner_that_is_not_zero_is_resizing_the_window(
    how: dict[str, Any], seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 65536, how["image_shape"]).astype(np.float32)
    placed = place(**how, draws=Chance(seed))
    box = placed.corner(image.shape)
    rows, columns = box.shape
    as_it_is = replace(placed, shape=placed.box.shape)
    found = resized_corner(cut(image[:, :, None], as_it_is)[:rows, :columns, 0], placed)
    expected = cut(image[:, :, None], placed)[..., 0]
    assert (box.top, box.left) == (placed.in_image.top, placed.in_image.left)
    assert found.dtype == np.float32
    assert not expected[found.shape[0] :].any()
    assert not expected[:, found.shape[1] :].any()
    expected = expected[: found.shape[0], : found.shape[1]]
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.1)  # of 65535


def test_a_corner_is_resized_though_its_size_stays_the_same() -> None:
    """Where a scale so near to 1 moves no edge of it by half a pixel."""
    box = Box(0, 1000, 0, 1000)
    placed = PlacedWindow(0, 0, 0, box, box, (1001, 1001), (1000, 1000))
    image = np.random.default_rng(0).normal(size=(100, 100, 1)).astype(np.float32)
    corner = np.pad(image[..., 0], (0, 4))
    found = resized_corner(corner, placed)
    assert found.shape == (1001, 1001)
    np.testing.assert_allclose(found, cut(image, placed)[..., 0], atol=1e-6)


def test_the_corner_of_a_window_beyond_the_image_is_not_empty() -> None:
    box = Box(0, 40, 60, 90)
    placed = PlacedWindow(0, 0, 60, box, box, (40, 30), (40, 100))
    assert placed.corner((40, 40)) == Box(0, 40, 60, 61)


def test_a_window_beyond_the_image_is_zero() -> None:
    box = Box(0, 4, 6, 9)
    placed = PlacedWindow(0, 0, 6, box, box, (4, 3), (4, 10))
    assert not cut(np.ones((4, 4, 1), np.float32), placed).any()


def test_resizing_keeps_a_constant_and_the_order_of_channels() -> None:
    box = Box(0, 20, 0, 30)
    placed = PlacedWindow(0, 0, 0, box, box, (33, 41), (20, 30))
    image = np.ones((20, 30, 3), np.float32) * np.array([5, 0.25, 1], np.float32)
    np.testing.assert_allclose(cut(image, placed), np.full((33, 41, 3), image[0, 0]), rtol=1e-6)


def crop_of(rightmost: int, bottommost: int) -> BreastCrop:
    """Only what the optimal centre is found from."""
    return BreastCrop(
        box=Box(0, 0, 0, 0),
        rightmost=((0, 0), rightmost),
        bottommost=(bottommost, (0, 0)),
        distance_from_starting_side=0,
    )


def cc_center_by_looking_everywhere(
    occupied: NDArray[np.bool_], rightmost: int, window: tuple[int, int]
) -> tuple[int, int]:
    """Released pipeline, part 5, candidate by candidate."""
    height, width = occupied.shape
    half_rows, half_columns = window[0] // 2, window[1] // 2
    column = rightmost - half_columns - 1
    candidates = list(range(half_rows, height - (window[0] - half_rows) + 1))
    if len(candidates) < 2:
        return height // 2, column

    def held(row: int) -> int:
        top, left = row - half_rows, column - half_columns
        down, along = max(0, -top), max(0, -left)
        bottom = min(row + window[0] - half_rows + down, height)
        right = min(column + window[1] - half_columns + along, width)
        return int(occupied[max(top, 0) : bottom, max(left, 0) : max(right, 0)].sum())

    return min(candidates, key=lambda row: (-held(row), (row - height // 2) ** 2, row)), column


@settings(deadline=None, max_examples=200)
@given(
    arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20))),
    st.integers(-3, 25),
    st.tuples(st.integers(1, 22), st.integers(1, 22)),
)
def test_the_cc_centre_is_the_best_of_all(
    occupied: NDArray[np.bool_], rightmost: int, window: tuple[int, int]
) -> None:
    expected = cc_center_by_looking_everywhere(occupied, rightmost, window)
    assert optimal_center(occupied, "CC", crop_of(rightmost, 0), window) == expected


def test_a_cc_window_moves_to_the_breast_and_stands_at_the_nipple() -> None:
    occupied = np.zeros((100, 50), np.bool_)
    occupied[70:90, :40] = True
    row, column = optimal_center(occupied, "CC", crop_of(39, 89), (30, 20))
    assert (row, column) == (75, 39 - 10 - 1)  # the nearest to the middle that holds all 20 rows


@pytest.mark.parametrize(("bottommost", "row"), [(80, 80 - 15 - 1), (95, 89 - 15 - 1)])
def test_an_mlo_window_stands_on_the_lowest_point_or_on_the_last_row_that_is_not_empty(
    bottommost: int, row: int
) -> None:
    """Released pipeline, part 5."""
    occupied = np.zeros((100, 50), np.bool_)
    occupied[:90, :40] = True
    assert optimal_center(occupied, "MLO", crop_of(39, bottommost), (30, 20)) == (row, 28)


def test_the_last_row_is_looked_for_among_the_columns_at_the_nipple() -> None:
    """Released pipeline, part 5: the last columns, as many as the window has."""
    occupied = np.zeros((100, 50), np.bool_)
    occupied[:90, :25] = True
    occupied[:60, :40] = True
    assert optimal_center(occupied, "MLO", crop_of(39, 89), (30, 20))[0] == 59 - 15 - 1
    assert optimal_center(occupied, "MLO", crop_of(39, 89), (30, 60))[0] == 89 - 15 - 1
    occupied[:, 30:] = False
    assert optimal_center(occupied, "MLO", crop_of(39, 89), (30, 20))[0] == 89 - 15 - 1
