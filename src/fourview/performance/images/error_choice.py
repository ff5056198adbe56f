"""Which breasts an error analysis shows (SI, 'Error analysis'): chosen by rule, never by eye."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.errors import RecipeError
from fourview.evaluation.checks import Bools, Floats, Ints, probabilities


class ErrorKind(Enum):
    """Why a breast is shown."""

    FALSE_POSITIVE = "false positive"
    """Without a malignant finding, and scored the highest of those."""
    FALSE_NEGATIVE = "false negative"
    """With a malignant finding, and scored the lowest of those."""
    DISAGREEMENT = "disagreement"
    """Model and readers' mean differ the most, among breasts that are not shown already."""


RULES = {
    ErrorKind.FALSE_POSITIVE: "of the breasts without a malignant finding, those that the model "
    "scored highest for malignancy",
    ErrorKind.FALSE_NEGATIVE: "of the breasts with a malignant finding, those that the model "
    "scored lowest",
    ErrorKind.DISAGREEMENT: "of the others, those for which the model's malignant score and the "
    "mean of the readers' are farthest apart",
}
"""In words that may go into a paper. Equal ones are in the order of their names."""


@dataclass(frozen=True)
class ChosenBreast:
    """A breast that is shown."""

    kind: ErrorKind
    rank: int
    """From 1."""
    place: int
    """Among the breasts."""


def choose_errors(
    breasts: Breasts,
    scores: BreastScores,
    *,
    readers: Floats | None = None,
    most: int = 3,
    threshold: float | None = None,
) -> list[ChosenBreast]:
    """At most so many of each kind, by `RULES`; breasts that the model did not read are passed by.

    Args:
        readers: `(R, N)`: probabilities of malignancy, NaN where a reader did not rate the breast.
        threshold: Scores of at least this are positive: a false positive reaches it, a false
            negative does not. Without it the ranks alone count.
    Raises:
        RecipeError: `most` is below 0.
        TableError: a score or a reader's rating lies outside 0 to 1.
        ValueError: the shapes differ.
    """
    if most < 0:
        raise RecipeError(f"{most} breasts of each kind of error; expected 0 or more")
    said = probabilities(scores.malignant)
    if said.shape != (len(breasts),) or (readers is not None and readers.shape[1:] != said.shape):
        raise ValueError(f"{len(breasts)} breasts, scores {said.shape}; readers have other shapes")
    read = ~np.isnan(said)
    cases = breasts.malignant
    positive = read if threshold is None else read & (said >= threshold)
    negative = read if threshold is None else read & (said < threshold)
    names = np.argsort(np.argsort(np.array(breasts.names, dtype=np.str_), kind="stable"))
    chosen = _first(ErrorKind.FALSE_POSITIVE, positive & ~cases, -said, names, most)
    chosen += _first(ErrorKind.FALSE_NEGATIVE, negative & cases, said, names, most)
    if readers is not None:
        away = np.abs(said - readers_mean(probabilities(readers)))
        left = read & ~np.isnan(away)
        left[[one.place for one in chosen]] = False
        chosen += _first(ErrorKind.DISAGREEMENT, left, -away, names, most)
    return chosen


def readers_mean(readers: Floats) -> Floats:
    """The mean of the readers who rated each breast `(N,)`; NaN where none did."""
    rated = (~np.isnan(readers)).sum(axis=0)
    total = np.nansum(readers, axis=0)
    return np.asarray(np.where(rated, total, np.nan) / np.maximum(rated, 1), dtype=np.float64)


def _first(
    kind: ErrorKind, which: Bools, rising: Floats, names: Ints, most: int
) -> list[ChosenBreast]:
    """The first by a rising number, equal ones by name."""
    order = np.lexsort((names, rising))
    places = [int(place) for place in order if which[place]][:most]
    return [ChosenBreast(kind, rank, place) for rank, place in enumerate(places, start=1)]
