"""Tables as public data sets have them: other column names, separators and encodings.

Read a row at a time and only the columns asked for, as some have a hundred columns and half a
million rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from fourview.core.errors import TableError
from fourview.io.table import AS_CSV, Row

_SEPARATORS = ",;\t"
_MOST_CELL = 1 << 22
_SHOWN = 30


def read_foreign_rows(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    optional: Sequence[str] = (),
    encoding: str = "utf-8-sig",
) -> Iterator[Row]:
    """The rows of a CSV file, blank ones left out, their cells under the caller's names.

    Case and spaces around and within a column's name do not matter, nor whether commas, semicolons
    or tabs separate the cells.

    Args:
        columns: the caller's name of a column to what it may be called in the table.
        optional: those of the caller's names that the table may lack.
        encoding: the table's, where it is not UTF-8.

    Raises:
        TableError: it is no such table, or lacks a column.
    """
    with _open(path, encoding) as file:
        try:
            start = file.readline()
            if not start.strip():
                raise TableError(
                    f"{path.name}: the table is empty", hint="its first line names the columns"
                )
            file.seek(0)
            reader = csv.reader(file, delimiter=_separator(start), strict=True)
            header = next(reader, [])
            places = _places(path, header, columns, optional)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(path, reader.line_num, cells, places, len(header))
        except UnicodeDecodeError as error:
            raise TableError(
                f"{path.name}: not {encoding.removesuffix('-sig').upper()} "
                f"(byte {error.object[error.start]:#04x})",
                hint=AS_CSV,
            ) from error
        except csv.Error as error:
            raise TableError(f"{path.name}: not CSV: {error}", hint=AS_CSV) from error


def utf8_or_latin1(path: Path) -> str:
    """The encoding of a small table whose notes, which nobody reads here, may be in either."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def count_lines(path: Path) -> int:
    """How many lines a file has: about the rows of a table, for telling progress."""
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _open(path: Path, encoding: str) -> TextIO:
    csv.field_size_limit(_MOST_CELL)
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError(f"{path.name}: encoded as UTF-16; UTF-8 was expected", hint=AS_CSV)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableError(f"{path.name}: a spreadsheet (Excel), not CSV", hint=AS_CSV)
    return path.open(encoding=encoding, newline="")


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _places(
    path: Path,
    header: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    optional: Sequence[str],
) -> dict[str, int]:
    """The caller's names of columns to their places in a row."""
    known = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
    places = {}
    for name, called in columns.items():
        found = [known[_plain(one)] for one in called if _plain(one) in known]
        if found:
            places[name] = found[0]
        elif name not in optional:
            names = ", ".join(repr(one.strip()) for one in header[:_SHOWN]) or "no column"
            more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
            raise TableError(
                f"{path.name}: no column {' or '.join(map(repr, called))}; found {names}{more}",
                hint="take the table as the data set's publisher gives it",
            )
    return places


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()


def _row(path: Path, line: int, cells: Sequence[str], places: Mapping[str, int], n: int) -> Row:
    named = {name: cells[at].strip() for name, at in places.items() if at < len(cells)}
    # columns without a name at the end of a spreadsheet's rows say nothing
    wrong = len(cells) < n or any(cell.strip() for cell in cells[n:])
    problem = f"has {len(cells)} cells; the header has {n}" if wrong else ""
    return Row(f"{path.name}, line {line}", named, problem)
