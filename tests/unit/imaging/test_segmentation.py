from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.errors import ImageError
from fourview.core.views import Facing
from fourview.imaging.opening import largest_opened
from fourview.imaging.segmentation import breast_mask, facing_of

Floats = NDArray[np.float64]
BRIGHT = 3000


def breast(height: int = 2400, width: int = 1800) -> tuple[Floats, NDArray[np.bool_]]:
    """A half-ellipse against the left edge, fading at the skin; and where it is."""
    rows, columns = np.mgrid[0:height, 0:width]
    radius = np.hypot((rows / height - 0.5) / 0.42, columns / (0.7 * width))
    texture = np.random.default_rng(0).normal(size=(height // 8, width // 8))
    texture = cv2.resize(texture, (width, height), interpolation=cv2.INTER_CUBIC)
    inside = radius < 1
    fade = np.minimum(1, (1 - radius) * 8 + 0.1)
    return np.where(inside, fade * (0.7 * BRIGHT + 150 * texture), 0), inside


def stored(values: Floats) -> NDArray[np.uint16]:
    return np.clip(np.round(values), 0, 65535).astype(np.uint16)


def label(image: Floats, *, row: int, column: int, scale: float = 4) -> None:
    ink = np.zeros(image.shape, np.uint8)
    cv2.putText(ink, "R CC 03", (column, row), 0, scale, 1, round(4 * scale))
    image[ink > 0] = BRIGHT


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def released(pixels: NDArray[np.uint16], erosion_px: int = 100) -> NDArray[np.bool_]:
    mask = largest_opened(pixels > 0, erosion_px)
    assert mask is not None
    return mask


@pytest.mark.parametrize("erosion_px", [0, 20, 100])
def test_on_a_background_of_zeros_the_mask_is_the_released_one(erosion_px: int) -> None:
    image, _ = breast()
    label(image, row=300, column=900)
    pixels = stored(image)
    assert np.array_equal(breast_mask(pixels, erosion_px=erosion_px), released(pixels, erosion_px))


def test_a_constant_background_above_zero_changes_nothing() -> None:
    image, _ = breast()
    label(image, row=300, column=900)
    assert np.array_equal(breast_mask(stored(image + 137)), released(stored(image)))


def test_one_dark_pixel_among_thousands_does_not_cost_the_breast() -> None:
    image, inside = breast()
    holes = np.random.default_rng(1).random(image.shape) < 2e-4
    pixels = stored(np.where(holes, 0, image))
    alone = largest_opened(pixels > 0, 100)
    assert alone is None or overlap(alone, inside) < 0.5
    assert overlap(breast_mask(pixels), inside) > 0.95


@pytest.mark.parametrize("facing", list(Facing))
@pytest.mark.parametrize(
    "background",
    ["noise", "level and noise", "gradient across", "gradient down", "film", "white frame"],
)
def test_the_breast_is_found_on_a_background_that_is_not_zero(
    background: str, facing: Facing
) -> None:
    image, inside = breast()
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]] / max(image.shape)
    noise = np.random.default_rng(2).normal(size=image.shape)
    if background == "noise":
        image += np.abs(30 * noise)
    elif background == "level and noise":
        image += 400 + 60 * noise
    elif background == "gradient across":
        image += 100 + 200 * columns + 10 * noise
    elif background == "gradient down":
        image += 100 + 200 * rows + 10 * noise
    elif background == "film":
        image += 150 + 20 * noise
        image[:, 500:520] += 40  # a streak of the digitiser
        image[:, :3] = image[-2:] = BRIGHT  # white lines along two edges
        cv2.rectangle(image, (1500, 0), (1650, 260), float(BRIGHT), -1)  # tape
        label(image, row=2300, column=1000)
    else:
        image += 150 + 20 * noise
        image[:60] = image[-60:] = image[:, -90:] = 1.2 * BRIGHT
    if facing is Facing.LEFT:
        image, inside = image[:, ::-1], inside[:, ::-1]
    mask = breast_mask(stored(image))
    assert mask.shape == image.shape
    assert mask.dtype == np.bool_
    assert overlap(mask, inside) > 0.95
    assert facing_of(mask) is facing


def test_a_label_joined_to_the_breast_by_a_line_is_cut_off() -> None:
    image, inside = breast()
    label(image, row=1200, column=1330)
    image[1180:1190, 1200:1400] = BRIGHT
    assert overlap(breast_mask(stored(image)), inside) > 0.96
    assert overlap(breast_mask(stored(image + 200)), inside) > 0.96


def test_a_small_image_gets_a_small_erosion() -> None:
    image, inside = breast(240, 180)
    assert largest_opened(inside, 100) is None
    assert overlap(breast_mask(stored(image)), inside) > 0.95
    noise = np.random.default_rng(0).normal(size=image.shape)
    assert overlap(breast_mask(stored(image + 300 + 30 * noise)), inside) > 0.9


def test_the_mask_is_one_component() -> None:
    image, _ = breast()
    image += 150 + 40 * np.random.default_rng(3).normal(size=image.shape)
    mask = breast_mask(stored(image))
    n_labels, _ = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    assert n_labels == 2


def test_the_pixels_are_not_changed() -> None:
    pixels = stored(breast(240, 180)[0])
    before = pixels.copy()
    breast_mask(pixels)[:] = True
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        (np.zeros((400, 300)), "every pixel has the value 0"),
        (np.full((400, 300), 137), "every pixel has the value 137"),
        (np.arange(400).reshape(400, 1), "400 × 1 pixels"),
        (np.zeros((0, 0)), "0 × 0 pixels"),
        (np.random.default_rng(0).integers(0, 4096, (600, 500)), "mere noise"),
        (np.random.default_rng(0).poisson(0.2, (600, 500)), "mere noise"),
        (np.random.default_rng(0).normal(900, 40, (20, 20)), "mere noise"),
        (np.pad(np.full((400, 6), 900), ((0, 0), (150, 150))), "no region is thicker than 40"),
    ],
    ids=["black", "constant", "line", "empty", "noise", "specks", "tiny noise", "a stripe"],
)
def test_an_image_without_a_breast_is_refused(pixels: Floats, found: str) -> None:
    with pytest.raises(ImageError, match=found) as refused:
        breast_mask(stored(pixels))
    assert refused.value.hint


def test_a_symmetrical_mask_faces_nowhere() -> None:
    disc = cv2.circle(np.zeros((200, 200), np.uint8), (100, 100), 80, 1, -1).astype(bool)
    assert facing_of(disc) is None
    assert facing_of(np.ones((30, 20), bool)) is None
    assert facing_of(np.zeros((30, 20), bool)) is None


def test_a_mask_away_from_the_edges_faces_where_it_is_narrow() -> None:
    mask = np.pad(breast(240, 180)[1], 40)
    assert facing_of(mask) is Facing.RIGHT
    assert facing_of(mask[:, ::-1]) is Facing.LEFT


def read(path: Path) -> NDArray[np.uint16]:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return np.asarray(image, np.uint16)


def test_a_real_digital_exam_gets_the_released_mask(shared_data: Path) -> None:
    for path in sorted((shared_data / "data/nyu_samples").glob("*/images/*.png")):
        pixels = read(path)
        mask = breast_mask(pixels)
        assert np.array_equal(mask, released(pixels)), path.name
        assert facing_of(mask) is (Facing.LEFT if "R" in path.stem[2:] else Facing.RIGHT)


def test_a_real_digital_image_with_film_noise_keeps_its_breast(shared_data: Path) -> None:
    pixels = read(shared_data / "data/nyu_samples/gmic_exam0/images/0_L-MLO.png")
    noise = np.random.default_rng(0).normal(size=pixels.shape)
    mask = breast_mask(stored(pixels + 150 + 60 * noise))
    assert overlap(mask, released(pixels)) > 0.98


def test_films_get_a_breast_facing_as_their_side_tells(shared_data: Path) -> None:
    """Every tenth film of mini-MIAS; all of them are hung by their side."""
    folder = shared_data / "data/mini_mias"
    rows = list(csv.DictReader((folder / "manifest.csv").read_text().splitlines()))[::10]
    for row in rows:
        mask = breast_mask(read(folder / "images" / row["image"]))
        expected = Facing.RIGHT if row["laterality"] == "L" else Facing.LEFT
        assert facing_of(mask) is expected, row["image"]
        assert 0.1 < mask.mean() < 0.75, row["image"]


def test_lesions_on_films_lie_in_the_breast(shared_data: Path) -> None:
    """Every fifth lesion; mdb212's is annotated outside the breast, on the bare film."""
    folder = shared_data / "data/mini_mias"
    text = (folder / "lesions.csv").read_text()
    rows = [row for row in csv.DictReader(text.splitlines()) if row["x"]]
    for row in [row for row in rows if row["image"] != "mdb212.png"][::5]:
        mask = breast_mask(read(folder / "images" / row["image"]))
        assert mask[int(float(row["y_top_left"])), int(float(row["x"]))], row["image"]
