"""Pseudonyms for patients and exams, and shifted days, in tables that exist or are made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path, PureWindowsPath

from fourview.cohort.pseudonyms import Pseudonyms, is_uid, told_age
from fourview.core.errors import OutputError, TableError
from fourview.core.records import ImageRecord, Problem
from fourview.dataset.tables import read_at
from fourview.io.cells import date_cell
from fourview.io.exam_table import read_exam_table, write_exam_table
from fourview.io.table import Row, read_rows
from fourview.io.tables import write_table

BIOPSY_COLUMNS = ("patient", "date", "laterality", "result")
_HARMLESS = ("kind", "synthetic")
_TELLING = re.compile(
    r"(^|[^a-z])(date|day|time|birth\w*|dob|name|mrn|id|uid|accession\w*|address|phone|comments?|"
    r"note|notes)([^a-z]|$)"
)
"""Names of columns that may tell who somebody is, or when something was."""
_DATE = re.compile(r"\s*((19|20)\d\d[-/.]?\d\d[-/.]?\d\d|\d\d?[-/.]\d\d?[-/.](19|20)?\d\d)\b.*")


@dataclass(frozen=True)
class Pseudonymised:
    """What was written."""

    rows: int
    patients: int
    problems: tuple[Problem, ...] = ()
    """Rows that were left out."""
    warnings: tuple[str, ...] = ()


def pseudonymise_table(path: Path, out: Path, pseudonyms: Pseudonyms) -> Pseudonymised:
    """Write an exam table, or a biopsy table (`patient,date`), with pseudonyms for patients.

    Patients of the same ID have the same pseudonym in all tables, and all their dates are shifted
    by the same days. Columns that are not known are left out where they look like dates or names,
    and else kept with a warning.

    Raises:
        TableError: it is neither, or cannot be read.
        OutputError: the table cannot be written.
    """
    if out.exists() and path.exists() and out.samefile(path):
        raise OutputError(f"{out}: is what is to be read", hint="give another -o file")
    rows = read_at(path, lambda file: read_rows(file, required=()))
    columns = set(rows[0].cells) if rows else set()
    if {"exam", "view", "path"} <= columns:
        return _exams(path, out, pseudonyms)
    if {"patient", "date"} <= columns:
        return _biopsies(rows, out, pseudonyms)
    raise TableError(
        f"{path.name}: neither an exam table nor a biopsy table",
        hint="the first line names exam,view,path or patient,date,laterality,result",
    )


def pseudonymised_images(
    images: Iterable[ImageRecord], pseudonyms: Pseudonyms, *, named: bool = False
) -> tuple[list[ImageRecord], list[str]]:
    """The same rows with pseudonyms, shifted dates and ages that tell nobody; and warnings.

    Args:
        named: whether `patient` is a pseudonym already.
    """
    images = list(images)
    dropped, warnings = _unknown_columns(images)
    found, undated = [], 0
    for image in images:
        patient = image.patient
        if patient and not named:
            patient = pseudonyms.patient(patient)
        day = image.study_date
        if day is not None:
            day = _shifted(day, pseudonyms.shift_of(patient)) if patient else None
            undated += day is None
        found.append(
            replace(
                image,
                exam=pseudonyms.exam(image.exam) if is_uid(image.exam) else image.exam,
                patient=patient,
                study_date=day,
                age=told_age(image.age),
                other={key: value for key, value in image.other.items() if key not in dropped},
            )
        )
    if undated:
        warnings.append(
            f"{undated} rows have a date and no patient: their dates are left out, for how far "
            "they would be shifted is the patient's"
        )
    uids = sum(bool(re.search(r"\d+(\.\d+){5,}", image.path)) for image in images)
    if uids:
        warnings.append(
            f"{uids} paths hold a UID, by which an image can be found in its archive: "
            "rename files before you pass the table on"
        )
    absolute = sum(_is_absolute(image.path) for image in images)
    if absolute:
        warnings.append(
            f"{absolute} paths are absolute, and their folders may tell who or where somebody is: "
            "write the table (-o) to the folder of the images, or one above it"
        )
    return found, warnings


def _is_absolute(written: str) -> bool:
    return Path(written).is_absolute() or PureWindowsPath(written).is_absolute()


def _exams(path: Path, out: Path, pseudonyms: Pseudonyms) -> Pseudonymised:
    table = read_exam_table(path)
    moved = [replace(image, path=_moved(image.path, path, out)) for image in table.images]
    images, warnings = pseudonymised_images(moved, pseudonyms)
    naming = sum(
        bool(old.patient) and (old.patient in new.path or old.patient in new.exam)
        for old, new in zip(table.images, images, strict=True)
    )
    if naming:
        warnings.append(
            f"{naming} rows have the patient's ID in their path or exam's name: rename folders and "
            "files before you pass the table on"
        )
    write_exam_table(out, images)
    patients = len({image.patient for image in images if image.patient})
    return Pseudonymised(len(images), patients, table.problems, tuple(warnings))


def _moved(written: str, table: Path, out: Path) -> str:
    """A relative path as it is written in a table of another folder."""
    before, after = (os.path.abspath(one.parent) for one in (table, out))  # noqa: PTH100
    if before == after or _is_absolute(written):
        return written
    file = Path(os.path.normpath(Path(before) / written))
    return (file.relative_to(after) if file.is_relative_to(after) else file).as_posix()


def _biopsies(rows: Sequence[Row], out: Path, pseudonyms: Pseudonyms) -> Pseudonymised:
    columns = [name for name in rows[0].cells if name]
    others = {name: [row.get(name) for row in rows] for name in columns}
    for name in BIOPSY_COLUMNS:
        others.pop(name, None)
    dropped, warnings = _judged(others)
    kept, problems = [], []
    for row in rows:
        try:
            kept.append(_biopsy(row, pseudonyms, dropped))
        except TableError as error:
            problems.append(Problem(row.place, error.problem, error.hint))
            kept.append(_unclear(row, pseudonyms))
    write_table(out, [name for name in columns if name not in dropped], kept)
    patients = len({row["patient"] for row in kept if row["patient"]})
    return Pseudonymised(len(kept), patients, tuple(problems), tuple(warnings))


def _biopsy(row: Row, pseudonyms: Pseudonyms, dropped: set[str]) -> dict[str, str]:
    if row.problem:
        raise TableError(f"the row {row.problem}", hint="a comma inside a cell needs quotes")
    patient, day = row.get("patient"), date_cell(row.get("date"), "date")
    if not patient:
        raise TableError("the patient is empty", hint="a biopsy is joined to exams by its patient")
    shifted = _shifted(day, pseudonyms.shift(patient)) if day else None
    return {
        **{name: text for name, text in row.cells.items() if name and name not in dropped},
        "patient": pseudonyms.patient(patient),
        "date": shifted.isoformat() if shifted else "",
    }


def _unclear(row: Row, pseudonyms: Pseudonyms) -> dict[str, str]:
    """A row that cannot be read, as one of its patient without a date: left out, it would make her
    exams look as if she had had no biopsy."""
    patient = row.get("patient")
    return {"patient": pseudonyms.patient(patient) if patient else "", "date": ""}


def _shifted(day: date, by: timedelta) -> date:
    return day + by


def _unknown_columns(images: Sequence[ImageRecord]) -> tuple[set[str], list[str]]:
    names = dict.fromkeys(name for image in images for name in image.other)
    return _judged(
        {
            name: [image.other.get(name, "") for image in images]
            for name in names
            if name not in _HARMLESS
        }
    )


def _judged(columns: dict[str, list[str]]) -> tuple[set[str], list[str]]:
    """Which columns that fourview does not know are left out, and what to say of all of them."""
    dropped = {
        name
        for name, cells in columns.items()
        if not name
        or _TELLING.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold())
        or any(_DATE.fullmatch(cell) for cell in cells)
    }
    warnings = []
    if dropped:
        warnings.append(
            f"left out, for they may tell who somebody is or when: columns {_named(dropped)}"
        )
    if kept := set(columns) - dropped:
        warnings.append(
            f"kept as they are: columns {_named(kept)}; make sure that they tell nobody"
        )
    return dropped, warnings


def _named(columns: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(columns))
