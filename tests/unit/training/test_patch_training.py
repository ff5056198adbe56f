"""The patch training from files to selected weights; what would end badly does not begin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from lightning_fabric import Fabric

from fourview.core.errors import OutputError, TrainingError
from fourview.core.records import ExamLabels, SplitRecord
from fourview.core.train_recipe import TrainRecipe
from fourview.core.views import Label
from fourview.inference.heatmaps import expected_patches
from fourview.io.finding_table import write_finding_table
from fourview.io.label_table import write_label_table
from fourview.io.masks import read_mask, write_mask
from fourview.io.split_table import write_split_table
from fourview.io.store.heatmaps import HeatmapKind, stored_kinds
from fourview.training.loop import Talk
from fourview.training.patch_training import PatchTraining, TrainedPatches, train_patches
from support.command import fourview
from support.one_thread import one_thread
from support.patch_sets import IMAGES, RECIPE, PatchSet, recipe_with, write_patch_set
from support.stores import write_store

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PatchSet:
    return written(tmp_path_factory.mktemp("set"))


def written(folder: Path) -> PatchSet:
    data = write_patch_set(folder)
    write_finding_table(data.masks / "findings.csv", data.findings)
    rows = (SplitRecord(exam=e, patient=f"p-{e}", split=s) for e, s in data.splits.items())
    write_split_table(data.masks / "splits.csv", rows)
    return data


def trained(
    data: PatchSet,
    out: Path,
    recipe: TrainRecipe,
    *,
    labels: Mapping[str, ExamLabels] | None = None,
    fabric: Fabric | None = None,
    talk: Talk | None = None,
) -> TrainedPatches:
    table = out.with_suffix(".labels.csv")
    write_label_table(table, (labels or data.labels).values())
    training = PatchTraining(
        store=data.store.folder,
        findings=data.masks / "findings.csv",
        labels=table,
        splits=data.masks / "splits.csv",
        out=out,
        recipe=recipe,
        images=replace(IMAGES, heatmaps=replace(IMAGES.heatmaps, stride_px=256)),
        tensorboard=False,
    )
    return train_patches(training, fabric or Fabric(accelerator="cpu", devices=1), talk=talk)


class Listening(Fabric):
    """Tells whether weights were selected where processes wait for each other."""

    waited: list[bool]
    selection: Path

    def barrier(self, name: str | None = None) -> None:
        self.waited.append(self.selection.exists())
        super().barrier(name)


def test_the_weights_selected_are_waited_for_by_no_other_process(
    data: PatchSet, tmp_path: Path
) -> None:
    """Selecting takes hours on a large validation split: NCCL gives up after ten minutes."""
    fabric = Listening(accelerator="cpu", devices=1)
    fabric.waited, fabric.selection = [], tmp_path / "run" / "selection.json"
    short = replace(RECIPE, train=replace(RECIPE.train, epochs=1))
    done = trained(data, tmp_path / "run", short, fabric=fabric)
    assert done.selected is not None
    assert done.weights == tmp_path / "run" / "selected.safetensors"
    assert fabric.selection.exists()
    assert fabric.waited
    assert not any(fabric.waited)


def test_a_training_that_would_keep_no_weights_to_select_from_does_not_begin(
    data: PatchSet, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, train=replace(RECIPE.train, checkpoint_every=200))
    with pytest.raises(TrainingError, match=r"checkpoint_every is 200, more than train\.epochs, 2"):
        trained(data, tmp_path / "run", recipe)
    assert not (tmp_path / "run").exists()


def test_validation_breasts_of_one_kind_are_told_before_the_training(
    data: PatchSet, tmp_path: Path
) -> None:
    """The masks are there, but the labels do not say what they show."""
    negative = dict.fromkeys(Label, False)
    labels = {**data.labels, "vben": replace(data.labels["vben"], values=negative)}
    with pytest.raises(TrainingError, match="of 6 validation breasts none is positive for benign"):
        trained(data, tmp_path / "run", RECIPE, labels=labels)
    assert not (tmp_path / "run").exists()


class Told(Talk):
    """What is told of heatmaps."""

    def __init__(self) -> None:
        self.heard: dict[str, list[tuple[int, int]]] = {}

    def heatmaps(self, weights: str, done: int, total: int) -> None:
        self.heard.setdefault(weights, []).append((done, total))


def test_what_the_selected_weights_said_is_not_made_again_by_the_heatmap_command(
    tmp_path: Path,
) -> None:
    """Of the other candidates nothing is kept; the store has what its own command put there."""
    data, talk = written(tmp_path / "set"), Told()
    done = trained(data, tmp_path / "run", RECIPE, talk=talk)
    assert done.selected is not None
    assert list(talk.heard) == ["epoch-00001", "epoch-00002"]
    assert all(said[-1][0] == said[-1][1] > 0 for said in talk.heard.values())
    (kind,) = stored_kinds(done.folder)
    assert kind.patch_weights == done.selected.sha256
    assert stored_kinds(data.store.folder) == []
    command = ("heatmaps", data.store.folder, "--patch-weights", done.weights, "--device", "cpu")
    ran = fourview(*command, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert (told["made"], told["patches"]) == (36, sum(_patches(data, "training", kind)))
    for path in (done.folder / "heatmaps").rglob("*.npz"):
        there = data.store.folder / path.relative_to(done.folder)
        assert there.read_bytes() == path.read_bytes()
    again = Told()
    assert trained(data, tmp_path / "run", RECIPE, talk=again).selected == done.selected
    assert again.heard == {name: [(0, 0)] for name in talk.heard}
    assert stored_kinds(done.folder) == [kind]


def _patches(data: PatchSet, split: str, kind: HeatmapKind) -> list[int]:
    return [
        expected_patches(view.shape, kind.recipe)
        for exam in data.store
        if data.splits[exam] == split
        for images in data.store.views(exam)
        for view in images
    ]


@pytest.mark.parametrize("changed", ["images", "marks"])
def test_a_training_is_not_gone_on_with_on_other_images_or_marks(
    tmp_path: Path, changed: str
) -> None:
    """The tables are the same: only the store, or a mask, was made anew meanwhile."""
    data = written(tmp_path / "set")
    short = replace(RECIPE, train=replace(RECIPE.train, epochs=1, checkpoint_every=0))
    trained(data, tmp_path / "run", short)
    if changed == "marks":
        path = tmp_path / "set" / "masks" / "vmal" / "L-CC.png"
        mask = read_mask(path)
        mask[50, 34] = mask.max()
        write_mask(path, mask)
    else:
        shutil.rmtree(data.store.folder)
        write_store(data.store.folder, sorted(data.splits), recipe=IMAGES, background=3)
    with pytest.raises(OutputError, match=rf"holds another training: data\.{changed}"):
        trained(data, tmp_path / "run", short)


def test_a_single_patch_that_would_be_left_over_is_told(data: PatchSet, tmp_path: Path) -> None:
    """Of 41 patches in batches of 10 the last is alone; at 32 pixels its last maps are 1 x 1."""
    with pytest.raises(TrainingError, match="a part of a batch is one patch, of 32 pixels"):
        trained(data, tmp_path / "run", recipe_with(malignant=6))


def test_a_data_set_without_negative_exams_is_trained_and_shown_without_that_class(
    data: PatchSet, tmp_path: Path
) -> None:
    labels = {name: one for name, one in data.labels.items() if "neg" not in name}
    recipe = recipe_with(negative=0)
    recipe = replace(recipe, train=replace(recipe.train, epochs=1, checkpoint_every=0))
    done = trained(data, tmp_path / "run", recipe, labels=labels)
    assert done.progress.epoch == 1
    assert done.weights == tmp_path / "run" / "best.safetensors"
    assert (tmp_path / "run" / "patches.png").stat().st_size > 10_000
