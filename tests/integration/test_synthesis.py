"""A synthetic population on disk: the same bytes again, resumed where it stopped, read by all."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from fourview.core.errors import OutputError, RecipeError
from fourview.core.recipe import Recipe
from fourview.core.views import View
from fourview.imaging.intensity import to_presentation
from fourview.inference.prepare import prepare
from fourview.io.dicom import read_dicom
from fourview.io.exams import find_exams, read_exam
from fourview.synthesis import SynthesisOptions, write_population
from fourview.synthesis import exam as exam_module

SMALL = {"n": 4, "seed": 3, "scale": 0.08, "enrich": 0.6}


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantoms") / "dicom"
    write_population(out, SynthesisOptions(**SMALL))
    return out


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_processes(
    phantoms: Path, tmp_path: Path
) -> None:
    write_population(tmp_path / "again", SynthesisOptions(**SMALL), jobs=2)
    assert bytes_of(tmp_path / "again") == bytes_of(phantoms)


def test_what_a_killed_run_left_half_done_is_taken_away(phantoms: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    shutil.copytree(phantoms, out)
    (name, *_) = sorted(path.name for path in (out / "exams").iterdir())
    (out / "exams" / name).rename(out / "exams" / f".{name}.4711.partial")
    (out / ".exams.csv.4711.partial").write_text("exam,vi")
    write_population(out, SynthesisOptions(**SMALL))
    assert bytes_of(out) == bytes_of(phantoms)


def test_a_killed_run_that_had_only_begun_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / ".phantom.json.4711.partial").write_text("{")
    write_population(tmp_path, SynthesisOptions(**{**SMALL, "n": 1}))
    assert (tmp_path / "exams.csv").exists()


def test_an_exam_that_lost_a_file_is_drawn_again(phantoms: Path, tmp_path: Path) -> None:
    out = tmp_path / "damaged"
    shutil.copytree(phantoms, out)
    next(iter((out / "exams").glob("*/L-CC.dcm"))).unlink()
    write_population(out, SynthesisOptions(**SMALL))
    assert bytes_of(out) == bytes_of(phantoms)


def test_another_seed_gives_other_images(phantoms: Path, tmp_path: Path) -> None:
    write_population(tmp_path / "other", SynthesisOptions(**{**SMALL, "n": 1, "seed": 4}))
    [image] = sorted((tmp_path / "other").glob("exams/*/L-CC.dcm"))
    others = [path.read_bytes() for path in phantoms.glob("exams/*/L-CC.dcm")]
    assert image.read_bytes() not in others


def test_a_run_that_was_stopped_goes_on_where_it_was(
    phantoms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, drawn = tmp_path / "stopped", []
    whole = exam_module.render_view

    def stopped(*words: Any, **how: Any) -> Any:
        if len(drawn) == 6:
            raise KeyboardInterrupt
        drawn.append(1)
        return whole(*words, **how)

    monkeypatch.setattr(exam_module, "render_view", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_population(out, SynthesisOptions(**SMALL))
    there = {path.name for path in (out / "exams").iterdir()}
    assert 0 < len(there) < SMALL["n"]
    assert not any(name.startswith(".") for name in there)
    monkeypatch.setattr(exam_module, "render_view", whole)
    write_population(out, SynthesisOptions(**SMALL))
    assert bytes_of(out) == bytes_of(phantoms)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"n": 0}, "-n is 0"),
        ({"scale": 0.0}, "--scale is 0.0"),
        ({"scale": 1.5}, "--scale is 1.5"),
        ({"scale": float("nan")}, "--scale is nan"),
        ({"format": "jpeg"}, "dicom, png"),
        ({"enrich": 0.0}, "--enrich is 0.0"),
        ({"cancers": 1.0}, "--cancers is 1.0"),
        ({"cancers": float("nan")}, "--cancers is nan"),
        ({"seed": -1}, "--seed is -1"),
    ],
)
def test_a_wrong_choice_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        SynthesisOptions(**wrong)


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputError, match="not an empty folder"):
        write_population(tmp_path, SynthesisOptions(**SMALL))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_of_another_population_is_refused(phantoms: Path) -> None:
    before = bytes_of(phantoms)
    with pytest.raises(OutputError, match="holds another synthetic population"):
        write_population(phantoms, SynthesisOptions(**{**SMALL, "seed": 9}))
    assert bytes_of(phantoms) == before


def test_a_full_disk_leaves_no_half_exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exam_module, "write_mask", full)
    monkeypatch.setattr(exam_module, "write_dicom", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_population(tmp_path / "out", SynthesisOptions(**SMALL))
    assert list((tmp_path / "out").rglob("*.dcm")) == []


def test_every_file_says_that_it_is_synthetic(phantoms: Path) -> None:
    for path in phantoms.rglob("*.dcm"):
        header = dcmread(path, stop_before_pixels=True)
        assert str(header.PatientName).startswith("PHANTOM^")
        assert "Synthetic" in header.ImageComments
    assert {row["synthetic"] for row in table(phantoms / "exams.csv")} == {"1"}
    assert json.loads((phantoms / "truth.json").read_text())["synthetic"] is True


@pytest.fixture(scope="module")
def png(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantoms") / "png"
    write_population(out, SynthesisOptions(**{**SMALL, "format": "png"}))
    return out


def test_headers_name_the_patients_as_the_tables_do(phantoms: Path) -> None:
    """An index made from the headers joins the population's biopsies."""
    for row in table(phantoms / "exams.csv"):
        assert dcmread(phantoms / row["path"], stop_before_pixels=True).PatientID == row["patient"]


def test_a_png_holds_what_a_dicom_file_shows_bright_where_it_is_dense(
    phantoms: Path, png: Path
) -> None:
    inverted = 0
    for path in png.glob("exams/*/?-CC.png"):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        twin = read_dicom(phantoms / path.relative_to(png).with_suffix(".dcm"))
        inverted += twin.grayscale.inverted
        np.testing.assert_array_equal(pixels, to_presentation(twin.pixels, twin.grayscale))
    assert inverted, "the population needs a machine that stores MONOCHROME1"


def test_the_breast_is_found_in_every_png(png: Path) -> None:
    for files in find_exams([png / "exams.csv"]).exams:
        for images in read_exam(files).views:
            height, width = prepare(images[0], Recipe()).pixels.shape
            stored = images[0].pixels.shape
            assert height > 0.5 * stored[0]
            assert 0.15 * stored[1] < width < stored[1]


def test_the_reader_finds_the_exams_their_facing_and_their_breasts(phantoms: Path) -> None:
    truth = json.loads((phantoms / "truth.json").read_text())["exams"]
    found = find_exams([phantoms / "exams.csv"])
    assert [exam.name for exam in found.exams] == sorted(truth)
    assert found.refused == ()
    for files in found.exams:
        exam = read_exam(files)
        assert exam.missing == ()
        for view, images in exam.views.pairs():
            told = truth[exam.name]["images"][view.value]
            assert images[0].facing.value == told["facing"]
            shown = to_presentation(images[0].pixels, images[0].grayscale)
            assert shown.shape == (told["rows"], told["columns"])
            prepared = prepare(images[0], Recipe())
            assert prepared.placement.flipped == (told["facing"] == "left")
            assert not any("look as if" in warning for warning in prepared.warnings)


def test_masks_mark_what_the_tables_say_where_the_truth_has_it(phantoms: Path) -> None:
    truth = json.loads((phantoms / "truth.json").read_text())["exams"]
    rows = table(phantoms / "findings.csv")
    marked = [row for row in rows if row["mask"]]
    assert marked
    values = {"malignant": 1, "benign": 2, "high_risk_benign": 3}
    for row in marked:
        image = Image.open(phantoms / row["mask"])
        assert image.mode == "P"
        assert image.getpalette()[:12] == [0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 0]
        mask = np.asarray(image)
        told = truth[row["exam"]]["images"][row["view"]]
        assert mask.shape == (told["rows"], told["columns"])
        place = told["findings"][row["finding"]]
        if place["contrast_to_noise"] is not None:
            near = np.argwhere(mask == values[row["class"]])
            distance = np.hypot(*(near - [place["row"], place["column"]]).T).min()
            assert distance * told["pixel_spacing_mm"] < 15


def test_only_what_was_biopsied_for_the_exam_is_marked(phantoms: Path) -> None:
    for exam in json.loads((phantoms / "truth.json").read_text())["exams"].values():
        for name, image in exam["images"].items():
            if image["marked"]:
                assert any(
                    finding["biopsied"] and finding["laterality"] == name[0]
                    for finding in exam["findings"]
                )


def test_readers_score_every_breast(phantoms: Path) -> None:
    rows = table(phantoms / "readers.csv")
    assert len(rows) == 2 * SMALL["n"]
    assert {row["side"] for row in rows} == {"L", "R"}
    scores = [float(row[f"Reader{k:02d}_POM"]) for row in rows for k in range(1, 15)]
    assert all(0 <= score <= 1 for score in scores)


def test_extra_views_are_set_aside_and_repeats_are_kept(phantoms: Path) -> None:
    found = find_exams([phantoms], exam_by="study")
    standard = {view.value for view in View}
    rows = table(phantoms / "exams.csv")
    assert len(found.set_aside) >= sum(row["view"] not in standard for row in rows)
    assert sum(len(exam.images) for exam in found.exams) == sum(
        row["view"] in standard for row in rows
    )


def test_every_dicom_object_is_valid(phantoms: Path) -> None:
    """By dciodvfy, which knows every module of the object."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")
    for path in phantoms.rglob("*.dcm"):
        ran = subprocess.run(
            ["dciodvfy", "-new", path], capture_output=True, text=True, check=False
        )
        assert [line for line in ran.stderr.splitlines() if line.startswith("Error")] == []
