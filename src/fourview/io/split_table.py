"""splits.csv: a row an exam, the split that it is in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import SPLITS, SplitRecord
from fourview.io.names import shown
from fourview.io.table import Row, read_rows
from fourview.io.tables import write_table

COLUMNS = ("exam", "patient", "split")


def read_split_table(path: Path) -> tuple[SplitRecord, ...]:
    """Every row, in the table's order; an exam that stands in it twice is there twice, so that
    a leak can be seen.

    Raises TableError where the table or a row of it is wrong.
    """
    rows = read_rows(path, required=("exam", "split"))
    if not rows:
        raise TableError(f"{path.name}: the table has no rows", hint="one row for each exam")
    return tuple(map(_record, rows))


def split_of_exams(path: Path) -> dict[str, str]:
    """Each exam's split.

    Raises TableError also where an exam stands in the table twice.
    """
    found: dict[str, str] = {}
    for record in read_split_table(path):
        if record.exam in found:
            raise TableError(
                f"{record.place}: the exam {shown(record.exam)!r} stands there twice",
                hint="fourview split --check names every such exam",
            )
        found[record.exam] = record.split
    return found


def write_split_table(path: Path, records: Iterable[SplitRecord]) -> None:
    """Write splits.csv; whole, or not at all."""
    rows = ({"exam": r.exam, "patient": r.patient, "split": r.split} for r in records)
    write_table(path, COLUMNS, rows)


def _record(row: Row) -> SplitRecord:
    if row.problem:
        raise TableError(f"{row.place}: the row {row.problem}")
    if not row.get("exam"):
        raise TableError(f"{row.place}: the exam is empty")
    if row.get("split") not in SPLITS:
        raise TableError(
            f"{row.place}: the split is {shown(row.get('split'))!r}; it may be {', '.join(SPLITS)}",
        )
    return SplitRecord(
        exam=row.get("exam"),
        patient=row.get("patient"),
        split=row.get("split"),
        place=row.place,
    )
