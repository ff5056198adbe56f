"""BI-RADS assessments: `exam,birads` or `patient,date,birads`, with `laterality` a row a breast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fourview.core.assessment import CATEGORIES, Assessment
from fourview.core.errors import TableError
from fourview.core.records import Problem
from fourview.core.views import Laterality
from fourview.io.cells import date_cell
from fourview.io.names import shown
from fourview.io.result_words import sides_of
from fourview.io.table import Row, read_rows

HINT = "write 0 to 6, or 4a, 4b, 4c"
_NAMED = re.compile(r"bi[- ]?rads[- :]*")
_SNOMED = dict(
    zip(
        ("397138000", "397140005", "397141009", "397143007", "397144001", "397145000"),
        ("0", "1", "2", "3", "4", "5"),
        strict=True,
    )
)
"""DICOM's context group 6027, Assessment from BI-RADS."""


@dataclass(frozen=True)
class AssessmentTable:
    """What an assessment table holds."""

    path: Path
    assessments: tuple[Assessment, ...]
    """A row of both breasts is two; one whose category is unknown has none."""
    problems: tuple[Problem, ...] = ()


def read_assessments(path: Path) -> AssessmentTable:
    """The rows of an assessment table.

    A row names its exam, or else its patient and day. Raises TableError where the table as a whole
    cannot be read, or is empty.
    """
    rows = read_rows(path, required=("birads",))
    if not rows:
        raise TableError(f"{path.name}: the table has no rows", hint="one row for each exam")
    columns = rows[0].cells
    if "exam" not in columns and not {"patient", "date"} <= columns.keys():
        raise TableError(
            f"{path.name}: no column 'exam', and not both 'patient' and 'date'",
            hint="its columns may be exam,birads or patient,date,birads",
        )
    assessments: list[Assessment] = []
    problems: list[Problem] = []
    for row in rows:
        found, problem = _row(row)
        assessments += found
        problems += [problem] if problem else []
    return AssessmentTable(path, tuple(assessments), tuple(problems))


def _row(row: Row) -> tuple[list[Assessment], Problem | None]:
    """A row's assessments: without a category where it is damaged, so that its exam gets no class
    rather than that of the other breast."""
    day: date | None = None
    category: str | None = None
    sides: tuple[Laterality | None, ...] = (None,)
    problem: Problem | None = None
    try:
        if row.problem:
            raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
        day = date_cell(row.get("date"), "date")
        if not row.get("exam") and not (row.get("patient") and day):
            raise TableError("it names no exam, and not both patient and date")
        if row.get("laterality"):
            sides = sides_of(row.get("laterality"))
        category = category_of(row.get("birads"))
    except TableError as error:
        problem = Problem(row.place, f"{error.problem}; its exam gets no class", error.hint)
    return [
        Assessment(
            exam=row.get("exam"),
            patient=row.get("patient"),
            date=day,
            laterality=side,
            category=category,
            place=row.place,
        )
        for side in sides
    ], problem


def category_of(text: str) -> str:
    """The category that is written: `2`, `4a`, `BI-RADS 4A`, or its SNOMED CT code.

    Raises TableError where it is none.
    """
    plain = _NAMED.sub("", text.casefold().replace("_", " ")).strip().removesuffix(".0")
    category = _SNOMED.get(plain, plain)
    if category not in CATEGORIES:
        raise TableError(f"birads is {shown(text)!r}" if text else "birads is empty", hint=HINT)
    return category
