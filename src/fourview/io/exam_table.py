"""exams.csv: the table of a data set's images, a row an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import OK, REFUSED, SET_ASIDE, ImageRecord, Problem
from fourview.io.cells import (
    date_cell,
    facing_cell,
    number_cell,
    spacing_cell,
    view_cell,
    whole_cell,
)
from fourview.io.names import shown, wrong_exam_name
from fourview.io.table import Row, read_rows
from fourview.io.tables import write_table

REQUIRED = ("exam", "view", "path")
COLUMNS = (
    *("exam", "patient", "study_date", "view", "path", "status", "reason", "age", "density"),
    *("manufacturer", "rows", "columns", "pixel_spacing_mm"),
)
"""Of a table that is written; `facing` and unknown columns come after them where there are any."""
_STATUS = {"": OK, "ok": OK, "used": OK, "set aside": SET_ASIDE, "refused": REFUSED}
_DENSITIES = {
    "": "",
    **dict(zip("abcd", "abcd", strict=True)),
    **dict(zip("1234", "abcd", strict=True)),
}
_MOST_PIXELS = 100_000


@dataclass(frozen=True)
class ExamTable:
    """What an exam table holds. A row with a problem is not among the images."""

    path: Path
    images: tuple[ImageRecord, ...]
    problems: tuple[Problem, ...] = ()

    def image_path(self, image: ImageRecord, *, image_root: Path | None = None) -> Path:
        """Where an image's file is: relative paths start at `image_root`, or the table's folder."""
        return (image_root or self.path.parent) / image.path


def read_exam_table(path: Path) -> ExamTable:
    """The rows of an exam table, unknown columns kept.

    Only cells are checked: a row with an impossible one becomes a problem. Whether the rows fit
    together, and the files are there, is for others. Raises TableError where the table as a whole
    cannot be read.
    """
    rows = read_rows(path, required=REQUIRED)
    if not rows:
        raise TableError(f"{path.name}: the table has no rows", hint="one row for each image")
    images: list[ImageRecord] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            images.append(_image(row))
        except TableError as error:
            problems.append(Problem(row.place, error.problem, error.hint))
    return ExamTable(path, tuple(images), tuple(problems))


def write_exam_table(path: Path, images: Iterable[ImageRecord]) -> None:
    """Write an exam table; whole, or not at all. The same images give the same bytes.

    Raises:
        OutputError: it cannot be written.
    """
    images = list(images)
    others = dict.fromkeys(name for image in images for name in image.other)
    facing = ["facing"] if any(image.facing for image in images) else []
    write_table(path, [*COLUMNS, *facing, *others], map(_cells, images))


def _image(row: Row) -> ImageRecord:
    if row.problem:
        raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
    exam = row.get("exam")
    status = _STATUS.get(row.get("status").casefold().replace("_", " "))
    if status is None:
        raise TableError(
            f"status is {shown(row.get('status'))!r}",
            hint="it may be empty, ok, set aside or refused",
        )
    if status == OK and (wrong := wrong_exam_name(exam)):
        raise TableError(f"the exam's name {shown(exam)!r} {wrong}")
    if not row.get("path"):
        raise TableError("the path is empty")
    known = {*COLUMNS, "facing"}
    return ImageRecord(
        exam=exam,
        path=row.get("path"),
        view=view_cell(row.get("view")) if status == OK else None,
        status=status,
        reason=row.get("reason"),
        patient=row.get("patient"),
        study_date=date_cell(row.get("study_date"), "study_date"),
        age=number_cell(row.get("age"), "age", least=0, most=130),
        density=_density(row.get("density")),
        manufacturer=row.get("manufacturer"),
        rows=whole_cell(row.get("rows"), "rows", least=1, most=_MOST_PIXELS),
        columns=whole_cell(row.get("columns"), "columns", least=1, most=_MOST_PIXELS),
        pixel_spacing_mm=spacing_cell(row.get("pixel_spacing_mm")),
        facing=facing_cell(row.get("facing")),
        other={name: text for name, text in row.cells.items() if name not in known},
        place=row.place,
    )


def _density(text: str) -> str:
    """BI-RADS a to d; 1 to 4 of older editions are their equals in order."""
    density = _DENSITIES.get(text.casefold())
    if density is None:
        raise TableError(f"density is {shown(text)!r}; expected a, b, c or d (or 1 to 4)")
    return density


def _cells(image: ImageRecord) -> dict[str, str | int | float]:
    return {
        "exam": image.exam,
        "patient": image.patient,
        "study_date": image.study_date.isoformat() if image.study_date else "",
        "view": image.view.value if image.view else "",
        "path": image.path,
        "status": image.status,
        "reason": image.reason,
        "age": "" if image.age is None else f"{image.age:g}",
        "density": image.density,
        "manufacturer": image.manufacturer,
        "rows": "" if image.rows is None else image.rows,
        "columns": "" if image.columns is None else image.columns,
        "pixel_spacing_mm": _spacing(image.pixel_spacing_mm),
        **({"facing": image.facing.value} if image.facing else {}),
        **image.other,
    }


def _spacing(spacing: tuple[float, float] | None) -> str:
    if spacing is None:
        return ""
    rows, columns = spacing
    return f"{rows:.6g}" if rows == columns else f"{rows:.6g}\\{columns:.6g}"
