"""predictions.json read an exam at a time: a test set's passes and windows are a gigabyte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from fourview.core.errors import TableError

EXAMS = "exams"
_SPACE = re.compile(r"[ \t\r\n]*")


def parts_of_predictions(path: Path) -> Iterator[tuple[str, Any]]:
    """Each top-level key with its value; `exams` once for each exam, with that exam.

    Raises:
        TableError: the file cannot be read, or is no JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TableError(f"{path.name}: not UTF-8", hint="give a file as fourview wrote it") from (
            error
        )
    except OSError as error:
        raise TableError(f"{path.name}: cannot be read: {error.strerror or error}") from error
    try:
        yield from _object(text)
    except ValueError as error:
        raise TableError(
            f"{path.name}: not JSON, or cut short: {error}", hint="give a file as fourview wrote it"
        ) from error


def _object(text: str) -> Iterator[tuple[str, Any]]:
    decoder = json.JSONDecoder(parse_constant=_refuse)
    at = _after(text, 0, "{")
    while not text.startswith("}", at):
        key, at = decoder.raw_decode(text, at)
        if not isinstance(key, str):
            raise ValueError(f"a key is {key!r}")
        at = _after(text, at, ":")
        if key == EXAMS and text.startswith("[", at):
            at = _after(text, at, "[")
            while not text.startswith("]", at):
                value, at = decoder.raw_decode(text, at)
                yield key, value
                at = _next(text, at, "]")
            at = _after(text, at, "]")
        else:
            value, at = decoder.raw_decode(text, at)
            yield key, value
            at = _space(text, at)
        at = _next(text, at, "}")
    if _after(text, at, "}") != len(text):
        raise ValueError("something follows the object's end")


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int, sign: str) -> int:
    """The place after a sign and the space around it."""
    at = _space(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"expected {sign!r} at character {at}")
    return _space(text, at + 1)


def _next(text: str, at: int, end: str) -> int:
    """The place of the next item, or of the end."""
    at = _space(text, at)
    if text.startswith(",", at):
        at = _space(text, at + 1)
        if not text.startswith(end, at):
            return at
    elif text.startswith(end, at):
        return at
    raise ValueError(f"expected ',' or {end!r} at character {at}")


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
