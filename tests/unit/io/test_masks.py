"""fourview's own masks: written, read back, and nothing else taken for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from fourview.core.errors import ImageError
from fourview.core.records import Pathology
from fourview.io.masks import PALETTE, VALUES, merged, read_mask, write_mask


def mask() -> np.ndarray:
    values = np.zeros((20, 30), np.uint8)
    values[2:5, 3:9], values[7:9, 1:4], values[12:19, 20:29] = 1, 2, 3
    return values


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_mask(tmp_path / "a" / "mask.png", mask())
    assert np.array_equal(read_mask(tmp_path / "a" / "mask.png"), mask())


def test_a_mask_without_marks_is_read(tmp_path: Path) -> None:
    write_mask(tmp_path / "mask.png", np.zeros((4, 5), np.uint8))
    assert read_mask(tmp_path / "mask.png").sum() == 0


def test_the_colours_are_those_of_the_paper() -> None:
    assert [PALETTE[VALUES[name]] for name in Pathology] == [
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
    ]


@pytest.mark.parametrize("kind", ["grey", "colour", "other palette", "value 4", "tiff"])
def test_another_picture_is_no_mask(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mask.png"
    image = Image.fromarray(mask() if kind != "value 4" else mask() + 1)
    if kind == "colour":
        image = image.convert("RGB")
    elif kind == "other palette":
        image.putpalette([value for colour in PALETTE[::-1] for value in colour])
    elif kind in ("value 4", "tiff"):
        image.putpalette([value for colour in (*PALETTE, (0, 0, 9)) for value in colour])
    image.save(path, format="TIFF" if kind == "tiff" else "PNG")
    with pytest.raises(ImageError, match="not a mask of fourview's"):
        read_mask(path)


@pytest.mark.parametrize("part", [0.2, 0.6, 0.9])
def test_a_mask_that_is_cut_off_is_refused(tmp_path: Path, part: float) -> None:
    path = tmp_path / "mask.png"
    noise = np.random.default_rng(0).integers(0, 4, (50, 60)).astype(np.uint8)
    write_mask(path, noise)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(ImageError, match=r"damaged or cut off|not a picture"):
        read_mask(path)


def test_a_mask_that_is_cut_off_is_refused_though_pillow_was_told_to_fill_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    path = tmp_path / "mask.png"
    noise = np.random.default_rng(0).integers(0, 4, (200, 200), dtype=np.uint8)
    write_mask(path, noise)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ImageError, match="cut off"):
        read_mask(path)


def test_a_mask_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        read_mask(tmp_path / "mask.png")


def test_malignant_hides_high_risk_hides_benign_where_they_overlap() -> None:
    row = np.ones((1, 4), bool)
    areas = [
        (Pathology.MALIGNANT, row & [True, False, False, False]),
        (Pathology.BENIGN, row & [True, True, True, False]),
        (Pathology.HIGH_RISK, row & [False, True, False, False]),
    ]
    for order in (areas, areas[::-1]):
        values, claimed_twice = merged((1, 4), order)
        assert values.tolist() == [[1, 3, 2, 0]]
        assert claimed_twice == 2
