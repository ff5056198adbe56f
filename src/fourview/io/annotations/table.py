"""A table of pixel labels: a row a finding in an image, with a mask, a shape, or occult."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import Pathology, Problem
from fourview.core.views import View
from fourview.io.annotations.shapes import Shape, has_shape, shape_cells
from fourview.io.annotations.words import class_cell
from fourview.io.cells import whole_cell
from fourview.io.finding_table import image_view_cell
from fourview.io.names import shown, wrong_exam_name
from fourview.io.table import Row, read_rows

REQUIRED = ("exam", "view")


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """One row: where it belongs, what it is, and what shows it (a mask, a shape, or nothing)."""

    exam: str
    view: View | None
    """None where `path` tells the image, or a DICOM SEG does."""
    image: str = ""
    """The view's cell as written: `L-CC`, `L-CC-2`."""
    path: str = ""
    finding: str = ""
    pathology: Pathology | None = None
    """None where the mask's colours tell."""
    type: str = ""
    occult: bool = False
    mask: Path | None = None
    shape: Shape | None = None
    place: str = ""


@dataclass(frozen=True)
class AnnotationTable:
    """What a table of pixel labels holds. A row with a problem is not among the rows."""

    rows: tuple[Annotation, ...]
    problems: tuple[Problem, ...] = ()
    refused: tuple[tuple[str, View | None], ...] = ()
    """Exam and view of rows with a problem, where these could be read."""


def read_annotation_table(path: Path) -> AnnotationTable:
    """The rows of a findings table, of a table of shapes, or of both in one.

    Columns: `exam,view` are required; `finding,class,type,occult,mask,path` as in findings.csv;
    `shape,points` or `x,y,radius` for outlines. Relative masks start at the table's folder. Only
    cells are checked. Raises TableError where the table as a whole cannot be read.
    """
    rows: list[Annotation] = []
    problems: list[Problem] = []
    refused: list[tuple[str, View | None]] = []
    for row in read_rows(path, required=REQUIRED):
        try:
            rows.append(_annotation(row, path.parent))
        except TableError as error:
            problems.append(Problem(row.place, error.problem, error.hint))
            refused.append((row.get("exam"), _view(row)))
    return AnnotationTable(tuple(rows), tuple(problems), tuple(refused))


def _annotation(row: Row, folder: Path) -> Annotation:
    if row.problem:
        raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
    mask = row.get("mask")
    if (row.get("exam") or not mask) and (wrong := wrong_exam_name(row.get("exam"))):
        raise TableError(f"the exam's name {shown(row.get('exam'))!r} {wrong}")
    occult = bool(whole_cell(row.get("occult"), "occult", least=0, most=1))
    if occult + bool(mask) + has_shape(row) != 1:
        raise TableError(_not_one(occult, mask, row), hint="one of: mask, a shape, occult 1")
    told_elsewhere = bool(row.get("path")) or bool(mask and not row.get("exam"))
    view = None if told_elsewhere and not row.get("view") else image_view_cell(row.get("view"))
    may_be_untold = mask and not row.get("class")
    return Annotation(
        exam=row.get("exam"),
        view=view,
        image=row.get("view"),
        path=row.get("path"),
        finding=row.get("finding"),
        pathology=None if may_be_untold else class_cell(row.get("class")),
        type=row.get("type"),
        occult=occult,
        mask=folder / mask if mask else None,
        shape=shape_cells(row) if has_shape(row) else None,
        place=row.place,
    )


def _not_one(occult: bool, mask: str, row: Row) -> str:
    found = [
        *(["occult"] if occult else []),
        *(["a mask"] if mask else []),
        *(["a shape"] if has_shape(row) else []),
    ]
    if not found:
        return "the finding is not occult, and has neither a mask nor a shape"
    return f"the finding is shown twice: {', '.join(found)}"


def _view(row: Row) -> View | None:
    try:
        return image_view_cell(row.get("view"))
    except TableError:
        return None
