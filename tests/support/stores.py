"""Small stores of prepared views, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.data_recipe import StoreRecipe
from fourview.core.exam import PreparedView
from fourview.core.geometry import Box, Placement
from fourview.core.recipe import HeatmapRecipe, Recipe, WindowRecipe
from fourview.core.views import View
from fourview.imaging.tiling import grid
from fourview.io.store import Store, StoreKind
from fourview.io.store.heatmaps import HeatmapKind, PatchGrid, StoredHeatmaps
from fourview.io.store.writing import index_row, store_to_write, write_index, write_view

RECIPE = Recipe(
    name="small",
    window=WindowRecipe(cc=(96, 72), mlo=(104, 64), location_noise_px=6, size_noise_px=6),
    heatmaps=HeatmapRecipe(patch_px=32, stride_px=20),
)


def breast(shape: tuple[int, int], seed: int, background: int = 0) -> NDArray[np.uint16]:
    """A half disc with its wall at the left edge, of noise."""
    rows, columns = np.indices(shape)
    inside = ((rows - shape[0] / 2) / (shape[0] / 2)) ** 2 + (columns / shape[1]) ** 2 < 1
    noise = np.random.default_rng(seed).integers(500, 4000, shape)
    return np.where(inside, noise, background).astype(np.uint16)


def prepared_view(
    view: View, seed: int, shape: tuple[int, int] = (120, 80), background: int = 0
) -> PreparedView:
    return PreparedView(
        pixels=breast(shape, seed, background),
        view=view,
        source=f"{view.value}.png",
        placement=Placement(shape, shape, Box(0, shape[0], 0, shape[1]), flipped=False),
        optimal_center=(shape[0] // 2, shape[1] // 2),
    )


def write_store(
    folder: Path,
    exams: Sequence[str],
    *,
    recipe: Recipe = RECIPE,
    compressed: bool = False,
    background: int = 0,
) -> Store:
    """A store of exams of four views."""
    kind = StoreKind(recipe, StoreRecipe(compressed=compressed))
    rows = []
    with store_to_write(folder, kind):
        for number, exam in enumerate(exams):
            for place, view in enumerate(View):
                shape = (120 + 7 * (number % 3), 80 + 5 * place)
                written = write_view(
                    folder,
                    kind,
                    prepared_view(view, 10 * number + place, shape, background),
                    exam=exam,
                    image=view.value,
                    pixels_sha256="",
                    source_bytes=0,
                    source_sha256="",
                )
                rows.append(index_row(written))
        write_index(folder, rows)
    return Store.open(folder)


def write_heatmaps(store: Store, *, seed: int = 0) -> StoredHeatmaps:
    """Heatmaps of random probabilities for all images of a store."""
    recipe = RECIPE.heatmaps
    kind = HeatmapKind(store.kind.key, "0" * 64, recipe, seed)
    heatmaps = StoredHeatmaps.begun(store.folder, kind)
    rng = np.random.default_rng(seed)
    for exam in store:
        for images in store.views(exam):
            for view in images:
                rows, columns = grid(
                    view.shape, Chance(seed), patch_px=recipe.patch_px, step_px=recipe.stride_px
                )
                said = rng.dirichlet(np.ones(4), (len(rows), len(columns))).astype(np.float32)
                grid_of = PatchGrid(rows, columns, said, recipe.patch_px)
                heatmaps.write(exam, view.image, grid_of, of=view.sha256)
    return heatmaps
