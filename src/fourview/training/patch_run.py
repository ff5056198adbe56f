"""From a store, findings and labels to a patch training that may begin; what does not fit is
refused here, before long work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from fourview.core.errors import TrainingError
from fourview.core.recipe import Recipe
from fourview.core.records import ExamLabels, FindingRecord
from fourview.core.train_recipe import TrainRecipe
from fourview.core.weights import PATCH_CLASSES, WeightsInfo, expected_labels
from fourview.io.store import Store
from fourview.nn.densenet121 import DenseNet121
from fourview.nn.initial import densenet_from_imagenet
from fourview.nn.transfer import fit
from fourview.training.epochs import counts_from_areas
from fourview.training.patch_data import read_patch_data
from fourview.training.patch_images import PatchData, check_images
from fourview.training.patch_sampling import PatchKind, PatchSource
from fourview.training.patch_task import PatchTask


def patch_task(
    store: Store,
    findings: Sequence[FindingRecord],
    mask_folder: Path,
    labels: Mapping[str, ExamLabels],
    splits: Mapping[str, str],
    recipe: TrainRecipe,
    *,
    seed: int,
    initial: Mapping[str, Tensor] | None = None,
    images: Recipe | None = None,
    arithmetic: str = "paper",
    begun_with: str = "",
    name: str = "patch",
) -> PatchTask:
    """The patch training on a store, ready for the loop.

    Args:
        mask_folder: where findings' masks are relative to.
        splits: each exam's `training`, `validation` or `test`.
        initial: weights of a patch classifier to fine-tune, or torchvision's DenseNet-121 on
            ImageNet, whose last layer is drawn anew; None draws all from the seed.
        images: how images are prepared and read, which the weights will tell; its preparation is
            the store's. The store's and the paper's heatmaps if None.
        arithmetic: of the initial weights.
        begun_with: what `initial` is, in words.
        name: of the weights.

    Raises:
        TrainingError: a finding is of an exam in no split, a mask is missing or does not fit, a
            class has no patch in a split, or the store is of another recipe or scale.
        WeightsError: the initial weights are no DenseNet-121's.
    """
    images = images or store.recipe
    _check_recipe(store, images)
    network = _network(initial, seed=seed, arithmetic=arithmetic, source=begun_with or "weights")
    data = read_patch_data(
        store, findings, mask_folder, labels, splits, workers=recipe.hardware.workers
    )
    check_images(data, [name for name, count in recipe.patches.counts.items() if count])
    kind = PatchKind.of(recipe.patches, images)
    counts = epoch_counts(data, recipe, seed=seed)
    info = WeightsInfo(
        name=name,
        architecture="patch_densenet121",
        arithmetic=arithmetic,
        labels=expected_labels("patch_densenet121", ""),
        recipe=images,
        provenance={
            "seed": seed,
            "begun_with": begun_with or ("weights" if initial else "weights drawn at random"),
            "data": data_digests(data),
            "patches": counts,
        },
        licence="as its training data and initial weights allow",
    )
    if recipe.hardware.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return PatchTask(
        network,
        info,
        PatchSource(data.training, kind, seed),
        PatchSource(data.validation, kind, seed),
        counts,
        recipe,
        seed=seed,
        notes=data.notes,
    )


def data_digests(data: PatchData) -> dict[str, str]:
    """What the training and the validation patches are drawn from: hashes of which images these
    are, and of what is marked in them."""
    return {"training": data.training.digest(), "validation": data.validation.digest()}


def epoch_counts(data: PatchData, recipe: TrainRecipe, *, seed: int) -> dict[str, int]:
    """How many patches of each class an epoch has: the recipe's, or from the lesions' areas."""
    counts = recipe.patches.counts
    if not recipe.patches.from_areas:
        return counts
    areas = data.training.areas(seed=seed)
    shared = {name: areas[name] for name, count in counts.items() if count}
    return {**counts, **counts_from_areas(shared, total=sum(counts.values()))}


def _check_recipe(store: Store, images: Recipe) -> None:
    differing = store.recipe.preparation_differences(images)
    if not differing:
        return
    told = ", ".join(f"{key} is {there}, not {here}" for key, (there, here) in differing.items())
    raise TrainingError(
        f"{store.folder}: the store is of another recipe: {told}",
        hint="prepare a store with this recipe, or train with the store's",
    )


def _network(
    initial: Mapping[str, Tensor] | None, *, seed: int, arithmetic: str, source: str
) -> DenseNet121:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DenseNet121(len(PATCH_CLASSES), arithmetic=arithmetic)
    if initial is None:
        return network
    state = network.state_dict()
    last = initial.get("classifier.weight")
    if last is not None and last.shape == state["classifier.weight"].shape:
        network.load_state_dict(fit(initial, state, source=source))
    else:
        network.load_state_dict(densenet_from_imagenet(initial, state, source=source))
    return network
