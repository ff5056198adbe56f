"""How the learning rate goes from a training's first step to its last."""

from __future__ import annotations

import math

from fourview.core.train_recipe import TrainSection


def learning_rate(recipe: TrainSection, *, epoch: int, step: int, steps: int) -> float:
    """The rate of a step: a function of its place alone, so that a training that goes on is none
    the wiser.

    Args:
        epoch: From 0.
        step: Within the epoch, from 0, of `steps`.
    """
    if recipe.schedule == "constant":
        return recipe.learning_rate
    done = (epoch + step / steps) / recipe.epochs
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
