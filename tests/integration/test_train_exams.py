"""The breast-level trainings from files to weights, by the command."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from fourview.core.records import ExamLabels, SplitRecord
from fourview.core.views import Label
from fourview.io.checkpoint import read_weights
from fourview.io.label_table import write_label_table
from fourview.io.run_folder import RunFolder
from fourview.io.split_table import write_split_table
from fourview.io.store import Store
from support.command import Ran, fourview
from support.one_thread import one_thread
from support.stores import RECIPE, write_heatmaps, write_store

__all__ = ["one_thread"]

EXAMS = [f"e{n:02}" for n in range(20)]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Data:
    """A store with its tables."""

    folder: Path

    def command(self, task: str, out: Path, *more: str) -> list[str]:
        """The command line, its epochs few; what comes last wins."""
        noise = [f"window.{what}_noise_px=6" for what in ("location", "size")]
        noise += ["heatmaps.patch_px=32", "heatmaps.stride_px=20"]
        few = ["train.epochs=2", "train.learning_rate=1e-4", "train.batch_size=4"]
        settings = [word for setting in (*noise, *few) for word in ("--set", setting)]
        return [
            *("train", task, str(self.folder / "store")),
            *("--labels", str(self.folder / "labels.csv")),
            *("--splits", str(self.folder / "splits.csv")),
            *("-o", str(out), "--device", "cpu", *settings, *more),
        ]

    def train(self, task: str, out: Path, *more: str) -> Ran:
        return fourview(*self.command(task, out, *more))


def labels(number: int) -> ExamLabels:
    bits = 5 * number + 3 if number % 3 else 0
    values = {label: bool(bits >> place & 1) for place, label in enumerate(Label)}
    biopsied = any(values.values())
    return ExamLabels(exam=EXAMS[number], values=values, biopsied=biopsied, birads=number % 3)


def write_splits(path: Path, splits: Sequence[str]) -> None:
    rows = zip(EXAMS, splits, strict=True)
    write_split_table(path, [SplitRecord(exam=e, patient=f"p-{e}", split=s) for e, s in rows])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("data")
    write_heatmaps(write_store(folder / "store", EXAMS))
    write_label_table(folder / "labels.csv", map(labels, range(len(EXAMS))))
    write_splits(folder / "splits.csv", ["training"] * 10 + ["validation"] * 8 + ["test"] * 2)
    return Data(folder)


@pytest.fixture(scope="module")
def birads(data: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "birads"
    done = data.train("birads", out, "--set", "train.epochs=1")
    assert done.code == 0, done.err
    return out / "best.safetensors"


def state(folder: Path) -> dict[str, torch.Tensor]:
    found = RunFolder(folder).read_state()
    assert found is not None
    return dict(found["network"])


def test_the_chain_pretrains_transfers_and_says_what_it_did(
    data: Data, birads: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    recipe = ("--recipe", "paper-image-and-heatmaps")
    done = data.train("cancer", out, *recipe, "--from", str(birads))
    assert done.code == 0, done.err
    assert "10 exams to train on, 8 to validate" in done.err
    assert "epoch 2: loss" in done.err
    assert done.out.startswith(str(out / "best.safetensors"))
    info, _ = read_weights(out / "best.safetensors")
    assert (info.inputs, info.target, info.variant) == ("image-and-heatmaps", "cancer", "view-wise")
    assert info.provenance["begun_with"].startswith("the columns of weights birads")
    assert info.recipe.preparation() == RECIPE.preparation()
    log = RunFolder(out).read_log()
    assert [entry["epoch"] for entry in log] == [1, 2]
    about = json.loads((out / "about.json").read_text())
    assert about["data"]["training"] == 10
    assert json.loads((out / "environment.json").read_text())["device"] == "cpu"
    assert all((out / name).stat().st_size > 10_000 for name in ("curves.png", "windows.png"))
    assert "validation" in (out / "curves.svg").read_text()


def test_several_seeds_are_an_ensemble_with_fresh_heads_and_the_same_columns(
    data: Data, birads: Path, tmp_path: Path
) -> None:
    more = ("--from", str(birads), "--seeds", "2", "--set", "train.epochs=1")
    done = data.train("cancer", tmp_path, *more, "--set", "train.learning_rate=0.0")
    assert done.code == 0, done.err
    one, other = (state(tmp_path / f"seed-{n}") for n in (0, 1))
    _, pretrained = read_weights(birads)
    for key, tensor in one.items():
        if key.endswith("weight") and "bn" not in key:
            of_columns = key.startswith("columns.")
            assert torch.equal(tensor, other[key]) == of_columns, key
            if of_columns:
                assert torch.equal(tensor, pretrained[key]), key
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert [one["seed"] for one in summary["networks"]] == [0, 1]
    assert "view-wise: 2 networks" in (tmp_path / "curves.svg").read_text()


def test_all_variants_are_compared_by_their_validation_auc(data: Data, tmp_path: Path) -> None:
    done = data.train("cancer", tmp_path, "--compare", "--set", "train.epochs=1")
    assert done.code == 0, done.err
    summary = json.loads((tmp_path / "summary.json").read_text())
    means = summary["mean_validation_auc"]
    assert sorted(means) == ["breast-wise", "image-wise", "joint", "view-wise"]
    assert means[summary["best_variant"]] == max(means.values())
    assert "image: 4 networks" in (tmp_path / "curves.svg").read_text()


def test_weights_of_the_same_kind_are_fine_tuned_whole(data: Data, tmp_path: Path) -> None:
    done = data.train("cancer", tmp_path / "one", "--set", "train.epochs=1")
    assert done.code == 0, done.err
    first = tmp_path / "one" / "best.safetensors"
    more = ("--from", str(first), "--set", "train.epochs=1", "--set", "train.learning_rate=0.0")
    done = data.train("cancer", tmp_path / "two", *more, "--no-tensorboard")
    assert done.code == 0, done.err
    has_events = [(tmp_path / name / "tensorboard").exists() for name in ("one", "two")]
    assert has_events == [importlib.util.find_spec("tensorboard") is not None, False]
    after, before = state(tmp_path / "two"), read_weights(first)[1]
    assert all(torch.equal(after[key], t) for key, t in before.items() if "heads" in key)


@pytest.mark.slow
def test_a_killed_training_ends_with_the_same_weights_bit_for_bit(
    data: Data, tmp_path: Path
) -> None:
    few = ("--set", "train.epochs=5")
    assert data.train("cancer", tmp_path / "whole", *few).code == 0
    killed = tmp_path / "killed"
    running = subprocess.Popen(
        [sys.executable, "-m", "fourview", *data.command("cancer", killed, *few)],
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 120
    while not RunFolder(killed).read_log() and running.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    running.kill()
    running.wait()
    finished = len(RunFolder(killed).read_log())
    assert 1 <= finished < 5, "it must be killed in the middle for the test to mean anything"
    done = data.train("cancer", killed, *few)
    assert done.code == 0, done.err
    for name in ("whole", "killed"):
        assert [e["epoch"] for e in RunFolder(tmp_path / name).read_log()] == [1, 2, 3, 4, 5]
    after = state(killed)
    assert all(torch.equal(tensor, after[key]) for key, tensor in state(tmp_path / "whole").items())
    ours, theirs = (
        read_weights(tmp_path / name / "best.safetensors")[1] for name in ("whole", "killed")
    )
    assert all(torch.equal(tensor, theirs[key]) for key, tensor in ours.items())


def test_a_training_is_not_gone_on_with_on_a_store_that_was_made_anew(
    data: Data, tmp_path: Path
) -> None:
    own = Data(tmp_path / "own")
    shutil.copytree(data.folder, own.folder)
    assert own.train("cancer", tmp_path / "run", "--set", "train.epochs=1").code == 0
    index = own.folder / "store" / "views.csv"
    rows = index.read_text().splitlines()
    mean = rows[0].split(",").index("mean")
    cells = rows[1].split(",")
    cells[mean] = "1.5"
    index.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n")
    ran = own.train("cancer", tmp_path / "run")
    assert ran.code == 1
    assert "holds another training: data.images is" in ran.err


@pytest.mark.parametrize(
    ("task", "more", "code", "said"),
    [
        ("cancer", ["--set", "train.batchsize=4"], 2, "did you mean 'batch_size'"),
        ("cancer", ["--set", "nonsense.x=4"], 2, "no setting 'nonsense'"),
        ("birads", ["--recipe", "paper-image-only"], 2, "is for `fourview train cancer`"),
        ("cancer", ["--recipe", "papr"], 2, "no such recipe"),
        ("cancer", ["--device", "gpu"], 2, "it may be auto, cpu, cuda"),
        ("cancer", ["--device", "cuda"], 1, "1 GPUs are asked for; this machine has 0"),
        ("cancer", ["--devices", "3"], 1, "cannot be cut into 3 equal parts"),
        ("cancer", ["--from", "nowhere.safetensors"], 1, "cannot be read"),
        ("cancer", ["--labels", "nowhere.csv"], 1, "nowhere.csv"),
    ],
)
def test_a_wrong_call_is_one_line_before_any_work(
    data: Data, tmp_path: Path, task: str, more: list[str], code: int, said: str
) -> None:
    if said.startswith("1 GPUs") and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    done = data.train(task, tmp_path / "run", *more)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run" / "log.jsonl").exists()


def test_of_heatmaps_of_several_seeds_those_named_are_read(data: Data, tmp_path: Path) -> None:
    own = Data(tmp_path / "own")
    shutil.copytree(data.folder, own.folder)
    store = Store.open(own.folder / "store")
    mine, other = (write_heatmaps(store, seed=seed).kind for seed in (0, 7))
    few = ("--recipe", "paper-heatmaps-only", "--set", "train.epochs=1")
    ran = own.train("cancer", tmp_path / "run", *few)
    assert ran.code == 1
    assert f"{mine.name}: " in ran.err
    assert f"{other.name}: " in ran.err
    assert own.train("cancer", tmp_path / "run", *few, "--heatmaps", other.name).code == 0
    about = json.loads((tmp_path / "run" / "about.json").read_text())
    assert about["data"]["heatmaps"] == other.key


def test_a_store_without_heatmaps_is_refused(data: Data, tmp_path: Path) -> None:
    write_store(tmp_path / "store", EXAMS)
    more = ("--recipe", "paper-heatmaps-only")
    command = data.command("cancer", tmp_path / "run", *more)
    command[2] = str(tmp_path / "store")
    done = fourview(*command)
    assert done.code == 1
    assert "no sets of heatmaps" in done.err
    assert "fourview heatmaps" in done.err


def test_a_split_without_positives_is_refused(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "splits.csv"
    splits = ["validation" if n in (0, 3, 6) else "training" for n in range(len(EXAMS))]
    write_splits(path, splits)
    done = data.train("cancer", tmp_path / "run", "--splits", str(path))
    assert done.code == 1
    assert "validation split of 3 exams has no positive one for left_benign" in done.err


def test_a_patient_in_two_splits_is_refused_and_not_named(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "splits.csv"
    splits = ["training"] * 10 + ["validation"] * 8 + ["test"] * 2
    rows = [
        SplitRecord(exam=exam, patient="known-one" if n in (4, 12) else f"p{n}", split=split)
        for n, (exam, split) in enumerate(zip(EXAMS, splits, strict=True))
    ]
    write_split_table(path, rows)
    done = data.train("cancer", tmp_path / "run", "--splits", str(path))
    assert done.code == 1
    assert "patient in two splits: e04 (training), e12 (validation)" in done.err
    assert "known-one" not in done.err
    assert not (tmp_path / "run").exists()


def test_exams_that_cannot_be_read_are_counted_and_named(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    strange = replace(labels(0), exam="elsewhere")
    write_label_table(path, [strange, *(labels(n) for n in range(len(EXAMS)) if n != 1)])
    done = data.train("cancer", tmp_path / "run", "--labels", str(path), "--set", "train.epochs=1")
    assert done.code == 0, done.err
    assert "1 exams are left out: they have no labels (e01)" in done.err
    assert "1 exams are left out: they have labels, and are in no split (elsewhere)" in done.err
