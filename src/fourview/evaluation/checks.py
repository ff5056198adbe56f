"""What every statistic asks of its numbers, asked in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fourview.core.errors import TableError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def scores_and_truth(scores: ArrayLike, truth: ArrayLike) -> tuple[Floats, Bools]:
    """Both as arrays: scores `(..., N)`, truth `(N,)`; scores that are NaN stay in.

    Raises:
        ValueError: the lengths differ.
        TableError: a truth is neither 0 nor 1 (NaN is neither), or something is no number.
    """
    values, cases = _numbers(scores, "scores"), _numbers(truth, "truth")
    if cases.ndim != 1 or values.ndim < 1 or values.shape[-1] != len(cases):
        raise ValueError(f"scores have the shape {values.shape}, the truth {cases.shape}")
    odd = cases[(cases != 0) & (cases != 1)]
    if len(odd):
        raise TableError(
            f"{len(odd)} of {len(cases)} truths are neither 0 nor 1, the first is {odd[0]:g}",
            hint="1 says that the finding is there, 0 that it is not; "
            "leave out breasts whose truth is not known",
        )
    return values, cases == 1


def probabilities(scores: ArrayLike) -> Floats:
    """The scores as an array, for what needs probabilities; NaN (a breast not read) stays in.

    Raises:
        TableError: one lies outside 0 to 1, or is no number.
    """
    values = _numbers(scores, "scores")
    outside = values[(values < 0) | (values > 1)]
    if len(outside):
        raise TableError(
            f"{len(outside)} of {values.size} scores lie outside 0 to 1, "
            f"the first is {outside[0]:g}",
            hint="probabilities are needed here: divide percentages by 100; "
            "put other scores through a recalibration first",
        )
    return values


def patient_codes(patients: Sequence[Hashable], n: int) -> tuple[Ints, int]:
    """Each breast's patient as a number from 0 `(N,)`, and how many patients there are.

    Raises:
        ValueError: not one patient for each of `n` breasts.
        TableError: a breast without a patient (None, NaN or an empty name).
    """
    if len(patients) != n:
        raise ValueError(f"{len(patients)} patients are given for {n} breasts")
    named = np.fromiter(patients, dtype=object, count=n)
    codes, known = pd.factorize(named)
    missing = (codes < 0) | np.asarray(named == "", dtype=np.bool_)
    if missing.any():
        raise TableError(
            f"{int(missing.sum())} of {n} breasts have no patient",
            hint="breasts of one patient are drawn together, so each needs its patient; "
            "where all are of different patients, number them",
        )
    return codes.astype(np.int64), len(known)


def _numbers(given: ArrayLike, what: str) -> Floats:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"the {what} cannot be read as numbers: {error}",
            hint="a missing number is NaN; a truth is 0 or 1",
        ) from error


def refuse_duplicates(breasts: Sequence[Hashable], *, where: str) -> None:
    """Nothing, where each breast is named once.

    Args:
        where: What the names are of, for the message ("the predictions").
    Raises:
        TableError: some are named twice or more; the first of them are in the message.
    """
    twice = [name for name, times in Counter(breasts).items() if times > 1]
    if twice:
        shown = ", ".join(str(name) for name in twice[:5]) + (", …" if len(twice) > 5 else "")
        raise TableError(
            f"{len(twice)} breasts are in {where} more than once: {shown}",
            hint="keep one row of each; a breast counted twice makes every interval too narrow",
        )


@dataclass(frozen=True)
class Matched:
    """Which rows of two tables are of the same breast."""

    in_scores: list[int]
    """Rows of the scores, in their order, that have a truth."""
    in_truth: list[int]
    """For each of those, its row of the truth."""
    not_read: list[Hashable]
    """Breasts with a truth and no score."""
    not_known: list[Hashable]
    """Breasts with a score and no truth."""


def match(scored: Sequence[Hashable], known: Sequence[Hashable]) -> Matched:
    """The breasts that have both a score and a truth; the others by name, for the report.

    Raises:
        TableError: a breast stands twice on one side, or none is on both.
    """
    refuse_duplicates(scored, where="the scores")
    refuse_duplicates(known, where="the truth")
    row = {name: i for i, name in enumerate(known)}
    both = [(i, row[name]) for i, name in enumerate(scored) if name in row]
    if not both:
        raise TableError(
            f"none of {len(scored)} scored breasts is among the {len(known)} with a truth",
            hint="both must name exams and breasts in the same way",
        )
    read = set(scored)
    return Matched(
        [i for i, _ in both],
        [j for _, j in both],
        [name for name in known if name not in read],
        [name for name in scored if name not in row],
    )
