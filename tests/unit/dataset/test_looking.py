"""What is seen of one image: boxes in the source image's pixels, grey values, faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fourview.core.records import ImageRecord
from fourview.core.views import Facing, Finding, View
from fourview.dataset.describing.grey_values import grey_values
from fourview.dataset.describing.looking import ImageToLook, LookedAt, look_at
from fourview.io.masks import write_mask
from fourview.report.dataset_contents import SheetImage
from support.small_exams import SHAPE, SMALL, small_breast


def looked(
    folder: Path, pixels: Any, *, masks: tuple[Path, ...] = (), view: View | None = View.L_CC
) -> LookedAt:
    path = folder / "a.png"
    assert cv2.imwrite(str(path), pixels)
    return look_at(ImageToLook(ImageRecord(exam="1", path="a.png", view=view), path, SMALL, masks))


def test_the_crop_holds_the_breast_and_touches_the_chest_wall(tmp_path: Path) -> None:
    pixels = small_breast(1)
    shown = looked(tmp_path, pixels).shown
    assert shown.crop
    assert shown.center
    assert shown.window
    top, bottom, left, right = shown.crop
    rows, columns = np.nonzero(pixels)
    assert left == 0
    assert right > columns.max() - 3
    assert top <= rows.min() + 3
    assert bottom >= rows.max() - 3
    assert (shown.window[1] - shown.window[0], shown.window[3] - shown.window[2]) == SMALL.window.cc
    assert (shown.rows, shown.columns) == SHAPE


def test_boxes_of_a_mirrored_image_are_mirrored(tmp_path: Path) -> None:
    right = looked(tmp_path, small_breast(1)).shown
    left = looked(tmp_path, small_breast(1, facing=Facing.LEFT)).shown
    for one, other in ((right.crop, left.crop), (right.window, left.window)):
        assert one
        assert other
        assert other == (one[0], one[1], SHAPE[1] - one[3], SHAPE[1] - one[2])
    assert right.center
    assert left.center == (right.center[0], SHAPE[1] - right.center[1])


def test_the_small_picture_shows_all_of_the_image(tmp_path: Path) -> None:
    big = cv2.resize(small_breast(1), (600, 800), interpolation=cv2.INTER_NEAREST)
    jpeg = looked(tmp_path, big).shown.jpeg
    assert jpeg
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (260, 195)
    assert picture[100:160, :60].mean() > 60 > picture[5, 190]


def test_masks_are_boxes_and_one_of_another_size_is_warned_of(tmp_path: Path) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[50:60, 20:40] = 1
    mask[90:95, 30:33] = 3
    write_mask(tmp_path / "right.png", mask)
    write_mask(tmp_path / "wrong.png", mask[:-1])
    masks = tuple(tmp_path / name for name in ("right.png", "wrong.png", "none.png"))
    shown = looked(tmp_path, small_breast(1), masks=masks).shown
    assert shown.marks == (
        (Finding.MALIGNANT, (50, 60, 20, 40)),
        (Finding.BENIGN, (90, 95, 30, 33)),
    )
    assert "mask wrong.png is (199, 150); its image is (200, 150)" in shown.warnings
    assert any("none.png" in warning for warning in shown.warnings)


def test_what_fails_is_told_and_what_can_be_seen_is_shown(tmp_path: Path) -> None:
    black = looked(tmp_path, np.zeros(SHAPE, np.uint16))
    assert black.shown.problem.startswith("no breast was found")
    assert black.shown.jpeg
    assert black.shown.crop is None
    assert looked(tmp_path, small_breast(1), view=None).shown.problem == "its view is not told"
    path = tmp_path / "none.png"
    none = look_at(ImageToLook(ImageRecord(exam="1", path=str(path), view=View.L_CC), path, SMALL))
    assert none.shown.problem == "cannot be read: No such file or directory"
    assert none.shown.name == "none.png"
    assert none.histogram.size == 0


def test_histograms_leave_out_backgrounds_and_nothing_else(tmp_path: Path) -> None:
    pixels = np.full((10, 10), 7, np.uint16)
    pixels[0, :4] = 100
    pixels[1, :4] = 300
    (grey,) = grey_values(
        [("A", looked(tmp_path, pixels)), ("A", LookedAt(SheetImage(name="x", problem="not read")))]
    )
    assert (grey.name, grey.images, grey.background_values) == ("A", 1, (7, 7))
    assert grey.background == pytest.approx(0.92)
    assert dict(grey.percentiles) == {"p1": 100, "p50": 100, "p99": 300, "highest": 300}
    assert sum(grey.parts) == pytest.approx(1)
    width = -(-301 // 128)
    assert {n for n, part in enumerate(grey.parts) if part} == {100 // width, 300 // width}
