"""findings.csv: a row a finding in an image, its class, and the mask that shows where it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import FindingRecord, Problem
from fourview.core.views import View
from fourview.io.annotations.words import class_cell
from fourview.io.cells import view_cell, whole_cell
from fourview.io.names import shown, wrong_exam_name
from fourview.io.table import Row, read_rows
from fourview.io.tables import write_table

COLUMNS = ("exam", "view", "finding", "class", "type", "occult", "mask")
"""Of a table that is written; `path` comes after them where any finding has one."""
REQUIRED = ("exam", "view", "class", "mask")
_UNPLACED = "the finding is not occult, and has no mask: where it is, is not known"
_UNPLACED_HINT = "occult is 1 where nothing is to be seen; else give it a mask"
_REPEAT = re.compile(r"[-_ ]+[0-9]+$")


@dataclass(frozen=True)
class FindingTable:
    """What a findings table holds. A row with a problem is not among the findings."""

    path: Path
    findings: tuple[FindingRecord, ...]
    problems: tuple[Problem, ...] = ()

    def mask_path(self, finding: FindingRecord) -> Path | None:
        """Where a finding's mask is: relative paths start at the table's folder."""
        return self.path.parent / finding.mask if finding.mask else None


def read_finding_table(path: Path) -> FindingTable:
    """The rows of findings.csv; a table without rows has no findings.

    Only cells are checked: whether masks are there and fit their images is for others. A finding
    that is neither occult nor has a mask stays, with a warning: nobody knows where in its image it
    is. One that is both is refused. Raises TableError where the table as a whole cannot be read.
    """
    findings: list[FindingRecord] = []
    problems: list[Problem] = []
    for row in read_rows(path, required=REQUIRED):
        try:
            findings.append(found := _finding(row))
            if not (found.occult or found.mask):
                problems.append(Problem(row.place, _UNPLACED, _UNPLACED_HINT, "warning"))
        except TableError as error:
            problems.append(Problem(row.place, error.problem, error.hint))
    return FindingTable(path, tuple(findings), tuple(problems))


def write_finding_table(path: Path, findings: Iterable[FindingRecord]) -> None:
    """Write findings.csv; whole, or not at all. The same findings give the same bytes.

    Raises:
        OutputError: it cannot be written.
    """
    findings = list(findings)
    places = ["path"] if any(finding.path for finding in findings) else []
    write_table(path, [*COLUMNS, *places], map(_cells, findings))


def image_view_cell(text: str) -> View:
    """The view in a cell that may name one of several images: `L-CC`, `L-CC-2`.

    Raises:
        TableError: the cell is empty or names no view.
    """
    found = view_cell(_REPEAT.sub("", text))
    if found is None:
        raise TableError("the view is empty", hint="a finding belongs to one image of an exam")
    return found


def _finding(row: Row) -> FindingRecord:
    if row.problem:
        raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
    if wrong := wrong_exam_name(row.get("exam")):
        raise TableError(f"the exam's name {shown(row.get('exam'))!r} {wrong}")
    occult = bool(whole_cell(row.get("occult"), "occult", least=0, most=1))
    if occult and row.get("mask"):
        hint = "occult is 1 where nothing is to be seen"
        raise TableError("the finding is occult, and has a mask", hint=hint)
    return FindingRecord(
        exam=row.get("exam"),
        view=image_view_cell(row.get("view")),
        finding=row.get("finding"),
        pathology=class_cell(row.get("class")),
        type=row.get("type"),
        occult=occult,
        mask=row.get("mask"),
        path=row.get("path"),
        image=row.get("view"),
        place=row.place,
    )


def _cells(finding: FindingRecord) -> dict[str, str | int]:
    return {
        "exam": finding.exam,
        "view": finding.image or finding.view.value,
        "finding": finding.finding,
        "class": finding.pathology.value,
        "type": finding.type,
        "occult": int(finding.occult),
        "mask": finding.mask,
        **({"path": finding.path} if finding.path else {}),
    }
