"""Figure S18: sampled patches beside their images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.core.train_recipe import PatchSection
from fourview.imaging.marks import Marks
from fourview.training.patch_data import read_patch_data
from fourview.training.patch_montage import montage_patch, outlines, write_patch_montage
from fourview.training.patch_sampling import PatchKind, PatchSource
from support.patch_sets import IMAGES, write_patch_set


@pytest.fixture
def source(tmp_path: Path) -> PatchSource:
    data = write_patch_set(tmp_path)
    found = read_patch_data(data.store, data.findings, data.masks, data.labels, data.splits)
    return PatchSource(found.training, PatchKind.of(PatchSection(), IMAGES), seed=0)


def test_a_montage_is_a_picture_with_squares_and_outlines(
    source: PatchSource, tmp_path: Path
) -> None:
    write_patch_montage(tmp_path / "montage.png", source, each=2)
    picture = cv2.imread(str(tmp_path / "montage.png"))
    assert picture is not None
    red = (picture[..., 2] > 200) & (picture[..., 1] < 80) & (picture[..., 0] < 80)
    green = (picture[..., 1] > 180) & (picture[..., 2] < 80) & (picture[..., 0] < 80)
    blue = (picture[..., 0] > 200) & (picture[..., 2] < 90)
    assert min(int(red.sum()), int(green.sum()), int(blue.sum())) > 50


def test_the_same_draws_make_the_same_bytes(source: PatchSource, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_patch_montage(tmp_path / name, source, each=1)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_montage_s_patch_knows_its_image_and_what_is_marked_there(source: PatchSource) -> None:
    one = montage_patch(source, 0, "malignant", 0)
    found = source.draw(0, "malignant", 0)
    assert one.image.shape == found.view.shape
    assert list(one.outlines) == ["malignant"]
    assert montage_patch(source, 0, "negative", 0).outlines == {}


def test_outlines_run_along_the_marks() -> None:
    mask = np.zeros((90, 80), np.uint8)
    mask[40:50, 30:45] = 3
    (line,) = outlines(Marks.of(mask))["high_risk_benign"]
    assert line.min(axis=0).tolist() == [40, 30]
    assert line.max(axis=0).tolist() == [49, 44]
