"""Patches from a store: their classes, their pixels, their chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import TrainingError
from fourview.core.recipe import Recipe
from fourview.core.train_recipe import PatchSection
from fourview.core.views import View
from fourview.imaging.intensity import standardise_for_patches
from fourview.imaging.lesion_patches import cut_patch, is_inside, patch_class, touched
from fourview.training.patch_data import read_patch_data
from fourview.training.patch_images import NegativeImage, PatchImages, SegmentedImage
from fourview.training.patch_sampling import PatchKind, PatchSource, standardised_by
from support.patch_sets import IMAGES, write_patch_set
from support.stores import write_store

CLASSES = ("malignant", "benign", "outside", "negative")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> PatchSource:
    data = write_patch_set(tmp_path_factory.mktemp("set"))
    found = read_patch_data(data.store, data.findings, data.masks, data.labels, data.splits)
    return PatchSource(found.training, PatchKind.of(PatchSection(), IMAGES), seed=0)


def test_sizes_are_the_papers_times_the_scale() -> None:
    assert PatchKind.of(PatchSection(), Recipe()) == PatchKind((128, 384), 30, 256)
    assert PatchKind.of(PatchSection(), Recipe(scale=0.25)) == PatchKind((32, 96), 30, 64)
    assert PatchKind.of(PatchSection(), IMAGES) == PatchKind((16, 48), 30, 32)
    assert PatchKind.of(PatchSection(least_marked=0.5), IMAGES).least_marked == 0.5


@pytest.mark.parametrize("wanted", CLASSES)
def test_every_patch_is_of_its_class(source: PatchSource, wanted: str) -> None:
    exams = set()
    for number in range(30):
        found, pixels = source.read(0, wanted, number)
        assert is_inside(found.patch, found.view.shape)
        marks = found.image.marks if isinstance(found.image, SegmentedImage) else None
        colours = touched(found.patch, marks)
        assert patch_class(colours, segmented=marks is not None) == wanted
        assert pixels.shape == (32, 32)
        assert pixels.dtype == np.float32
        exams.add(found.view.exam)
    assert (
        exams
        == {
            "malignant": {"mal"},
            "benign": {"ben", "yellow"},
            "outside": {"mal", "ben", "yellow"},
            "negative": {"neg1", "neg2"},
        }[wanted]
    )


def test_pixels_are_those_of_the_whole_image_standardised_as_for_heatmaps(
    source: PatchSource,
) -> None:
    for wanted in CLASSES:
        found, pixels = source.read(3, wanted, 1)
        whole = standardise_for_patches(found.view.pixels())
        box = found.patch.surroundings(found.view.shape)
        part = standardised_by(found.view.window(box), found.view)
        assert np.array_equal(part, whole[box.slices])
        assert np.allclose(pixels, cut_patch(whole, found.patch, output_px=32), atol=1e-3)


def test_a_patch_depends_on_seed_epoch_class_and_number_alone(source: PatchSource) -> None:
    first = source.draw(2, "outside", 7).patch
    for number in range(5):
        source.draw(2, "outside", number)
    assert source.draw(2, "outside", 7).patch == first
    others = [
        source.draw(1, "outside", 7),
        source.draw(2, "outside", 6),
        PatchSource(source.images, source.kind, seed=1).draw(2, "outside", 7),
    ]
    assert first not in [one.patch for one in others]


def test_a_patch_is_read_again_as_it_was(source: PatchSource) -> None:
    found, pixels = source.read(0, "benign", 0)
    assert np.array_equal(source.read_again(found), pixels)


def test_images_are_drawn_as_often_as_each_other(source: PatchSource) -> None:
    seen = [source.draw(0, "outside", n).view for n in range(240)]
    counts = [
        sum((v.exam, v.image) == (one.view.exam, one.view.image) for v in seen)
        for one in source.images.segmented
    ]
    assert sum(counts) == 240
    assert max(abs(count - 40) for count in counts) < 25  # over four standard deviations


def test_where_no_image_is_large_enough_it_is_told(source: PatchSource) -> None:
    large = PatchSource(source.images, PatchKind((200, 300), 30, 32), seed=0)
    with pytest.raises(TrainingError, match="no negative patch was found in 100 draws of 8 images"):
        large.draw(0, "negative", 0)


def test_an_image_that_holds_no_patch_gives_way_to_another(source: PatchSource) -> None:
    kind = PatchKind((81, 82), 0, 32)  # only the later views are wide enough
    negative = tuple(
        one for one in source.images.negative if one.exam == "neg1" and one.image[-2:] == "CC"
    )
    images = PatchImages(source.images.store, (), negative)
    widths = {source.images.view(one).shape[1] for one in negative}
    assert min(widths) < 81 <= max(widths)
    found = [PatchSource(images, kind, seed=0).draw(0, "negative", n) for n in range(5)]
    assert {one.view.image for one in found} == {"R-CC"}


def test_background_that_is_not_0_is_known_by_the_image_s_mean(tmp_path: Path) -> None:
    """The corners beside the breast have one value, as some machines write it there."""
    store = write_store(tmp_path, ["one"], recipe=IMAGES, background=40)
    negative = tuple(
        NegativeImage("one", view.value, pixels=1) for view in View if view.position == "CC"
    )
    source = PatchSource(PatchImages(store, (), negative), PatchKind((8, 10), 30, 32), seed=0)
    for number in range(100):
        _, pixels = source.read(0, "negative", number)
        assert pixels.min() < pixels.max(), number
