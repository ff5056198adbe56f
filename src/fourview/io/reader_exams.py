"""Which exams a table of a reader study is of, whatever its readers said of them."""

from __future__ import annotations

from pathlib import Path

from fourview.core.errors import TableError
from fourview.io.reader_cells import case_columns, columns_of, filled
from fourview.io.table import read_rows


def exams_of_readers(path: Path) -> frozenset[str]:
    """The exams that a wide or a long table names, without their sides.

    Raises:
        TableError: it is no such table, or a cell of a case is empty.
    """
    rows = read_rows(path, required=())
    if not rows:
        raise TableError(f"{path.name}: no row below the header")
    keys = case_columns(path, columns_of(path, rows))
    return frozenset(filled(row, keys.case) for row in rows)
