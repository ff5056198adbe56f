"""Tables, written: UTF-8 CSV with a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fourview.io.atomic import write_file


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str | int | float]]
) -> None:
    """Write rows under a header; whole, or not at all. A row without a column has it empty.

    Raises:
        OutputError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(columns), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(dict(row) for row in rows)
    write_file(path, text.getvalue().encode())
