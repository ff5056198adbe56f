"""recalibrations.json: how scores were made probabilities, to be used on other exams."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourview.core.errors import TableError
from fourview.io.results import write_json

_KEYS = ("model", "task", "probabilities", "fit")


@dataclass(frozen=True)
class Recalibrations:
    """Fits, and on which exams they were fitted."""

    exams: frozenset[str]
    fits: Sequence[Mapping[str, Any]]
    """Each with its `model`, `task` and kind (`probabilities`), and its numbers (`fit`)."""


def write_recalibrations(path: Path, found: Recalibrations) -> None:
    """Write the file; whole, or not at all. The same fits give the same bytes."""
    write_json(path, {"recalibrations": list(found.fits), "exams": sorted(found.exams)})


def read_recalibrations(path: Path) -> Recalibrations:
    """What `write_recalibrations` wrote.

    Raises:
        TableError: the file cannot be read, or is no such file.
    """
    hint = "give the recalibrations.json of an evaluation on other exams"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        fits, exams = list(told["recalibrations"]), frozenset(map(str, told["exams"]))
    except OSError as error:
        raise TableError(
            f"{path.name}: cannot be read: {error.strerror or error}", hint=hint
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(f"{path.name}: no file of recalibrations", hint=hint) from error
    if any(not isinstance(one, dict) or any(key not in one for key in _KEYS) for one in fits):
        raise TableError(f"{path.name}: a recalibration lacks one of {', '.join(_KEYS)}", hint=hint)
    return Recalibrations(exams, fits)
