from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fourview.core.errors import ImageError
from fourview.core.exam import Mammogram
from fourview.core.grayscale import Grayscale, VoiWindow
from fourview.core.recipe import recipe_with
from fourview.core.views import Facing, View
from fourview.inference.prepare import prepare
from support.small_exams import SMALL, small_breast, small_mammogram

RELEASED_CROP = recipe_with(SMALL, ["crop.method=released"])


def disc() -> Mammogram:
    """Neither side is the chest wall's."""
    rows, columns = np.mgrid[:200, :150]
    inside = np.hypot(rows - 100, columns - 75) < 60
    texture = np.random.default_rng(0).integers(1000, 1100, (200, 150))
    pixels = np.where(inside, texture, 0).astype(np.uint16)
    return Mammogram(pixels, View.L_CC, "disc.png", Grayscale(bits=12))


def has(warnings: tuple[str, ...], *words: str) -> bool:
    return any(all(word in warning for word in words) for warning in warnings)


@pytest.mark.parametrize("facing", Facing)
@pytest.mark.parametrize("view", [View.L_CC, View.R_MLO])
def test_where_the_breast_faces_is_found_in_the_pixels_whatever_its_side(
    facing: Facing, view: View
) -> None:
    prepared = prepare(small_mammogram(view, facing=facing), SMALL)
    assert prepared.placement.flipped is (facing is Facing.LEFT)
    assert prepared.warnings == ()
    heights = np.count_nonzero(prepared.pixels, axis=0)
    assert heights[:10].mean() > 2 * heights[-10:].mean()  # the chest wall is at the left edge


@pytest.mark.parametrize("facing", Facing)
def test_prepared_pixels_are_the_sources_cut_and_turned(facing: Facing) -> None:
    mammogram = small_mammogram(View.L_CC, facing=facing)
    before = mammogram.pixels.copy()
    prepared = prepare(mammogram, SMALL)
    place = prepared.placement
    rows, columns = prepared.pixels.shape
    points = np.argwhere(np.ones((rows, columns)))
    source = place.to_source(points).astype(int)
    np.testing.assert_array_equal(
        prepared.pixels.ravel(), mammogram.pixels[source[:, 0], source[:, 1]]
    )
    assert prepared.pixels.flags.c_contiguous
    assert (prepared.view, prepared.source) == (View.L_CC, "L-CC.png")
    assert place.source_shape == place.resampled_shape == mammogram.pixels.shape
    np.testing.assert_array_equal(mammogram.pixels, before)


def test_a_mirrored_image_is_prepared_to_the_same_pixels() -> None:
    one, other = (prepare(small_mammogram(View.L_CC, facing=facing), SMALL) for facing in Facing)
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert one.optimal_center == other.optimal_center


def test_a_facing_that_is_told_and_agrees_changes_nothing() -> None:
    mammogram = small_mammogram(View.R_CC)
    told = prepare(replace(mammogram, facing=Facing.LEFT), SMALL)
    assert told.warnings == ()
    assert told.placement == prepare(mammogram, SMALL).placement


def test_a_facing_that_is_told_wins_over_the_pixels_with_a_warning() -> None:
    mammogram = replace(small_mammogram(View.L_CC), facing=Facing.LEFT)
    prepared = prepare(mammogram, SMALL)
    assert prepared.placement.flipped
    assert has(prepared.warnings, "said to face left", "faced right", "taken as said")


def test_a_facing_neither_told_nor_to_be_seen_is_refused() -> None:
    with pytest.raises(ImageError, match=r"^disc\.png: which way the breast faces") as caught:
        prepare(disc(), SMALL)
    assert "facing" in caught.value.hint
    told = prepare(replace(disc(), facing=Facing.LEFT), SMALL)
    assert told.placement.flipped
    assert not has(told.warnings, "said to face")


def test_warnings_of_the_file_are_kept() -> None:
    mammogram = replace(small_mammogram(View.L_CC), warnings=("RGB",))
    assert prepare(mammogram, SMALL).warnings == ("RGB",)


def test_a_scale_without_a_spacing_is_refused_with_a_way_out() -> None:
    """Weights of another scale would read millimetres wrongly."""
    recipe = recipe_with(SMALL, ["scale=0.5"])
    with pytest.raises(ImageError, match=r"L-CC\.png: its pixel spacing is not told") as caught:
        prepare(small_mammogram(View.L_CC), recipe)
    assert "pixel_spacing_mm" in caught.value.hint


def test_a_spacing_that_is_not_told_is_warned_of_where_the_recipe_names_one() -> None:
    recipe = recipe_with(SMALL, ["pixel_spacing_mm=0.1"])
    prepared = prepare(small_mammogram(View.L_CC), recipe)
    assert has(prepared.warnings, "pixel spacing not told", "0.1 mm")
    assert not prepared.placement.is_resampled


@pytest.mark.parametrize(
    ("settings", "spacing", "shape"),
    [
        ([], (0.14, 0.14), (200, 150)),
        (["pixel_spacing_mm=0.2"], (0.1, 0.1), (100, 75)),
        (["pixel_spacing_mm=0.1"], (0.1, 0.1), (200, 150)),
        (["pixel_spacing_mm=0.1"], (0.05, 0.1), (100, 150)),
        (["pixel_spacing_mm=0.1"], (0.15, 0.1), (300, 150)),
        (["scale=0.5"], (0.07, 0.07), (100, 75)),
        (["scale=0.5", "pixel_spacing_mm=0.1"], (0.1, 0.1), (100, 75)),
    ],
)
def test_images_are_resampled_to_the_recipes_spacing(
    settings: list[str], spacing: tuple[float, float], shape: tuple[int, int]
) -> None:
    """A scale divides pixels per millimetre: 0.07 mm where the recipe names no spacing."""
    mammogram = replace(small_mammogram(View.L_CC), pixel_spacing_mm=spacing)
    prepared = prepare(mammogram, recipe_with(SMALL, settings))
    place = prepared.placement
    assert (place.source_shape, place.resampled_shape) == ((200, 150), shape)
    crop = place.crop
    assert 0 <= crop.top < crop.bottom <= shape[0]
    assert 0 <= crop.left < crop.right <= shape[1]
    assert prepared.pixels.shape == crop.shape
    bright = np.argwhere(prepared.pixels > 0).mean(axis=0, keepdims=True)
    there = np.argwhere(mammogram.pixels > 0).mean(axis=0)
    np.testing.assert_allclose(place.to_source(bright)[0], there, atol=3)


def test_the_adaptive_crop_does_not_mind_a_background_above_zero() -> None:
    mammogram = small_mammogram(View.L_CC)
    lifted = replace(mammogram, pixels=np.maximum(mammogram.pixels, 40))
    found = prepare(lifted, SMALL)
    assert found.placement == prepare(mammogram, SMALL).placement
    assert found.optimal_center == prepare(mammogram, SMALL).optimal_center


def test_the_released_crop_takes_all_that_is_not_zero_for_breast() -> None:
    """Released pipeline, part 3, step 1."""
    mammogram = small_mammogram(View.L_CC)
    clean = prepare(mammogram, RELEASED_CROP)
    assert clean.placement == prepare(mammogram, SMALL).placement
    lifted = replace(mammogram, pixels=np.maximum(mammogram.pixels, 40), facing=Facing.RIGHT)
    assert prepare(lifted, RELEASED_CROP).pixels.shape == (200, 150)


def test_low_is_bright_is_turned_round_before_the_breast_is_looked_for() -> None:
    """MONOCHROME1."""
    plain = small_mammogram(View.L_CC)
    turned = replace(plain, pixels=4095 - plain.pixels, grayscale=Grayscale(bits=12, inverted=True))
    found = prepare(turned, SMALL)
    np.testing.assert_array_equal(found.pixels, prepare(plain, SMALL).pixels)
    assert found.warnings == ()


def test_the_first_voi_is_applied_where_the_recipe_says_so() -> None:
    recipe = recipe_with(SMALL, ["intensity.voi=first"])
    grayscale = Grayscale(bits=12, voi=(VoiWindow(2000, 4000, "LINEAR_EXACT"),))
    mammogram = replace(small_mammogram(View.L_CC), grayscale=grayscale)
    stored, shown = prepare(mammogram, SMALL), prepare(mammogram, recipe)
    assert shown.placement == stored.placement
    np.testing.assert_allclose(shown.pixels, np.minimum(stored.pixels / 4000, 1) * 65535, atol=1)
    assert prepare(small_mammogram(View.L_CC), recipe).warnings == (
        "the recipe asks for a VOI LUT; the file has none, stored values are used",
    )


def test_an_image_without_a_breast_is_refused_by_its_name() -> None:
    empty = replace(small_mammogram(View.L_CC), pixels=np.zeros((200, 150), np.uint16))
    for recipe in (SMALL, RELEASED_CROP):
        with pytest.raises(ImageError, match=r"^L-CC\.png: no breast"):
            prepare(empty, recipe)


def test_the_centre_of_a_position_is_for_its_own_window() -> None:
    """CC and MLO windows have other shapes, and other rules (released pipeline, part 5)."""
    pixels = small_breast(1)
    cc, mlo = (
        prepare(Mammogram(pixels, view, "x", Grayscale(bits=12)), SMALL)
        for view in (View.L_CC, View.L_MLO)
    )
    nipple = cc.optimal_center[1] + SMALL.window.cc[1] // 2
    assert nipple == mlo.optimal_center[1] + SMALL.window.mlo[1] // 2
    lowest = mlo.optimal_center[0] + SMALL.window.mlo[0] // 2 + 1
    assert lowest == np.flatnonzero(mlo.pixels.any(axis=1))[-1]
