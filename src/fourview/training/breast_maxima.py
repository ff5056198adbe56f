"""The highest malignant and benign probability of each breast's heatmaps, by a patch classifier."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from fourview.core.chance import draws_by_view
from fourview.core.errors import WeightsError
from fourview.core.views import Laterality
from fourview.inference.heatmaps import make_heatmaps
from fourview.inference.networks import PatchClassifier, patch_classifier
from fourview.io.checkpoint import file_sha256, read_weights
from fourview.io.results import write_json
from fourview.io.store import Store

Maxima = Mapping[tuple[str, Laterality], tuple[float, float]]
"""By exam and breast: the highest benign and the highest malignant probability."""


def breast_maxima(
    store: Store,
    exams: Iterable[str],
    weights: Path,
    *,
    seed: int = 0,
    device: torch.device | None = None,
    batch_size: int = 16,
    on_exam: Callable[[str], None] = lambda _: None,
) -> Maxima:
    """The maxima over the heatmaps of all images of each breast, heatmaps made as `fourview
    heatmaps` makes them and not kept.

    What is done is kept in `WEIGHTS.maxima.json` beside the weights, so that it can be gone on with
    when it was stopped.

    Raises:
        WeightsError: the weights are no patch classifier's, or of another recipe than the store.
        ImageError: an image is missing or damaged.
        TableError: the store lacks an exam.
    """
    info, tensors = read_weights(weights)
    if differing := store.recipe.preparation_differences(info.recipe):
        told = ", ".join(
            f"{key} is {there}, not {here}" for key, (there, here) in differing.items()
        )
        raise WeightsError(f"weights {info.name}: the store is of another recipe: {told}")
    classifier = patch_classifier(info, tensors, device or torch.device("cpu"))
    file = weights.with_suffix(".maxima.json")
    of = {
        "store": store.kind.key,
        "weights": file_sha256(weights),
        "heatmaps": asdict(info.recipe.scaled().heatmaps),
        "seed": seed,
    }
    done: dict[str, dict[str, list[float]]] = _kept(file, of)
    for exam in exams:
        if exam not in done:
            done[exam] = _of_exam(store, exam, classifier, seed, batch_size)
            write_json(file, {"of": of, "benign_and_malignant": done})
            on_exam(exam)
    return {
        (exam, Laterality(side)): (benign, malignant)
        for exam in exams
        for side, (benign, malignant) in done[exam].items()
    }


def _kept(file: Path, of: Mapping[str, Any]) -> dict[str, dict[str, list[float]]]:
    """What an earlier run kept of the same; nothing where it is damaged or of something else."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return dict(found["benign_and_malignant"]) if found["of"] == of else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _of_exam(
    store: Store, exam: str, classifier: PatchClassifier, seed: int, batch_size: int
) -> dict[str, list[float]]:
    """`{"L": [benign, malignant], …}` of the breasts of which there are images."""
    recipe = classifier.info.recipe
    draws = draws_by_view(recipe.prediction.chance, seed, exam, "strides")
    highest: dict[str, list[float]] = {}
    for images in store.views(exam):
        for image in images:
            maps = make_heatmaps(
                image.prepared(),
                classifier,
                recipe.scaled().heatmaps,
                draws.of(image.view),
                batch_size=batch_size,
            )
            side = image.view.laterality.value
            found = (float(maps.benign.max()), float(maps.malignant.max()))
            highest[side] = [
                max(pair) for pair in zip(found, highest.get(side, found), strict=True)
            ]
    return highest
