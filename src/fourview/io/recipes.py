"""Recipes by name or from a TOML file, which may hold sections of both kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import RecipeError
from fourview.core.recipe import Recipe
from fourview.core.settings import changes_of, filled, read_toml, set_source

_DATA = {field.name for field in fields(DataRecipe)}
_IMAGE = {field.name for field in fields(Recipe)}


def named_recipe(name: str) -> Recipe:
    """How an image is prepared and read: a recipe by its name, or from a TOML file.

    Sections of a data recipe are left to `named_data_recipe`.

    Raises:
        RecipeError: there is no such recipe, or it is wrong.
    """
    text, is_bundled = _text(name)
    recipe = filled(Recipe(), _without(read_toml(text, source=name), _DATA), source=name)
    if recipe.name == Recipe().name and not is_bundled:
        return replace(recipe, name=Path(name).stem)
    return recipe


def named_data_recipe(name: str, settings: Sequence[str] = ()) -> DataRecipe:
    """How a data set is labelled, split and stored: as `named_recipe`, with settings put in."""
    text, _ = _text(name)
    recipe = filled(DataRecipe(), _without(read_toml(text, source=name), _IMAGE), source=name)
    return filled(recipe, changes_of(settings), source=set_source(settings))


def is_data_setting(setting: str) -> bool:
    """Whether `section.key=value` is of a data recipe."""
    return setting.split(".")[0].strip() in _DATA


def _without(values: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


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
