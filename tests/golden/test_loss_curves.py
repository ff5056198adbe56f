"""The losses of the first 20 steps of each training, kept: a change that should not move a
training shows here that it does not.

To make the kept curves again, after it is known why they moved:

    python tests/golden/test_loss_curves.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fourview.core.records import ExamLabels
from fourview.core.train_recipe import HardwareSection, TrainRecipe, TrainSection
from fourview.core.views import Label
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.training.exam_task import Exams, ExamTask
from fourview.training.initial import initial_network
from fourview.training.loop import Task
from fourview.training.parts import parts_of_epoch
from fourview.training.patch_run import patch_task

sys.path.append(str(Path(__file__).parents[1]))  # as a script
from support.one_thread import one_thread
from support.patch_sets import IMAGES, write_patch_set
from support.patch_sets import RECIPE as PATCH_RECIPE
from support.stores import RECIPE, write_heatmaps, write_store

__all__ = ["one_thread"]

KEPT = Path(__file__).parent / "cases" / "loss_curves.json"
STEPS = 20
TRAININGS = ("patch", "birads", "cancer")


def exam_task(folder: Path, task: str) -> ExamTask:
    names = [f"e{n}" for n in range(8)]
    store = write_store(folder, names)
    labels = {
        name: ExamLabels(
            exam=name,
            values={label: bool((3 * n + 1) >> place & 1) for place, label in enumerate(Label)},
            biopsied=n % 2 == 0,
            birads=n % 3,
        )
        for n, name in enumerate(names)
    }
    section = TrainSection(
        task=task,
        inputs="image-and-heatmaps" if task == "cancer" else "image",
        batch_size=2,
        learning_rate=1e-5,
    )
    recipe = TrainRecipe(train=section, hardware=HardwareSection(workers=0))
    network, _ = initial_network(section, None, seed=0)
    info = WeightsInfo(
        name="curve",
        architecture="breast_model",
        variant=section.variant,
        inputs=section.inputs,
        target=task,
        labels=expected_labels("breast_model", task),
        recipe=RECIPE,
    )
    exams = Exams(store, write_heatmaps(store), RECIPE.window, training=labels, validation=labels)
    return ExamTask(network, info, exams, recipe, seed=0)


def task_of(folder: Path, name: str) -> Task:
    if name != "patch":
        return exam_task(folder, name)
    data = write_patch_set(folder)
    recipe = replace(PATCH_RECIPE, train=replace(PATCH_RECIPE.train, learning_rate=1e-5))
    return patch_task(
        data.store,
        data.findings,
        data.masks,
        data.labels,
        data.splits,
        recipe,
        seed=0,
        images=IMAGES,
    )


def curve(folder: Path, name: str) -> list[float]:
    """The losses of the first steps, epoch after epoch."""
    task = task_of(folder, name)
    recipe = task.recipe.train  # type: ignore[attr-defined]
    optimiser = torch.optim.Adam(
        task.network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    task.network.train()
    losses: list[float] = []
    for epoch in range(STEPS):
        steps = parts_of_epoch(task.order(epoch), batch_size=recipe.batch_size, accumulate=1)
        for part in task.load(epoch, [step[0] for step in steps]):
            loss, _ = task.loss(task.network, part, torch.Generator().manual_seed(len(losses)))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
            if len(losses) == STEPS:
                return losses
    raise AssertionError("an epoch has at least one step")


@pytest.mark.parametrize("name", TRAININGS)
def test_the_first_losses_are_those_that_were_kept(tmp_path: Path, name: str) -> None:
    """To 2 %: rounding differs between machines, and grows from step to step."""
    kept = json.loads(KEPT.read_text())[name]
    assert curve(tmp_path, name) == pytest.approx(kept, rel=0.02)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        found = {name: curve(Path(made) / name, name) for name in TRAININGS}
    KEPT.write_text(json.dumps(found, indent=1) + "\n")
