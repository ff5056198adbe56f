"""`fourview screen` with imported released weights gives the released pipeline's numbers."""

from __future__ import annotations

import csv
import json
import pickle
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.core.views import Finding, Label, View

PATCH, IMAGE = "sample_patch_model", "sample_image_model"
IMAGE_AND_HEATMAPS, IMAGE_WISE = "sample_imageheatmaps_model", "ImageOnly__ModeImage_weights"


def fourview(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fourview", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def weights(parity: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    fourview("weights", "import", *sorted((parity / "weights").glob("*.p")), "-o", folder)
    return folder


@pytest.fixture(scope="module")
def images(shared_data: Path) -> Path:
    return shared_data / "data" / "nyu_samples" / "gmic_exam0" / "images"


def probabilities(out: Path) -> list[float]:
    with (out / "predictions.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    return [float(row[label.value]) for label in Label]


def told(parity: Path, name: str) -> list[float]:
    summary = json.loads((parity / "predictions_summary.json").read_text())
    return [summary[name][label.value] for label in Label]


def test_image_only_without_jitter(
    images: Path, weights: Path, parity: Path, tmp_path: Path
) -> None:
    member = weights / f"{IMAGE}.safetensors"
    fourview("screen", images, "-o", tmp_path, "--weights", member, "--no-jitter")
    found = probabilities(tmp_path)
    np.testing.assert_allclose(found, told(parity, "A_image_only_noaug"), atol=2e-5)


def test_an_exam_list_that_says_horizontal_flip_is_obeyed(
    images: Path, weights: Path, parity: Path, tmp_path: Path
) -> None:
    """Exam C: the same images mirrored, with horizontal_flip YES."""
    exam: dict[str, object] = {"horizontal_flip": "YES"}
    for view in View:
        pixels = cv2.imread(str(images / f"0_{view.value}.png"), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(tmp_path / f"C_{view.value}.png"), pixels[:, ::-1])
        exam[view.value] = [f"C_{view.value}"]
    exams = tmp_path / "exams.pkl"
    exams.write_bytes(pickle.dumps([exam]))
    out = tmp_path / "out"
    member = weights / f"{IMAGE}.safetensors"
    fourview("screen", exams, "-o", out, "--weights", member, "--no-jitter")
    found = probabilities(out)
    np.testing.assert_allclose(found, told(parity, "C_image_only_noaug"), atol=2e-5)


@pytest.mark.slow
def test_image_only_with_ten_passes(
    images: Path, weights: Path, parity: Path, tmp_path: Path
) -> None:
    """1e-3, for windows are resized; each pass's branches too."""
    fourview("screen", images, "-o", tmp_path, "--weights", weights / f"{IMAGE}.safetensors")
    found = probabilities(tmp_path)
    np.testing.assert_allclose(found, told(parity, "A_image_only_tta10"), atol=1e-3)
    passes = json.loads((parity / "A_image_only_tta10_classify.json").read_text())["forwards"]
    [exam] = json.loads((tmp_path / "predictions.json").read_text())["exams"]
    for mine, theirs in zip(exam["models"][0]["passes"], passes, strict=True):
        for branch, values in theirs["prob"].items():
            found = [mine["branches"][branch][label.value] for label in Label]
            np.testing.assert_allclose(found, np.array(values)[0, :, 1], atol=1e-3)


@pytest.mark.parametrize("jitter", [False, True], ids=["without jitter", "three passes"])
def test_image_wise(
    images: Path, weights: Path, parity: Path, tmp_path: Path, jitter: bool
) -> None:
    member = weights / f"{IMAGE_WISE}.safetensors"
    how = ["--passes", "3"] if jitter else ["--no-jitter"]
    fourview("screen", images, "-o", tmp_path, "--weights", member, *how)
    [exam] = json.loads((tmp_path / "predictions.json").read_text())["exams"]
    cases = json.loads((parity / "A_imagewise.json").read_text())
    for case in (case for case in cases if case["augmentation"] is jitter):
        passes = [one["branches"][case["view"]] for one in exam["models"][0]["passes"]]
        for finding in Finding:
            [label] = [name for name in passes[0] if name.endswith(finding.value)]
            found = np.mean([values[label] for values in passes])
            assert found == pytest.approx(case[finding.value], abs=1e-3 if jitter else 2e-5)


@pytest.mark.slow
def test_image_and_heatmaps_with_ten_passes(
    images: Path, weights: Path, parity: Path, tmp_path: Path
) -> None:
    """The whole way: 1,371 patches, heatmaps in the source images' pixels, ten passes."""
    fourview(
        *("screen", images, "-o", tmp_path),
        *("--weights", weights / f"{IMAGE_AND_HEATMAPS}.safetensors"),
        *("--patch-weights", weights / f"{PATCH}.safetensors"),
    )
    found = probabilities(tmp_path)
    np.testing.assert_allclose(found, told(parity, "A_image_and_heatmaps_tta10"), atol=1e-3)
    heatmaps = np.load(parity / "A_heatmaps_f16.npz")
    for view in View:
        for finding in Finding:
            name = f"{view.value}_{finding.value}"
            file = tmp_path / "exams" / "0" / "heatmaps" / f"{name}.png"
            levels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            assert levels.dtype == np.uint16
            np.testing.assert_allclose(levels / 65535, heatmaps[name], atol=1e-3)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["peak_memory_mb"] < 3000
    assert {"read", "prepare", "heatmaps", "predict", "write"} <= set(run["seconds"])
