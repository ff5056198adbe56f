"""One exam's heatmaps, from the store and into it, if nobody else makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch

from fourview.core.chance import draws_by_view
from fourview.core.errors import ImageError
from fourview.inference.heatmaps import draw_grid, patch_grid
from fourview.inference.networks import PatchClassifier, patch_classifier
from fourview.io.atomic import PARTIAL, remove_file
from fourview.io.checkpoint import read_weights
from fourview.io.exams.files import Refused
from fourview.io.store import Store, StoredView, StoreKind
from fourview.io.store.claims import Claims
from fourview.io.store.heatmaps import PatchGrid, StoredHeatmaps


@dataclass(frozen=True)
class HeatmapWork:
    """What all exams have in common. It may go to other processes."""

    store: Path
    store_kind: StoreKind
    heatmaps: StoredHeatmaps
    patch_weights: Path
    device: str
    batch_size: int
    claims: Claims


@dataclass(frozen=True)
class ExamImages:
    """An exam with the names of its images, in the order of the exam table."""

    exam: str
    images: tuple[str, ...]


@dataclass
class Made:
    """What came of an exam."""

    exam: str
    is_held: bool = False
    """Whether another worker has it; then nothing was done."""
    images: int = 0
    """That were made."""
    patches: int = 0
    """Of these."""
    refused: list[Refused] = field(default_factory=list)


def make_exam(work: HeatmapWork, exam: ExamImages, *, on_patches: Callable[[int], None]) -> Made:
    """Make the heatmaps that an exam lacks, unless another worker has it.

    Raises:
        WeightsError: the weights are damaged, or give no numbers.
        OutputError: the disk is full, or the store cannot be written to.
    """
    made = Made(exam.exam)
    store = Store(work.store, work.store_kind, {exam.exam: exam.images})
    try:
        views = store.views(exam.exam)
    except ImageError as error:
        made.refused += [Refused.because(error, f"{exam.exam}/{image}") for image in exam.images]
        return made
    in_order = [view for of_view in views for view in of_view]
    if all(_has(work, view) for view in in_order):
        return made
    with work.claims.claimed(exam.exam) as is_mine:
        made.is_held = not is_mine
        if is_mine:
            _tidy(work.heatmaps.folder / exam.exam)
            _make_views(work, in_order, made, on_patches)
    return made


def _has(work: HeatmapWork, view: StoredView) -> bool:
    return work.heatmaps.holds(view.exam, view.image, of=view.sha256)


def _kept(work: HeatmapWork, view: StoredView) -> PatchGrid | None:
    """What these weights said of the same pixels when they were selected, kept beside them."""
    beside = StoredHeatmaps(work.patch_weights.parent, work.heatmaps.kind)
    return beside.find(view.exam, view.image, of=view.sha256)


def _make_views(
    work: HeatmapWork, views: list[StoredView], made: Made, on_patches: Callable[[int], None]
) -> None:
    kind = work.heatmaps.kind
    draws = draws_by_view(kind.chance, kind.seed, views[0].exam, "strides")
    for view in views:
        if _has(work, view):  # an earlier run's, or another worker's since we looked
            draw_grid(view.shape, kind.recipe, draws.of(view.view))  # as if it were made
            continue
        if kept := _kept(work, view):
            draw_grid(view.shape, kind.recipe, draws.of(view.view))
            work.heatmaps.write(view.exam, view.image, kept, of=view.sha256)
            made.images += 1
            continue
        try:
            prepared = view.prepared()
        except ImageError as error:
            draw_grid(view.shape, kind.recipe, draws.of(view.view))
            made.refused.append(Refused.because(error, f"{view.exam}/{view.image}"))
            continue
        found = patch_grid(
            prepared,
            _classifier(work.patch_weights, kind.patch_weights, work.device),
            kind.recipe,
            draws.of(view.view),
            batch_size=work.batch_size,
            on_progress=on_patches,
        )
        work.heatmaps.write(view.exam, view.image, found, of=view.sha256)
        made.images += 1
        made.patches += found.probabilities[..., 0].size


@lru_cache(maxsize=1)
def _classifier(path: Path, sha256: str, device: str) -> PatchClassifier:
    """Loaded once in a process, and only where there is something to do.

    The hash, by which the heatmaps are called, is a part of what it is remembered by.
    """
    del sha256
    info, tensors = read_weights(path)
    return patch_classifier(info, tensors, torch.device(device))


def _tidy(folder: Path) -> None:
    """Take away what killed runs left."""
    if folder.is_dir():
        for path in folder.iterdir():
            if PARTIAL.fullmatch(path.name):
                remove_file(path)
