"""What is done of a long work, a line of JSON each, so that it goes on where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fourview.io.atomic import cannot_write


class LineJournal:
    """A file whose first line tells what the others are of. One of something else, or a damaged
    one, is begun anew; a line that was cut short is forgotten, with all after it."""

    def __init__(self, path: Path, of: Mapping[str, Any]) -> None:
        """Goes on with a journal, or begins one.

        Raises:
            OutputError: it cannot be read or written.
        """
        self._path = path
        wanted = json.loads(json.dumps(of))
        try:
            self._file = path.open("a+b")
            self._file.seek(0)
            good, self.entries = _sound(self._file.readlines(), wanted)
            self._file.truncate(good)
        except OSError as error:
            raise cannot_write(path, error) from error
        if not good:
            self._write(wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Keep an entry, on disk when this is done.

        Raises:
            OutputError: the disk is full, or the file cannot be written.
        """
        self._write(entry)
        self.entries.append(dict(entry))

    def _write(self, values: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(values, allow_nan=False).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._path, error) from error


def _sound(lines: Sequence[bytes], wanted: Any) -> tuple[int, list[dict[str, Any]]]:
    """Up to which byte a journal of what is wanted is whole, and what it holds."""
    good = 0
    found: list[dict[str, Any]] = []
    for line in lines:
        try:
            entry = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or (not found and entry != wanted):
            break
        good += len(line)
        found.append(entry)
    return good, found[1:]
