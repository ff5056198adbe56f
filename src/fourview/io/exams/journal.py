"""A journal of headers that were read: a run that was stopped does not read them again."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Self

from fourview.core.views import Facing, View
from fourview.io.atomic import cannot_write, remove_file
from fourview.io.exams.files import Candidate, Refused, SetAsideFile
from fourview.io.exams.header_reading import Outcome
from fourview.io.header import ImageHeader

_FORMAT = 1


class Stamp(NamedTuple):
    """What tells that a file is still the one that was read."""

    size: int
    mtime_ns: int


def stamp(path: Path) -> Stamp | None:
    """A file's size and time of change; None where there is no such file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


class HeaderJournal:
    """Outcomes by file, in JSON lines that are appended as they come.

    It is readable by its owner only. What stands for a patient in it is what the caller put into
    the headers; `salt` is for making that.
    """

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        """Goes on with the journal at `path` if it was begun with the same `about`, or begins it.

        Raises:
            OutputError: it cannot be written.
        """
        self.path = path
        self._known: dict[str, tuple[list[Any], dict[str, Any]]] = {}
        wanted = {"fourview header journal": _FORMAT, **about}
        try:
            good = self._load(wanted)
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT
            self._file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
            self._file.truncate(good)
            self._file.seek(good)
            if not good:
                self.salt = secrets.token_hex(16)
                self._write([{**wanted, "salt": self.salt}])
        except OSError as error:
            raise cannot_write(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._known)

    def known(self, candidate: Candidate, at: Stamp | None) -> Outcome | None:
        """What was read of the same file before, if it did not change."""
        key, outcome = self._known.get(str(candidate.path), (None, {}))
        if at is None or key != _key(candidate, at):
            return None
        return _decoded(candidate, outcome)

    def add(self, read: Sequence[tuple[Candidate, Stamp | None, Outcome]]) -> None:
        """Write down what was read.

        Raises:
            OutputError: the disk is full, or the folder cannot be written to.
        """
        try:
            self._write(
                [
                    {"file": str(c.path), "key": _key(c, at), **_encoded(outcome)}
                    for c, at, outcome in read
                    if at is not None
                ]
            )
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def remove(self) -> None:
        """Take the journal away: all is done."""
        self._file.close()
        remove_file(self.path)

    def _write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        self._file.write("".join(json.dumps(line) + "\n" for line in lines).encode())

    def _load(self, wanted: Mapping[str, Any]) -> int:
        """Reads what is there, and tells up to which byte it is sound."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return 0
        good = 0
        for number, line in enumerate(content.splitlines(keepends=True)):
            try:
                if not line.endswith(b"\n"):
                    break  # a run was killed while it wrote
                found = json.loads(line)
                if number == 0:
                    self.salt = str(found.pop("salt"))
                    if found != wanted:
                        return 0
                else:
                    self._known[found["file"]] = (found["key"], found)
            except (ValueError, KeyError, TypeError, AttributeError):
                break
            good += len(line)
        return good


def _key(candidate: Candidate, at: Stamp) -> list[Any]:
    """All that an outcome depends on, besides the file's content."""
    view = candidate.view.value if candidate.view else None
    return [at.size, at.mtime_ns, candidate.source, candidate.given, view]


def _encoded(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, ImageHeader):
        return {"header": _header_to_dict(outcome)}
    if isinstance(outcome, Refused):
        return {"refused": [outcome.name, outcome.reason, outcome.hint]}
    aside = [outcome.path, outcome.kind, outcome.reason, outcome.hint]
    header = _header_to_dict(outcome.header) if outcome.header else None
    return {"set_aside": aside, "of": header}


def _decoded(candidate: Candidate, found: Mapping[str, Any]) -> Outcome | None:
    exam, file = candidate.exam or "", candidate.path
    try:
        if "header" in found:
            return _header(file, found["header"])
        if "refused" in found:
            name, reason, hint = found["refused"]
            return Refused(name, reason, hint, exam=exam, file=file)
        header = _header(file, found["of"]) if found["of"] else None
        path, kind, reason, hint = found["set_aside"]
        return SetAsideFile(path, kind, reason, hint, header, exam, file)
    except (KeyError, TypeError, ValueError):
        return None  # not as it is written here: read anew


def _header_to_dict(header: ImageHeader) -> dict[str, Any]:
    values = {
        name: value
        for name, default in _DEFAULTS.items()
        if (value := getattr(header, name)) != default
    }
    for name in ("view", "facing"):
        if name in values:
            values[name] = values[name].value
    if header.study_date:
        values["study_date"] = header.study_date.isoformat()
    return values


def _header(path: Path, values: Mapping[str, Any]) -> ImageHeader:
    known: dict[str, Any] = {"path": path, **values}
    for name, kind in (("view", View), ("facing", Facing)):
        if name in known:
            known[name] = kind(known[name])
    for name in ("pixel_spacing_mm", "warnings"):
        if name in known:
            known[name] = tuple(known[name])
    if "study_date" in known:
        known["study_date"] = date.fromisoformat(known["study_date"])
    return ImageHeader(**known)


_DEFAULTS = {field.name: field.default for field in fields(ImageHeader) if field.name != "path"}
