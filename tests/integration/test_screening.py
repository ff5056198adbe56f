"""The main job in one process: files in, predictions, heatmaps and pages out."""

from __future__ import annotations

import csv
import hashlib
import json
import pickle
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.uid import UID

from fourview.core.errors import FourviewError, WeightsError
from fourview.core.exam import Exam
from fourview.core.recipe import Recipe, recipe_with
from fourview.core.views import Label, View
from fourview.imaging.placing import over_source
from fourview.inference.ensemble import UNTRAINED_NOTICE, load_ensemble
from fourview.inference.exam import ExamReading, read
from fourview.io.checkpoint import read_weights, write_weights
from fourview.screening import ScreeningOptions, ScreeningResult, Talk, screen
from support.dicom_files import mammogram, save
from support.one_thread import one_thread  # noqa: F401 - a fixture for all tests here
from support.small_exams import (
    SMALL,
    breast_info,
    patch_info,
    small_exam,
    usual_facing,
    write_exam_files,
    write_small_weights,
)

MADE = "2020-01-02 03:04"
LABELS = [label.value for label in Label]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Weights files by what they are."""
    folder = tmp_path_factory.mktemp("weights")
    infos = {
        "both": breast_info(),
        "image": breast_info(inputs="image"),
        "image-wise": breast_info("image-wise", "image"),
        "breast-wise": breast_info("breast-wise", "image"),
        "patch": patch_info(),
    }
    return {
        name: write_small_weights(folder / f"{name}.safetensors", info, seed)
        for seed, (name, info) in enumerate(infos.items())
    }


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each of three exams, and one of all."""
    folder = tmp_path_factory.mktemp("images")
    for seed, name in enumerate("abc"):
        for place in (folder / name, folder / "all"):
            write_exam_files(place, small_exam(name, seed))
    return folder


def run(
    paths: Path | list[Path], out: Path, *, talk: Talk | None = None, **options: Any
) -> ScreeningResult:
    return screen(
        paths if isinstance(paths, list) else [paths],
        out,
        ScreeningOptions(device="cpu", **options),
        clock=lambda: 0.0,
        made=MADE,
        talk=talk,
    )


@dataclass(frozen=True)
class Screened:
    """What one screening of all three exams wrote."""

    out: Path
    result: ScreeningResult

    def json(self, name: str) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((self.out / name).read_text(encoding="utf-8"))
        return values

    def exam(self, name: str) -> dict[str, Any]:
        [found] = [exam for exam in self.json("predictions.json")["exams"] if exam["exam"] == name]
        return found  # type: ignore[no-any-return]

    def rows(self) -> dict[str, dict[str, str]]:
        with (self.out / "predictions.csv").open(encoding="utf-8", newline="") as file:
            return {row.pop("exam"): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def screened(
    images: Path, weights: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Screened:
    out = tmp_path_factory.mktemp("screened")
    return Screened(out, run(images / "all", out, **with_heatmaps(weights), hidden=True))


def with_heatmaps(weights: dict[str, Path]) -> dict[str, Any]:
    return {"weights": (weights["both"],), "patch_weights": weights["patch"]}


def files(out: Path) -> dict[str, bytes]:
    """All that was written, without the memory that it took."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
    how = json.loads(found["run.json"])
    del how["peak_memory_mb"]
    return found | {"run.json": json.dumps(how).encode()}


@pytest.fixture(scope="module")
def readings(weights: dict[str, Path]) -> dict[str, ExamReading]:
    """The exams read in memory, by the same networks."""
    ensemble = load_ensemble(ScreeningOptions(device="cpu", **with_heatmaps(weights))).ensemble
    return {
        name: read(small_exam(name, seed), ensemble, seed=0, clock=lambda: 0.0)
        for seed, name in enumerate("abc")
    }


def test_what_is_written_is_what_should_be(screened: Screened) -> None:
    heatmaps = {f"{view.value}_{kind}.png" for view in View for kind in ("malignant", "benign")}
    of_exam = {"report.html"} | {f"heatmaps/{name}" for name in heatmaps}
    assert set(files(screened.out)) == {
        "predictions.csv",
        "predictions.json",
        "run.json",
        "report.html",
        "hidden.npz",
        *(f"exams/{exam}/{name}" for exam in "abc" for name in of_exam),
    }
    assert screened.result.exit_code == 0


@pytest.mark.parametrize("jobs", [1, 4])
def test_the_same_seed_writes_the_same_bytes(
    screened: Screened, images: Path, weights: dict[str, Path], tmp_path: Path, jobs: int
) -> None:
    run(images / "all", tmp_path, **with_heatmaps(weights), hidden=True, jobs=jobs)
    found, expected = files(tmp_path), files(screened.out)
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert set(found) == set(expected)


def test_another_seed_draws_otherwise(
    screened: Screened, images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    run(images / "b", tmp_path, **with_heatmaps(weights), seed=1)
    other = Screened(tmp_path, screened.result)
    assert other.rows()["b"] != screened.rows()["b"]
    assert other.json("run.json")["seed"] == 1


def test_an_exam_does_not_depend_on_its_neighbours(
    screened: Screened, images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    run(images / "b", tmp_path, **with_heatmaps(weights))
    alone = Screened(tmp_path, screened.result)
    assert alone.exam("b") == screened.exam("b")
    assert alone.rows() == {"b": screened.rows()["b"]}
    heatmaps = sorted((tmp_path / "exams" / "b" / "heatmaps").iterdir())
    assert len(heatmaps) == 8
    for path in heatmaps:
        assert path.read_bytes() == (screened.out / path.relative_to(tmp_path)).read_bytes()


def test_the_order_of_exams_does_not_change_their_numbers(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    rows = []
    for name in ("abc", "cab"):
        out = tmp_path / name
        result = run([images / exam for exam in name], out, weights=(weights["image"],))
        rows.append(Screened(out, result).rows())
    assert rows[0] == rows[1]
    assert set(rows[0]) == set("abc")


def test_predictions_are_those_of_reading_in_memory(
    screened: Screened, readings: dict[str, ExamReading]
) -> None:
    """The CSV has all the digits that float32 has."""
    rows = screened.rows()
    for name, reading in readings.items():
        expected = reading.prediction.probabilities
        assert list(rows[name]) == LABELS
        for label in Label:
            assert float(rows[name][label.value]) == pytest.approx(expected[label], rel=1e-8)
            assert screened.exam(name)["probabilities"][label.value] == expected[label]


def test_every_number_is_the_mean_of_its_parts(screened: Screened) -> None:
    """Branches, then passes, then models."""
    for name in "abc":
        exam = screened.exam(name)
        for label in LABELS:
            models = []
            for model in exam["models"]:
                passes = [
                    np.mean([branch[label] for branch in one["branches"].values()])
                    for one in model["passes"]
                ]
                assert len(passes) == SMALL.prediction.passes
                assert model["probabilities"][label] == pytest.approx(np.mean(passes))
                models.append(np.mean(passes))
            assert exam["probabilities"][label] == pytest.approx(np.mean(models))


def test_the_windows_that_were_drawn_are_told(screened: Screened) -> None:
    for image in screened.exam("a")["images"]:
        view = image["view"]
        crop = image["crop"]
        assert (image["rows"], image["columns"]) == (200, 150)
        assert image["source"] == f"a_{view}.png"
        assert image["flipped"] is view.startswith("R")
        for one in screened.exam("a")["models"][0]["passes"]:
            drawn = one["windows"][view]
            assert drawn["source"] == image["source"]
            rows, columns = drawn["padded_shape"]
            assert rows >= crop["bottom"] - crop["top"]
            assert columns >= crop["right"] - crop["left"]
            assert 0 <= drawn["box"]["top"] < drawn["box"]["bottom"] <= rows
            located = drawn["located"]
            shape = located["bottom"] - located["top"], located["right"] - located["left"]
            assert shape == SMALL.window.shape(view[2:])


def test_heatmaps_are_16_bit_images_over_the_source_image(
    screened: Screened, readings: dict[str, ExamReading]
) -> None:
    """65535 is probability 1."""
    for view, (image,) in readings["c"].images.pairs():
        heatmaps = image.input.heatmaps
        assert heatmaps is not None
        for kind in ("malignant", "benign"):
            path = screened.out / "exams" / "c" / "heatmaps" / f"{view.value}_{kind}.png"
            levels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            assert levels.dtype == np.uint16
            assert levels.shape == image.mammogram.pixels.shape
            expected = over_source(getattr(heatmaps, kind), image.input.prepared.placement)
            np.testing.assert_allclose(levels / 65535, expected, atol=0.51 / 65535)
            assert levels[image.mammogram.pixels > 0].all()


def test_hidden_activations_are_written_where_asked_for(
    screened: Screened,
    readings: dict[str, ExamReading],
    images: Path,
    weights: dict[str, Path],
    tmp_path: Path,
) -> None:
    """SI, Fig. S15: 1,024 between the fully connected layers."""
    with np.load(screened.out / "hidden.npz", allow_pickle=False) as hidden:
        assert sorted(hidden) == ["columns", "exam", "fc"]
        assert hidden["exam"].tolist() == ["a", "b", "c"]
        for name in ("columns", "fc"):
            assert hidden[name].shape == (3, 1024)
            assert hidden[name].dtype == np.float32
            for row, reading in zip(hidden[name], readings.values(), strict=True):
                np.testing.assert_array_equal(row, getattr(reading.hidden, name))
    run(images / "a", tmp_path, weights=(weights["image"],))
    assert not (tmp_path / "hidden.npz").exists()


def test_hidden_activations_that_were_not_read_are_nan(
    weights: dict[str, Path], tmp_path: Path
) -> None:
    write_exam_files(tmp_path / "in", small_exam("a", views=[View.L_CC]))
    run(tmp_path / "in", tmp_path / "out", weights=(weights["image-wise"],), hidden=True)
    with np.load(tmp_path / "out" / "hidden.npz") as hidden:
        for name in ("columns", "fc"):
            assert np.isfinite(hidden[name][:, :256]).all()
            assert np.isnan(hidden[name][:, 256:]).all()


def test_how_the_run_went_is_told(images: Path, weights: dict[str, Path], tmp_path: Path) -> None:
    ticking = count().__next__
    options = ScreeningOptions(device="cpu", **with_heatmaps(weights), jobs=1, seed=7, passes=1)
    screen([images / "a"], tmp_path, options, clock=ticking, made=MADE)
    how = json.loads((tmp_path / "run.json").read_text())
    assert how["made"] == MADE
    assert how["seed"] == 7
    assert how["device"] == "cpu"
    assert how["interrupted"] is False
    assert (how["exams_read"], how["exams_refused"]) == (1, 0)
    assert how["peak_memory_mb"] > 50
    assert how["libraries"]["torch"]
    used = recipe_with(SMALL, ["prediction.passes=1"])
    assert how["recipe"].pop("digest") == used.digest()
    assert used.to_dict() == {
        **how["recipe"],
        "window": {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in how["recipe"]["window"].items()
        },
    }
    assert [(one["name"], one["architecture"]) for one in how["weights"]] == [
        ("both", "breast_model"),
        ("patch", "patch_densenet121"),
    ]
    for one, path in zip(how["weights"], (weights["both"], weights["patch"]), strict=True):
        assert one["file"] == path.name
        assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    stages = {"read", "waited_for_read", "prepare", "heatmaps", "predict", "write"}
    assert set(how["seconds"]) == stages | {"load_weights", "find_exams"}
    assert set(how["seconds_by_exam"]["a"]) == stages
    assert all(seconds >= 1 for seconds in how["seconds"].values())
    assert how["notices"] == []


def test_one_exams_page_is_the_front_page(
    images: Path, weights: dict[str, Path], screened: Screened, tmp_path: Path
) -> None:
    run(images / "a", tmp_path, weights=(weights["image"],))
    front = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert front == (tmp_path / "exams" / "a" / "report.html").read_text(encoding="utf-8")
    assert "../../report.html" not in front
    assert MADE in front
    index = (screened.out / "report.html").read_text(encoding="utf-8")
    for name in "abc":
        assert f"exams/{name}/report.html" in index
    of_one = (screened.out / "exams" / "b" / "report.html").read_text(encoding="utf-8")
    assert "../../report.html" in of_one


@pytest.mark.parametrize("patches", [False, True])
def test_image_only_weights_need_no_heatmaps_and_show_them_where_patches_are_read(
    images: Path, weights: dict[str, Path], tmp_path: Path, patches: bool
) -> None:
    patch_weights = weights["patch"] if patches else None
    result = run(images / "a", tmp_path, weights=(weights["image"],), patch_weights=patch_weights)
    assert result.exit_code == 0
    assert (tmp_path / "exams" / "a" / "heatmaps").exists() is patches
    assert all(value is not None for value in result.predictions[0].probabilities.values())


def test_heatmaps_for_the_eye_do_not_move_the_prediction(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    rows = []
    for name, patch in (("without", None), ("with", weights["patch"])):
        out = tmp_path / name
        result = run(images / "a", out, weights=(weights["image"],), patch_weights=patch)
        rows.append(Screened(out, result).rows())
    assert rows[0] == rows[1]


def test_weights_that_read_heatmaps_are_refused_without_patch_weights(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match="both read heatmaps") as caught:
        run(images / "a", tmp_path, weights=(weights["both"],))
    assert "--patch-weights" in caught.value.hint


@pytest.mark.parametrize(
    ("variant", "views", "read_labels"),
    [
        ("image-wise", [View.R_MLO], ["right_benign", "right_malignant"]),
        ("image-wise", [View.L_CC, View.R_MLO], LABELS),
        ("breast-wise", [View.L_CC, View.L_MLO], ["left_benign", "left_malignant"]),
    ],
    ids=["one view", "a view of each breast", "one breast"],
)
def test_what_a_variant_cannot_read_is_empty(
    weights: dict[str, Path],
    tmp_path: Path,
    variant: str,
    views: list[View],
    read_labels: list[str],
) -> None:
    write_exam_files(tmp_path / "in", small_exam("a", views=views))
    out = tmp_path / "out"
    found = Screened(out, run(tmp_path / "in", out, weights=(weights[variant],)))
    row = found.rows()["a"]
    assert [label for label in LABELS if row[label]] == read_labels
    exam = found.exam("a")
    assert [label for label in LABELS if exam["probabilities"][label] is not None] == read_labels
    assert exam["missing"] == [view.value for view in View if view not in views]
    assert found.result.exit_code == 0


def test_an_exam_that_the_variant_cannot_read_is_refused_and_the_others_go_on(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    write_exam_files(tmp_path / "in", small_exam("z", views=[View.L_CC]))
    out = tmp_path / "out"
    found = Screened(out, run([tmp_path / "in", images / "a"], out, weights=(weights["image"],)))
    assert found.result.exit_code == 3
    assert set(found.rows()) == {"a"}
    [refused] = found.json("predictions.json")["refused"]
    assert (refused["name"], refused["exam"]) == ("z", True)
    assert "R-CC" in refused["reason"]
    assert "image-wise" in refused["hint"]
    assert found.json("run.json")["exams_refused"] == 1
    assert not (out / "exams" / "z").exists()
    assert "z" in (out / "report.html").read_text(encoding="utf-8")


def test_repeats_of_a_view_are_all_read(weights: dict[str, Path], tmp_path: Path) -> None:
    """Released pipeline, part 11: a pass reads one of them."""
    exam, other = small_exam("a"), small_exam("a", 5)
    repeated = replace(exam, views=exam.views._replace(l_cc=(*exam.views.l_cc, *other.views.l_cc)))
    write_exam_files(tmp_path / "in", repeated)
    out = tmp_path / "out"
    found = Screened(out, run(tmp_path / "in", out, **with_heatmaps(weights), passes=8))
    sources = [image["source"] for image in found.exam("a")["images"]]
    assert sources == [
        "a_L-CC.png",
        "a_L-CC_2.png",
        "a_R-CC.png",
        "a_L-MLO.png",
        "a_R-MLO.png",
    ]
    [model] = found.exam("a")["models"]
    drawn = {one["windows"]["L-CC"]["source"] for one in model["passes"]}
    assert drawn == {"a_L-CC.png", "a_L-CC_2.png"}
    heatmaps = out / "exams" / "a" / "heatmaps"
    one, two = ((heatmaps / f"{n}_malignant.png").read_bytes() for n in ("L-CC", "L-CC-2"))
    assert one != two
    told = "L-CC: has 2 images (a_L-CC.png, a_L-CC_2.png)"
    assert told in found.exam("a")["warnings"]
    assert told in (out / "report.html").read_text(encoding="utf-8")


def test_what_is_to_be_known_of_an_image_is_an_exams_warning(
    weights: dict[str, Path], tmp_path: Path
) -> None:
    """On the terminal, in the index and on the page, once."""
    write_exam_files(tmp_path / "in", small_exam("a"))
    table = ["exam,view,path,facing", *(f"a,{v.value},a_{v.value}.png,left" for v in View)]
    (tmp_path / "in" / "exams.csv").write_text("\n".join(table))
    out = tmp_path / "out"
    found = Screened(out, run(tmp_path / "in" / "exams.csv", out, weights=(weights["image"],)))
    told = [w for w in found.exam("a")["warnings"] if "said to face left" in w]
    assert [warning[:6] for warning in told] == ["L-CC: ", "L-MLO:"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("said to face left") == 2


def test_members_of_one_name_keep_their_recipes_apart(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    info, tensors = read_weights(weights["image"])
    other = replace(info, recipe=recipe_with(info.recipe, ["crop.buffer_px=9"]))
    write_weights(tmp_path / "same.safetensors", other, tensors)
    both = (weights["image"], tmp_path / "same.safetensors")
    how = Screened(tmp_path / "out", run(images / "a", tmp_path / "out", weights=both))
    recipes = how.json("run.json")["recipe"]
    assert sorted(recipes) == [f"1: {info.name}", f"2: {info.name}"]
    assert [one["crop"]["buffer_px"] for one in recipes.values()] == [3, 9]


def test_a_changed_recipe_is_called_changed(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text("[crop]\nerosion_px = 5\n")
    for number, (how, name) in enumerate(
        [
            ({"settings": ("crop.buffer_px=4",)}, "(changed)"),
            ({"recipe": str(tmp_path / "mine.toml")}, "mine"),
        ]
    ):
        out = tmp_path / str(number)
        result = run(images / "a", out, weights=(weights["image"],), passes=1, **how)
        assert name in Screened(out, result).json("run.json")["recipe"]["name"]


def test_an_exam_beside_files_set_aside_has_an_index(
    weights: dict[str, Path], tmp_path: Path
) -> None:
    write_exam_files(tmp_path / "in", small_exam("a"))
    (tmp_path / "in" / "notes.txt").write_text("no image")
    out = tmp_path / "out"
    run(tmp_path / "in", out, weights=(weights["image"],))
    assert "notes.txt" in (out / "report.html").read_text(encoding="utf-8")


def folder_of(exam: Exam, place: Path) -> Path:
    return write_exam_files(place / "somewhere", exam)


def archive_of(exam: Exam, place: Path) -> Path:
    folder = write_exam_files(place / "files", exam)
    with zipfile.ZipFile(place / "some.zip", "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return place / "some.zip"


def manifest_of(exam: Exam, place: Path) -> Path:
    write_exam_files(place / "files", exam)
    lines = ["exam,view,path,facing"]
    for view in View:
        facing = usual_facing(view).value
        lines.append(f"a,{view.value},files/{exam.name}_{view.value}.png,{facing}")
    (place / "manifest.csv").write_text("\n".join(lines) + "\n")
    return place / "manifest.csv"


def exam_list_of(exam: Exam, place: Path) -> Path:
    """horizontal_flip NO: left breasts are stored pointing right."""
    write_exam_files(place / "images", exam)
    entry: dict[str, Any] = {"horizontal_flip": "NO"}
    entry |= {view.value: [f"{exam.name}_{view.value}"] for view in View}
    (place / "list.pkl").write_bytes(pickle.dumps([entry]))
    return place / "list.pkl"


def mirrored_exam_list_of(exam: Exam, place: Path) -> Path:
    """horizontal_flip YES: each image mirrored."""

    def turned(pixels: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(pixels[:, ::-1])

    views = exam.views.map(lambda those: tuple(replace(x, pixels=turned(x.pixels)) for x in those))
    listing = exam_list_of(replace(exam, views=views), place)
    [entry] = pickle.loads(listing.read_bytes())
    listing.write_bytes(pickle.dumps([entry | {"horizontal_flip": "YES"}]))
    return listing


@pytest.mark.parametrize(
    "written", [folder_of, archive_of, manifest_of, exam_list_of, mirrored_exam_list_of]
)
def test_the_same_pixels_give_the_same_numbers_however_they_come(
    screened: Screened, weights: dict[str, Path], tmp_path: Path, written: Any
) -> None:
    source = written(small_exam("a"), tmp_path)
    out = tmp_path / "out"
    found = Screened(out, run(source, out, **with_heatmaps(weights)))
    assert found.result.exit_code == 0, found.result.refused
    assert found.rows() == {"a": screened.rows()["a"]}
    assert all(image["warnings"] == [] for image in found.exam("a")["images"])
    mirrored = written is mirrored_exam_list_of
    for name in ("L-CC_malignant.png", "R-MLO_benign.png"):
        one, other = (
            cv2.imread(str(place / "exams" / "a" / "heatmaps" / name), cv2.IMREAD_UNCHANGED)
            for place in (out, screened.out)
        )
        np.testing.assert_array_equal(one[:, ::-1] if mirrored else one, other)


def test_an_exam_list_that_tells_the_wrong_flip_is_obeyed_with_a_warning(
    screened: Screened, weights: dict[str, Path], tmp_path: Path
) -> None:
    listing = exam_list_of(small_exam("a"), tmp_path)
    [entry] = pickle.loads(listing.read_bytes())
    listing.write_bytes(pickle.dumps([entry | {"horizontal_flip": "YES"}]))
    out = tmp_path / "out"
    found = Screened(out, run(listing, out, weights=(weights["image"],)))
    assert found.rows()["a"] != screened.rows()["a"]
    for image in found.exam("a")["images"]:
        assert any("taken as said" in warning for warning in image["warnings"])
        assert image["flipped"] is image["view"].startswith("L")


def test_dicom_and_png_of_the_same_pixels_give_the_same_numbers(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    """Without jitter, for an exam's chance comes from its name, and here that is its study's."""
    study = tmp_path / "study"
    study.mkdir()
    for number, (view, (image,)) in enumerate(small_exam("a").views.pairs()):
        uid = UID(f"1.2.3.4.{number + 1}")
        dataset = mammogram(view.value, image.pixels, SOPInstanceUID=uid, StudyInstanceUID="1.2.9")
        save(dataset, study / f"{number}.dcm")
    rows = []
    for name, source in (("png", images / "a"), ("dicom", study)):
        out = tmp_path / name
        result = run(source, out, weights=(weights["image"],), jitter=False)
        assert result.exit_code == 0, result.refused
        rows.append(Screened(out, result).rows())
    assert rows[0]["a"] == rows[1]["1.2.9"]


def test_options_of_the_call_go_before_the_weights_recipe(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    for options, passes in (({"passes": 3}, 3), ({"jitter": False}, 1), ({}, 2)):
        out = tmp_path / str(passes)
        result = run(images / "a", out, weights=(weights["image"],), **options)
        assert len(result.predictions[0].models[0].passes) == passes
        assert result.notices == ()


@dataclass
class Listener(Talk):
    """Writes down what is told, and may interrupt."""

    notes: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    expected: int = 0
    read: int = 0
    stop_at: str = ""

    def note(self, text: str) -> None:
        self.notes.append(text)

    def found(self, exams: int, refused: int, set_aside: int) -> None:
        self.counts = [exams, refused, set_aside]

    @contextmanager
    def exam(self, name: str, patches: int) -> Iterator[None]:
        if name == self.stop_at:
            raise KeyboardInterrupt
        self.expected += patches
        yield

    def patches(self, n: int) -> None:
        self.read += n


def test_another_recipe_than_the_weights_own_is_told_everywhere(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    talk = Listener()
    changed = ("heatmaps.stride_px=32", "crop.buffer_px=4")
    result = run(images / "a", tmp_path, **with_heatmaps(weights), settings=changed, talk=talk)
    [notice] = result.notices
    assert notice.startswith("weights both are read with another recipe than their own")
    assert "heatmaps.stride_px 32, not 28" in notice
    assert "crop.buffer_px 4, not 3" in notice
    assert talk.notes[0] == notice
    found = Screened(tmp_path, result)
    assert found.json("predictions.json")["notices"] == [notice]
    assert found.json("run.json")["notices"] == [notice]
    assert "another recipe than their own" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_coarser_stride_than_the_papers_is_told(tmp_path: Path) -> None:
    """SI, 'Patch classification heatmap generation': approximately 70 pixels."""
    path = write_small_weights(tmp_path / "w.safetensors", breast_info(recipe=Recipe()))
    patch = write_small_weights(tmp_path / "p.safetensors", patch_info(recipe=Recipe()))
    options = ScreeningOptions(device="cpu", weights=(path,), patch_weights=patch)
    assert load_ensemble(options).notices == ()
    coarse = load_ensemble(replace(options, settings=("heatmaps.stride_px=140",))).notices
    assert [notice for notice in coarse if "140 pixels, coarser than the paper's 70" in notice]
    assert any("heatmaps.stride_px 140, not 70" in notice for notice in coarse)


def test_a_recipe_by_name_takes_the_place_of_the_weights_own(tmp_path: Path) -> None:
    path = write_small_weights(tmp_path / "w.safetensors", breast_info(inputs="image"))
    options = ScreeningOptions(device="cpu", weights=(path,), recipe="released")
    loaded = load_ensemble(options)
    assert loaded.ensemble.members[0].recipe.name == "released"
    assert "window.cc (2677, 1942), not (160, 120)" in loaded.notices[0]
    with pytest.raises(FourviewError, match="no such recipe") as caught:
        load_ensemble(replace(options, recipe="nothing"))
    assert "released" in caught.value.hint


def test_without_weights_everybody_is_told_that_the_numbers_mean_nothing() -> None:
    loaded = load_ensemble(ScreeningOptions(device="cpu"))
    assert loaded.notices[0] == UNTRAINED_NOTICE
    assert [one.info.trained for one in loaded.weights] == [False, False]


@pytest.mark.parametrize("recipe", ["paper", "released", "released-image-wise", "tiny"])
def test_every_bundled_recipe_goes_with_fresh_weights(recipe: str) -> None:
    loaded = load_ensemble(ScreeningOptions(device="cpu", recipe=recipe))
    assert loaded.ensemble.members[0].recipe.name == recipe
    assert loaded.ensemble.patches is not None


def test_an_ensemble_is_the_mean_of_its_members_in_whatever_order(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    """Methods: model ensembling."""
    both = weights["image"], weights["image-wise"]
    rows = {}
    for name, those in {"two": both, "back": both[::-1], "0": both[:1], "1": both[1:]}.items():
        out = tmp_path / name
        rows[name] = Screened(out, run(images / "a", out, weights=those)).rows()["a"]
    assert rows["two"] == rows["back"]
    for label in LABELS:
        parts = [float(rows[name][label]) for name in "01"]
        assert float(rows["two"][label]) == pytest.approx(np.mean(parts), abs=1e-8)


def test_progress_tells_of_every_patch(
    images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    talk = Listener()
    run(images / "a", tmp_path, **with_heatmaps(weights), talk=talk)
    assert talk.counts == [1, 0, 0]
    assert 0 < talk.read <= talk.expected  # crops are smaller than images


def test_what_was_finished_before_ctrl_c_is_written(
    screened: Screened, images: Path, weights: dict[str, Path], tmp_path: Path
) -> None:
    talk = Listener(stop_at="b")
    result = run(images / "all", tmp_path, **with_heatmaps(weights), jobs=2, talk=talk)
    found = Screened(tmp_path, result)
    assert result.exit_code == 130
    assert found.rows() == {"a": screened.rows()["a"]}
    assert found.json("run.json")["interrupted"] is True
    assert sorted(path.name for path in (tmp_path / "exams").iterdir()) == ["a"]
