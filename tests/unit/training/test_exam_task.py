"""The breast-level trainings on a small store."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from fourview.core.errors import ImageError
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import HardwareSection, TrainRecipe, TrainSection
from fourview.core.views import FourViews, Label
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.io.run_folder import RunFolder
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.nn.breast_model import BreastModel
from fourview.training.exam_metrics import birads_metrics, cancer_metrics, figure_s13, outputs_of
from fourview.training.exam_task import Exams, ExamTask
from fourview.training.loop import begun, train
from support.one_thread import one_thread
from support.stores import RECIPE, write_heatmaps, write_store

__all__ = ["one_thread"]

EXAMS = [f"e{n}" for n in range(8)]


def labels(number: int) -> ExamLabels:
    bits = 3 * number + 1
    values = {label: bool(bits >> place & 1) for place, label in enumerate(Label)}
    return ExamLabels(
        exam=EXAMS[number], values=values, biopsied=any(values.values()), birads=number % 3
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, StoredHeatmaps]:
    store = write_store(tmp_path_factory.mktemp("store"), EXAMS)
    return store, write_heatmaps(store)


def task_on(
    data: tuple[Store, StoredHeatmaps],
    *,
    workers: int = 0,
    windows_on: str = "cpu",
    seed: int = 0,
    **settings: object,
) -> ExamTask:
    section = TrainSection(batch_size=4, epochs=2, patience=0, learning_rate=1e-4)
    recipe = TrainRecipe(
        train=replace(section, **settings),  # type: ignore[arg-type]
        hardware=HardwareSection(workers=workers, windows_on=windows_on),
    )
    train_section = recipe.train
    torch.manual_seed(seed)
    network = BreastModel(train_section.variant, train_section.inputs, target=train_section.task)
    info = WeightsInfo(
        name="t",
        architecture="breast_model",
        variant=train_section.variant,
        inputs=train_section.inputs,
        target=train_section.task,
        labels=expected_labels("breast_model", train_section.task),
        recipe=RECIPE,
    )
    known = {name: labels(n) for n, name in enumerate(EXAMS)}
    exams = Exams(
        store=data[0],
        heatmaps=data[1],
        window=RECIPE.window,
        training={name: known[name] for name in EXAMS[:6]},
        validation={name: known[name] for name in EXAMS},
    )
    return ExamTask(network, info, exams, recipe, seed=seed)


@pytest.mark.parametrize("inputs", ["image", "heatmaps", "image-and-heatmaps"])
@pytest.mark.parametrize("variant", ["view-wise", "image-wise", "breast-wise", "joint"])
def test_every_variant_trains_on_every_input(
    data: tuple[Store, StoredHeatmaps], variant: str, inputs: str
) -> None:
    task = task_on(data, variant=variant, inputs=inputs)
    (part,) = task.load(0, [EXAMS[:2]])
    loss, said = task.loss(task.network, part, torch.Generator().manual_seed(0))
    assert math.isfinite(float(loss.detach()))
    assert all(len(one) == len(outputs_of(task.branches)) for one in said.values())


def test_what_is_read_does_not_depend_on_the_workers(data: tuple[Store, StoredHeatmaps]) -> None:
    parts = [EXAMS[:2], EXAMS[2:5], EXAMS[5:]]
    alone, many = (list(task_on(data, workers=n).load(3, parts)) for n in (0, 3))
    for one, other in zip(alone, many, strict=True):
        assert one.names == other.names
        for mine, theirs in zip(one.inputs.views, other.inputs.views, strict=True):
            assert torch.equal(mine, theirs)


@pytest.mark.parametrize("inputs", ["image", "image-and-heatmaps"])
def test_where_windows_are_made_moves_a_training_by_rounding_only(
    data: tuple[Store, StoredHeatmaps], inputs: str
) -> None:
    losses, scores = [], []
    for place, workers in (("cpu", 0), ("device", 3)):
        task = task_on(data, windows_on=place, workers=workers, inputs=inputs)
        parts = list(task.load(1, [EXAMS[:2], EXAMS[2:5]]))
        for part in parts:
            loss, _ = task.loss(task.network, part, torch.Generator().manual_seed(0))
            losses.append(float(loss.detach()))
        task.network.eval()
        with torch.inference_mode():
            scores += [list(task.scores(task.network, EXAMS[:3]).values())]
    assert losses[:2] == pytest.approx(losses[2:], rel=1e-4)
    for one, other in zip(*scores, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_a_missing_file_stops_where_its_exam_would_have_come(
    tmp_path: Path,
) -> None:
    store = write_store(tmp_path, EXAMS)
    store.views("e3").r_cc[0].path.unlink()
    read = iter(task_on((store, write_heatmaps(store)), workers=2).load(0, [EXAMS[:2], EXAMS[2:4]]))
    assert next(read).names == ("e0", "e1")
    with pytest.raises(ImageError, match="e3"):
        next(read)


def test_epochs_read_other_windows_and_validation_the_optimal_ones(
    data: tuple[Store, StoredHeatmaps],
) -> None:
    task = task_on(data)
    first, second = (next(iter(task.load(epoch, [EXAMS[:1]]))) for epoch in (0, 1))
    assert not torch.equal(first.inputs.views.l_cc, second.inputs.views.l_cc)
    task.network.eval()
    with torch.inference_mode():
        scores = [task.scores(task.network, EXAMS[:3]) for _ in range(2)]
    assert scores[0] == scores[1]


def test_labels_ride_with_their_exams(data: tuple[Store, StoredHeatmaps]) -> None:
    (part,) = task_on(data).load(0, [["e5", "e2"]])
    assert part.inputs.labels.tolist() == [[0, 0, 0, 0], [1, 1, 1, 0]]
    assert part.inputs.birads.tolist() == [2, 2]


@pytest.mark.parametrize("task", ["cancer", "birads"])
def test_a_training_runs_from_the_store_to_weights(
    data: tuple[Store, StoredHeatmaps], tmp_path: Path, task: str
) -> None:
    fabric = Fabric(accelerator="cpu", devices=1)
    one = task_on(data, task=task, inputs="image")
    with begun(tmp_path, {}, fabric) as run:
        progress = train(one, one.recipe.train, run, fabric, seed=0)
    log = RunFolder(tmp_path).read_log()
    assert progress.epoch == len(log) == 2
    assert 0 <= log[-1]["score"] <= 1
    assert (tmp_path / "best.safetensors").exists()


def test_a_network_can_learn_its_training_exams_by_heart(
    data: tuple[Store, StoredHeatmaps],
) -> None:
    """It learns at all: the loss of two exams falls to less than a third in a few steps."""
    task = task_on(data, inputs="image", jitter=False, input_noise=0.0)
    (part,) = task.load(0, [["e1", "e6"]])
    optimiser = torch.optim.Adam(task.network.parameters(), lr=1e-3)
    losses = []
    for _ in range(12):
        loss, _ = task.loss(task.network, part, torch.Generator())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 3


def test_the_input_noise_is_added_to_every_channel(data: tuple[Store, StoredHeatmaps]) -> None:
    seen = []

    class Recording(torch.nn.Module):
        def forward(self, views: FourViews[torch.Tensor]) -> None:
            seen.append(views)
            raise StopIteration

    task = task_on(data, inputs="image-and-heatmaps", input_noise=0.01)
    (part,) = task.load(0, [EXAMS[:4]])
    with pytest.raises(StopIteration):
        task.loss(Recording(), part, torch.Generator().manual_seed(0))
    added = seen[0].l_cc - part.inputs.views.l_cc
    assert added.std(dim=(0, 2, 3)).tolist() == pytest.approx([0.01] * 3, rel=0.03)


def test_the_score_is_the_mean_of_the_four_labels_aucs() -> None:
    known = {name: labels(n) for n, name in enumerate(EXAMS)}
    outputs = outputs_of(task_branches := BreastModel("view-wise").branches)
    assert len(outputs) == 2 * 4 == sum(len(b.labels) for b in task_branches)
    perfect = {name: [float(v) for v in one.values.values()] * 2 for name, one in known.items()}
    found = cancer_metrics(perfect, perfect, known, outputs)
    assert (found["score"], found["training_malignant"], found["validation_benign"]) == (1, 1, 1)
    wrong_benign = {
        name: [1 - v if i % 4 < 2 else v for i, v in enumerate(values)]
        for name, values in perfect.items()
    }
    found = cancer_metrics(perfect, wrong_benign, known, outputs)
    assert found["score"] == 0.5
    assert figure_s13(wrong_benign, known, outputs) == {"malignant": 1, "benign": 0}


def test_the_pretraining_s_score_is_the_mean_of_three_one_against_rest_aucs() -> None:
    known = {name: labels(n) for n, name in enumerate(EXAMS)}
    perfect = {
        name: [float(one.birads == value) for value in range(3)] * 2 for name, one in known.items()
    }
    assert birads_metrics(perfect, perfect, known)["score"] == 1
    constant = {name: [1 / 3] * 6 for name in known}
    assert birads_metrics(perfect, constant, known)["score"] == 0.5
