"""`fourview heatmaps`: what it puts into a store, who shares the work, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fourview.core.chance import draws_by_view
from fourview.core.geometry import Box
from fourview.core.recipe import HeatmapRecipe
from fourview.dataset.predicting import exam_heatmaps
from fourview.dataset.predicting.chosen_exams import ExamChoice
from fourview.dataset.predicting.exam_heatmaps import ExamImages, HeatmapWork, Made, make_exam
from fourview.dataset.predicting.heatmaps import HeatmapOptions, _nobody, make_store_heatmaps
from fourview.imaging.tiling import overlap_average_within
from fourview.inference.heatmaps import heatmaps_of, make_heatmaps, patch_grid
from fourview.inference.networks import patch_classifier
from fourview.io.checkpoint import read_weights
from fourview.io.store import Store
from fourview.io.store.claims import Claims
from support.command import Ran, fourview
from support.one_thread import one_thread
from support.predict_stores import PredictStore, build_predict_store, the_heatmaps
from support.small_exams import SMALL, breast_info, patch_info, write_small_weights

__all__ = ["one_thread"]
SOON_S = 90.0
IMAGES = 12
QUICK = ("--device", "cpu", "--set", "heatmaps.stride_px=32")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> PredictStore:
    return build_predict_store(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def whole(built: PredictStore, tmp_path_factory: pytest.TempPathFactory) -> PredictStore:
    """With heatmaps that nobody stopped. Not to be written to."""
    done = replace(built, store=tmp_path_factory.mktemp("whole") / "store")
    shutil.copytree(built.store, done.store)
    assert run(done).code == 0
    return done


@pytest.fixture
def bare(built: PredictStore, tmp_path: Path) -> PredictStore:
    """Without heatmaps, to be written to."""
    return replace(built, store=Path(shutil.copytree(built.store, tmp_path / "store")))


@pytest.fixture
def filled(whole: PredictStore, tmp_path: Path) -> PredictStore:
    """With heatmaps, to be written to."""
    return replace(whole, store=Path(shutil.copytree(whole.store, tmp_path / "store")))


def run(on: PredictStore, *more: str | Path) -> Ran:
    return fourview("heatmaps", on.store, "--patch-weights", on.patches, *QUICK, *more)


def told(ran: Ran) -> dict[str, Any]:
    assert ran.code in (0, 3), ran.err
    values: dict[str, Any] = json.loads(ran.out)
    return values


def tree(on: PredictStore) -> dict[str, bytes]:
    folder = on.store / "heatmaps"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_grid(on: PredictStore, name: str = "a/L-CC.npz") -> Path:
    (path,) = (on.store / "heatmaps").glob(f"*/{name}")
    return path


# What is stored


@pytest.mark.parametrize(
    ("chance", "facing"), [("exam", "rightward"), ("released", "rightward"), ("exam", "stored")]
)
def test_the_stored_grid_expanded_is_the_heatmap_that_screening_makes(
    chance: str, facing: str, bare: PredictStore
) -> None:
    settings = (f"prediction.chance={chance}", f"heatmaps.facing={facing}")
    (bare.store.parent / "b.txt").write_text("b\n")
    words = [word for setting in settings for word in ("--set", setting)]
    assert run(bare, *words, "--seed", "5", "--exams", bare.store.parent / "b.txt").code == 0
    store, heatmaps = Store.open(bare.store), the_heatmaps(bare.store)
    classifier = patch_classifier(*read_weights(bare.patches), torch.device("cpu"))
    draws = draws_by_view(chance, 5, "b", "strides")
    how = HeatmapRecipe(patch_px=32, stride_px=32, facing=facing)
    assert [len(images) for images in store.views("b")] == [1, 1, 1, 2]
    for images in store.views("b"):
        for view in images:
            wanted = make_heatmaps(view.prepared(), classifier, how, draws.of(view.view))
            grid = heatmaps.read("b", view.image, of=view.sha256)
            found = heatmaps_of(grid, view.shape)
            box = Box(0, view.shape[0], 0, view.shape[1])
            for name in ("benign", "malignant"):
                np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
                part = overlap_average_within(
                    box, grid.rows, grid.columns, grid.of(name), patch_px=32
                )
                np.testing.assert_allclose(part, getattr(wanted, name), atol=1e-6)


def test_every_image_has_its_grid_and_the_command_tells_what_it_did(whole: PredictStore) -> None:
    grids = [path for path in tree(whole) if path.endswith(".npz")]
    assert len(grids) == IMAGES
    assert sorted(path.split("/", 1)[1] for path in grids)[:2] == ["a/L-CC.npz", "a/L-MLO.npz"]
    assert not [path for path in tree(whole) if "claim" in path or "partial" in path]
    ran = run(whole)
    assert ran.code == 0
    assert ran.out == f"{a_grid(whole).parents[1]}\n"
    assert ran.err.startswith(f"0 images read now, {IMAGES} were there; 0 patches in ")


def test_exams_are_chosen_by_list_or_split(bare: PredictStore) -> None:
    (folder := bare.store.parent / "lists").mkdir()
    (folder / "some.txt").write_text("c\n\nnobody\n")
    (folder / "splits.csv").write_text("exam,patient,split\na,1,test\nb,2,training\nc,3,test\n")
    found = told(run(bare, "--exams", folder / "some.txt", "--json"))
    assert (found["images"], found["made"], found["not_in_store"]) == (3, 3, ["nobody"])
    choice = ["--splits", folder / "splits.csv", "--split", "test"]
    found = told(run(bare, *choice, "--json"))
    assert (found["images"], found["made"], found["there_before"]) == (7, 4, 3)
    assert found["patches"] > 0


# Gone on with


def test_what_is_missing_damaged_or_of_other_pixels_is_made_anew(
    filled: PredictStore, whole: PredictStore
) -> None:
    a_grid(filled).unlink()
    half = a_grid(filled, "b/R-MLO_2.npz")
    half.write_bytes(half.read_bytes()[:500])
    heatmaps = the_heatmaps(filled.store)
    heatmaps.write("c", "L-CC", heatmaps.read("c", "L-CC"), of="another image's")
    (half.parent / ".L-CC.npz.77.partial").write_bytes(b"half")
    assert told(run(filled, "--json"))["made"] == 3
    assert tree(filled) == tree(whole)


def test_strides_that_views_share_are_drawn_the_same_after_a_restart(bare: PredictStore) -> None:
    """The released chance draws one view after another from one stream."""
    (bare.store.parent / "a.txt").write_text("a\n")
    words = ["--set", "prediction.chance=released", "--exams", bare.store.parent / "a.txt"]
    run(bare, *words)
    before = tree(bare)
    a_grid(bare, "a/R-CC.npz").unlink()
    assert told(run(bare, *words, "--json"))["made"] == 1
    assert tree(bare) == before


def test_ctrl_c_leaves_what_is_done_and_no_claim(
    bare: PredictStore, whole: PredictStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(prepared: Any, *arguments: Any, **options: Any) -> Any:
        if prepared.source == "b_L-CC.png":
            raise KeyboardInterrupt
        return patch_grid(prepared, *arguments, **options)

    monkeypatch.setattr(exam_heatmaps, "patch_grid", pressed)
    ran = run(bare)
    assert (ran.code, ran.err) == (130, "stopped by Ctrl-C\n")
    assert not [path for path in tree(bare) if "claim" in path]
    monkeypatch.undo()
    assert told(run(bare, "--json"))["there_before"] == 4
    assert tree(bare) == tree(whole)


def test_a_full_disk_is_told_and_later_gone_on_from(
    bare: PredictStore, whole: PredictStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def write_some(path: Path, data: Any) -> int:
        if path.name.startswith(".R-CC.npz") and path.parent.name == "b":
            write(path, data[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_some)
    ran = run(bare)
    assert ran.code == 1
    assert "R-CC.npz: the disk is full\nhint: make room" in ran.err
    assert not [path for path in tree(bare) if "claim" in path or "partial" in path]
    monkeypatch.undo()
    assert run(bare).code == 0
    assert tree(bare) == tree(whole)


# Shared


def process(on: PredictStore, *more: str) -> subprocess.Popen[str]:
    """`fourview heatmaps` as a process of its own."""
    command = [sys.executable, "-m", "fourview", "heatmaps", str(on.store), "--patch-weights"]
    command += [str(on.patches), *QUICK, "--json", *more]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_two_processes_share_the_exams_and_make_no_image_twice(
    bare: PredictStore, whole: PredictStore
) -> None:
    with process(bare) as one, process(bare) as other:
        said = [running.communicate(timeout=SOON_S) for running in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    counts = [json.loads(out) for out, _ in said]
    assert sum(count["made"] for count in counts) == IMAGES
    assert [count["images"] for count in counts] == [IMAGES, IMAGES]
    assert tree(bare) == tree(whole)


def test_a_process_that_was_killed_is_gone_on_from_at_once(
    bare: PredictStore, whole: PredictStore
) -> None:
    with process(bare, "--batch-size", "1") as running:
        end = time.monotonic() + SOON_S
        while not list(bare.store.glob("heatmaps/*/*/*.npz")):
            assert time.monotonic() < end
            assert running.poll() is None, running.communicate()
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert [path for path in tree(bare) if path.endswith(".claim")]
    found = told(run(bare, "--json"))
    assert 0 < found["made"] < IMAGES
    assert tree(bare).keys() == tree(whole).keys()


def test_the_work_can_be_handed_to_other_processes(whole: PredictStore) -> None:
    """`--jobs`: an exam made by what came out of a pickle."""
    kind = Store.open(whole.store).kind
    heatmaps = the_heatmaps(whole.store)
    claims = Claims(heatmaps.folder, time.time)
    work = HeatmapWork(whole.store, kind, heatmaps, whole.patches, "cpu", 16, claims)
    sent = pickle.loads(pickle.dumps(partial(make_exam, work, on_patches=_nobody)))
    assert sent(ExamImages("a", ("L-CC", "R-CC"))) == Made("a")


class Silent:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.counts: list[tuple[int, int]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def at(self, done: int, total: int) -> None:
        self.counts.append((done, total))


def test_an_exam_that_another_worker_has_is_left_to_it_and_waited_for(
    filled: PredictStore,
) -> None:
    grid = a_grid(filled)
    content = grid.read_bytes()
    grid.unlink()
    claim = grid.parents[1] / ".a.claim"
    other = {"host": socket.gethostname(), "pid": os.getpid(), "started": 1000.0}
    claim.write_text(json.dumps(other))
    slept = []

    def sleep(seconds: float) -> None:
        """Meanwhile, the other worker is done."""
        slept.append(seconds)
        grid.write_bytes(content)
        claim.unlink()

    talk = Silent()
    result = make_store_heatmaps(
        filled.store,
        ExamChoice(),
        HeatmapOptions(
            patch_weights=filled.patches, device="cpu", settings=("heatmaps.stride_px=32",)
        ),
        clock=time.perf_counter,
        now=lambda: 1060.0,
        sleep=sleep,
        talk=talk,
    )
    assert len(slept) == 1
    assert (result.made, result.there_before, result.exit_code) == (0, IMAGES, 0)
    assert talk.notes == ["other workers have the exam that is left: waiting for them"]
    assert talk.counts[-1] == (0, 0)


@pytest.mark.parametrize(
    ("host", "pid", "age_s"), [("elsewhere", 1, 3700.0), (socket.gethostname(), 2**22 + 1, 1.0)]
)
def test_a_stale_claim_is_taken_over(
    host: str, pid: int, age_s: float, filled: PredictStore, whole: PredictStore
) -> None:
    grid = a_grid(filled)
    grid.unlink()
    claim = {"host": host, "pid": pid, "started": time.time() - age_s}
    (grid.parents[1] / ".a.claim").write_text(json.dumps(claim))
    assert told(run(filled, "--json"))["made"] == 1
    assert tree(filled) == tree(whole)


# Refused


def assert_refused(ran: Ran, code: int, *said: str) -> None:
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert len(ran.err.splitlines()) <= 2
    for words in said:
        assert words in ran.err


def test_an_image_that_cannot_be_read_is_listed_and_stops_no_other(bare: PredictStore) -> None:
    (bare.store / "views/a/L-CC.b2nd").unlink()
    (bare.store / "views/b/L-CC.json").write_text("{")
    ran = run(bare, "--json")
    assert ran.code == 3
    assert [one["image"] for one in told(ran)["refused"]] == [
        *("a/L-CC", "b/L-CC", "b/R-CC", "b/L-MLO", "b/R-MLO", "b/R-MLO_2")
    ]
    assert "refused: a/L-CC: " in ran.err
    assert "--verify" in ran.err
    assert told(ran)["made"] == IMAGES - 6


def test_a_store_without_views_is_told(bare: PredictStore) -> None:
    index = bare.store / "views.csv"
    lines = index.read_text().splitlines()
    index.write_text(
        "\n".join([lines[0], *(line.replace(",ok,", ",refused,") for line in lines[1:])])
    )
    assert_refused(run(bare), 1, "there are no views in this store")
    index.unlink()
    assert_refused(run(bare), 1, "this store is not finished")
    shutil.rmtree(bare.store)
    assert_refused(run(bare), 1, "no such folder")


def test_weights_that_do_not_belong_to_the_store_are_told(
    bare: PredictStore, tmp_path: Path
) -> None:
    breast = write_small_weights(tmp_path / "breast.safetensors", breast_info())
    ran = run(replace(bare, patches=breast))
    assert_refused(ran, 1, "are of a breast_model, not of a patch_densenet121")
    other = patch_info(recipe=replace(SMALL, scale=0.5))
    half = write_small_weights(tmp_path / "half.safetensors", other)
    ran = run(replace(bare, patches=half))
    assert_refused(ran, 1, "read images at scale 0.5; ", "is prepared at scale 1")
    assert_refused(run(replace(bare, patches=tmp_path / "none")), 1, "cannot be read")
    (tmp_path / "text").write_text("no weights")
    assert_refused(run(replace(bare, patches=tmp_path / "text")), 1, "not a fourview weights file")
    assert not (bare.store / "heatmaps").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "crop.buffer_px=9"], "heatmaps.* and prediction.chance may be set here"),
        (["--set", "scale=0.5"], "heatmaps.* and prediction.chance may be set here"),
        (["--set", "heatmaps.stride=9"], "no setting 'stride'"),
        (["--recipe", "tiny"], "recipe tiny is of scale 0.1"),
        (["--batch-size", "0"], "--batch-size is 0"),
        (["--jobs", "0"], "--jobs is 0"),
        (["--stale-after", "0"], "--stale-after is 0"),
        (["--seed", "-1"], "--seed is -1"),
        (["--split", "test"], "--splits and --split need each other"),
        (["--splits", "s.csv", "--split", "tset"], "--split is 'tset'; it may be training"),
        (["--splits", "s.csv", "--split", "test", "--exams", "e.txt"], "both choose exams"),
    ],
)
def test_a_wrong_call_is_told_before_any_work(
    words: list[str], said: str, bare: PredictStore
) -> None:
    assert_refused(run(bare, *words), 2, said)
    assert not (bare.store / "heatmaps").exists()


def test_exams_that_are_not_in_the_store_are_told(bare: PredictStore, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("exam,patient,split\nx,1,test\na,2,training\n")
    words = ["--splits", tmp_path / "s.csv", "--split"]
    assert_refused(run(bare, *words, "test"), 1, "has none of its 1 exams of the test split")
    assert_refused(run(bare, *words, "validation"), 1, "no exam is in the validation split")
    (tmp_path / "e.txt").write_text("\n")
    assert_refused(run(bare, "--exams", tmp_path / "e.txt"), 1, "names no exam")
    assert_refused(run(bare, "--exams", tmp_path / "none"), 1, "cannot be read")
