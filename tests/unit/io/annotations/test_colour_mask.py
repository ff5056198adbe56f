"""Masks as others draw them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fourview.core.errors import ImageError
from fourview.core.records import Pathology
from fourview.io.annotations.colour_mask import read_colour_mask
from fourview.io.masks import write_mask

COLOURS = {
    Pathology.MALIGNANT: (255, 0, 0),
    Pathology.BENIGN: (0, 255, 0),
    Pathology.HIGH_RISK: (255, 255, 0),
}
SHAPE = (60, 80)
AREAS = {
    Pathology.MALIGNANT: (slice(5, 20), slice(5, 25)),
    Pathology.BENIGN: (slice(30, 50), slice(10, 30)),
    Pathology.HIGH_RISK: (slice(10, 40), slice(50, 70)),
}


def area(name: Pathology) -> NDArray[np.bool_]:
    found = np.zeros(SHAPE, bool)
    found[AREAS[name]] = True
    return found


def drawn(background: NDArray[Any] | None = None, *, alpha: float = 1.0) -> NDArray[np.uint8]:
    grey = np.zeros(SHAPE) if background is None else background
    colour = np.repeat(grey[..., None], 3, axis=2).astype(float)
    for name, place in AREAS.items():
        colour[place] = (1 - alpha) * colour[place] + alpha * np.array(COLOURS[name])
    return np.rint(colour).astype(np.uint8)


def breast() -> NDArray[np.float64]:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.clip(230 - 3 * np.hypot(rows - 30, columns), 0, 255)


def saved(tmp_path: Path, pixels: NDArray[Any], extension: str = "png", **options: Any) -> Path:
    path = tmp_path / f"mask.{extension}"
    Image.fromarray(pixels).save(path, **options)
    return path


def assert_marks_all(found: dict[Pathology, NDArray[np.bool_]]) -> None:
    assert set(found) == set(Pathology)
    for name in Pathology:
        assert np.array_equal(found[name], area(name)), name


@pytest.mark.parametrize("extension", ["png", "tiff"])
@pytest.mark.parametrize("ground", ["black", "white", "breast"])
@pytest.mark.parametrize("alpha", [1.0, 0.4])
def test_colours_are_found_on_black_on_white_and_on_the_image(
    tmp_path: Path, extension: str, ground: str, alpha: float
) -> None:
    grounds = {"black": np.zeros(SHAPE), "white": np.full(SHAPE, 255), "breast": breast()}
    path = saved(tmp_path, drawn(grounds[ground], alpha=alpha), extension)
    assert_marks_all(read_colour_mask(path, None))


def test_a_palette_of_any_order_is_read_by_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    image = Image.fromarray(drawn()).convert("P", palette=Image.Palette.ADAPTIVE)
    assert image.getpalette()[:3] != [0, 0, 0]
    image.save(path)
    assert_marks_all(read_colour_mask(path, None))


def test_our_own_mask_is_read(tmp_path: Path) -> None:
    values = sum(value * area(name) for value, name in enumerate(AREAS, start=1))
    write_mask(tmp_path / "mask.png", values.astype(np.uint8))
    found = read_colour_mask(tmp_path / "mask.png", None)
    assert {name: int(found[name].sum()) for name in found} == {
        name: int((values == value).sum())
        for name, value in zip(
            (Pathology.MALIGNANT, Pathology.BENIGN, Pathology.HIGH_RISK), (1, 2, 3), strict=True
        )
    }


def test_what_is_transparent_is_not_marked(tmp_path: Path) -> None:
    everywhere = np.full((*SHAPE, 4), (255, 0, 0, 0), np.uint8)
    everywhere[area(Pathology.MALIGNANT), 3] = 130
    found = read_colour_mask(saved(tmp_path, everywhere), None)
    assert list(found) == [Pathology.MALIGNANT]
    assert np.array_equal(found[Pathology.MALIGNANT], area(Pathology.MALIGNANT))


def test_smoothed_edges_move_no_border_by_more_than_a_pixel(tmp_path: Path) -> None:
    fine = Image.fromarray(drawn()).resize((SHAPE[1] * 4 + 3, SHAPE[0] * 4 + 1))
    smooth = fine.resize(SHAPE[::-1], Image.Resampling.BILINEAR)
    found = read_colour_mask(saved(tmp_path, np.asarray(smooth)), None)
    assert set(found) == set(Pathology)
    for name in Pathology:
        assert (found[name] ^ area(name)).sum() < 110
        top, left = (part.start for part in AREAS[name])
        assert not found[name][: top - 1].any()
        assert not found[name][:, : left - 1].any()


def test_the_noise_of_jpeg_is_seen_through(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.fromarray(drawn(breast())).save(data, format="JPEG", quality=85)
    found = read_colour_mask(saved(tmp_path, np.asarray(Image.open(data))), None)
    assert set(found) == set(Pathology)
    for name in Pathology:
        assert (found[name] ^ area(name)).sum() < 0.2 * area(name).sum()


def test_red_that_touches_green_makes_no_yellow(tmp_path: Path) -> None:
    colour = np.zeros((*SHAPE, 3), np.uint8)
    colour[10:50, 10:40], colour[10:50, 40:70] = (255, 0, 0), (0, 255, 0)
    smooth = np.asarray(Image.fromarray(colour).resize((73, 57), Image.Resampling.BICUBIC))
    assert set(read_colour_mask(saved(tmp_path, smooth), None)) == {
        Pathology.MALIGNANT,
        Pathology.BENIGN,
    }


@pytest.mark.parametrize("colour", [(0, 0, 255), (255, 0, 255), (0, 255, 255), (255, 140, 0)])
def test_another_colour_is_named_with_its_place(
    tmp_path: Path, colour: tuple[int, int, int]
) -> None:
    pixels = drawn()
    pixels[52:56, 40:46] = colour
    named = ",".join(map(str, colour))
    with pytest.raises(ImageError) as refused:
        read_colour_mask(saved(tmp_path, pixels), None)
    assert f"the colour ({named}) at row 52, column 40" in refused.value.problem
    assert "24 such pixels" in refused.value.problem
    assert "malignant in red" in refused.value.hint


def test_a_pale_mark_beside_a_full_one_is_refused(tmp_path: Path) -> None:
    pixels = drawn()
    pixels[52:56, 40:46] = (100, 0, 0)
    with pytest.raises(ImageError, match="too pale"):
        read_colour_mask(saved(tmp_path, pixels), None)


def test_grey_values_are_classes(tmp_path: Path) -> None:
    pixels = np.zeros(SHAPE, np.uint8)
    for value, name in ((1, Pathology.MALIGNANT), (2, Pathology.BENIGN), (3, Pathology.HIGH_RISK)):
        pixels[AREAS[name]] = value
    assert_marks_all(read_colour_mask(saved(tmp_path, pixels), None))


@pytest.mark.parametrize("white", [1, 255, 65535, True])
def test_black_and_white_takes_the_class_that_is_told(tmp_path: Path, white: int) -> None:
    marked = area(Pathology.BENIGN)
    pixels = (
        marked if white is True else marked * np.array(white, np.uint16 if white > 255 else "u1")
    )
    path = saved(tmp_path, pixels)
    found = read_colour_mask(path, Pathology.BENIGN)
    assert list(found) == [Pathology.BENIGN]
    assert np.array_equal(found[Pathology.BENIGN], marked)
    with pytest.raises(ImageError, match="tells no class") as refused:
        read_colour_mask(path, None)
    assert "exam,view,class,mask" in refused.value.hint


def test_a_mammogram_is_no_mask(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="grey values") as refused:
        read_colour_mask(saved(tmp_path, breast().astype(np.uint8)), Pathology.BENIGN)
    assert "mammogram" in refused.value.hint


def test_a_mask_without_marks_gives_no_areas(tmp_path: Path) -> None:
    for pixels in (np.zeros(SHAPE, np.uint8), np.zeros((*SHAPE, 3), np.uint8)):
        assert read_colour_mask(saved(tmp_path, pixels), None) == {}


def test_a_truncated_mask_and_a_text_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*SHAPE, 3)).astype(np.uint8)
    path = saved(tmp_path, noise)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ImageError, match="damaged or cut off"):
        read_colour_mask(path, None)
    path.write_text("no picture")
    with pytest.raises(ImageError, match="not a picture"):
        read_colour_mask(path, None)


def test_several_images_in_one_file_are_refused(tmp_path: Path) -> None:
    one = Image.fromarray(drawn())
    one.save(tmp_path / "mask.tiff", save_all=True, append_images=[one])
    with pytest.raises(ImageError, match="several images"):
        read_colour_mask(tmp_path / "mask.tiff", None)
