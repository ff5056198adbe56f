"""The cells of a reader study's tables: ratings, truths, cases and their patients."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourview.core.birads_ratings import birads_ranks
from fourview.core.errors import TableError
from fourview.io.cells import number_in
from fourview.io.names import shown
from fourview.io.table import Row

Columns = Mapping[str, str]
"""A table's columns by their name in small letters."""

Breast = tuple[str, str]
"""An exam and its side, L or R; nothing where a case is an exam."""

_CASE = ("case_id", "case", "exam", "breast")
_SIDE = ("side", "laterality")
_TRUTH = ("truth", "label")
_SIDES = {"l": "L", "left": "L", "r": "R", "right": "R"}


@dataclass(frozen=True)
class Scale:
    """What the readers' cells hold: numbers, or BI-RADS categories."""

    birads: bool = False
    zero_above: str | None = None
    """See `birads_ranks`."""

    def rating(self, row: Row, column: str) -> float:
        """A cell as a number; NaN where it is empty."""
        text = row.get(column)
        if not text:
            return math.nan
        try:
            if self.birads:
                return float(birads_ranks([text], zero_above=self.zero_above)[0])
        except TableError as error:
            raise TableError(
                f"{row.place}, column {column}: {error.problem}", hint=error.hint
            ) from error
        number = number_in(text)
        if not math.isfinite(number):
            raise TableError(
                f"{row.place}, column {column}: the rating is {shown(text)!r}; expected a number",
                hint="leave it empty where the case was not rated",
            )
        return number

    def refuse_mixed(self, path: Path, cells: Iterable[str]) -> None:
        """Raise TableError where the categories of a whole table have no order."""
        if not self.birads:
            return
        try:
            birads_ranks(list(cells), zero_above=self.zero_above)
        except TableError as error:
            raise TableError(f"{path.name}: {error.problem}", hint=error.hint) from error


NUMBERS = Scale()


@dataclass(frozen=True)
class CaseColumns:
    """Which columns name a case, its truth and its patient."""

    case: str
    side: str
    """Nothing where there is none; so is `patient`."""
    truth: str
    patient: str

    def breast(self, row: Row) -> Breast:
        """The exam by its cell, and its side: L or R; nothing where there is no such column."""
        exam = filled(row, self.case)
        if not self.side:
            return exam, ""
        side = _SIDES.get(filled(row, self.side).casefold())
        if side is None:
            raise TableError(
                f"{row.place}, column {self.side}: {shown(row.get(self.side))!r}; expected L or R"
            )
        return exam, side

    def name_and_patient(self, row: Row) -> tuple[str, str]:
        """The case by its cell, and side where there is one (`17-L`). Its patient is that of the
        column `patient`; without one the exam whose side it is, or itself."""
        exam, side = self.breast(row)
        name = f"{exam}-{side}" if side else exam
        return name, filled(row, self.patient) if self.patient else exam

    def truth_of(self, row: Row) -> float:
        """0 or 1."""
        text = row.get(self.truth)
        truth = number_in(text)
        if truth not in (0, 1):
            raise TableError(
                f"{row.place}, column {self.truth}: {shown(text)!r}; expected 0 or 1",
                hint="leave out a case whose truth is not known",
            )
        return truth


def columns_of(path: Path, rows: Sequence[Row]) -> Columns:
    """The table's columns; raises TableError where two differ in capitals only."""
    names = list(rows[0].cells)
    refuse_alike(path, "columns", names)
    return {name.casefold(): name for name in names}


def refuse_alike(path: Path, kind: str, names: Iterable[str]) -> None:
    """Raise TableError where two names differ only in capitals, or in how an accent is encoded:
    the ratings of one reader would be those of two."""
    seen: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if seen.setdefault(folded, name) != name:
            raise TableError(
                f"{path.name}: the {kind} {shown(seen[folded])!r} and {shown(name)!r} differ only "
                "in capitals, or in how a letter is encoded",
                hint="write one name in one way; give others names that differ more",
            )


def refuse_two_patients(rows: Iterable[Row], keys: CaseColumns) -> None:
    """Raise TableError where the breasts of an exam are of different patients."""
    if not keys.side or not keys.patient:
        return
    first: dict[str, tuple[str, str]] = {}
    for row in rows:
        exam, patient = filled(row, keys.case), filled(row, keys.patient)
        told, place = first.setdefault(exam, (patient, row.place))
        if told != patient:
            raise TableError(
                f"{row.place}: the exam {shown(exam)!r} is another patient's than on {place}",
                hint="both breasts of an exam are of one patient",
            )


def case_columns(path: Path, columns: Columns) -> CaseColumns:
    """Raises TableError where there is no column of cases or of the truth, or two of a kind."""
    case, truth = (_one_of(path, columns, names) for names in (_CASE, _TRUTH))
    sides = [columns[name] for name in _SIDE if name in columns]
    return CaseColumns(case, sides[0] if sides else "", truth, columns.get("patient", ""))


def filled(row: Row, column: str) -> str:
    """A cell that may not be empty."""
    text = row.get(column)
    if not text:
        raise TableError(f"{row.place}, column {column}: the cell is empty")
    return text


def _one_of(path: Path, columns: Columns, names: Sequence[str]) -> str:
    found = [columns[name] for name in names if name in columns]
    if len(found) != 1:
        said = f"columns {' and '.join(found)}" if found else "no such column"
        raise TableError(
            f"{path.name}: {said}; expected one of {', '.join(names)}",
            hint="rename the column, or take out the other",
        )
    return found[0]
