"""Figure S13 from a run's log."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.train_recipe import ExamSection, TrainRecipe, TrainSection
from fourview.io.run_folder import RunFolder
from fourview.training.curves import Ran, best_epoch, draw_ensemble, draw_run, ensemble_panels
from fourview.training.curves import run_panels as panels_of_run
from fourview.training.loop import Progress

KEYS = {
    "cancer": ("malignant", "benign"),
    "birads": ("birads_0", "birads_1", "birads_2"),
    "patch": ("malignant", "benign"),
}


def log(task: str, epochs: int = 3) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "loss": 1 / epoch,
            "score": 0.5 + epoch / 100,
            **{
                f"{part}_{key}": 0.5 + epoch / 50
                for part in ("training", "validation")
                for key in KEYS[task]
            },
            **({"validation_loss": 2 / epoch} if task == "patch" else {}),
            "seconds": 1.0,
        }
        for epoch in range(1, epochs + 1)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_best_epoch_is_the_one_whose_weights_the_loop_keeps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random(12) < 0.3, math.nan, rng.integers(0, 5, 12) / 4)
    progress = Progress()
    for score in scores:
        progress = progress.after(float(score))
    entries = [{"epoch": n + 1, "score": float(score)} for n, score in enumerate(scores)]
    assert (best_epoch(entries) or 0) == progress.best_epoch


@pytest.mark.parametrize("task", KEYS)
def test_each_task_has_a_panel_of_its_aucs_and_one_of_its_loss(task: str) -> None:
    aucs, loss = panels_of_run(task, log(task))
    assert len(aucs.curves) == 2 * len(KEYS[task])
    assert [curve.training for curve in loss.curves] == ([True, False] if task == "patch" else [1])
    assert loss.curves[-1].best == 3
    assert {curve.best for curve in aucs.curves if not curve.training} == {3}
    training = next(curve for curve in aucs.curves if curve.training)
    assert list(training.values) == [0.52, 0.54, 0.56]


def test_networks_of_an_ensemble_are_told_apart_by_seed_and_variants_by_name() -> None:
    runs = [Ran("view-wise", seed, log("cancer", 2 + seed)) for seed in (0, 1)]
    malignant, benign, loss = ensemble_panels("cancer", runs)
    assert [curve.name for curve in malignant.curves] == ["seed 0", "seed 0", "seed 1", "seed 1"]
    assert [curve.best for curve in loss.curves] == [2, 3]
    runs.append(Ran("joint", 0, log("cancer")))
    _, benign, _ = ensemble_panels("cancer", runs)
    assert {curve.name for curve in benign.curves} == {"view-wise", "joint"}


@pytest.mark.parametrize("others", [1.0, 2.5])
def test_the_picture_says_which_exams_the_curves_are_of(tmp_path: Path, others: float) -> None:
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, log("cancer"))) + "\n")
    draw_run(RunFolder(tmp_path), TrainRecipe(exams=ExamSection(others=others)))
    svg = (tmp_path / "curves.svg").read_text()
    assert "best epoch 3 of 3, score 0.530" in svg
    assert ("as many others" if others == 1 else "2.5 times as many others") in svg
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_epoch_that_heatmaps_are_made_with_is_shown(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, log("patch"))) + "\n")
    draw_run(RunFolder(tmp_path), TrainRecipe(train=TrainSection(task="patch")), selected=2)
    assert "epoch 2, selected by heatmaps" in (tmp_path / "curves.svg").read_text()


def test_nothing_is_drawn_before_the_first_epoch_is_done(tmp_path: Path) -> None:
    draw_run(RunFolder(tmp_path), TrainRecipe())
    assert not list(tmp_path.iterdir())


def test_several_networks_are_drawn_into_their_common_folder(tmp_path: Path) -> None:
    draw_ensemble(tmp_path, TrainRecipe(), [Ran("view-wise", n, log("cancer")) for n in range(2)])
    svg = (tmp_path / "curves.svg").read_text()
    assert "view-wise: 2 networks" in svg
    assert "seed 1" in svg
