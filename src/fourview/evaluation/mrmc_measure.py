"""What is measured of each reader in each modality, and of each draw of patients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import OfCounts, Statistic, counted
from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes
from fourview.evaluation.precision_recall import average_precision

Measure = Literal["auc", "average-precision"]

MEASURES: dict[Measure, Statistic] = {"auc": auc, "average-precision": average_precision}


def measured(ratings: Ratings, measure: Measure = "auc") -> Floats:
    """The measure of each reader in each modality, on the cases that the reader rated there.

    Returns:
        `(modalities, readers)`; NaN where the rated cases lack a kind.
    """
    statistic = MEASURES[measure]
    found = [statistic(row[rated], ratings.truth[rated]) for row, rated in rows_of(ratings)]
    return np.array(found).reshape(ratings.values.shape[:2])


def rows_of(ratings: Ratings) -> Iterator[tuple[Floats, Bools]]:
    """Each reader's ratings `(N,)` and which cases have one, modality after modality."""
    for row in ratings.values.reshape(-1, len(ratings.cases)):
        yield row, ~np.isnan(row)


def rows_by_patient(ratings: Ratings, measure: Measure) -> tuple[list[OfCounts], int]:
    """The measure of each row of `rows_of` as a function of how often each patient counts, and how
    many patients there are."""
    codes, n_patients = codes_of(ratings)
    statistic = MEASURES[measure]
    forms = [
        counted(statistic, row[rated], ratings.truth[rated], codes[rated], n_patients)
        for row, rated in rows_of(ratings)
    ]
    return forms, n_patients


def codes_of(ratings: Ratings) -> tuple[Ints, int]:
    """Each case's patient as a number from 0 `(N,)`, and how many patients there are."""
    return patient_codes(ratings.patients, len(ratings.cases))


def refuse_unmeasured(ratings: Ratings) -> None:
    """Raise TableError where a reader's cases in a modality lack a kind: the reader has no AUC
    there, and a mean over readers would be of others than it says."""
    for kind, wanted in (("with the disease", ratings.truth), ("without it", ~ratings.truth)):
        if not wanted.any():
            raise TableError(
                f"none of the {len(ratings.cases)} cases is {kind}",
                hint="an AUC compares cases with the disease to cases without it: both are needed",
            )
        rated = ~np.isnan(ratings.values[:, :, wanted])
        lacking = np.argwhere(~rated.any(axis=2))
        if len(lacking):
            named = [
                f"{ratings.readers[reader]!r} in {ratings.modalities[modality]!r}"
                for modality, reader in lacking[:5]
            ]
            raise TableError(
                f"no case {kind} was rated by {', '.join(named)}"
                + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""),
                hint="leave that reader or that modality out: every reader must have read cases "
                "of both kinds in every modality",
            )


def remarks_on(ratings: Ratings) -> tuple[str, ...]:
    """What a reader of the result must know about the ratings."""
    said = []
    for number, (row, rated) in enumerate(rows_of(ratings)):
        if rated.any() and row[rated].min() == row[rated].max():
            modality, reader = divmod(number, len(ratings.readers))
            said.append(
                f"{ratings.readers[reader]} gave all cases the same rating in "
                f"{ratings.modalities[modality]}: the area of chance, and no measurement"
            )
    missing = int(np.isnan(ratings.values).sum())
    if missing:
        said.append(
            f"{missing} of {ratings.values.size} ratings are missing: each reader counts on the "
            "cases that he or she rated"
        )
    return tuple(said)
