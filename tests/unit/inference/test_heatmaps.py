from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fourview.core.chance import Chance, ReleasedChance
from fourview.core.exam import Mammogram, PreparedView
from fourview.core.geometry import Box, Placement
from fourview.core.grayscale import Grayscale
from fourview.core.recipe import HeatmapRecipe
from fourview.core.views import Facing, View
from fourview.core.weights import PATCH_CLASSES, WeightsInfo
from fourview.imaging.intensity import standardise_for_patches
from fourview.imaging.placing import over_source
from fourview.imaging.tiling import overlap_average_within
from fourview.inference.heatmaps import (
    draw_grid,
    expected_patches,
    heatmaps_of,
    make_heatmaps,
    patch_corners,
    patch_grid,
    patch_probabilities,
)
from fourview.inference.prepare import prepare
from support.small_exams import SMALL, patch_info, small_breast, small_patch_classifier

HOW = HeatmapRecipe(patch_px=32, stride_px=28)


@dataclass
class Stub:
    """Answers as it is told, in place of the patch network."""

    answer: Callable[[Tensor], Tensor]
    info: WeightsInfo
    asked: list[int]

    def probabilities(self, patches: Tensor) -> Tensor:
        assert patches.shape[1:] == (1, 32, 32)
        self.asked.append(len(patches))
        return self.answer(patches)


def stub(answer: Callable[[Tensor], Tensor]) -> Any:
    return Stub(answer, patch_info(), [])


def always(malignant: float, benign: float) -> Callable[[Tensor], Tensor]:
    """The same answer to every patch."""
    one = torch.tensor([malignant, benign, 0.125, 0.25])
    return lambda patches: one.expand(len(patches), 4)


def bright(patches: Tensor) -> Tensor:
    """Malignant where the patch holds something far brighter than the image is."""
    found = (patches.amax(dim=(1, 2, 3)) > 5).float()
    nothing = torch.zeros_like(found)
    return torch.stack([found, nothing, 1 - found, nothing], dim=1)


def brightness(patches: Tensor) -> Tensor:
    """Something that every patch answers otherwise, for order to matter."""
    value = torch.sigmoid(patches.mean(dim=(1, 2, 3)) + patches[:, 0, 0, 5])
    return torch.stack([value, value / 2, value / 4, 1 - 1.75 * value], dim=1)


def prepared(pixels: np.ndarray, *, flipped: bool = False) -> PreparedView:
    shape = pixels.shape
    place = Placement(shape, shape, Box(0, shape[0], 0, shape[1]), flipped)
    return PreparedView(pixels.astype(np.uint16), View.L_CC, "x", place, (0, 0))


def textured(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4096, shape).astype(np.uint16)


def test_the_channels_are_the_classes_of_their_names() -> None:
    """Class 0 is malignant, 1 benign (released pipeline, part 7); a constant stays one."""
    found = make_heatmaps(prepared(textured((100, 80))), stub(always(0.75, 0.5)), HOW, Chance(0))
    np.testing.assert_array_equal(found.malignant, np.full((100, 80), 0.75, np.float32))
    np.testing.assert_array_equal(found.benign, np.full((100, 80), 0.5, np.float32))
    assert found.malignant.dtype == found.benign.dtype == np.float32
    assert PATCH_CLASSES.index("malignant") == 0


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_patches_read_in_batches_are_those_read_one_by_one(batch_size: int) -> None:
    image = standardise_for_patches(textured((90, 70)))
    at = patch_corners((90, 70), HOW, Chance(0))
    classifier = stub(brightness)
    found = patch_probabilities(image, at, classifier, patch_px=32, batch_size=batch_size)
    expected = torch.cat(
        [
            brightness(torch.from_numpy(image[row : row + 32, column : column + 32])[None, None])
            for row, column in at
        ]
    )
    np.testing.assert_array_equal(found, expected)
    assert sum(classifier.asked) == len(at)
    assert max(classifier.asked) == min(batch_size, len(at))


def test_the_networks_own_batches_agree() -> None:
    classifier = small_patch_classifier()
    image = standardise_for_patches(textured((64, 60)))
    at = patch_corners((64, 60), HOW, Chance(0))
    one, many = (
        patch_probabilities(image, at, classifier, patch_px=32, batch_size=n) for n in (1, 4)
    )
    np.testing.assert_allclose(one, many, atol=1e-5)
    np.testing.assert_allclose(many.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("shape", [(20, 90), (90, 20), (20, 10), (32, 32), (33, 31)])
def test_an_axis_shorter_than_a_patch_is_padded_to_one(shape: tuple[int, int]) -> None:
    classifier = stub(always(0.75, 0.5))
    found = make_heatmaps(prepared(textured(shape)), classifier, HOW, Chance(0))
    np.testing.assert_array_equal(found.malignant, np.full(shape, 0.75, np.float32))
    assert sum(classifier.asked) == expected_patches(shape, HOW)


def test_a_short_image_is_padded_with_zeros_below_and_at_the_nipple() -> None:
    seen = []

    def keep(patches: Tensor) -> Tensor:
        seen.append(patches)
        return always(0, 0)(patches)

    pixels = textured((20, 10)) + 1
    make_heatmaps(prepared(pixels), stub(keep), HOW, Chance(0))
    [patches] = seen
    padded = np.pad(pixels, ((0, 12), (0, 22)))
    np.testing.assert_array_equal(patches[0, 0], standardise_for_patches(padded))


def test_the_whole_image_is_standardised_once() -> None:
    """Released pipeline, part 7: no patch by itself."""
    pixels = textured((90, 70))
    pixels[:45] //= 4
    seen: list[Tensor] = []

    def keep(patches: Tensor) -> Tensor:
        seen.extend(patches[:, 0])
        return always(0, 0)(patches)

    make_heatmaps(prepared(pixels), stub(keep), HOW, Chance(0))
    image = standardise_for_patches(pixels)
    at = patch_corners((90, 70), HOW, Chance(0))
    for patch, (row, column) in zip(seen, at, strict=True):
        np.testing.assert_array_equal(patch, image[row : row + 32, column : column + 32])


@pytest.mark.parametrize("facing", ["rightward", "stored"])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("shape", [(100, 80), (20, 90), (90, 20), (33, 31)])
def test_heatmaps_are_made_anew_of_their_grid(
    shape: tuple[int, int], flipped: bool, facing: str
) -> None:
    """Whole, and window by window as a training reads them."""
    how = HeatmapRecipe(patch_px=32, stride_px=28, facing=facing)
    view = prepared(textured(shape), flipped=flipped)
    found = patch_grid(view, stub(brightness), how, Chance(2))
    wanted = make_heatmaps(view, stub(brightness), how, Chance(2))
    assert found.probabilities.shape == (len(found.rows), len(found.columns), 4)
    expanded = heatmaps_of(found, shape)
    box = Box(0, shape[0], 0, shape[1])
    for name in ("benign", "malignant"):
        np.testing.assert_array_equal(getattr(expanded, name), getattr(wanted, name))
        part = overlap_average_within(box, found.rows, found.columns, found.of(name), patch_px=32)
        np.testing.assert_allclose(part, getattr(wanted, name), atol=1e-6)


def test_drawing_a_grid_draws_what_reading_its_patches_draws() -> None:
    """An image that has its heatmaps is passed over, and the next one's strides are the same."""
    for shape in [(100, 80), (20, 90)]:
        chance, other = ReleasedChance(1), ReleasedChance(1)
        read = patch_grid(prepared(textured(shape)), stub(brightness), HOW, chance)
        rows, columns = draw_grid(shape, HOW, other)
        np.testing.assert_array_equal(read.rows, rows)
        np.testing.assert_array_equal(read.columns, columns)
        assert chance.sample(100, 50) == other.sample(100, 50)


def test_progress_counts_every_patch_once() -> None:
    told: list[int] = []
    view = prepared(textured((100, 80)))
    make_heatmaps(view, stub(always(0, 0)), HOW, Chance(0), batch_size=5, on_progress=told.append)
    assert sum(told) == expected_patches((100, 80), HOW) == 4 * 3


@pytest.mark.parametrize("shape", [(100, 70), (40, 20)])
def test_images_read_as_they_are_stored_give_the_mirrored_run_mirrored(
    shape: tuple[int, int],
) -> None:
    """The release's single-image path flips no image (released pipeline, part 7)."""
    pixels, classifier = textured(shape), stub(brightness)
    how = HeatmapRecipe(patch_px=32, stride_px=28, facing="stored")
    found = make_heatmaps(prepared(pixels, flipped=True), classifier, how, Chance(3))
    mirrored = make_heatmaps(prepared(pixels[:, ::-1]), classifier, HOW, Chance(3))
    for name in ("benign", "malignant"):
        np.testing.assert_array_equal(getattr(found, name), getattr(mirrored, name)[:, ::-1])
    turned = make_heatmaps(prepared(pixels, flipped=True), classifier, HOW, Chance(3))
    assert not np.array_equal(turned.malignant, found.malignant)


def test_images_that_face_right_as_stored_are_read_the_same_either_way() -> None:
    view, classifier = prepared(textured((100, 70))), stub(brightness)
    stored = HeatmapRecipe(patch_px=32, stride_px=28, facing="stored")
    one, other = (make_heatmaps(view, classifier, how, Chance(0)) for how in (HOW, stored))
    np.testing.assert_array_equal(one.malignant, other.malignant)


@pytest.mark.parametrize("facing", Facing)
@pytest.mark.parametrize("stored", [False, True])
def test_a_finding_is_shown_on_its_source_pixel(facing: Facing, stored: bool) -> None:
    """From the file's pixels through crop, flip, patches and average back to the file's pixels."""
    row, column = 70, 55 if facing is Facing.RIGHT else 94
    pixels = small_breast(0, facing=facing)
    pixels[row, column] = 40000
    mammogram = Mammogram(pixels, View.L_CC, "x", Grayscale(bits=16), facing=facing)
    view = prepare(mammogram, SMALL)
    how = HeatmapRecipe(patch_px=32, stride_px=8, facing="stored" if stored else "rightward")
    found = make_heatmaps(view, stub(bright), how, Chance(0))
    malignant = over_source(found.malignant, view.placement)
    assert malignant.shape == pixels.shape
    assert malignant[row, column] == 1  # every patch that holds it says so
    surely = np.argwhere(malignant > 0.99)
    assert np.abs(surely - (row, column)).max() < 8  # a stride away, a patch does not hold it
    assert malignant[row, 149 - column] == 0
    assert malignant[:38].max() == malignant[103:].max() == 0
    assert over_source(found.benign, view.placement).max() == 0


def test_the_number_of_patches_is_told_beforehand() -> None:
    for shape in [(1, 1), (32, 32), (33, 60), (61, 200), (173, 106)]:
        padded = max(shape[0], 32), max(shape[1], 32)
        assert expected_patches(shape, HOW) == len(patch_corners(padded, HOW, Chance(0)))
