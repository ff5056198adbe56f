"""Tables: UTF-8 CSV with a header, or Parquet, row by row with the place of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import TableError

AS_CSV = "save it as CSV, UTF-8, separated by commas"
_MOST_BYTES = 2**30


@dataclass(frozen=True)
class Row:
    """One row: its cells by column, surrounding spaces removed."""

    place: str
    """`exams.csv, line 5`."""
    cells: Mapping[str, str]
    problem: str = ""
    """What is wrong with the row as a whole: cells missing or too many."""

    def get(self, column: str) -> str:
        """The cell, or nothing where the table has no such column."""
        return self.cells.get(column, "")


def read_rows(path: Path, *, required: Sequence[str]) -> list[Row]:
    """The rows of a table, blank ones left out.

    Raises TableError where it is no such table, lacks a required column or names one twice.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise TableError(f"{path.name}: cannot be read: {why}", hint="check the path") from error
    if size > _MOST_BYTES:
        raise TableError(f"{path.name}: larger than {_MOST_BYTES >> 20} MiB; no table of exams")
    rows = _parquet_rows if path.suffix.lower() == ".parquet" else _csv_rows
    return list(rows(path, required))


def _csv_rows(path: Path, required: Sequence[str]) -> Iterator[Row]:
    # strict: a quote that is never closed would swallow the rest of the table
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, required)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            problem = ""
            if len(cells) != len(header):
                problem = f"has {len(cells)} cells; the header has {len(header)}"
            named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            yield Row(f"{path.name}, line {reader.line_num}", named, problem)
    except csv.Error as error:
        raise TableError(
            f"{path.name}, line {reader.line_num}: not CSV: {error}", hint=AS_CSV
        ) from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    if not content.strip():
        raise TableError(
            f"{path.name}: the table is empty", hint="its first line names the columns"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError(f"{path.name}: encoded as UTF-16; UTF-8 was expected", hint=AS_CSV)
    if (at := content.find(0)) >= 0:
        raise TableError(f"{path.name}: a NUL byte at byte {at}; a table is text", hint=AS_CSV)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{path.name}, line {line}: not UTF-8 (byte {content[error.start]:#04x})", hint=AS_CSV
        ) from error


def _parquet_rows(path: Path, required: Sequence[str]) -> Iterator[Row]:
    import pandas as pd  # slow to import, and seldom needed

    try:
        table = pd.read_parquet(path, dtype_backend="pyarrow")  # whole numbers stay whole
    except (OSError, ValueError, TypeError) as error:
        raise TableError(f"{path.name}: not a readable Parquet file") from error
    _check_header(path, [str(name) for name in table.columns], required)
    texts = table.astype(object).where(table.notna(), "").to_dict("records")
    for number, values in enumerate(texts, start=1):
        cells = {str(name): str(value).strip() for name, value in values.items()}
        yield Row(f"{path.name}, row {number}", cells)


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise TableError(f"{path.name}: two columns are called {', '.join(map(repr, twice))}")
    if missing := [name for name in required if name not in header]:
        hint = f"its first line must name at least {','.join(required)}"
        if len(header) == 1 and (sign := next((s for s in ";\t" if s in header[0]), "")):
            hint = f"its columns seem to be separated by {sign!r}: {AS_CSV}"
        names = ", ".join(header[:20]) or "no column"
        raise TableError(
            f"{path.name}: no column {', '.join(map(repr, missing))}; found {names}", hint=hint
        )
