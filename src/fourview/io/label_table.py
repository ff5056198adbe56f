"""labels.csv: a row an exam, its four labels, whether it was biopsied, its BI-RADS class."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import ExamLabels
from fourview.core.views import Label
from fourview.io.cells import whole_cell
from fourview.io.table import Row, read_rows
from fourview.io.tables import write_table

COLUMNS = ("exam", *(label.value for label in Label), "biopsied", "birads")


def read_label_table(path: Path) -> dict[str, ExamLabels]:
    """Each exam's labels, in the table's order.

    Raises TableError where the table, a row, or an exam that stands in it twice is wrong.
    """
    found: dict[str, ExamLabels] = {}
    for row in read_rows(path, required=COLUMNS[:5]):
        try:
            labels = _labels(row)
        except TableError as error:
            raise TableError(f"{row.place}: {error.problem}", hint=error.hint) from error
        if labels.exam in found:
            raise TableError(f"{row.place}: the exam {labels.exam!r} stands there twice")
        found[labels.exam] = labels
    return found


def write_label_table(path: Path, labels: Iterable[ExamLabels]) -> None:
    """Write labels.csv; whole, or not at all."""
    write_table(path, COLUMNS, map(_cells, labels))


def _labels(row: Row) -> ExamLabels:
    if row.problem:
        raise TableError(f"the row {row.problem}")
    if not row.get("exam"):
        raise TableError("the exam is empty")
    values = {label: _flag(row, label.value) for label in Label}
    biopsied = _flag(row, "biopsied") if row.get("biopsied") else any(values.values())
    birads = whole_cell(row.get("birads"), "birads", least=0, most=2)
    return ExamLabels(exam=row.get("exam"), values=values, biopsied=biopsied, birads=birads)


def _flag(row: Row, column: str) -> bool:
    flag = whole_cell(row.get(column), column, least=0, most=1)
    if flag is None:
        raise TableError(f"{column} is empty; expected 0 or 1")
    return bool(flag)


def _cells(labels: ExamLabels) -> dict[str, str | int]:
    return {
        "exam": labels.exam,
        **{label.value: int(labels.values[label]) for label in Label},
        "biopsied": int(labels.biopsied),
        "birads": "" if labels.birads is None else labels.birads,
    }
