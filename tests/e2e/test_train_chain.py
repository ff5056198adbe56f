"""The whole chain of the paper by its commands: from a synthetic population to predictions of
exams that no training saw. It shows that it runs, and that nothing of it is left out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fourview.core.views import Label
from support.command import Ran, fourview
from support.one_thread import one_thread

__all__ = ["one_thread"]


def run(*words: str | Path, codes: tuple[int, ...] = (0,)) -> Ran:
    ran = fourview(*words)
    assert ran.code in codes, f"{' '.join(map(str, words))}\n{ran.err}"
    assert "Traceback" not in ran.err
    return ran


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_the_chain_runs_from_phantoms_to_predictions_of_held_out_exams(tmp_path: Path) -> None:
    ph, labels, store = tmp_path / "ph", tmp_path / "labels", tmp_path / "store"
    exams, splits = ph / "exams.csv", tmp_path / "splits.csv"
    run(
        "phantom",
        ph,
        "-n",
        "24",
        "--seed",
        "36",
        "--scale",
        "0.1",
        "--enrich",
        "0.9",
        "--jobs",
        "2",
    )
    run(
        *("label", exams, "--biopsies", ph / "biopsies.csv", "--assessments", ph / "labels.csv"),
        *("--annotations", ph / "findings.csv", "-o", labels),
        codes=(0, 3),
    )
    parts = [f"split.{name}={part}" for name, part in PARTS.items()]
    run(
        *("split", exams, "--labels", labels / "labels.csv", "-o", splits),
        *(word for part in parts for word in ("--set", part)),
    )
    run("prepare", exams, "-o", store, "--recipe", "tiny", "--jobs", "2", codes=(0, 3))
    tables = ("--labels", labels / "labels.csv", "--splits", splits)

    def train(task: str, recipe: str, out: str, *more: str | Path) -> Path:
        words = ("train", task, store, *tables, "-o", tmp_path / out, "--recipe", recipe, *more)
        run(*words, "--device", "cpu")
        assert list((tmp_path / out).rglob("log.jsonl"))
        return tmp_path / out

    patch = train(
        "patch", "tiny-patch", "patch", *COARSE, *FEW, "--findings", labels / "findings.csv"
    )
    patch_weights = patch / "selected.safetensors"
    assert (patch / "patches.png").stat().st_size > 10_000
    assert "selected by heatmaps" in (patch / "curves.svg").read_text()
    assert len(json.loads((patch / "selection.json").read_text())["candidates"]) == 2
    run("heatmaps", store, "--patch-weights", patch_weights, "--device", "cpu")
    columns = train("birads", "tiny-birads", "birads") / "best.safetensors"
    both = train(
        "cancer", "tiny-image-and-heatmaps", "both", *COARSE, "--from", columns, "--seeds", "2"
    )
    members = [word for n in (0, 1) for word in ("--weights", both / f"seed-{n}/best.safetensors")]
    out = tmp_path / "predictions"
    run(
        *("predict", store, *members, "--patch-weights", patch_weights, "--splits", splits),
        *("--split", "test", "-o", out, "--device", "cpu"),
    )
    held_out = sorted(row["exam"] for row in rows(splits) if row["split"] == "test")
    predicted = rows(out / "predictions.csv")
    assert sorted(row["exam"] for row in predicted) == held_out
    assert all(0 < float(row[label.value]) < 1 for row in predicted for label in Label)


PARTS = {"training": 0.5, "validation": 0.35, "test": 0.15}
"""With this seed each label has exams with and without it in the first two."""
COARSE = ("--set", "heatmaps.stride_px=256")
FEW = ("--set", "train.epochs=2", "--set", "train.checkpoint_every=1")
