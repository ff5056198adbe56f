"""The patch training on a small store."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from fourview.core.errors import TrainingError, WeightsError
from fourview.core.recipe import Recipe
from fourview.core.train_recipe import HardwareSection, TrainRecipe
from fourview.core.weights import PATCH_CLASSES
from fourview.inference.networks import patch_classifier
from fourview.io.checkpoint import read_weights
from fourview.io.run_folder import RunFolder
from fourview.nn.densenet121 import DenseNet121
from fourview.training.loop import begun, train
from fourview.training.losses import class_weights, patch_loss
from fourview.training.patch_metrics import patch_metrics, patch_name
from fourview.training.patch_run import patch_task
from fourview.training.patch_task import PatchTask
from support.one_thread import one_thread
from support.patch_sets import IMAGES, RECIPE, PatchSet, recipe_with, write_patch_set

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PatchSet:
    return write_patch_set(tmp_path_factory.mktemp("set"))


def task_on(data: PatchSet, recipe: TrainRecipe = RECIPE, **more: object) -> PatchTask:
    given = (data.store, data.findings, data.masks, data.labels, data.splits, recipe)
    return patch_task(*given, **{"seed": 0, "images": IMAGES, **more})  # type: ignore[arg-type]


def test_a_training_runs_from_the_store_to_weights_that_make_heatmaps(
    data: PatchSet, tmp_path: Path
) -> None:
    fabric = Fabric(accelerator="cpu", devices=1)
    task = task_on(data)
    with begun(tmp_path, {}, fabric) as run:
        progress = train(task, RECIPE.train, run, fabric, seed=0)
    assert progress.epoch == 2
    log = RunFolder(tmp_path).read_log()
    assert [entry["epoch"] for entry in log] == [1, 2]
    assert all(0 <= entry["score"] <= 1 for entry in log)
    assert all(math.isfinite(value) for entry in log for value in entry.values())
    assert (tmp_path / "epoch-00002.safetensors").exists()
    info, tensors = read_weights(tmp_path / "epoch-00001.safetensors")
    assert (info.recipe, info.labels) == (IMAGES, PATCH_CLASSES)
    assert info.provenance["seed"] == 0
    assert set(info.provenance["data"]) == {"training", "validation"}
    assert info.provenance["epoch"] == 1
    said = patch_classifier(info, tensors, torch.device("cpu")).probabilities(
        torch.zeros(2, 1, 32, 32)
    )
    assert said.shape == (2, 4)


def test_the_loss_falls_on_the_same_patches(data: PatchSet) -> None:
    task = task_on(data)
    (part,) = task.load(0, [task.order(0)[:20]])
    noise = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(task.network.parameters(), lr=1e-3)
    losses = []
    for _ in range(10):
        loss, _ = task.loss(task.network, part, noise)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 2


def test_an_epoch_has_the_recipe_s_counts_in_an_order_of_its_own(data: PatchSet) -> None:
    task = task_on(data)
    first, second = task.order(0), task.order(1)
    assert sorted(first) == sorted(second)
    assert first != second
    assert {name: sum(one == name for one, _ in first) for name in PATCH_CLASSES} == {
        "malignant": 5,
        "benign": 5,
        "outside": 15,
        "negative": 15,
    }


def test_what_is_read_does_not_depend_on_the_workers(data: PatchSet) -> None:
    alone, many = (
        task_on(data, replace(RECIPE, hardware=HardwareSection(workers=n))) for n in (0, 3)
    )
    order = alone.order(1)
    parts = [order[:4], order[4:9], order[9:12]]
    for one, other in zip(alone.load(1, parts), many.load(1, parts), strict=True):
        assert one.names == other.names
        assert torch.equal(one.inputs.patches, other.inputs.patches)
        assert torch.equal(one.inputs.classes, other.inputs.classes)
        expected = [PATCH_CLASSES.index(name.split(" ")[0]) for name in one.names]
        assert one.inputs.classes.tolist() == expected
    assert alone.validation_cases() == many.validation_cases()


def test_epochs_read_other_patches_and_validation_the_same(data: PatchSet) -> None:
    task = task_on(data)
    wanted = [[("malignant", 0), ("negative", 0)]]
    first, second = (next(iter(task.load(epoch, wanted))) for epoch in (0, 1))
    assert not torch.equal(first.inputs.patches, second.inputs.patches)
    cases = task.validation_cases()
    assert len(cases) == 16
    task.network.eval()
    with torch.inference_mode():
        once, again = (task.scores(task.network, cases) for _ in range(2))
    assert once == again


def test_counts_may_come_from_areas(data: PatchSet) -> None:
    task = task_on(data, recipe_with(from_areas=True, outside=5000, negative=4990))
    assert sum(task.counts.values()) == 10_000
    assert task.counts["benign"] > task.counts["malignant"] > 20
    assert torch.equal(task.weights, class_weights([task.counts[name] for name in PATCH_CLASSES]))


def test_a_data_set_without_negative_exams_is_trained_without_that_class(data: PatchSet) -> None:
    splits = {name: split for name, split in data.splits.items() if "neg" not in name}
    without = replace(data, splits=splits)
    with pytest.raises(TrainingError, match=r"patches\.negative=0 trains without"):
        task_on(without)
    task = task_on(without, recipe_with(negative=0))
    assert task.weights.tolist() == [*class_weights([5, 5, 15]).tolist(), 0]
    (part,) = task.load(0, [task.order(0)])
    loss, training = task.loss(task.network, part, torch.Generator().manual_seed(0))
    assert math.isfinite(float(loss.detach()))
    cases = task.validation_cases()
    assert len(cases) == 12
    with torch.inference_mode():
        found = task.metrics(training, task.scores(task.network, cases))
    assert all(math.isfinite(value) for value in found.values())
    assert task_on(without, recipe_with(negative=0, from_areas=True)).counts["negative"] == 0


def test_the_same_seed_draws_the_same_network(data: PatchSet) -> None:
    states = [task_on(data, seed=seed).network.state_dict() for seed in (1, 1, 2)]
    key = "features.conv0.weight"
    assert torch.equal(states[0][key], states[1][key])
    assert not torch.equal(states[0][key], states[2][key])


def test_imagenet_weights_leave_the_last_layer_and_own_weights_none(data: PatchSet) -> None:
    imagenet = DenseNet121(1000).state_dict()
    own = DenseNet121(4).state_dict()
    from_imagenet = task_on(data, initial=imagenet).network.state_dict()
    from_own = task_on(data, initial=own).network.state_dict()
    key = "features.denseblock1.denselayer1.conv1.weight"
    assert torch.equal(from_imagenet[key], imagenet[key])
    assert from_imagenet["classifier.weight"].shape == (4, 1024)
    assert all(torch.equal(from_own[key], tensor) for key, tensor in own.items())
    with pytest.raises(WeightsError, match="not a DenseNet-121"):
        task_on(data, initial={"fc.weight": torch.zeros(1)})


def test_a_store_of_another_scale_is_refused(data: PatchSet) -> None:
    with pytest.raises(TrainingError, match=r"another recipe: scale is 0\.125, not 0\.25"):
        task_on(data, images=replace(IMAGES, scale=0.25))


def test_images_too_small_for_a_patch_are_told_before_training(data: PatchSet) -> None:
    with pytest.raises(TrainingError, match="no malignant patch was found"):
        task_on(data, recipe_with(least_px=2000, most_px=2500))


def test_recipes_of_no_store_default_to_the_store_s(data: PatchSet) -> None:
    task = task_on(data, images=None)
    assert task.info(1, {}).recipe.scale == 0.125
    assert task.training.kind.output_px == max(32, round(Recipe().heatmaps.patch_px * 0.125))


def said(right: float) -> dict[str, list[float]]:
    """Four patches of each class, each recognised with probability `right`."""
    rest = (1 - right) / 3
    return {
        patch_name(name, n, "e/L-CC"): np.log(
            [right if other == name else rest for other in PATCH_CLASSES]
        ).tolist()
        for name in PATCH_CLASSES
        for n in range(4)
    }


COUNTS = {"malignant": 20, "benign": 35, "outside": 5000, "negative": 4945}


def test_perfect_patches_have_perfect_figures() -> None:
    found = patch_metrics(said(0.97), said(0.97), COUNTS)
    assert found["score"] == found["validation_accuracy"] == found["training_malignant"] == 1
    assert found["validation_malignant_as_malignant"] == 1
    assert found["validation_malignant_as_benign"] == 0


def test_the_score_is_the_mean_of_malignant_and_benign_against_the_rest() -> None:
    swapped = {
        name: [row[0], row[2], row[1], row[3]] if name.startswith(("benign", "outside")) else row
        for name, row in said(0.97).items()
    }
    found = patch_metrics(said(0.97), swapped, COUNTS)
    assert found["validation_malignant"] == 1
    assert found["validation_benign"] < 0.5
    assert found["score"] == (1 + found["validation_benign"]) / 2
    assert found["validation_benign_as_outside"] == 1
    assert found["validation_accuracy"] == 0.5


def test_the_validation_loss_is_an_epoch_s_training_loss() -> None:
    """The plain mean of the weighted cross-entropy over patches in an epoch's counts."""
    table = said(0.6)
    logits, classes = [], []
    for place, name in enumerate(PATCH_CLASSES):
        rows = [row for key, row in table.items() if key.startswith(name)]
        logits += (rows * COUNTS[name])[: COUNTS[name]]
        classes += [place] * COUNTS[name]
    expected = patch_loss(
        torch.tensor(logits), torch.tensor(classes), class_weights(list(COUNTS.values()))
    )
    found = patch_metrics(table, table, COUNTS)["validation_loss"]
    assert found == pytest.approx(float(expected), rel=1e-4)
