"""The networks that read exams, from weights files and options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from fourview.core.errors import FourviewError, RecipeError
from fourview.core.recipe import Recipe, recipe_with
from fourview.core.weights import WeightsInfo, untrained
from fourview.inference.exam import Ensemble, Member
from fourview.inference.networks import breast_reader, fresh_tensors, patch_classifier
from fourview.io.checkpoint import file_sha256, read_weights
from fourview.io.recipes import named_recipe

UNTRAINED_NOTICE = (
    "The weights are freshly initialised and know nothing: these numbers and heatmaps mean nothing."
)
UNTRAINED_SEED = 0
_PATCH_SETTINGS = ("intensity.voi", "pixel_spacing_mm", "heatmaps.patch_px")


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What may be chosen of reading exams; None leaves a choice to the weights' recipe."""

    weights: tuple[Path, ...] = ()
    """Breast-level weights, an ensemble if several; none: freshly initialised ones."""
    patch_weights: Path | None = None
    heatmaps: str = ""
    """Of a store's, those whose key begins so; empty: the ones that fit."""
    device: str = "auto"
    """`auto` takes a CUDA device where there is one."""
    passes: int | None = None
    jitter: bool | None = None
    seed: int = 0
    batch_size: int = 16
    """Patches that the patch classifier reads at once."""
    recipe: str | None = None
    """A named recipe or a TOML file; None: the weights' own."""
    settings: tuple[str, ...] = ()
    """`section.key=value`, put into the recipe."""
    hidden: bool = False
    """Whether hidden activations are kept."""

    def __post_init__(self) -> None:
        if self.passes is not None and self.passes < 1:
            raise RecipeError(f"--passes is {self.passes}; it must be at least 1")
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"--seed is {self.seed}; it must be from 0 to 4294967295")


@dataclass(frozen=True, eq=False)
class LoadedWeights:
    """A weights file in use."""

    info: WeightsInfo
    file: str
    """Its name; empty for weights made here."""
    sha256: str


@dataclass(frozen=True, eq=False)
class LoadedEnsemble:
    """The networks, where they come from, and what everybody must know of them."""

    ensemble: Ensemble
    weights: tuple[LoadedWeights, ...]
    """Breast-level first, then the patch classifier's."""
    notices: tuple[str, ...]
    device: torch.device


def load_ensemble(options: ReadingOptions) -> LoadedEnsemble:
    """The networks that the options name, each with its recipe; fresh ones where none is named.

    Raises:
        FourviewError: a file is damaged, weights do not fit together, a recipe is wrong.
    """
    device = resolve_device(options.device)
    breast = load_members(options, device)
    patch = None
    if options.patch_weights is not None:
        patch = read_loaded(options.patch_weights)
    elif not options.weights and any(loaded.info.uses_heatmaps for _, loaded in breast):
        patch = _fresh("patch_densenet121", options)
    members = [member for member, _ in breast]
    notices: list[str] = []
    for member, loaded in breast:
        notices += recipe_notices(loaded.info, member.recipe)
        if patch is not None:
            notices += patch_notices(patch[0].info, member.recipe)
    name = breast[0][1].info.name
    if len(members) > 1 and options.hidden:
        notices.append(f"hidden.npz holds the activations of {name} alone.")
    if len({member.recipe.heatmaps for member in members}) > 1:
        notices.append(f"the heatmaps shown are those that {name} was fed.")
    weights = [loaded for _, loaded in breast]
    classifier = None
    if patch is not None:
        classifier = patch_classifier(patch[0].info, patch[1], device)
        weights.append(patch[0])
    if any(not loaded.info.trained for loaded in weights):
        notices.insert(0, UNTRAINED_NOTICE)
    return LoadedEnsemble(
        Ensemble(tuple(members), classifier), tuple(weights), tuple(dict.fromkeys(notices)), device
    )


def load_members(
    options: ReadingOptions, device: torch.device
) -> list[tuple[Member, LoadedWeights]]:
    """The breast-level networks that the options name, or a fresh one.

    Raises:
        FourviewError: a file is damaged or of another network, a recipe is wrong.
    """
    found = [read_loaded(path) for path in options.weights] or [_fresh("breast_model", options)]
    members = []
    for loaded, tensors in found:
        recipe = member_recipe(loaded.info, options)
        members.append((Member(breast_reader(loaded.info, tensors, device), recipe), loaded))
    return members


def read_loaded(path: Path) -> tuple[LoadedWeights, dict[str, torch.Tensor]]:
    """A weights file, with its tensors. Raises WeightsError where it is none."""
    info, tensors = read_weights(path)
    return LoadedWeights(info, path.name, file_sha256(path)), tensors


def _fresh(
    architecture: str, options: ReadingOptions
) -> tuple[LoadedWeights, dict[str, torch.Tensor]]:
    """Weights that know nothing, of the recipe (and so the scale) that they are wanted for."""
    info = untrained(architecture, seed=UNTRAINED_SEED)
    info = replace(info, recipe=member_recipe(info, options))
    return LoadedWeights(info, "", ""), fresh_tensors(info, UNTRAINED_SEED)


def member_recipe(info: WeightsInfo, options: ReadingOptions) -> Recipe:
    """The weights' own recipe, or the one named instead, with what was set on the command line."""
    recipe = info.recipe if options.recipe is None else named_recipe(options.recipe)
    if options.settings:
        recipe = recipe_with(recipe, options.settings)
        recipe = replace(recipe, name=f"{recipe.name} (changed)")
    chosen = {"passes": options.passes, "jitter": options.jitter}
    changes = {key: value for key, value in chosen.items() if value is not None}
    return replace(recipe, prediction=replace(recipe.prediction, **changes))  # type: ignore[arg-type]


def recipe_notices(info: WeightsInfo, recipe: Recipe) -> Sequence[str]:
    """What to say where weights are fed otherwise than by their own recipe."""
    notices = []
    own = replace(info.recipe, name=recipe.name, prediction=recipe.prediction)
    if not info.uses_heatmaps:
        own = replace(own, heatmaps=recipe.heatmaps)
    if info.trained and (changed := recipe.differences(own)):
        values = ", ".join(f"{key} {now!r}, not {was!r}" for key, (now, was) in changed.items())
        notices.append(
            f"weights {info.name} are read with another recipe than their own ({values}): "
            "their numbers may be off."
        )
    return notices


def patch_notices(info: WeightsInfo, recipe: Recipe) -> Sequence[str]:
    """What to say where the patch classifier reads other patches than it was made for."""
    notices = []
    changed = recipe.differences(info.recipe)
    fed = {key: changed[key] for key in _PATCH_SETTINGS if key in changed}
    if info.trained and fed:
        values = ", ".join(f"{key} {now!r}, not {was!r}" for key, (now, was) in fed.items())
        notices.append(
            f"patch weights {info.name} read other patches than their own recipe's ({values}): "
            "their heatmaps may be off."
        )
    stride, usual = recipe.heatmaps.stride_px, Recipe().heatmaps.stride_px
    if stride > usual:
        notices.append(
            f"heatmaps are made at a stride of {stride} pixels, coarser than the paper's {usual}."
        )
    return notices


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto` is CUDA where there is one, else the CPU.

    Raises:
        FourviewError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        first_line = str(error).splitlines()[0]
        raise FourviewError(
            f"device {name!r} cannot be used: {first_line}", hint="--device cpu works everywhere"
        ) from error
    return device
