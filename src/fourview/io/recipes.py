"""Recipes by name or from a TOML file, which may hold sections of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path
from typing import TypeVar

from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import RecipeError
from fourview.core.recipe import Recipe
from fourview.core.settings import changes_of, filled, read_toml, set_source
from fourview.core.train_recipe import TrainRecipe

S = TypeVar("S", Recipe, DataRecipe, TrainRecipe)
_KINDS = (Recipe, DataRecipe, TrainRecipe)


def named_recipe(name: str) -> Recipe:
    """How an image is prepared and read: a recipe by its name, or from a TOML file.

    Sections of the other kinds of recipe are left to the functions below.

    Raises:
        RecipeError: there is no such recipe, or it is wrong.
    """
    text, is_bundled = _text(name)
    recipe = _filled(Recipe(), text, name)
    if recipe.name == Recipe().name and not is_bundled:
        return replace(recipe, name=Path(name).stem)
    return recipe


def named_data_recipe(name: str, settings: Sequence[str] = ()) -> DataRecipe:
    """How a data set is labelled, split and stored: as `named_recipe`, with settings put in."""
    recipe = _filled(DataRecipe(), _text(name)[0], name)
    return filled(recipe, changes_of(settings), source=set_source(settings))


def named_train_recipe(name: str, settings: Sequence[str] = ()) -> TrainRecipe:
    """What a training does: as `named_recipe`, with settings put in."""
    recipe = _filled(TrainRecipe(), _text(name)[0], name)
    return filled(recipe, changes_of(settings), source=set_source(settings))


def is_data_setting(setting: str) -> bool:
    """Whether `section.key=value` is of a data recipe."""
    return setting.split(".")[0].strip() in _sections(DataRecipe)


def is_train_setting(setting: str) -> bool:
    """Whether `section.key=value` is of a training's recipe."""
    return setting.split(".")[0].strip() in _sections(TrainRecipe)


def _filled(base: S, text: str, source: str) -> S:
    """`base` with the sections of its own kind put in; a section of no kind is refused."""
    others = {name for kind in _KINDS if kind is not type(base) for name in _sections(kind)}
    values = read_toml(text, source=source)
    return filled(base, {k: v for k, v in values.items() if k not in others}, source=source)


def _sections(kind: type[Recipe] | type[DataRecipe] | type[TrainRecipe]) -> set[str]:
    return {field.name for field in fields(kind)}


def _text(name: str) -> tuple[str, bool]:
    """A recipe's text, and whether it is one of fourview's own."""
    bundled = resources.files("fourview") / "recipes"
    names = sorted(
        item.name.removesuffix(".toml") for item in bundled.iterdir() if item.name.endswith(".toml")
    )
    try:
        if name in names:
            return (bundled / f"{name}.toml").read_text(encoding="utf-8"), True
        return Path(name).read_text(encoding="utf-8"), False
    except OSError as error:
        raise RecipeError(
            f"recipe {name!r}: no such recipe, and no such file ({error.strerror})",
            hint=f"the recipes are {', '.join(names)}; a recipe of your own is a TOML file",
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"recipe {name!r}: not a UTF-8 text") from error
