"""Parts of a population by what a column of a table tells: words, ages, other numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fourview.core.errors import TableError
from fourview.evaluation.checks import Bools, Floats

NOT_TOLD = "not told"
MOST_GROUPS = 30
_FEW_NUMBERS = 8
"""Up to so many different numbers each is a group; above, quarters are."""


@dataclass(frozen=True, eq=False)
class Subgroup:
    """The breasts of one group."""

    name: str
    which: Bools
    """`(N,)`."""


def subgroups(cells: Sequence[str], *, column: str) -> tuple[Subgroup, ...]:
    """The groups of a column, in order; each breast is in one.

    Ages (a column called `age`) go by decade; other numbers by quarters of the breasts where there
    are more than eight different ones; words as they are written. Empty cells are the group
    `not told`, the last.

    Raises:
        TableError: an age is no number, or a column has more than 30 different words.
    """
    numbers = _numbers(cells)
    if column.casefold() == "age":
        names, order = _decades(cells, numbers, column)
    elif numbers is not None and len(set(filter(None, cells))) > _FEW_NUMBERS:
        names, order = _quarters(numbers)
    else:
        names = [cell or NOT_TOLD for cell in cells]
        order = sorted(set(names) - {NOT_TOLD}, key=_key)
    if len(order) > MOST_GROUPS:
        raise TableError(
            f"column {column}: {len(order)} different values, among them {order[0]!r} and "
            f"{order[1]!r}; at most {MOST_GROUPS} are groups",
            hint="give a column that parts the breasts into a few groups",
        )
    array = np.array(names, dtype=object)
    found = {name: np.asarray(array == name, dtype=np.bool_) for name in [*order, NOT_TOLD]}
    return tuple(Subgroup(name, which) for name, which in found.items() if which.any())


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _numbers(cells: Sequence[str]) -> Floats | None:
    """NaN for an empty cell; None where a cell is no number."""
    found = [_number(cell) if cell else math.nan for cell in cells]
    return None if None in found else np.array(found, dtype=np.float64)


Named = tuple[list[str], list[str]]
"""The group of each breast, and the groups in order."""


def _decades(cells: Sequence[str], ages: Floats | None, column: str) -> Named:
    if ages is None:
        wrong = next(cell for cell in cells if cell and _number(cell) is None)
        raise TableError(f"column {column}: {wrong!r} is no age", hint="give years, as 47")
    starts = np.where(np.isnan(ages), -1, ages // 10 * 10).astype(int).tolist()
    names = {start: f"{start}–{start + 9}" for start in sorted(set(starts) - {-1})}
    return [names.get(start, NOT_TOLD) for start in starts], list(names.values())


def _quarters(numbers: Floats) -> Named:
    """By the quartiles of the numbers that are told; equal numbers share a quarter."""
    cuts = np.unique(np.nanquantile(numbers, [0.25, 0.5, 0.75]))
    told = [f"{cut:.12g}" for cut in cuts]  # six digits would give two quarters of dates one name
    order = [f"up to {told[0]}"]
    order += [f"above {low}, up to {high}" for low, high in pairwise(told)]
    order += [f"above {told[-1]}"]
    at = np.searchsorted(cuts, numbers, side="left")
    names = [NOT_TOLD if math.isnan(x) else order[i] for x, i in zip(numbers, at, strict=True)]
    return names, order


def _key(word: str) -> tuple[float, str]:
    """Numbers by size, before words by the alphabet."""
    number = _number(word)
    return (math.inf if number is None else number, word)
