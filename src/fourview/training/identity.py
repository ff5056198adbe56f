"""What of a recipe makes a training the one that it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fourview.core.train_recipe import TrainRecipe


def identity_of(recipe: TrainRecipe) -> dict[str, Any]:
    """The recipe without what it runs on, and without what ends it, so that a training may be gone
    on with to more epochs; not so where the learning rate falls towards the last of them."""
    values = asdict(recipe)
    del values["hardware"], values["train"]["patience"]
    if recipe.train.schedule == "constant":
        del values["train"]["epochs"]
    return values
