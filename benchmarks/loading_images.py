"""The sample images as a training may have them: prepared in a store, and as files."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from fourview.core.chance import Chance
from fourview.core.recipe import HeatmapRecipe
from fourview.core.views import View
from fourview.dataset.preparing.prepare import PrepareOptions, prepare_images
from fourview.imaging.tiling import corners, grid, overlap_average
from fourview.io.store import Store, StoredView
from fourview.io.store.heatmaps import HeatmapKind, PatchGrid, StoredHeatmaps
from fourview.training.windows import FINDINGS


@dataclass(frozen=True)
class Image:
    """One image, in both stores and as files."""

    stored: StoredView
    unpacked: StoredView
    path: Path
    heatmaps: tuple[Path, ...]
    """Benign, malignant: PNG files of the source's size."""


def files(data: Path, part: str) -> list[dict[str, str]]:
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["file"].startswith(f"{part}/images/")]


def prepared(data: Path, part: str, to: Path) -> tuple[list[Image], StoredHeatmaps]:
    """The images of a part of the samples, prepared twice, with heatmaps."""
    rows = files(data, part)
    lines = [f"{row['exam']},{row['view']},{data.resolve() / row['file']}" for row in rows]
    table = to / "exams.csv"
    table.write_text("\n".join(["exam,view,path", *lines]) + "\n", encoding="utf-8")
    stores = []
    for compressed in ("true", "false"):
        folder = to / f"compressed-{compressed}"
        prepare_images(table, folder, PrepareOptions(settings=(f"store.compressed={compressed}",)))
        stores.append(Store.open(folder))
    recipe = HeatmapRecipe()
    kind = HeatmapKind(stores[0].kind.key, "0" * 64, recipe, 0)
    heatmaps = StoredHeatmaps.begun(stores[0].folder, kind)
    images = []
    for number, row in enumerate(rows):
        stored, unpacked = (store.views(row["exam"]).of(View(row["view"]))[0] for store in stores)
        found = random_grid(stored, recipe, number)
        heatmaps.write(stored.exam, stored.image, found, of=stored.sha256)
        written = tuple(
            write_heatmap(to / f"{number}-{finding}.png", stored, found, finding)
            for finding in FINDINGS
        )
        unpacked = replace(unpacked, sha256=stored.sha256)  # by which heatmaps know their image
        images.append(Image(stored, unpacked, data / row["file"], written))
    return images, heatmaps


def random_grid(view: StoredView, recipe: HeatmapRecipe, seed: int) -> PatchGrid:
    at = grid(view.shape, Chance(seed), patch_px=recipe.patch_px, step_px=recipe.stride_px)
    said = np.random.default_rng(seed).dirichlet(np.ones(4), tuple(map(len, at)))
    return PatchGrid(*at, said.astype(np.float32), recipe.patch_px)


def write_heatmap(path: Path, view: StoredView, of: PatchGrid, finding: str) -> Path:
    at, values = corners(of.rows, of.columns), of.of(finding).T.ravel()
    found = overlap_average(view.shape, at, values, patch_px=of.patch_px)
    whole = np.zeros(view.placement.source_shape, np.uint16)
    crop = np.rint(found * 65535).astype(np.uint16)
    whole[view.placement.crop.slices] = crop[:, ::-1] if view.placement.flipped else crop
    cv2.imwrite(str(path), whole)
    return path
