"""Which heatmaps a patch classifier makes of a store, and whether the two belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from fourview.core.errors import RecipeError, WeightsError
from fourview.core.recipe import Recipe, recipe_with
from fourview.core.settings import changes_of
from fourview.core.weights import WeightsInfo
from fourview.inference.ensemble import UNTRAINED_NOTICE, patch_notices
from fourview.inference.networks import require_patch_classifier
from fourview.io.checkpoint import file_sha256, read_weights_info
from fourview.io.recipes import named_recipe
from fourview.io.store.heatmaps import HeatmapKind
from fourview.io.store.kind import StoreKind

_MAY_BE_SET = ("heatmaps", "prediction.chance")


@dataclass(frozen=True)
class AskedHeatmaps:
    """Heatmaps that are asked for, and what is to be known of them."""

    kind: HeatmapKind
    notices: tuple[str, ...]


def asked_heatmaps(
    store: StoreKind,
    folder: Path,
    patch_weights: Path,
    recipe_name: str | None,
    settings: tuple[str, ...],
    *,
    seed: int,
) -> AskedHeatmaps:
    """The heatmaps that weights and a recipe give of a store.

    Raises:
        WeightsError: the weights are damaged, no patch classifier's, or made at another scale.
        RecipeError: the recipe is wrong, of another scale, or sets what is the store's.
    """
    info = read_weights_info(patch_weights)
    require_patch_classifier(info)
    scale = store.recipe.scale
    if info.recipe.scale != scale:
        raise WeightsError(
            f"patch weights {info.name} read images at scale {info.recipe.scale:g}; {folder} is "
            f"prepared at scale {scale:g}",
            hint="prepare the images at the weights' scale, or take other weights",
        )
    recipe = _recipe(info, recipe_name, settings)
    if recipe.scale != scale:
        raise RecipeError(
            f"recipe {recipe.name} is of scale {recipe.scale:g}; {folder} is prepared at scale "
            f"{scale:g}"
        )
    notices = [] if info.trained else [UNTRAINED_NOTICE]
    notices += patch_notices(info, _as_prepared(recipe, store.recipe))
    kind = HeatmapKind(
        store.key,
        file_sha256(patch_weights),
        recipe.scaled().heatmaps,
        seed,
        recipe.prediction.chance,
    )
    return AskedHeatmaps(kind, tuple(notices))


def _recipe(info: WeightsInfo, name: str | None, settings: tuple[str, ...]) -> Recipe:
    recipe = info.recipe if name is None else named_recipe(name)
    for section, values in changes_of(settings).items():
        keys = values if isinstance(values, dict) else {"": values}
        for key in keys:
            if section != "heatmaps" and f"{section}.{key}" not in _MAY_BE_SET:
                raise RecipeError(
                    f"--set {section}{f'.{key}' if key else ''}: heatmaps.* and prediction.chance "
                    "may be set here",
                    hint="the rest was settled when the store was prepared",
                )
    return recipe_with(recipe, settings) if settings else recipe


def _as_prepared(recipe: Recipe, prepared: Recipe) -> Recipe:
    """The recipe by which the patches come to be: the store's, and how it is slid over it."""
    return replace(prepared, heatmaps=recipe.heatmaps)
