"""Numbers that the released pipeline gave, for the arithmetic before any network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fourview.core.chance import ReleasedChance
from fourview.core.errors import ImageError
from fourview.core.geometry import Box
from fourview.core.recipe import RELEASED
from fourview.core.views import Facing
from fourview.imaging.breast import BreastCrop, crop_around, released_mask
from fourview.imaging.intensity import standardise
from fourview.imaging.tiling import corners, grid, overlap_average, strides
from fourview.imaging.window import PlacedWindow, cut, optimal_center, place

CASES = Path(__file__).parent / "cases"


def test_crop_cases_are_the_releases() -> None:
    """Released pipeline, part 3: window, rightmost and bottommost points, distance."""
    images = np.load(CASES / "cases_crop_images.npz")
    cases = json.loads((CASES / "cases_crop.json").read_text())
    assert len(cases) == 60
    for case in cases:
        pixels = images[f"i{case['i']}"]
        if "error" in case:
            with pytest.raises(ImageError):
                _crop(pixels, case)
            continue
        crop = _crop(pixels, case)
        box = crop.box
        found = [
            [box.top, box.bottom, box.left, box.right],
            [list(crop.rightmost[0]), crop.rightmost[1]],
            [crop.bottommost[0], list(crop.bottommost[1])],
            crop.distance_from_starting_side,
        ]
        assert found == case["result"], case["i"]


def _crop(pixels: np.ndarray, case: dict) -> BreastCrop:
    mask = released_mask(pixels, erosion_px=case["iterations"])
    return crop_around(mask, Facing(case["mode"]), buffer_px=case["buffer"], released=True)


def test_optimal_center_cases_are_the_releases() -> None:
    """Released pipeline, part 5."""
    images = np.load(CASES / "cases_centre_images.npz")
    cases = json.loads((CASES / "cases_centre.json").read_text())
    assert len(cases) == 100
    for case in cases:
        crop = BreastCrop(
            box=Box(0, 0, 0, 0),
            rightmost=((0, 0), case["rightmost_x"]),
            bottommost=(case["bottommost_y"], (0, 0)),
            distance_from_starting_side=0,
        )
        found = optimal_center(
            images[f"i{case['i']}"] > 0, case["kind"], crop, tuple(case["window"])
        )
        assert list(found) == case["best_center"], case["i"]


def test_window_cases_are_the_releases() -> None:
    """Released pipeline, part 6: borders after location and size noise, and the draws used up."""
    cases = json.loads((CASES / "cases_window.json").read_text())
    assert len(cases) == 120
    for case in cases:
        position = case["view"][2:]
        draws = ReleasedChance(case["seed"])
        placed = place(
            tuple(case["image"]),
            position,
            tuple(case["center"]),
            RELEASED.window.shape(position),
            draws,
            location_noise_px=tuple(case["max_crop_noise"]),
            size_noise_px=case["max_crop_size_noise"],
        )
        assert list(placed.padded_shape) == case["padded"]
        assert placed.located == Box(*case["location_borders"])
        assert placed.box == Box(*case["borders"])
        next_uniform = (draws.noise(1)[0] + 1) / 2  # the case holds a draw from [0, 1)
        assert next_uniform == pytest.approx(case["next_uniform"], abs=1e-15)


def test_stride_cases_are_the_releases() -> None:
    """SI, Algorithm 1; which steps are the shorter is drawn as the release draws it."""
    cases = json.loads((CASES / "cases_strides.json").read_text())
    assert len(cases) == 44
    for case in cases:
        assert strides(case["size"], ReleasedChance(case["seed"])) == case["strides"], case


def test_overlap_average_is_the_releases(parity: Path) -> None:
    """Patch order (down a column strip, then the next) and the average of what overlaps."""
    case = np.load(parity / "cases_assemble.npz")
    rows, columns = (np.cumsum([0, *case[name]]) for name in ("row_strides", "col_strides"))
    at = corners(rows, columns)
    image, patch = case["image"], case["patches"].shape[1]
    patches = np.stack([image[r : r + patch, c : c + patch] for r, c in at])
    np.testing.assert_array_equal(patches, case["patches"])
    for column, name in enumerate(["malignant", "benign"]):
        found = overlap_average(image.shape, at, case["prob"][:, column], patch_px=patch)
        np.testing.assert_allclose(found, case[name], atol=1e-6)


def test_bicubic_resize_and_standardisation_are_the_releases(parity: Path) -> None:
    """Released pipeline, part 6, steps 7 and 8."""
    case = np.load(parity / "cases_resize.npz")
    for name in ("r70x50", "r60x47", "r64x40", "r33x29", "r1c"):
        wanted = case[name]
        source = case["src"][..., : wanted.shape[2]]
        whole = Box(0, source.shape[0], 0, source.shape[1])
        placed = PlacedWindow(0, 0, 0, whole, whole, wanted.shape[:2], source.shape[:2])
        np.testing.assert_allclose(cut(source, placed), wanted, atol=1e-5)
    for name in ("std", "std_const"):
        np.testing.assert_allclose(standardise(case[f"{name}_in"]), case[f"{name}_out"], atol=1e-5)


def test_strides_of_a_real_exam_are_the_releases(parity: Path) -> None:
    """The draws go on from image to image, rows before columns."""
    [exam] = json.loads((parity / "A_strides.json").read_text())
    draws = ReleasedChance(0)
    for case in exam["cases"]:
        rows, columns = grid(tuple(case["shape"]), draws)
        assert np.diff(rows).tolist() == case["row_strides"]
        assert np.diff(columns).tolist() == case["col_strides"]
        assert len(corners(rows, columns)) == case["n"]
