"""The breast-level trainings from files to weights: one network, an ensemble, or all variants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from fourview.core.recipe import Recipe
from fourview.core.train_recipe import TrainRecipe
from fourview.core.weights import VARIANTS
from fourview.io.checkpoint import file_sha256
from fourview.io.label_table import read_label_table
from fourview.io.results import write_json
from fourview.io.run_folder import read_log
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.training.curves import Ran, draw_ensemble
from fourview.training.environment import environment
from fourview.training.exam_data import exams_to_train, recipe_of_store
from fourview.training.exam_task import Exams, ExamTask
from fourview.training.identity import identity_of
from fourview.training.initial import Initial, described, initial_network, read_initial
from fourview.training.loop import Progress, Talk, begun, train
from fourview.training.splits import splits_to_train_on
from fourview.training.watch import Watch, events_wanted, without_stopping
from fourview.training.window_montage import WINDOWS, write_window_montage


@dataclass(frozen=True, kw_only=True)
class ExamTraining:
    """What is trained on what."""

    store: Path
    labels: Path
    splits: Path
    out: Path
    recipe: TrainRecipe
    images: Recipe
    """What the recipe says of images; the store's preparation goes before it."""
    initial: Path | None = None
    patch_weights: Path | None = None
    """Whose heatmaps are read, where a store has those of several."""
    heatmaps: str = ""
    """How the key of those begins that are read, where sets differ in more than the weights."""
    seeds: Sequence[int] = (0,)
    compare: bool = False
    """Train all four variants, and say which has the best validation AUC."""
    tensorboard: bool | None = None
    """Write TensorBoard's events; None: where it is installed."""


@dataclass(frozen=True)
class Trained:
    """One network, trained."""

    folder: Path
    variant: str
    seed: int
    progress: Progress

    @property
    def weights(self) -> Path:
        """Those of the best epoch."""
        return self.folder / "best.safetensors"


def train_exams(
    training: ExamTraining,
    fabric: Fabric,
    *,
    talk: Talk | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> list[Trained]:
    """Train every network that is asked for, one after another; each goes on where it was.

    Writes a run folder each; `summary.json` and the curves of all where there are several.

    Raises:
        FourviewError: before any long work, where something does not fit; TrainingError later
            where a loss is no number.
    """
    store = Store.open(training.store)
    images = recipe_of_store(store, training.images)
    labels, splits = read_label_table(training.labels), splits_to_train_on(training.splits)
    heatmaps = None
    if "heatmaps" in training.recipe.train.inputs:
        named = file_sha256(training.patch_weights) if training.patch_weights else ""
        heatmaps = StoredHeatmaps.only(
            training.store,
            images.scaled().heatmaps,
            patch_weights=named,
            key=training.heatmaps,
        )
    exams, left_out = exams_to_train(store, heatmaps, labels, splits, training.recipe, images)
    for one in left_out:
        note(str(one))
    note(f"{len(exams.training)} exams to train on, {len(exams.validation)} to validate")
    initial = read_initial(training.initial) if training.initial else None
    training = replace(training, tensorboard=events_wanted(training.tensorboard, note))
    variants = VARIANTS if training.compare else (training.recipe.train.variant,)
    trained = []
    for variant in variants:
        for seed in training.seeds:
            folder = _folder(training, variant, seed)
            note(f"{folder}: {variant}, seed {seed}")
            recipe = _with_variant(training.recipe, variant)
            mine = replace(training, recipe=recipe, images=images, out=folder)
            progress = _train_one(mine, exams, initial, seed, fabric, talk, note)
            trained.append(Trained(folder, variant, seed, progress))
            if len(trained) > 1 and fabric.is_global_zero:
                with without_stopping("the curves of all networks", note):
                    ran = [Ran(one.variant, one.seed, read_log(one.folder)) for one in trained]
                    draw_ensemble(training.out, training.recipe, ran)
    if len(trained) > 1 and fabric.is_global_zero:
        write_json(training.out / "summary.json", summary(trained))
    return trained


def summary(trained: Sequence[Trained]) -> dict[str, object]:
    """The validation AUC of each network, the mean of each variant, and the best variant (SI,
    'Model variants': chosen on the validation set)."""
    by_variant = {
        variant: [one.progress.best for one in trained if one.variant == variant]
        for variant in dict.fromkeys(one.variant for one in trained)
    }
    means = {variant: sum(best) / len(best) for variant, best in by_variant.items()}
    return {
        "networks": [
            {
                "variant": one.variant,
                "seed": one.seed,
                "weights": one.weights.relative_to(_common(trained)).as_posix(),
                "validation_auc": one.progress.best,
                "epoch": one.progress.best_epoch,
            }
            for one in trained
        ],
        "mean_validation_auc": means,
        "best_variant": max(means, key=lambda variant: means[variant]),
    }


def _common(trained: Sequence[Trained]) -> Path:
    folders = [one.folder for one in trained]
    return next(p for p in folders[0].parents if all(f.is_relative_to(p) for f in folders))


def _folder(training: ExamTraining, variant: str, seed: int) -> Path:
    folder = training.out / variant if training.compare else training.out
    return folder / f"seed-{seed}" if len(training.seeds) > 1 else folder


def _with_variant(recipe: TrainRecipe, variant: str) -> TrainRecipe:
    return replace(recipe, train=replace(recipe.train, variant=variant))


def _train_one(
    training: ExamTraining,
    exams: Exams,
    initial: Initial | None,
    seed: int,
    fabric: Fabric,
    talk: Talk | None,
    note: Callable[[str], None],
) -> Progress:
    section, hardware = training.recipe.train, training.recipe.hardware
    network, begun_with = initial_network(section, initial, seed=seed)
    info = described(
        section,
        training.images,
        name=training.out.name,
        arithmetic=initial.info.arithmetic if initial else "paper",
        begun_with=begun_with,
        seed=seed,
    )
    network.recomputes = hardware.checkpoint_activations
    if hardware.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if hardware.sync_batchnorm and fabric.world_size > 1:
        network = torch.nn.SyncBatchNorm.convert_sync_batchnorm(network)
    task = ExamTask(network, info, exams, training.recipe, seed=seed)
    about = _about(training, exams, initial, begun_with, seed)
    with begun(training.out, about, fabric) as run:
        if fabric.is_global_zero:
            write_json(training.out / "environment.json", environment(fabric, hardware))
            write_window_montage(training.out / WINDOWS, exams, seed=seed, jitter=section.jitter)
        watch = Watch(
            run,
            training.recipe,
            talk,
            writes=fabric.is_global_zero,
            tensorboard=bool(training.tensorboard),
            note=note,
        )
        with watch:
            return train(task, section, run, fabric, seed=seed, talk=watch)


def _about(
    training: ExamTraining, exams: Exams, initial: Initial | None, begun_with: str, seed: int
) -> dict[str, Any]:
    """All that makes it this training and no other. What ends one is not among it, so that it may
    be gone on with to more epochs; nor what hardware it runs on."""
    return {
        "recipe": identity_of(training.recipe),
        "images": training.images.to_dict(),
        "seed": seed,
        "begun_with": {"what": begun_with, "sha256": initial.sha256 if initial else None},
        "data": {
            "store": exams.store.kind.key,
            "images": exams.store.digest([*exams.training, *exams.validation]),
            "heatmaps": exams.heatmaps.kind.key if exams.heatmaps else None,
            "labels": file_sha256(training.labels),
            "splits": file_sha256(training.splits),
            "training": len(exams.training),
            "validation": len(exams.validation),
        },
    }
