"""The exam table of folders, files and manifests: read from headers."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from fourview import __version__
from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.errors import ExamError, FourviewError, OutputError
from fourview.core.records import OK, REFUSED, SET_ASIDE, ImageRecord
from fourview.core.views import View
from fourview.dataset.indexing.pseudonymise import pseudonymised_images
from fourview.dataset.indexing.rows import Rows, Told, refused_for_name, rows_of, unwritable
from fourview.io.exam_table import read_exam_table, write_exam_table
from fourview.io.exams import (
    Found,
    HeaderJournal,
    Refused,
    each_instance_once,
    find_exams,
    header_reader,
    is_zip,
)

TABLES = (".csv", ".parquet")


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """How exams are told, and what stands for a patient: a number, unless asked for otherwise."""

    exam_by: str = "study"
    views: Mapping[str, View] = field(default_factory=dict)
    image_root: Path | None = None
    jobs: int = 1
    patient_ids: bool = False
    """Patients are called as in the headers."""
    pseudonyms: Pseudonyms | None = None


@dataclass(frozen=True, kw_only=True)
class IndexResult:
    """What was written."""

    images: tuple[ImageRecord, ...]
    refused: tuple[Refused, ...] = ()
    passed_over: int = 0
    """Files beside the images: texts, tables."""
    warnings: tuple[str, ...] = ()

    @property
    def exams(self) -> int:
        return len({image.exam for image in self.images if image.is_used})

    @property
    def patients(self) -> int:
        return len({image.patient for image in self.images if image.is_used and image.patient})

    def count(self, status: str) -> int:
        """Images of a status: `ok`, `set aside`, `refused`."""
        return sum(image.status == status for image in self.images)

    @property
    def exit_code(self) -> int:
        """0 done, 1 no exam was found, 3 something was refused."""
        if not self.count(OK):
            return 1
        return 3 if self.refused or self.count(REFUSED) else 0


def index(
    paths: Sequence[Path],
    out: Path,
    options: IndexOptions,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> IndexResult:
    """Write the exam table of everything in `paths`; only headers are read.

    Stopped, the same call goes on from a journal beside the table, and writes the same bytes. A
    path that is itself a table keeps what it tells of patients, dates, densities and other columns.

    Raises:
        ExamError: a path is not there, or is an archive.
        OutputError: the table cannot be written.
    """
    _check_paths(paths, out)
    with HeaderJournal(out.with_name(f".{out.name}.journal"), _about(options)) as journal:
        stand_in = _stand_in(options, journal.salt)
        found = find_exams(
            paths,
            exam_by=options.exam_by,
            views=options.views,
            image_root=options.image_root,
            on_progress=on_progress,
            read=header_reader(jobs=options.jobs, journal=journal, stand_in=stand_in),
        )
        found = each_instance_once(found)
        told = _told(paths, options.image_root, stand_in)
        rows = rows_of(found, out.parent, told, by_folder=options.exam_by == "folder")
        _settle_names(rows)
        _settle_dates(rows)
        _settle_patients(rows)
        _warn_of_patients(rows, found)
        images: Sequence[ImageRecord] = rows.images
        if options.pseudonyms is not None:
            images, warnings = pseudonymised_images(images, options.pseudonyms, named=True)
            rows.warnings += warnings
        elif not options.patient_ids:
            images = _numbered(images)
        if images:
            write_exam_table(out, images)
        journal.remove()
    return IndexResult(
        images=tuple(images),
        refused=found.refused,
        passed_over=sum(not aside.is_image for aside in found.set_aside),
        warnings=tuple(rows.warnings),
    )


def _check_paths(paths: Sequence[Path], out: Path) -> None:
    for path in paths:
        if not path.exists():
            raise ExamError(f"{path}: no such file or folder")
        if is_zip(path):
            raise ExamError(
                f"{path.name}: an archive; a table needs files that stay where they are",
                hint="unpack it, and give the folder",
            )
        if out.exists() and out.samefile(path):
            raise OutputError(f"{out}: is what is to be read", hint="give another -o file")
    if out.is_dir():
        raise OutputError(f"{out}: is a folder", hint=f"name the table: -o {out / 'exams.csv'}")


def _about(options: IndexOptions) -> dict[str, str]:
    """What a journal must have been begun with, to be gone on with."""
    patients = "as in the headers" if options.patient_ids else "hashed"
    if options.pseudonyms is not None:
        patients = f"pseudonyms of two parts {options.pseudonyms.fingerprint}"
    return {"fourview": __version__, "patients": patients}


def _stand_in(options: IndexOptions, salt: str) -> Callable[[str], str]:
    """What takes a Patient ID's place as soon as it was read."""
    if options.pseudonyms is not None:
        return options.pseudonyms.patient
    if options.patient_ids:
        return str
    key = salt.encode()
    return lambda patient: hmac.new(key, patient.encode(errors="replace"), sha256).hexdigest()


def _told(paths: Iterable[Path], image_root: Path | None, stand_in: Callable[[str], str]) -> Told:
    """What tables among the paths tell of their images. What is wrong with one is told when it is
    read as a manifest."""
    told: dict[tuple[str, str], ImageRecord] = {}
    for path in paths:
        if path.suffix.lower() not in TABLES or path.is_dir():
            continue
        with suppress(FourviewError, OSError):
            table = read_exam_table(path)
            for image in table.images:
                file = os.path.abspath(table.image_path(image, image_root=image_root))  # noqa: PTH100
                patient = stand_in(image.patient) if image.patient else ""
                told.setdefault((file, image.exam), replace(image, patient=patient))
    return told


def _settle_names(rows: Rows) -> None:
    for number, image in enumerate(rows.images):
        if reason := unwritable(image):
            rows.images[number] = refused_for_name(image, reason)
            rows.warnings.append(f"{rows.images[number].path}: refused: {reason}")


def _settle_dates(rows: Rows) -> None:
    """An exam has one date, or none: its labels would depend on which image was believed."""
    for name, places in rows.exams.items():
        days = {day for place in places if (day := rows.images[place].study_date)}
        day = days.pop() if len(days) == 1 else None
        for place in places:
            rows.images[place] = replace(rows.images[place], study_date=day)
        if len(days) > 1:
            rows.warnings.append(
                f"exam {name}: its images are of {len(days)} different days: study_date is empty"
            )


def _settle_patients(rows: Rows) -> None:
    """An exam has one patient, or none where its images name several (a folder that is called one
    exam): whichever was believed, a biopsy of the other would be missed. Other exams keep theirs.
    """
    for name, places in rows.exams.items():
        patients = {patient for place in places if (patient := rows.images[place].patient)}
        patient = patients.pop() if len(patients) == 1 else ""
        for place in places:
            rows.images[place] = replace(rows.images[place], patient=patient)
        if len(patients) > 1:
            rows.warnings.append(
                f"exam {name}: its images name {len(patients)} patients: patient is empty, and it "
                "gets no labels; write who it is of, or name its exams apart"
            )


def _numbered(images: Sequence[ImageRecord]) -> list[ImageRecord]:
    """Patients by number, in the order of their rows."""
    patients = dict.fromkeys(image.patient for image in images if image.patient)
    names = {patient: f"patient-{n:04d}" for n, patient in enumerate(patients, start=1)}
    return [replace(image, patient=names.get(image.patient, "")) for image in images]


def _warn_of_patients(rows: Rows, found: Found) -> None:
    exams = rows.exams
    without = [name for name, (first, *_) in exams.items() if not rows.images[first].patient]
    if without:
        rows.warnings.append(
            f"{len(without)} of {len(exams)} exams have no patient ({', '.join(without[:3])}"
            f"{', ...' if len(without) > 3 else ''}): exams of one may come into two parts of a "
            "split; fill the column in"
        )
    naming = sum(image.header.names_patient for exam in found.exams for image in exam.images)
    naming += sum(one.header is not None and one.header.names_patient for one in found.set_aside)
    if naming:
        rows.warnings.append(
            f"{naming} files have the Patient ID in their path or Study UID, which the table "
            "holds: rename folders and files before you pass it on"
        )


__all__ = ["OK", "REFUSED", "SET_ASIDE", "IndexOptions", "IndexResult", "index"]
