from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fourview.core.grayscale import Grayscale, VoiTable, VoiWindow
from fourview.imaging.intensity import (
    apply_voi,
    standardise,
    standardise_corner,
    standardise_for_patches,
    to_presentation,
)

PIXELS = np.array([[0, 1, 100], [2000, 4094, 4095]], dtype=np.uint16)


def values(*numbers: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(numbers, dtype=np.float64)


def test_a_linear_window_is_dicoms() -> None:
    """PS3.3 C.11.2.1.2.1: the centre is half a value further right than one would think."""
    window = VoiWindow(center=100, width=51)
    shown = apply_voi(values(0, 74.5, 87, 99.5, 112, 124.5, 4095), window)
    np.testing.assert_allclose(shown, [0, 0, 0.25, 0.5, 0.75, 1, 1])


def test_a_linear_window_of_width_one_is_a_threshold() -> None:
    """PS3.3 C.11.2.1.2.1: x <= c - 0.5 is black, all else white."""
    shown = apply_voi(values(99, 99.5, 99.6, 100), VoiWindow(center=100, width=1))
    assert shown.tolist() == [0, 0, 1, 1]


def test_an_exact_linear_window_is_dicoms() -> None:
    """PS3.3 C.11.2.1.3.2."""
    window = VoiWindow(center=100, width=50, function="LINEAR_EXACT")
    shown = apply_voi(values(0, 75, 87.5, 100, 112.5, 125, 4095), window)
    np.testing.assert_allclose(shown, [0, 0, 0.25, 0.5, 0.75, 1, 1])


def test_a_sigmoid_window_is_dicoms() -> None:
    """PS3.3 C.11.2.1.3.1; far away nothing overflows."""
    window = VoiWindow(center=100, width=40, function="SIGMOID")
    shown = apply_voi(values(-1e9, 90, 100, 110, 1e9), window)
    e = math.e
    np.testing.assert_allclose(shown, [0, 1 / (1 + e), 0.5, e / (1 + e), 1], atol=1e-15)


def test_a_table_maps_from_its_first_value_on_and_clamps_at_its_ends() -> None:
    """PS3.3 C.11.2.1.1."""
    table = VoiTable(first_value=10, entries=np.array([100, 200, 4095], np.uint16), bits=12)
    shown = apply_voi(values(-5, 9, 10, 11, 12, 13, 9999), table)
    np.testing.assert_allclose(shown * 4095, [100, 100, 100, 200, 4095, 4095, 4095])


def test_a_tables_first_value_may_be_negative() -> None:
    table = VoiTable(first_value=-1, entries=np.array([0, 128, 255], np.uint16), bits=8)
    np.testing.assert_allclose(apply_voi(values(-2, -1, 0, 1), table) * 255, [0, 0, 128, 255])


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@settings(deadline=None)
@given(
    center=st.floats(-1000, 5000),
    width=st.floats(1, 5000),
    numbers=arrays(np.float64, 9, elements=st.floats(-1e5, 1e5)),
)
def test_a_window_never_darkens_what_is_brighter(
    function: str, center: float, width: float, numbers: np.ndarray[Any, np.dtype[np.float64]]
) -> None:
    shown = apply_voi(np.sort(numbers), VoiWindow(center, width, function))
    assert (np.diff(shown) >= 0).all()
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_stored_values_stay_as_they_are() -> None:
    """The released weights read raw values."""
    voi = (VoiWindow(100, 50),)
    shown = to_presentation(PIXELS, Grayscale(bits=12, voi=voi, slope=2, intercept=-5))
    np.testing.assert_array_equal(shown, PIXELS)
    assert shown is not PIXELS
    assert shown.dtype == np.uint16


def test_the_first_voi_is_applied_to_rescaled_values_as_stored() -> None:
    """Stored -2 .. 2 (shifted up by 2048), rescaled by 10 x + 3, in a window of -17 .. 23."""
    pixels = (np.array([[-2, -1, 0, 1, 2]]) + 2048).astype(np.uint16)
    voi = (VoiWindow(3, 40, "LINEAR_EXACT"), VoiWindow(0, 1))
    grayscale = Grayscale(bits=12, offset=2048, slope=10, intercept=3, voi=voi)
    shown = to_presentation(pixels, grayscale, voi="first")
    np.testing.assert_allclose(shown / 65535, [[0, 0.25, 0.5, 0.75, 1]], atol=1e-5)


def test_where_low_is_bright_values_are_turned_round_within_their_bits() -> None:
    """MONOCHROME1."""
    shown = to_presentation(PIXELS, Grayscale(bits=12, inverted=True))
    np.testing.assert_array_equal(shown, 4095 - PIXELS)


def test_a_value_beyond_its_bits_does_not_wrap_round_when_turned() -> None:
    pixels = np.array([[0, 4095, 5000]], dtype=np.uint16)
    shown = to_presentation(pixels, Grayscale(bits=12, inverted=True))
    assert shown.tolist() == [[5000, 905, 0]]


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("voi", ["none", "first"])
def test_padding_is_zero_however_bright_zero_was(inverted: bool, voi: str) -> None:
    """Pixel Padding Value and Range Limit, both ends inclusive."""
    pixels = np.array([[0, 1, 2, 3, 4095]], dtype=np.uint16)
    grayscale = Grayscale(
        bits=12, inverted=inverted, padding=(1, 2), voi=(VoiWindow(2048, 8192, "LINEAR_EXACT"),)
    )
    shown = to_presentation(pixels, grayscale, voi=voi)
    assert shown[0, 1:3].tolist() == [0, 0]
    assert shown[0, 3] > 0
    bright, dark = (0, 4) if inverted else (4, 0)
    assert shown[0, bright] > shown[0, dark]


def test_with_a_voi_where_low_is_bright_the_shown_values_are_turned_round() -> None:
    """PS3.3 C.7.6.3.1.2: the VOI comes before the inversion."""
    voi = (VoiTable(0, np.array([0, 10, 255], np.uint16), 8),)
    shown = to_presentation(
        np.array([[0, 1, 2]], np.uint16), Grayscale(bits=2, inverted=True, voi=voi), voi="first"
    )
    np.testing.assert_array_equal(shown, [[65535, 65535 - round(10 / 255 * 65535), 0]])


@settings(deadline=None)
@given(
    pixels=arrays(np.uint16, (3, 4)),
    inverted=st.booleans(),
    voi=st.sampled_from(["none", "first"]),
    padding=st.none() | st.tuples(st.integers(0, 100), st.integers(100, 60000)),
)
def test_nothing_is_changed_in_place(
    pixels: np.ndarray[Any, np.dtype[np.uint16]],
    inverted: bool,
    voi: str,
    padding: tuple[int, int] | None,
) -> None:
    before = pixels.copy()
    pixels.flags.writeable = False
    grayscale = Grayscale(bits=16, inverted=inverted, padding=padding, voi=(VoiWindow(9, 5),))
    to_presentation(pixels, grayscale, voi=voi)
    standardise(pixels)
    standardise_for_patches(pixels)
    np.testing.assert_array_equal(pixels, before)
    as_floats = pixels.astype(np.float32)
    standardise(as_floats)
    np.testing.assert_array_equal(as_floats, before)


@pytest.mark.parametrize("how", [standardise, standardise_for_patches])
@pytest.mark.parametrize("value", [0, 1, 4095, 65535])
def test_a_constant_image_becomes_zeros(how: Any, value: int) -> None:
    """Also where the mean of so many equal numbers is not quite that number in float32."""
    found = how(np.full((401, 333), value, dtype=np.uint16))
    assert found.dtype == np.float32
    assert not found.any()


@pytest.mark.parametrize("how", [standardise, standardise_for_patches])
def test_a_standardised_image_has_mean_zero_and_the_populations_deviation_one(how: Any) -> None:
    """Background included; the divisor is n, not n - 1."""
    found = how(np.array([[0, 0, 0, 4]], dtype=np.uint16))
    np.testing.assert_allclose(found, np.array([[-1, -1, -1, 3]]) / math.sqrt(3), rtol=1e-6)


def test_a_deviation_below_the_floor_is_the_floor() -> None:
    """Released pipeline, part 6, step 8: 1e-5."""
    found = standardise(np.array([[0, 2e-6]], dtype=np.float32))
    np.testing.assert_allclose(found, [[-0.1, 0.1]], rtol=1e-4)


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
    st.sampled_from([(0, 65535), (60000, 60010), (-300, 4095)]),
    st.integers(0, 99),
)
def test_a_corner_is_standardised_as_the_window_with_its_zeros(
    corner: tuple[int, int], beyond: tuple[int, int], values: tuple[int, int], seed: int
) -> None:
    part = np.random.default_rng(seed).integers(*values, corner).astype(np.float32)
    window = np.pad(part, ((0, beyond[0]), (0, beyond[1])))
    out = np.full(window.shape, np.nan, np.float32)
    standardise_corner(part, out)
    exact = window.astype(np.float64)
    exact -= exact.mean()
    exact /= max(float(exact.std()), 1e-5)
    np.testing.assert_allclose(out, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [0, 1, 4095, 65535])
def test_a_constant_corner_that_is_the_whole_window_becomes_zeros(value: int) -> None:
    out = np.full((401, 333), np.nan, np.float32)
    standardise_corner(np.full((401, 333), value, np.float32), out)
    assert not out.any()
