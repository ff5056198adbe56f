"""Tables of a reader study: a column a reader, or a row a rating.

Wide, as the paper's public table: `case_ID,side,label,Reader01_POM,...,AI_..._POM`, a row a breast.
Long, as programs for reader studies have it: `reader,treatment,case,truth,rating`, a row a rating;
treatment (or modality) and patient may be missing. An empty rating is a case that was not rated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings, ratings_of
from fourview.io.names import shown
from fourview.io.reader_cells import (
    NUMBERS,
    Breast,
    Columns,
    Scale,
    case_columns,
    columns_of,
    filled,
    refuse_alike,
    refuse_two_patients,
)
from fourview.io.table import Row, read_rows

_ONLY = "readers"
"""The modality's name where the table has none."""


@dataclass(frozen=True, eq=False)
class ReaderTable:
    """What a table of a reader study holds."""

    ratings: Ratings
    breasts: tuple[Breast, ...]
    """`(N,)`: the exam and side of each of the ratings' cases."""
    scores: Mapping[str, NDArray[np.float64]]
    """Of each model that was asked for `(N,)`, in the order of the ratings' cases; NaN where it
    has none."""


def read_reader_table(
    path: Path,
    *,
    readers: Sequence[str] = (),
    models: Sequence[str] = (),
    scale: Scale = NUMBERS,
) -> ReaderTable:
    """A wide or a long table; a long one is told by its columns `reader` and `rating`.

    Args:
        readers: Columns of readers in a wide table; those whose name begins with 'reader', and that
            are no model's, without it. Readers to keep of a long table; all without it.
        models: Columns of a wide table with a model's scores: numbers, whatever the scale.
        scale: What the readers' cells hold.
    Raises:
        TableError: with the line and column of what is wrong; nothing is left out in silence.
    """
    rows = read_rows(path, required=())
    if not rows:
        raise TableError(f"{path.name}: no row below the header")
    for row in rows:
        if row.problem:
            raise TableError(f"{row.place}: the row {row.problem}")
    columns = columns_of(path, rows)
    if not {"reader", "rating"} <= columns.keys():
        return _wide(path, rows, columns, readers, models, scale)
    if models:
        raise TableError(
            f"{path.name}: a table with a row a rating has no column of a model",
            hint="give a wide table: a column a reader, and one of the model",
        )
    return _long(path, rows, columns, readers, scale)


def _wide(
    path: Path,
    rows: list[Row],
    columns: Columns,
    readers: Sequence[str],
    models: Sequence[str],
    scale: Scale,
) -> ReaderTable:
    named = readers or [
        name for small, name in columns.items() if small.startswith("reader") and name not in models
    ]
    if both := [name for name in named if name in models]:
        raise TableError(
            f"{path.name}: {', '.join(map(repr, both))} is named as a reader and as a model",
            hint="a model that counts as a reader, too, would be held against itself",
        )
    if not named:
        raise TableError(
            f"{path.name}: no column begins with 'reader'; found {', '.join(columns.values())}",
            hint="name the columns of the readers",
        )
    if missing := [name for name in (*named, *models) if name not in columns.values()]:
        raise TableError(
            f"{path.name}: no column {', '.join(map(repr, missing))}; "
            f"found {', '.join(columns.values())}"
        )
    keys = case_columns(path, columns)
    refuse_two_patients(rows, keys)
    cases: dict[str, str] = {}
    patients = []
    for row in rows:
        case, patient = keys.name_and_patient(row)
        if case in cases:
            raise TableError(
                f"{row.place}: the case {shown(case)!r} stands on {cases[case]} already",
                hint="a case has one row",
            )
        cases[case] = row.place
        patients.append(patient)
    ratings = ratings_of(
        [[scale.rating(row, column) for row in rows] for column in named],
        [keys.truth_of(row) for row in rows],
        modalities=[_ONLY],
        readers=named,
        cases=list(cases),
        patients=patients,
    )
    scale.refuse_mixed(path, (row.get(name) for row in rows for name in named))
    scores = {model: np.array([NUMBERS.rating(row, model) for row in rows]) for model in models}
    return ReaderTable(ratings, tuple(map(keys.breast, rows)), scores)


def _long(
    path: Path, rows: list[Row], columns: Columns, readers: Sequence[str], scale: Scale
) -> ReaderTable:
    keys = case_columns(path, columns)
    reader, rating = columns["reader"], columns["rating"]
    modality = columns.get("treatment", columns.get("modality", ""))
    for column, kind in ((reader, "readers"), (modality, "modalities")):
        refuse_alike(path, kind, dict.fromkeys(row.get(column) for row in rows if column))
    refuse_two_patients(rows, keys)
    kept = [row for row in rows if not readers or filled(row, reader) in readers]
    truths: dict[str, tuple[float, str, str]] = {}
    breasts: dict[str, Breast] = {}
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    for row in kept:
        case, patient = keys.name_and_patient(row)
        breasts[case] = keys.breast(row)
        truth = keys.truth_of(row)
        first = truths.setdefault(case, (truth, patient, row.place))
        if first[:2] != (truth, patient):
            what = "truth" if first[0] != truth else "patient"
            raise TableError(
                f"{row.place}: the {what} of case {shown(case)!r} is another than on {first[2]}",
                hint="a case has one truth and one patient, whoever reads it",
            )
        key = (filled(row, modality) if modality else _ONLY, filled(row, reader), case)
        if key in found:
            raise TableError(
                f"{row.place}: reader {shown(key[1])!r} rated case {shown(case)!r} "
                f"on {found[key][1]} already",
                hint="a reader rates a case once in a modality",
            )
        found[key] = (scale.rating(row, rating), row.place)
    scale.refuse_mixed(path, (row.get(rating) for row in kept))
    names = [list(dict.fromkeys(key[axis] for key in found)) for axis in range(3)]
    if missing := [name for name in readers if name not in names[1]]:
        raise TableError(f"{path.name}: no reader {', '.join(map(repr, missing))}")
    places = [{name: place for place, name in enumerate(axis)} for axis in names]
    values = np.full([len(axis) for axis in names], np.nan)
    for key, (number, _) in found.items():
        values[tuple(place[name] for place, name in zip(places, key, strict=True))] = number
    ratings = ratings_of(
        values,
        [truths[case][0] for case in names[2]],
        modalities=names[0],
        readers=names[1],
        cases=names[2],
        patients=[truths[case][1] for case in names[2]],
    )
    return ReaderTable(ratings, tuple(breasts[case] for case in names[2]), {})
