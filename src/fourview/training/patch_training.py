"""The patch training from files to the weights that heatmaps are made with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor

from fourview.core.errors import TrainingError
from fourview.core.recipe import Recipe
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import TrainRecipe, TrainSection
from fourview.io.atomic import remove_folder
from fourview.io.checkpoint import file_sha256, read_torch_file, read_weights
from fourview.io.finding_table import read_finding_table
from fourview.io.label_table import read_label_table
from fourview.io.results import write_json
from fourview.io.run_folder import RunFolder
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps, stored_kinds
from fourview.training.breast_maxima import breast_maxima
from fourview.training.curves import draw_run
from fourview.training.environment import environment
from fourview.training.exam_data import recipe_of_store
from fourview.training.identity import identity_of
from fourview.training.loop import Progress, Talk, begun, train
from fourview.training.parts import parts_of_epoch
from fourview.training.patch_montage import write_patch_montage
from fourview.training.patch_run import patch_task
from fourview.training.patch_selection import (
    SELECTED,
    Candidate,
    breast_truths,
    select_patch_weights,
)
from fourview.training.patch_task import PatchTask
from fourview.training.splits import splits_to_train_on
from fourview.training.watch import Watch, events_wanted, without_stopping

MONTAGE = "patches.png"


@dataclass(frozen=True, kw_only=True)
class PatchTraining:
    """What is trained on what."""

    store: Path
    findings: Path
    """findings.csv; masks are relative to its folder."""
    labels: Path
    splits: Path
    out: Path
    recipe: TrainRecipe
    images: Recipe
    """What the recipe says of images; the store's preparation goes before it."""
    initial: Path | None = None
    """A fourview patch classifier to fine-tune, or torchvision's DenseNet-121 on ImageNet."""
    seed: int = 0
    tensorboard: bool | None = None
    """Write TensorBoard's events; None: where it is installed."""


@dataclass(frozen=True)
class TrainedPatches:
    """A patch training, and the weights that were selected."""

    folder: Path
    progress: Progress
    selected: Candidate | None

    @property
    def weights(self) -> Path:
        """Those to make heatmaps with: selected ones, or the best by validation patches."""
        return self.folder / (SELECTED if self.selected else "best.safetensors")


def train_patches(
    training: PatchTraining,
    fabric: Fabric,
    *,
    talk: Talk | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> TrainedPatches:
    """Train, then select among the kept epochs by the validation heatmaps; goes on where it was.

    Raises:
        FourviewError: before any long work, where something does not fit; TrainingError later
            where a loss is no number.
    """
    store = Store.open(training.store)
    images = recipe_of_store(store, training.images)
    labels, splits = read_label_table(training.labels), splits_to_train_on(training.splits)
    table = read_finding_table(training.findings)
    for problem in table.problems:
        note(f"{problem.level}: {problem}")
    if wrong := [problem for problem in table.problems if problem.level == "error"]:
        raise TrainingError(
            f"{training.findings.name}: {len(wrong)} rows cannot be read; the first: {wrong[0]}",
            hint="an image whose findings are not all known would teach what is not so",
        )
    tensors, arithmetic, begun_with = _initial(training.initial)
    task = patch_task(
        store,
        table.findings,
        training.findings.parent,
        labels,
        splits,
        training.recipe,
        seed=training.seed,
        initial=tensors,
        images=images,
        arithmetic=arithmetic,
        begun_with=begun_with,
        name=training.out.name,
    )
    for told in task.notes:
        note(told)
    exams = [e for e in store if splits.get(e) == "validation" and e in labels]
    section = training.recipe.train
    _check_parts(task, section, fabric.world_size)
    if section.checkpoint_every:
        _check_selection(store, exams, labels, section)
    used = [e for e in store if splits.get(e) in ("training", "validation")]
    about = _about(training, store, used, images, begun_with, task)
    with begun(training.out, about, fabric) as run:
        progress = _trained(training, task, run, fabric, talk, note)
        selected = None
        if section.checkpoint_every and fabric.is_global_zero:
            selected = _selected(training, store, labels, exams, fabric, talk or Talk(), note)
            with without_stopping("the curves", note):
                draw_run(run, training.recipe, selected=selected.epoch)
    # no barrier: selecting may take hours, and the other processes would give up waiting
    return TrainedPatches(training.out, progress, selected)


def _trained(
    training: PatchTraining,
    task: PatchTask,
    run: RunFolder,
    fabric: Fabric,
    talk: Talk | None,
    note: Callable[[str], None],
) -> Progress:
    if fabric.is_global_zero:
        write_json(run.path / "environment.json", environment(fabric, training.recipe.hardware))
        write_patch_montage(run.path / MONTAGE, task.training, task.classes)
        note(f"patches to look at: {run.path / MONTAGE}")
    watch = Watch(
        run,
        training.recipe,
        talk,
        writes=fabric.is_global_zero,
        tensorboard=events_wanted(training.tensorboard, note),
        note=note,
    )
    with watch:
        return train(task, training.recipe.train, run, fabric, seed=training.seed, talk=watch)


def _check_parts(task: PatchTask, section: TrainSection, world: int) -> None:
    """Refuse parts of one patch where BatchNorm sees one value a channel: maps are 1 x 1 then."""
    size = task.training.kind.output_px
    steps = parts_of_epoch(
        task.order(0), batch_size=section.batch_size, accumulate=section.accumulate, world=world
    )
    if size < 64 and any(len(part) == 1 for step in steps for part in step):
        raise TrainingError(
            f"a part of a batch is one patch, of {size} pixels: BatchNorm cannot learn from it",
            hint="take another train.batch_size, which leaves no single patch over, or a lower "
            "train.accumulate",
        )


def _check_selection(
    store: Store, exams: Sequence[str], labels: Mapping[str, ExamLabels], section: TrainSection
) -> None:
    """Refuse a training at whose end no weights could be selected."""
    if section.checkpoint_every > section.epochs:
        raise TrainingError(
            f"train.checkpoint_every is {section.checkpoint_every}, more than train.epochs, "
            f"{section.epochs}: no epoch's weights would be kept to select from",
            hint="--set train.checkpoint_every=N; 0 selects none, and the best by patches remain",
        )
    sides = [
        (exam, view.view.laterality)
        for exam in exams
        for images in store.views(exam)
        for view in images
    ]
    breast_truths(list(dict.fromkeys(sides)), labels)


def _selected(
    training: PatchTraining,
    store: Store,
    labels: Mapping[str, ExamLabels],
    exams: Sequence[str],
    fabric: Fabric,
    talk: Talk,
    note: Callable[[str], None],
) -> Candidate:
    def told(one: Candidate) -> None:
        note(
            f"{one.weights}: AUC of breasts by their heatmaps' maxima: malignant "
            f"{one.malignant:.4f}, benign {one.benign:.4f}"
        )

    note(f"selecting by the heatmaps of {len(exams)} validation exams")
    selected = select_patch_weights(
        training.out,
        labels,
        lambda weights: breast_maxima(
            store,
            exams,
            weights,
            seed=training.seed,
            device=fabric.device,
            batch_size=_patches_at_once(training.recipe.train, fabric),
            keep=True,
            on_progress=partial(talk.heatmaps, weights.stem),
        ),
        on_candidate=told,
    )
    for kind in stored_kinds(training.out):
        if kind.patch_weights != selected.sha256:
            remove_folder(StoredHeatmaps(training.out, kind).folder)
    return selected


def _patches_at_once(section: TrainSection, fabric: Fabric) -> int:
    """On a GPU, what it held with gradients; a CPU is no faster for more."""
    if fabric.device.type != "cuda":
        return 16
    return max(16, section.batch_size // (section.accumulate * fabric.world_size))


def _initial(path: Path | None) -> tuple[Mapping[str, Tensor] | None, str, str]:
    """Weights to begin with, their arithmetic, and what they are in words."""
    if path is None:
        return None, "paper", "weights drawn at random"
    if path.suffix == ".safetensors":
        info, tensors = read_weights(path)
        return tensors, info.arithmetic, f"weights {info.name}"
    return read_torch_file(path), "paper", f"ImageNet weights {path.name}"


def _about(
    training: PatchTraining,
    store: Store,
    used: Collection[str],
    images: Recipe,
    begun_with: str,
    task: PatchTask,
) -> dict[str, Any]:
    """All that makes it this training and no other, as for the breast-level ones."""
    sha256 = file_sha256(training.initial) if training.initial else None
    return {
        "recipe": identity_of(training.recipe),
        "images": images.to_dict(),
        "seed": training.seed,
        "begun_with": {"what": begun_with, "sha256": sha256},
        "patches": dict(task.counts),
        "data": {
            "store": store.kind.key,
            "images": store.digest(used),
            "marks": task.provenance["data"],
            "findings": file_sha256(training.findings),
            "labels": file_sha256(training.labels),
            "splits": file_sha256(training.splits),
        },
    }
