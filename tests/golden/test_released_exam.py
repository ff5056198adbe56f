"""A real exam through the public functions: numbers that the released pipeline gave.

The weights are random ones in the released format; the exam is `gmic_exam0`. Tolerances are those
that thread count, batch size and memory format need.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from fourview.core.chance import ReleasedChance, draws_by_view
from fourview.core.exam import Exam, Heatmaps, Mammogram
from fourview.core.prediction import mean_by_label
from fourview.core.recipe import RELEASED
from fourview.core.views import Facing, FourViews, Label, View
from fourview.imaging.breast import crop_around, released_mask
from fourview.imaging.intensity import standardise_for_patches
from fourview.imaging.tiling import overlap_average
from fourview.inference.heatmaps import patch_corners, patch_probabilities
from fourview.inference.networks import BreastReader, breast_reader, patch_classifier
from fourview.inference.predict import (
    ViewInput,
    channels,
    network_input,
    place_window,
    predict,
    run,
)
from fourview.inference.prepare import prepare
from fourview.io.checkpoint import read_weights
from fourview.io.png import read_png
from fourview.weights import import_weights

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def weights(parity: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the imported weights."""
    folder = tmp_path_factory.mktemp("weights")
    import_weights(sorted((parity / "weights").glob("*.p")), folder)
    return folder


@pytest.fixture(scope="module")
def exam(shared_data: Path) -> Exam:
    folder = shared_data / "data" / "nyu_samples" / "gmic_exam0" / "images"
    images = FourViews.build(lambda view: (read_png(folder / f"0_{view.value}.png", view),))
    return Exam("0", images)


def reader(weights: Path, name: str) -> BreastReader:
    return breast_reader(*read_weights(weights / f"{name}.safetensors"), CPU)


def strided(parity: Path) -> Iterator[tuple[View, np.ndarray, tuple[int, int]]]:
    """Each view of the exam with its patches' corners, as drawn one image after another."""
    [cases] = json.loads((parity / "A_strides.json").read_text())
    draws = ReleasedChance(0)
    for case in cases["cases"]:
        shape = tuple(case["shape"])
        yield View(case["view"]), patch_corners(shape, RELEASED.heatmaps, draws), shape


@pytest.fixture(scope="module")
def heatmaps(parity: Path) -> FourViews[Heatmaps]:
    """The exam's heatmaps from the released patch probabilities, facing rightward."""
    given = np.load(parity / "A_patch_probs.npz")
    made = {}
    for view, at, shape in strided(parity):
        malignant, benign = given[f"0_{view.value}"].T[:2]
        made[view] = Heatmaps(
            benign=overlap_average(shape, at, benign),
            malignant=overlap_average(shape, at, malignant),
        )
    return FourViews.build(made.__getitem__)


@pytest.mark.parametrize("which", ["as stored", "mirrored"])
def test_crops_and_centres_of_a_real_exam_are_the_releases(
    exam: Exam, parity: Path, which: str
) -> None:
    """Exam A (horizontal_flip NO), and C: A mirrored (YES), whose points differ by one."""
    [a, c] = json.loads((parity / "crop_and_centres.json").read_text())[:2]
    for case in (a if which == "as stored" else c)["images"]:
        view = View(case["view"])
        [mammogram] = exam.views.of(view)
        if which == "mirrored":
            mammogram = mirrored(mammogram)
        mask = released_mask(mammogram.pixels, erosion_px=RELEASED.crop.erosion_px)
        facing = Facing.RIGHT if (view.value[0] == "L") != (which == "mirrored") else Facing.LEFT
        crop = crop_around(mask, facing, buffer_px=RELEASED.crop.buffer_px, released=True)
        box = crop.box
        assert [box.top, box.bottom, box.left, box.right] == case["window_location"]
        assert [list(crop.rightmost[0]), crop.rightmost[1]] == case["rightmost_points"]
        assert [crop.bottommost[0], list(crop.bottommost[1])] == case["bottommost_points"]
        assert crop.distance_from_starting_side == case["distance_from_starting_side"]
        prepared = prepare(mammogram, RELEASED)  # finds the facing in the pixels
        assert list(prepared.optimal_center) == case["best_center"]
        assert prepared.placement.flipped == (facing is Facing.LEFT)


def mirrored(mammogram: Mammogram) -> Mammogram:
    pixels = np.ascontiguousarray(mammogram.pixels[:, ::-1])
    return Mammogram(pixels, mammogram.view, mammogram.source, mammogram.grayscale)


def test_standardised_patches_are_the_releases(exam: Exam, parity: Path) -> None:
    """The sum of every patch: 1e-6 relative + 0.07 absolute."""
    [cases] = json.loads((parity / "A_strides.json").read_text())
    sums = {View(case["view"]): case["patch_sums_float64"] for case in cases["cases"]}
    for view, at, _ in strided(parity):
        prepared = prepare(exam.views.of(view)[0], RELEASED)
        image = standardise_for_patches(prepared.pixels).astype(np.float64)
        found = [image[row : row + 256, column : column + 256].sum() for row, column in at]
        np.testing.assert_allclose(found, sums[view], rtol=1e-6, atol=0.07)


def test_patch_probabilities_of_a_real_exam_are_the_releases(
    exam: Exam, parity: Path, weights: Path
) -> None:
    """A sample of the patches of each view; the whole exam is read in the end-to-end tests."""
    classifier = patch_classifier(*read_weights(weights / "sample_patch_model.safetensors"), CPU)
    given = np.load(parity / "A_patch_probs.npz")
    for view, at, _ in strided(parity):
        some = slice(view.value.count("R"), None, 50)
        prepared = prepare(exam.views.of(view)[0], RELEASED)
        found = patch_probabilities(
            standardise_for_patches(prepared.pixels),
            at[some],
            classifier,
            patch_px=256,
            batch_size=4,
        )
        np.testing.assert_allclose(found, given[f"0_{view.value}"][some], atol=1e-5)


def test_heatmaps_of_a_real_exam_are_the_releases(
    heatmaps: FourViews[Heatmaps], parity: Path
) -> None:
    """In storage orientation, to float16; and the float32 statistics."""
    given = np.load(parity / "A_heatmaps_f16.npz")
    statistics = json.loads((parity / "A_heatmaps.json").read_text())
    for case in statistics:
        view = View(case["view"])
        found = getattr(heatmaps.of(view), case["kind"])
        stored = found[:, ::-1] if view.value[0] == "R" else found
        np.testing.assert_allclose(stored, given[f"{view.value}_{case['kind']}"], atol=1e-3)
        assert found.mean(dtype=np.float64) == pytest.approx(case["mean"], abs=1e-6)
        assert found.max() == pytest.approx(case["max"], abs=1e-6)
        for place, value in case["samples"].items():
            row, column = map(int, place.split(","))
            assert stored[row, column] == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("inputs", ["image_only", "image_and_heatmaps"])
def test_each_step_without_jitter_is_the_releases(
    exam: Exam, heatmaps: FourViews[Heatmaps], parity: Path, weights: Path, inputs: str
) -> None:
    """Network inputs 1e-4, hidden vectors 2e-5, log-softmax 1e-4, probabilities 2e-5."""
    name = f"A_{inputs}_noaug_classify"
    told, arrays = (
        json.loads((parity / f"{name}.json").read_text()),
        np.load(parity / f"{name}.npz"),
    )
    network = reader(weights, f"sample_{inputs.replace('_only', '').replace('_and_', '')}_model")
    draws = ReleasedChance(0)
    given = {}
    for view, case in zip(View, told["inputs"], strict=True):
        image = view_input(exam, heatmaps, view)
        placed = place_window(image.prepared, RELEASED, draws, jitter=False)
        given[view] = network_input(channels(image, network.info), placed, network.info)
        check_input(given[view], case, arrays, f"{view.value}_0", atol=1e-4)
    output = run(network, given)
    for view in View:
        np.testing.assert_allclose(
            output.columns[view], arrays[f"hidden_{view.value}_0"], atol=2e-5
        )
    for branch in ("CC", "MLO"):
        np.testing.assert_allclose(
            output.log_probabilities[branch], arrays[f"logsoftmax_{branch}_0"], atol=1e-4
        )
    parts = [
        dict(zip(Label, out[0, :, 1].exp().tolist(), strict=True))
        for out in output.log_probabilities.values()
    ]
    found = list(mean_by_label(parts).values())
    np.testing.assert_allclose(found, told["predictions"][0], atol=2e-5)


def view_input(exam: Exam, heatmaps: FourViews[Heatmaps], view: View) -> ViewInput:
    return ViewInput(prepare(exam.views.of(view)[0], RELEASED), heatmaps.of(view))


def check_input(
    found: np.ndarray, case: dict, arrays: np.lib.npyio.NpzFile, key: str, *, atol: float
) -> None:
    names = ["image", "benign", "malignant"][: len(found)]
    for channel, name in zip(found, names, strict=True):
        small = cv2.resize(channel, (64, 64), interpolation=cv2.INTER_AREA)
        np.testing.assert_allclose(small, arrays[f"thumb_{key}_{name}"], atol=atol)
    if f"patch_{key}_image" in arrays:
        piece = found[0, 1000:1064, 300:364]
        np.testing.assert_allclose(piece, arrays[f"patch_{key}_image"], atol=atol)
    assert found[0].max() == pytest.approx(case["max"], abs=atol)
    assert found[0].min() == pytest.approx(case["min"], abs=atol)


@pytest.mark.parametrize("inputs", ["image_only", "image_and_heatmaps"])
def test_all_windows_of_ten_passes_are_the_releases(
    exam: Exam, heatmaps: FourViews[Heatmaps], parity: Path, weights: Path, inputs: str
) -> None:
    """Borders exact; the first pass's inputs 1e-3, for they were resized."""
    name = f"A_{inputs}_tta10_classify"
    told, arrays = (
        json.loads((parity / f"{name}.json").read_text()),
        np.load(parity / f"{name}.npz"),
    )
    info = reader(weights, f"sample_{inputs.replace('_only', '').replace('_and_', '')}_model").info
    images = {view: view_input(exam, heatmaps, view) for view in View}
    draws = draws_by_view("released", 0, "0", "windows")
    cases = iter(told["inputs"])
    for number in range(10):
        for view in View:
            case = next(cases)
            assert draws.of(view).image(1) == 0
            placed = place_window(images[view].prepared, RELEASED, draws.of(view), jitter=True)
            located, box = placed.located, placed.box
            assert case["view"] == view.value
            assert case["padded_shape"][:2] == list(placed.padded_shape)
            assert case["location_borders"] == [
                located.top,
                located.bottom,
                located.left,
                located.right,
            ]
            assert case["borders"] == [box.top, box.bottom, box.left, box.right]
            if number == 0:
                found = network_input(channels(images[view], info), placed, info)
                check_input(found, case, arrays, f"{view.value}_0", atol=1e-3)


def test_image_wise_probabilities_are_the_releases(exam: Exam, parity: Path, weights: Path) -> None:
    """Each view alone, without jitter and as the mean of three passes that draw anew: 1e-3."""
    network = reader(weights, "ImageOnly__ModeImage_weights")
    recipe = network.info.recipe
    cases = json.loads((parity / "A_imagewise.json").read_text())
    views = exam.views.map(lambda images: (ViewInput(prepare(images[0], recipe)),))
    for jitter, passes in ((False, 1), (True, 3)):
        how = replace(recipe, prediction=replace(recipe.prediction, passes=passes, jitter=jitter))
        prediction, _ = predict(views, network, how, exam="0", seed=0)
        checked = 0
        for case in cases:
            if case["augmentation"] is jitter:
                branches = [one.branches[case["view"]] for one in prediction.passes]
                found = {
                    label.finding.value: p for label, p in mean_by_label(branches).items() if p
                }
                tolerance = 1e-3 if jitter else 2e-5
                assert found["benign"] == pytest.approx(case["benign"], abs=tolerance)
                assert found["malignant"] == pytest.approx(case["malignant"], abs=tolerance)
                checked += 1
        assert checked == 4
