"""Patch weights chosen by what their heatmaps tell of breasts (SI, 'Model evaluation and
selection')."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourview.core.chance import draws_by_view
from fourview.core.errors import TrainingError, WeightsError
from fourview.core.views import Laterality
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.inference.heatmaps import make_heatmaps
from fourview.inference.networks import fresh_tensors, patch_classifier
from fourview.io.checkpoint import read_weights, write_weights
from fourview.training.breast_maxima import Maxima, breast_maxima
from fourview.training.patch_selection import breast_aucs, select_patch_weights
from support.one_thread import one_thread
from support.patch_sets import IMAGES, PatchSet, labels_of, write_patch_set

__all__ = ["one_thread"]

LEFT, RIGHT = Laterality
EXAMS = ("vmal", "vben", "vneg")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PatchSet:
    return write_patch_set(tmp_path_factory.mktemp("set"))


def maxima(benign: float, malignant: float) -> Maxima:
    """All breasts at 0.5 but the two with findings."""
    found = {(exam, side): (0.5, 0.5) for exam in EXAMS for side in Laterality}
    found["vben", LEFT] = (benign, 0.5)
    found["vmal", LEFT] = (0.5, malignant)
    return found


def test_breasts_are_told_apart_by_their_maxima() -> None:
    labels = labels_of(EXAMS)
    assert breast_aucs(maxima(0.9, 0.8), labels) == (1, 1)
    assert breast_aucs(maxima(0.1, 0.5), labels) == (0, 0.5)


def test_the_best_mean_of_the_two_aucs_is_selected(tmp_path: Path) -> None:
    given = {100: maxima(0.9, 0.1), 200: maxima(0.9, 0.5), 300: maxima(0.5, 0.9)}
    for epoch in given:
        (tmp_path / f"epoch-{epoch:05}.safetensors").write_bytes(b"%d" % epoch)
    (tmp_path / "best.safetensors").write_bytes(b"best")
    best = select_patch_weights(
        tmp_path, labels_of(EXAMS), lambda path: given[int(path.stem.split("-")[1])]
    )
    assert (best.epoch, best.benign, best.malignant, best.mean) == (200, 1, 0.5, 0.75)
    assert (tmp_path / "selected.safetensors").read_bytes() == b"200"
    told = json.loads((tmp_path / "selection.json").read_text())
    assert told["selected"] == "epoch-00200.safetensors"
    assert [one["mean"] for one in told["candidates"]] == [0.5, 0.75, 0.75]


def test_a_run_without_kept_weights_has_nothing_to_select(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no epoch's weights were kept"):
        select_patch_weights(tmp_path, {}, lambda _: {})


def test_breasts_of_one_kind_cannot_be_told_apart() -> None:
    labels = {name: labels_of(["vneg"])["vneg"] for name in EXAMS}
    with pytest.raises(TrainingError, match="none is positive for benign"):
        breast_aucs(maxima(0.5, 0.5), labels)


def weights_at(path: Path, scale: float = IMAGES.scale) -> Path:
    info = WeightsInfo(
        name="p",
        architecture="patch_densenet121",
        labels=expected_labels("patch_densenet121", ""),
        recipe=replace(IMAGES, scale=scale, heatmaps=replace(IMAGES.heatmaps, stride_px=256)),
    )
    write_weights(path, info, fresh_tensors(info, 0))
    return path


def test_maxima_are_those_of_the_heatmaps_and_are_gone_on_with(
    data: PatchSet, tmp_path: Path
) -> None:
    path = weights_at(tmp_path / "epoch-00001.safetensors")
    made: list[str] = []
    first = breast_maxima(data.store, ["vmal"], path, on_exam=made.append)
    both = breast_maxima(data.store, ["vmal", "vneg"], path, on_exam=made.append)
    assert made == ["vmal", "vneg"]
    assert {key: both[key] for key in first} == dict(first)
    assert set(both) == {(exam, side) for exam in ("vmal", "vneg") for side in Laterality}

    info, tensors = read_weights(path)
    classifier = patch_classifier(info, tensors, next(iter(tensors.values())).device)
    draws = draws_by_view("exam", 0, "vmal", "strides")
    maps = [
        make_heatmaps(
            image.prepared(), classifier, info.recipe.scaled().heatmaps, draws.of(image.view)
        )
        for images in data.store.views("vmal")
        for image in images
        if image.view.laterality is LEFT
    ]
    assert both["vmal", LEFT] == (
        max(float(one.benign.max()) for one in maps),
        max(float(one.malignant.max()) for one in maps),
    )


def test_maxima_of_other_weights_are_not_gone_on_with(data: PatchSet, tmp_path: Path) -> None:
    path = weights_at(tmp_path / "w.safetensors")
    other = '{"store": ""}\n{"exam": "vneg", "benign_and_malignant": {}}\n'
    (tmp_path / "w.maxima.jsonl").write_text(other)
    assert breast_maxima(data.store, ["vneg"], path)["vneg", RIGHT][0] > 0


def test_an_exam_is_a_line_more_and_one_cut_short_is_made_again(
    data: PatchSet, tmp_path: Path
) -> None:
    path = weights_at(tmp_path / "w.safetensors")
    journal = tmp_path / "w.maxima.jsonl"
    sizes: list[int] = []
    made: list[str] = []

    def told(exam: str) -> None:
        made.append(exam)
        sizes.append(journal.stat().st_size)

    whole = breast_maxima(data.store, EXAMS, path, on_exam=told)
    lines = journal.read_bytes().splitlines(keepends=True)
    assert sizes == [sum(map(len, lines[:n])) for n in (2, 3, 4)]
    journal.write_bytes(b"".join(lines)[:-9])
    assert breast_maxima(data.store, EXAMS, path, on_exam=told) == whole
    assert made == [*EXAMS, EXAMS[-1]]
    assert journal.read_bytes() == b"".join(lines)


def test_patches_are_counted_to_their_number_whether_read_now_or_kept(
    data: PatchSet, tmp_path: Path
) -> None:
    path = weights_at(tmp_path / "w.safetensors")
    first: list[tuple[int, int]] = []
    again: list[tuple[int, int]] = []
    whole = breast_maxima(
        data.store, EXAMS, path, keep=True, on_progress=lambda *at: first.append(at)
    )
    assert first[0] == (0, first[-1][0])
    assert (
        first[-1][0]
        == first[-1][1]
        == sum(
            len(grid["rows"]) * len(grid["columns"])
            for grid in map(np.load, (tmp_path / "heatmaps").rglob("*.npz"))
        )
    )
    (tmp_path / "w.maxima.jsonl").unlink()
    kept = {one: one.stat().st_mtime_ns for one in (tmp_path / "heatmaps").rglob("*.npz")}
    assert len(kept) == 12
    lost = next(iter(kept))
    lost.unlink()
    found = breast_maxima(
        data.store, EXAMS, path, keep=True, on_progress=lambda *at: again.append(at)
    )
    assert found == whole
    assert again[-1] == first[-1]
    assert {one for one, at in kept.items() if one.stat().st_mtime_ns != at} == {lost}


def test_weights_of_another_scale_are_refused(data: PatchSet, tmp_path: Path) -> None:
    path = weights_at(tmp_path / "w.safetensors", scale=0.25)
    with pytest.raises(WeightsError, match="the store is of another recipe: scale"):
        breast_maxima(data.store, ["vneg"], path)
