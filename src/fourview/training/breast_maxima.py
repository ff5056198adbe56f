"""The highest malignant and benign probability of each breast's heatmaps, by a patch classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from fourview.core.chance import Draws, draws_by_view
from fourview.core.errors import WeightsError
from fourview.core.views import Laterality
from fourview.inference.heatmaps import (
    Progress,
    draw_grid,
    expected_patches,
    heatmaps_of,
    patch_grid,
)
from fourview.inference.networks import PatchClassifier, patch_classifier
from fourview.io.checkpoint import file_sha256, read_weights
from fourview.io.line_journal import LineJournal
from fourview.io.store import Store, StoredView
from fourview.io.store.heatmaps import HeatmapKind, PatchGrid, StoredHeatmaps

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
    keep: bool = False,
    on_exam: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Maxima:
    """The maxima over the heatmaps of all images of each breast, heatmaps made as `fourview
    heatmaps` makes them.

    What is done is kept in `WEIGHTS.maxima.jsonl` beside the weights, an exam a line, so that it
    can be gone on with when it was stopped.

    Args:
        keep: also what the classifier says of the patches, in a folder `heatmaps` beside the
            weights, from where `fourview heatmaps` takes it into the store.
        on_progress: told how many patches were read, of how many that were not read before.

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
    kind = HeatmapKind(
        store.kind.key,
        file_sha256(weights),
        info.recipe.scaled().heatmaps,
        seed,
        info.recipe.prediction.chance,
    )
    grids = StoredHeatmaps.begun(weights.parent, kind) if keep else None
    exams = list(exams)
    with LineJournal(weights.with_suffix(".maxima.jsonl"), asdict(kind)) as journal:
        there = {str(entry["exam"]) for entry in journal.entries}
        missing = [exam for exam in exams if exam not in there]
        tell = _counted(store, missing, kind, on_progress)
        for exam in missing:
            reader = _Reader(classifier, kind, batch_size, grids, tell)
            journal.add({"exam": exam, "benign_and_malignant": _of_exam(store, exam, reader)})
            on_exam(exam)
        done = {entry["exam"]: entry["benign_and_malignant"] for entry in journal.entries}
    return {
        (exam, Laterality(side)): (benign, malignant)
        for exam in exams
        for side, (benign, malignant) in done[exam].items()
    }


def _counted(
    store: Store, exams: Sequence[str], kind: HeatmapKind, tell: Callable[[int, int], None]
) -> Progress:
    """Told of some patches, tells how many those are with all before, of how many."""
    total = sum(
        expected_patches(view.shape, kind.recipe)
        for exam in exams
        for images in store.views(exam)
        for view in images
    )
    done = 0

    def more(patches: int) -> None:
        nonlocal done
        done += patches
        tell(done, total)

    more(0)
    return more


@dataclass(frozen=True)
class _Reader:
    """A patch classifier slid over images."""

    classifier: PatchClassifier
    kind: HeatmapKind
    batch_size: int
    grids: StoredHeatmaps | None
    tell: Progress

    def grid(self, view: StoredView, draws: Draws) -> PatchGrid:
        """What it says of an image's patches; read where an earlier run kept it."""
        if self.grids and (kept := self.grids.find(view.exam, view.image, of=view.sha256)):
            draw_grid(view.shape, self.kind.recipe, draws)  # as if it were made
            self.tell(kept.probabilities[..., 0].size)
            return kept
        found = patch_grid(
            view.prepared(),
            self.classifier,
            self.kind.recipe,
            draws,
            batch_size=self.batch_size,
            on_progress=self.tell,
        )
        if self.grids:
            self.grids.write(view.exam, view.image, found, of=view.sha256)
        return found


def _of_exam(store: Store, exam: str, reader: _Reader) -> dict[str, list[float]]:
    """`{"L": [benign, malignant], …}` of the breasts of which there are images."""
    draws = draws_by_view(reader.kind.chance, reader.kind.seed, exam, "strides")
    highest: dict[str, list[float]] = {}
    for images in store.views(exam):
        for view in images:
            maps = heatmaps_of(reader.grid(view, draws.of(view.view)), view.shape)
            side = view.view.laterality.value
            found = (float(maps.benign.max()), float(maps.malignant.max()))
            highest[side] = [
                max(pair) for pair in zip(found, highest.get(side, found), strict=True)
            ]
    return highest
