"""From the paths a caller gives to the files that may be images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fourview.core.errors import FourviewError
from fourview.io.exams.exam_list import read_exam_list
from fourview.io.exams.files import Candidate, Gathered, Refused
from fourview.io.exams.grouping import TABLES
from fourview.io.exams.manifest import read_manifest
from fourview.io.exams.walk import files_below
from fourview.io.exams.zip_source import is_zip
from fourview.io.names import shown

_EXAM_LISTS = (".pkl", ".pickle")


def gather(paths: Sequence[Path], *, lists_only: bool, image_root: Path | None) -> Gathered:
    """The files below, in and behind the paths, each of them once.

    A file that a manifest or exam list names belongs to that list alone, also where a folder
    that holds it was given too.
    """
    gathered = Gathered()
    read: set[str] = set()
    for path in paths:
        real = os.path.realpath(path)
        if real in read:
            continue
        read.add(real)
        try:
            gathered.add(_from_path(path, lists_only=lists_only, image_root=image_root))
        except (FourviewError, OSError) as error:
            gathered.refused.append(Refused.because(error, _name(path), path))
    gathered.candidates = _each_once(gathered.candidates)
    return gathered


def _from_path(path: Path, *, lists_only: bool, image_root: Path | None) -> Gathered:
    if not path.exists():
        return Gathered(refused=[Refused(_name(path), "no such file or folder")])
    extension = path.suffix.lower()
    if not path.is_dir() and extension in TABLES:
        return read_manifest(path, image_root=image_root)
    if not path.is_dir() and extension in _EXAM_LISTS:
        return read_exam_list(path, image_root=image_root)
    if lists_only:
        hint = "a manifest is a .csv or .parquet table, or a released exam list (.pkl)"
        return Gathered(refused=[Refused(_name(path), "is no manifest", hint)])
    if path.is_dir():
        return files_below(path)
    if is_zip(path):
        return Gathered(refused=[Refused(_name(path), "an archive that was not opened")])
    if not path.is_file():
        return Gathered(refused=[Refused(_name(path), "neither a file nor a folder")])
    return Gathered(candidates=[Candidate(path=path, source=shown(path.name), given=True)])


def _each_once(candidates: Sequence[Candidate]) -> list[Candidate]:
    listed = [candidate for candidate in candidates if candidate.listing]
    seen = {_place(candidate.path) for candidate in listed}
    found: dict[Path, Candidate] = {}
    for candidate in candidates:
        place = _place(candidate.path)
        if candidate.listing or place in seen:
            continue
        before = found.setdefault(place, candidate)
        if candidate.given and not before.given:
            found[place] = replace(before, given=True)
    return [*listed, *found.values()]


def _place(path: Path) -> Path:
    """Where a file lies, however its folder is reached. A link to a file is a place of its own:
    two views that link to one image must be seen, and refused."""
    return path.parent.resolve() / path.name


def _name(path: Path) -> str:
    return shown(path.name) or "the folder given"
