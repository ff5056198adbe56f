"""A public data set's folder: its tables found by name, its images looked up, problems kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fourview.core.errors import FourviewError, TableError
from fourview.core.records import REFUSED, ImageRecord, Problem
from fourview.dataset.importers.nouns import Progress
from fourview.io.foreign_table import read_foreign_rows
from fourview.io.names import shown
from fourview.io.table import Row

_SPREADSHEETS = (".xlsx", ".xls")
_MISSING = "no such file: "
_MOST_MISSING = 20


@dataclass
class Source:
    """One import under way."""

    folder: Path
    title: str
    where: str
    """Where what is missing can be had."""
    problems: list[Problem] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    broken: list[Row] = field(default_factory=list)
    """Rows of too few or too many cells: what they tell of is in doubt."""

    def table(self, *names: str, below: Sequence[str] = ("",)) -> Path:
        """The first table of these names in the folder, or in one of the folders `below` it.

        Raises:
            TableError: there is none; the error says what was expected and where to have it.
        """
        found = self.table_or_none(*names, below=below)
        if found is not None:
            return found
        for path in self._places(names, below):
            for extension in _SPREADSHEETS:
                if (sheet := path.with_suffix(extension)).is_file():
                    raise TableError(
                        f"{sheet.name}: a spreadsheet; {path.name} was expected",
                        hint=f"open it and save it as CSV (UTF-8) under the name {path.name}",
                    )
        raise TableError(
            f"{self.folder}: no {' or '.join(names)}; {self.title} has one",
            hint=f"give the folder that holds it; it comes from {self.where}",
        )

    def table_or_none(self, *names: str, below: Sequence[str] = ("",)) -> Path | None:
        """The same, or None where there is none."""
        for path in self._places(names, below):
            if path.is_file():
                return path
        return None

    def rows(
        self,
        path: Path,
        columns: Mapping[str, Sequence[str]],
        *,
        optional: Sequence[str] = (),
        encoding: str = "utf-8-sig",
    ) -> Iterator[Row]:
        """The sound rows of a table; a row with too few or too many cells is a problem."""
        self.tables.append(path.name)
        n = 0
        for row in read_foreign_rows(path, columns, optional=optional, encoding=encoding):
            n += 1
            if row.problem:
                hint = "take the table as its publisher gives it"
                self.problem(row.place, f"the row {row.problem}; it is left out", hint)
                self.broken.append(row)
            else:
                yield row
        if not n:
            raise TableError(f"{path.name}: the table has no rows")

    def image(self, path: Path | None, *, place: str, expected: str, **told: Any) -> ImageRecord:
        """The record of an image that a table names: refused where its file is not there."""
        name = shown(expected)
        if path is not None and path.is_file():
            file = os.path.abspath(path)  # noqa: PTH100 — links stay links
            return ImageRecord(path=file, place=place, **told)
        reason = self.missing(place, name)
        told |= {"status": REFUSED, "reason": reason}
        return ImageRecord(path=name, place=place, **told)

    def missing(self, place: str, name: str) -> str:
        """Keep that a file is not there; the text for its row comes back."""
        text = f"{_MISSING}{shown(name)}"
        self.problem(place, text, f"{self.title} is incomplete here: get it from {self.where}")
        return text

    def told(self) -> tuple[Problem, ...]:
        """All problems; of very many missing files a few, and their number."""
        missing = [one for one in self.problems if one.problem.startswith(_MISSING)]
        if len(missing) <= _MOST_MISSING:
            return tuple(self.problems)
        few = missing[:_MOST_MISSING]
        rest = [one for one in self.problems if not one.problem.startswith(_MISSING)]
        text = (
            f"{len(missing) - len(few)} more files are not there; exams.csv has each image, refused"
        )
        return (*few, Problem(self.folder.name, text, few[0].hint), *rest)

    def problem(self, place: str, text: str, hint: str = "") -> None:
        """Keep what is wrong; what it is about is left out."""
        self.problems.append(Problem(place, text, hint))

    def warn(self, place: str, text: str, hint: str = "") -> None:
        """Keep what a reader should know, though nothing is lost by it."""
        self.problems.append(Problem(place, text, hint, "warning"))

    def refuse(self, place: str, error: FourviewError) -> None:
        """Keep an error as a problem."""
        self.problem(place, error.problem, error.hint)

    def _places(self, names: Sequence[str], below: Sequence[str]) -> Iterator[Path]:
        for folder in below:
            for name in names:
                yield self.folder / folder / name


def counted(rows: Iterable[Row], on_progress: Progress | None) -> Iterator[Row]:
    """The same rows, each told as one image done; all are held, so that their number is known."""
    held = list(rows)
    for done, row in enumerate(held, start=1):
        yield row
        if on_progress:
            on_progress(done, len(held))
