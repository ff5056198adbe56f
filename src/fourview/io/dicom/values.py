"""Values of DICOM elements, as plain Python, whatever was written there.

A header is somebody else's: an element may be missing, empty, of the wrong type or the wrong
number of values. What cannot be read counts as missing here; who needs it says so.
"""

from __future__ import annotations

import logging
import math
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

_PLAIN_TEXT = frozenset(("AS", "CS", "DA", "LO", "SH", "UI"))
"""Value representations of which an ASCII value is its text, split at backslashes (PS3.5, 6.2)."""


class _Quiet:
    """Counts who wants pydicom quiet: warning filters belong to the process, not to a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._undo = ExitStack()

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._undo.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
                logger = logging.getLogger("pydicom")
                self._undo.callback(setattr, logger, "disabled", logger.disabled)
                logger.disabled = True
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._undo.close()


_QUIET = _Quiet()


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """pydicom neither warns nor logs inside.

    Its remarks on nonconformant values quote them, and a value may be a patient's name; what
    matters of them for a mammogram is found again and said by this package in its own words.
    """
    _QUIET.enter()
    try:
        yield
    finally:
        _QUIET.leave()


@cache
def _tag(keyword: str) -> BaseTag:
    return Tag(keyword)


def value(dataset: Dataset, keyword: str) -> Any:
    """The element's value as pydicom gives it; None where missing or unreadable."""
    tag = _tag(keyword)
    if tag not in dataset.keys():  # noqa: SIM118 — the dictionary's own look-up is the fastest
        return None
    try:
        return dataset[tag].value
    except Exception:  # pydicom converts on access: whatever its converters raise comes out here
        return None


def _raw(dataset: Dataset, keyword: str) -> RawDataElement | None:
    """The element as it was read, if pydicom has not made more of it: that takes it longer than
    all else that is done with a header."""
    found = dataset.get_item(tag) if (tag := _tag(keyword)) in dataset.keys() else None  # noqa: SIM118
    return found if isinstance(found, RawDataElement) else None


def _ascii(raw: RawDataElement) -> str | None:
    """A text that reads the same in every character set; None for others."""
    if not isinstance(raw.value, bytes) or not raw.value.isascii() or b"\x1b" in raw.value:
        return None
    return raw.value.decode("ascii")


def values(dataset: Dataset, keyword: str) -> tuple[Any, ...]:
    """All values of an element; empty where missing, empty or unreadable."""
    found = value(dataset, keyword)
    if found is None or found == "" or found == b"":
        return ()
    if isinstance(found, str | bytes) or not isinstance(found, Sequence):
        return (found,)
    return tuple(found)


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """An element's values as text without padding; an empty one stays in its place."""
    raw = _raw(dataset, keyword)
    if raw is not None and raw.VR in _PLAIN_TEXT and (said := _ascii(raw)) is not None:
        return tuple(one.strip(" \0") for one in said.split("\\")) if said.strip(" \0") else ()
    return tuple(
        (one.decode("latin-1") if isinstance(one, bytes) else str(one)).strip(" \0")
        for one in values(dataset, keyword)
    )


def text(dataset: Dataset, keyword: str) -> str:
    """The first value as text; empty where missing."""
    return next(iter(texts(dataset, keyword)), "")


def word(dataset: Dataset, keyword: str) -> str:
    """The first value in capitals, as code strings are written; empty where missing."""
    return text(dataset, keyword).upper()


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values as finite numbers; empty where missing or where any of them is none."""
    raw = _raw(dataset, keyword)
    try:
        if raw is not None and raw.VR == "US" and raw.value and len(raw.value) == 2:
            return (float(int.from_bytes(raw.value, "little" if raw.is_little_endian else "big")),)
        if raw is not None and raw.VR == "DS" and (said := _ascii(raw)):
            found = tuple(float(one.strip(" \0")) for one in said.split("\\"))
        else:
            found = tuple(float(one) for one in values(dataset, keyword))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(one) for one in found) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite number; None where missing or no number."""
    return next(iter(numbers(dataset, keyword)), None)


def integer(dataset: Dataset, keyword: str) -> int | None:
    """The first value as a whole number; None where missing or none."""
    found = number(dataset, keyword)
    return int(found) if found is not None and found == int(found) else None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence; empty where missing or unreadable."""
    return tuple(one for one in values(dataset, keyword) if isinstance(one, Dataset))


def shown(found: str) -> str:
    """Text from a header as it may stand in a message: short, control characters escaped."""
    return repr(found if len(found) <= 40 else found[:39] + "…")


def printable(found: str) -> str:
    """Text from a header as it may stand in a table: one short line."""
    return "".join(c if c.isprintable() else " " for c in found).strip()[:100]
