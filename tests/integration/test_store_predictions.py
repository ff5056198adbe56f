"""`fourview predict`: the numbers of `fourview screen`, gone on with, and what is refused."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.dataset.predicting import predict as predict_module
from fourview.inference.predict import predict
from fourview.io.hidden_file import read_hidden
from fourview.io.prediction_journal import PredictionJournal
from fourview.io.store.heatmaps import StoredHeatmaps
from support.command import Ran, assert_written_nowhere, fourview, rows_of
from support.one_thread import one_thread
from support.predict_stores import PredictStore, build_predict_store, the_heatmaps
from support.small_exams import SMALL, breast_info, patch_info, write_small_weights

__all__ = ["one_thread"]
TABLES = ("predictions.csv", "predictions.json", "predictions.jsonl")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PredictStore:
    """With heatmaps. Not to be written to."""
    built = build_predict_store(tmp_path_factory.mktemp("built"))
    ran = fourview("heatmaps", built.store, "--patch-weights", built.patches, "--device", "cpu")
    assert ran.code == 0, ran.err
    return built


@pytest.fixture
def own(built: PredictStore, tmp_path: Path) -> PredictStore:
    """To be written to."""
    return replace(built, store=Path(shutil.copytree(built.store, tmp_path / "store")))


def run(on: PredictStore, out: Path, *more: str | Path) -> Ran:
    weights = ["--weights", on.weights, "--device", "cpu", "--passes", "1"]
    return fourview("predict", on.store, "-o", out, *weights, *more)


def tables(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in TABLES}


def assert_near(found: Mapping[str, list[str]], wanted: Mapping[str, list[str]]) -> None:
    assert found.keys() == wanted.keys()
    for exam, numbers in wanted.items():
        assert [float(one) for one in found[exam]] == pytest.approx(
            [float(one) for one in numbers], abs=1e-6
        )


# The same numbers


@pytest.mark.parametrize(
    "words", [(), ("--no-jitter",), ("--passes", "1", "--set", "prediction.chance=released")]
)
def test_the_numbers_are_those_of_screening(
    words: tuple[str, ...], own: PredictStore, tmp_path: Path
) -> None:
    """Of two members, one of which reads heatmaps; with two images of a view."""
    both = ["--weights", own.weights, "--weights", own.image_only, "--device", "cpu", *words]
    if "--set" in words:
        settings = ["--set", "prediction.chance=released", "--device", "cpu"]
        ran = fourview("heatmaps", own.store, "--patch-weights", own.patches, *settings)
        assert ran.code == 0, ran.err
    patches = ["--patch-weights", own.patches]
    screened = fourview("screen", own.table, "-o", tmp_path / "s", *both, *patches)
    predicted = fourview("predict", own.store, "-o", tmp_path / "p", *both)
    assert (screened.code, predicted.code) == (3, 3), predicted.err
    assert predicted.out == f"{tmp_path / 'p' / 'predictions.csv'}\n"
    assert set(rows_of(tmp_path / "p")) == {"a", "b"}
    assert_near(rows_of(tmp_path / "p"), rows_of(tmp_path / "s"))
    mine, theirs = (
        json.loads((tmp_path / name / "predictions.json").read_text())["exams"] for name in "ps"
    )
    for one, other in zip(mine, theirs, strict=True):
        assert one.keys() == other.keys()
        assert one["warnings"] == other["warnings"]
        assert [m["weights"] for m in one["models"]] == [m["weights"] for m in other["models"]]
        assert [p["windows"] for m in one["models"] for p in m["passes"]] == [
            p["windows"] for m in other["models"] for p in m["passes"]
        ]
        for image, same in zip(one["images"], other["images"], strict=True):
            assert image.items() <= same.items()


def test_how_the_run_went_is_told(built: PredictStore, tmp_path: Path) -> None:
    ran = run(built, out := tmp_path / "p", "--seed", "4", "--json")
    assert ran.code == 3
    assert "heatmaps were made with seed 0; windows are drawn with 4" in ran.err
    about = json.loads((out / "run.json").read_text())
    assert (about["exams_read"], about["exams_refused"], about["seed"]) == (2, 1, 4)
    assert [one["file"] for one in about["weights"]] == ["main.safetensors"]
    assert about["recipe"]["window"]["cc"] == [160, 120]
    assert about["heatmaps"][0]["key"] == the_heatmaps(built.store).kind.key
    assert set(about["seconds"]) == {"load_weights", "read", "predict"}
    told = json.loads(ran.out)
    assert (told["exams"], told["predicted"], told["done_before"]) == (2, 2, 0)
    assert_written_nowhere([str(tmp_path), str(built.store.parent)], out)


def test_activations_are_those_of_screening_and_outlive_a_stop(
    built: PredictStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--weights", built.weights, "--weights", built.image_only, "--device", "cpu"]
    words += ["--passes", "2", "--hidden"]
    patches = ["--patch-weights", built.patches]
    screened = fourview("screen", built.table, "-o", tmp_path / "s", *words, *patches)
    assert screened.code == 3, screened.err

    def pressed(*arguments: Any, exam: str, **options: Any) -> Any:
        if exam == "b":
            raise KeyboardInterrupt
        return predict(*arguments, exam=exam, **options)

    call = ("predict", built.store, "-o", out := tmp_path / "p", *words)
    monkeypatch.setattr(predict_module, "predict", pressed)
    assert fourview(*call).code == 130
    monkeypatch.undo()
    ran = fourview(*call)
    assert "hidden.npz holds the activations of main alone" in ran.err
    assert "1 now on cpu, 1 before" in ran.err
    mine, theirs = (read_hidden(tmp_path / name) for name in "ps")
    assert mine.exams == theirs.exams == ("a", "b")
    assert np.allclose(mine.columns, theirs.columns, atol=1e-5)
    assert np.allclose(mine.fc, theirs.fc, atol=1e-5)
    assert np.abs(mine.columns[0] - mine.columns[1]).max() > 1e-3
    whole = fourview("predict", built.store, "-o", tmp_path / "w", *words)
    assert whole.code == 3
    assert (tmp_path / "w/hidden.npz").read_bytes() == (out / "hidden.npz").read_bytes()
    assert "hidden" not in json.loads((out / "predictions.json").read_text())["exams"][0]
    without = fourview("predict", built.store, "-o", out, *words[:-1])
    assert_refused(without, 1, "hidden is True there, and None here")


def test_exams_that_lack_views_are_refused_and_listed(built: PredictStore, tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("exam,patient,split\nc,1,test\nb,2,test\nx,3,test\n")
    choice = ["--splits", tmp_path / "splits.csv", "--split", "test"]
    ran = run(built, out := tmp_path / "p", *choice)
    assert ran.code == 3
    assert "refused: exam x: the store has no image of it\n" in ran.err
    assert "refused: exam c: has L-CC, R-CC, L-MLO; a view-wise model (main) reads" in ran.err
    assert "1 exam predicted: 1 now on cpu, 0 before; 2 refused\n" in ran.err
    refused = json.loads((out / "predictions.json").read_text())["refused"]
    assert [(one["name"], one["exam"]) for one in refused] == [("x", True), ("c", True)]
    assert list(rows_of(out)) == ["b"]
    (tmp_path / "c.txt").write_text("c\n")
    ran = run(built, tmp_path / "q", "--exams", tmp_path / "c.txt")
    assert ran.code == 1
    assert "error: no exam could be predicted\n" in ran.err


# Gone on with


def test_a_run_that_was_stopped_goes_on_and_gives_the_same_files(
    built: PredictStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(built, tmp_path / "whole")

    def pressed(*arguments: Any, exam: str, **options: Any) -> Any:
        if exam == "b":
            raise KeyboardInterrupt
        return predict(*arguments, exam=exam, **options)

    monkeypatch.setattr(predict_module, "predict", pressed)
    ran = run(built, out := tmp_path / "p")
    assert (ran.code, ran.err) == (130, "stopped by Ctrl-C\n")
    assert [path.name for path in out.iterdir()] == ["predictions.jsonl"]
    monkeypatch.undo()
    with (out / "predictions.jsonl").open("a") as file:
        file.write('{"exam": {"exam": "b", "prob')  # as a power cut leaves it
    told = json.loads(run(built, out, "--json").out)
    assert (told["predicted"], told["done_before"]) == (1, 1)
    assert tables(out) == tables(tmp_path / "whole")
    assert json.loads(run(built, out, "--json").out)["done_before"] == 2
    assert tables(out) == tables(tmp_path / "whole")


def test_an_exam_whose_image_was_prepared_anew_is_predicted_anew(
    own: PredictStore, tmp_path: Path
) -> None:
    run(own, out := tmp_path / "p")
    sidecar = own.store / "views/a/L-CC.json"
    values = json.loads(sidecar.read_text())
    values["array"]["sha256"] = "f" * 64
    sidecar.write_text(json.dumps(values))
    ran = run(own, out, "--json")
    told = json.loads(ran.out)
    assert [one["exam"] for one in told["refused"]] == ["c", "a"]
    assert "made before the image was prepared anew" in told["refused"][1]["reason"]
    assert list(rows_of(out)) == ["b"]
    fourview("heatmaps", own.store, "--patch-weights", own.patches, "--device", "cpu")
    assert json.loads(run(own, out, "--json").out)["done_before"] == 1
    assert list(rows_of(out)) == ["a", "b"]


def test_predictions_of_other_values_are_not_gone_on_with(
    built: PredictStore, tmp_path: Path
) -> None:
    run(built, out := tmp_path / "p")
    before = tables(out)
    for words, said in (
        (["--seed", "1"], "seed is 0 there, and 1 here"),
        (["--passes", "3"], "recipe.1.prediction.passes is 1 there, and 3 here"),
        (["--weights", built.image_only], "weights is ["),
    ):
        ran = run(built, out, *words)
        assert ran.code == 1
        assert f"error: {out}: holds other predictions: " in ran.err
        assert said in ran.err
    (out / "predictions.jsonl").write_text("no journal\n")
    assert_refused(run(built, out), 1, "no journal of predictions", "delete it to begin anew")
    assert tables(out)["predictions.csv"] == before["predictions.csv"]


def test_two_runs_do_not_write_the_same_predictions(built: PredictStore, tmp_path: Path) -> None:
    run(built, out := tmp_path / "p")
    about = json.loads((out / "predictions.jsonl").read_text().splitlines()[0])
    del about["fourview predictions"]
    with PredictionJournal(out, about) as journal:
        assert len(journal) == 2
        assert_refused(run(built, out), 1, "another run is writing these predictions")
    assert run(built, out).code == 3


def test_a_full_disk_is_told_and_later_gone_on_from(
    built: PredictStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(built, tmp_path / "whole")
    write = Path.write_bytes

    def write_some(path: Path, data: Any) -> int:
        if "predictions.json" in path.name:
            write(path, data[:50])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_some)
    ran = run(built, out := tmp_path / "p")
    assert ran.code == 1
    assert "predictions.json: the disk is full\nhint: make room" in ran.err
    monkeypatch.undo()

    def no_room(*_: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PredictionJournal, "_write", no_room)
    assert_refused(run(built, tmp_path / "q"), 1, "predictions.jsonl: the disk is full")
    monkeypatch.undo()
    assert json.loads(run(built, out, "--json").out)["done_before"] == 2
    assert tables(out) == tables(tmp_path / "whole")
    assert run(built, tmp_path / "q").code == 3
    assert tables(tmp_path / "q") == tables(tmp_path / "whole")


# Refused


def assert_refused(ran: Ran, code: int, *said: str) -> None:
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert "error: " in ran.err
    for words in said:
        assert words in ran.err


def test_missing_heatmaps_are_told_before_any_work(own: PredictStore, tmp_path: Path) -> None:
    for path in own.store.glob("heatmaps/*/b/*MLO*.npz"):
        path.unlink()
    for path in own.store.glob("heatmaps/*/c/*.npz"):
        path.unlink()  # which cannot be read for want of a view
    ran = run(own, tmp_path / "p")
    assert_refused(ran, 1, "3 images without heatmaps, in 1 of the exams: b\n", "fourview heatmaps")
    assert not (tmp_path / "p" / "predictions.csv").exists()
    assert (
        fourview(*("predict", own.store, "-o", tmp_path / "q", "--weights", own.image_only)).code
        == 3
    )  # reads none
    shutil.rmtree(own.store / "heatmaps")
    assert_refused(run(own, tmp_path / "p"), 1, "no heatmaps as weights main read them: patches")


def test_a_damaged_grid_or_view_costs_its_exam_alone(own: PredictStore, tmp_path: Path) -> None:
    (grid,) = own.store.glob("heatmaps/*/a/L-CC.npz")
    grid.write_bytes(grid.read_bytes()[:100])
    ran = run(own, out := tmp_path / "p")
    assert ran.code == 3
    assert "refused: exam a: heatmaps/" in ran.err
    assert list(rows_of(out)) == ["b"]
    (own.store / "views/b/L-CC.b2nd").unlink()
    ran = run(own, tmp_path / "q")
    assert ran.code == 1
    assert "refused: exam b: views/b/L-CC.b2nd: " in ran.err


def test_heatmaps_of_other_weights_or_strides_are_not_read(
    own: PredictStore, tmp_path: Path
) -> None:
    other = write_small_weights(tmp_path / "other.safetensors", patch_info(), 9)
    ran = run(own, tmp_path / "p", "--patch-weights", other)
    assert_refused(ran, 1, "has no heatmaps of patch weights ", ", of patch weights ")
    ran = run(own, tmp_path / "p", "--set", "heatmaps.stride_px=16")
    assert_refused(ran, 1, "patches of 32 px at steps of 16 px", "32 px at 28 px")
    mine = the_heatmaps(own.store)
    StoredHeatmaps.begun(own.store, replace(mine.kind, patch_weights="f" * 64))
    assert_refused(run(own, tmp_path / "p"), 1, "has 2 sets of heatmaps for weights main")
    assert not (tmp_path / "p").exists()
    assert run(own, tmp_path / "p", "--patch-weights", own.patches).code == 3
    other = StoredHeatmaps.begun(own.store, replace(mine.kind, seed=7))
    assert run(own, tmp_path / "p", "--patch-weights", own.patches).code == 3
    named = (own.patches, "--seed", "5")
    ran = run(own, tmp_path / "q", "--patch-weights", *named)
    assert_refused(ran, 1, f"{other.kind.name}, of patch weights ", "--heatmaps ")
    assert run(own, tmp_path / "q", "--heatmaps", mine.kind.name, "--seed", "5").code == 3


def test_a_store_of_another_recipe_is_refused(built: PredictStore, tmp_path: Path) -> None:
    half = breast_info(recipe=replace(SMALL, scale=0.5))
    path = write_small_weights(tmp_path / "half.safetensors", half)
    ran = run(replace(built, weights=path), tmp_path / "p")
    assert_refused(ran, 2, "a store of another recipe: scale is 1.0 there, 0.5 here")
    ran = run(built, tmp_path / "p", "--set", "crop.buffer_px=9")
    assert_refused(ran, 2, "crop.buffer_px is 3 there, 9 here")
    assert not (tmp_path / "p").exists()


def test_weights_that_are_no_breast_level_ones_are_told(
    built: PredictStore, tmp_path: Path
) -> None:
    ran = run(replace(built, weights=built.patches), tmp_path / "p")
    assert_refused(ran, 1, "are of a patch_densenet121, not of a breast_model")
    ran = fourview("predict", built.store, "-o", tmp_path / "p")
    assert ran.code == 2
    assert run(built, tmp_path / "p", "--split", "test").code == 2
    assert run(built, tmp_path / "p", "--passes", "0").code == 2
    (tmp_path / "file").touch()
    assert_refused(run(built, tmp_path / "file"), 1, "cannot be written")
    assert_refused(run(replace(built, store=tmp_path), tmp_path / "p"), 1, "no store.json there")


def test_untrained_weights_are_told_of(built: PredictStore, tmp_path: Path) -> None:
    info = replace(breast_info(inputs="image"), trained=False)
    path = write_small_weights(tmp_path / "fresh.safetensors", info)
    ran = run(replace(built, weights=path), out := tmp_path / "p")
    assert "know nothing" in ran.err
    notices = json.loads((out / "predictions.json").read_text())["notices"]
    assert "know nothing" in notices[0]
    rows = list(csv.reader((out / "predictions.csv").read_text().splitlines()))
    assert [row[0] for row in rows] == ["exam", "a", "b"]
