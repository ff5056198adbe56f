"""biopsies.csv: a row a biopsy, `patient,date,laterality,result`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import BiopsyRecord
from fourview.core.unclear import Unclear, UnclearBiopsy
from fourview.io.cells import date_cell
from fourview.io.result_words import Results, results_of, sides_of
from fourview.io.table import Row, read_rows

COLUMNS = ("patient", "date", "laterality", "result")


@dataclass(frozen=True)
class BiopsyTable:
    """What a biopsy table holds: each row is in one of the two."""

    path: Path
    biopsies: tuple[BiopsyRecord, ...]
    unclear: tuple[UnclearBiopsy, ...] = ()
    """Rows that lack something a label needs; they tell all the same that a biopsy was done."""


def read_biopsies(path: Path, *, words: Mapping[str, Results] | None = None) -> BiopsyTable:
    """The rows of a biopsy table; a table without rows is one without biopsies.

    Args:
        words: what results are called, beside and before the words that are known anyway.

    Raises TableError where the table as a whole cannot be read.
    """
    biopsies: list[BiopsyRecord] = []
    unclear: list[UnclearBiopsy] = []
    for row in read_rows(path, required=COLUMNS):
        found = _row(row, words or {})
        if isinstance(found, BiopsyRecord):
            biopsies.append(found)
        else:
            unclear.append(found)
    return BiopsyTable(path, tuple(biopsies), tuple(unclear))


def _row(row: Row, words: Mapping[str, Results]) -> BiopsyRecord | UnclearBiopsy:
    """The biopsy, or what is unclear of it. What leaves most exams in doubt is told first."""
    if row.problem:
        # its cells may stand under the wrong columns, so the date is not believed
        wrong = TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
        return _unclear(row, None, Unclear.ROW, wrong)
    day: date | None = None
    what = Unclear.DATE
    try:
        day = date_cell(row.get("date"), "date")
        if day is None:
            raise TableError("the date is empty", hint="a biopsy is matched by patient and date")
        what = Unclear.PATIENT
        if not row.get("patient"):
            raise TableError("the patient is empty", hint="no exam can be matched with this biopsy")
        what = Unclear.SIDE
        sides = sides_of(row.get("laterality"))
        what = Unclear.RESULT
        results = results_of(row.get("result"), words)
    except TableError as error:
        return _unclear(row, day, what, error)
    return BiopsyRecord(
        patient=row.get("patient"), date=day, lateralities=sides, results=results, place=row.place
    )


def _unclear(row: Row, day: date | None, what: Unclear, error: TableError) -> UnclearBiopsy:
    return UnclearBiopsy(
        patient=row.get("patient"),
        date=day,
        what=what,
        place=row.place,
        problem=error.problem,
        hint=error.hint,
    )
