"""The rows of an exam table, from what was found on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from fourview.core.records import OK, REFUSED, SET_ASIDE, ImageRecord
from fourview.io.exams import ExamFiles, Found, ImageFile, Refused, SetAsideFile
from fourview.io.header import ImageHeader
from fourview.io.names import natural_key, shown, wrong_exam_name

Told = Mapping[tuple[str, str], ImageRecord]
"""What a table that was given tells of an image, by its file (absolute) and exam."""


@dataclass
class Rows:
    """Rows in the order of exams, then what was left out; a patient is what stands for one."""

    images: list[ImageRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def exams(self) -> dict[str, list[int]]:
        """The places of each exam's images that are used."""
        found: dict[str, list[int]] = {}
        for number, image in enumerate(self.images):
            if image.is_used:
                found.setdefault(image.exam, []).append(number)
        return found


def rows_of(found: Found, folder: Path, told: Told, *, by_folder: bool) -> Rows:
    """A row for each image of an exam, and for each that was set aside or refused.

    Args:
        folder: the table's: paths below it are written relative to it.
        by_folder: whether images of one folder are one exam, so that one that was left out is
            of its folder's exam.
    """
    rows = Rows()
    for exam in found.exams:
        rows.warnings += [f"exam {exam.name}: {warning}" for warning in exam.warnings]
        rows.images += [_used(image, exam.name, folder, told) for image in exam.images]
        for image in exam.images:
            rows.warnings += [f"{image.source}: {warning}" for warning in image.header.warnings]
    homes = _homes(found.exams, by_folder=by_folder)
    left_out: list[ImageRecord] = []
    for exam in found.exams:
        left_out += [
            _left_out(image.path, folder, SET_ASIDE, reason, exam.name, _as_told(image))
            for image, reason in exam.repeated
        ]
    for aside in found.set_aside:
        if aside.is_image and aside.file is not None:
            exam_name = aside.exam or _home(aside, homes)
            header = aside.header or ImageHeader(path=aside.file, kind=aside.kind)
            left_out.append(
                _left_out(aside.file, folder, SET_ASIDE, aside.reason, exam_name, header)
            )
    for refused in found.refused:
        left_out += _refused(refused, folder, homes)
    left_out = [_as_listed(row, told.get((_file(row, folder), row.exam))) for row in left_out]
    rows.images += _each_path_once(left_out, {image.path for image in rows.images})
    return rows


def _used(image: ImageFile, exam: str, folder: Path, told: Told) -> ImageRecord:
    header, file = image.header, os.path.abspath(image.path)  # noqa: PTH100 — links stay links
    known = told.get((file, exam))
    facing = image.facing or header.facing
    record = ImageRecord(
        exam=exam,
        path=_written(image.path, folder),
        view=image.view,
        status=OK,
        pixel_spacing_mm=image.pixel_spacing_mm,
        facing=facing,
    )
    return _as_listed(_with_header(record, header), known)


def _as_listed(record: ImageRecord, known: ImageRecord | None) -> ImageRecord:
    """The row with what a table that was given tells, which wins over the header."""
    if known is None:
        return record
    kind = {"kind": record.other["kind"]} if record.other["kind"] else {}
    return replace(
        record,
        reason=record.reason if known.is_used else known.reason or record.reason,
        patient=known.patient or record.patient,
        study_date=known.study_date or record.study_date,
        age=known.age if known.age is not None else record.age,
        density=known.density,
        manufacturer=known.manufacturer or record.manufacturer,
        rows=record.rows or known.rows,
        columns=record.columns or known.columns,
        pixel_spacing_mm=record.pixel_spacing_mm or known.pixel_spacing_mm,
        facing=record.facing or known.facing,
        other={**known.other, **kind},
    )


def _file(row: ImageRecord, folder: Path) -> str:
    return os.path.abspath(folder / row.path)  # noqa: PTH100 — links stay links


def _with_header(record: ImageRecord, header: ImageHeader) -> ImageRecord:
    return replace(
        record,
        patient=header.patient or "",
        study_date=header.study_date,
        age=None if header.age is None else float(header.age),
        manufacturer=_plain(header.manufacturer),
        rows=header.rows or None,
        columns=header.columns or None,
        pixel_spacing_mm=record.pixel_spacing_mm or header.pixel_spacing_mm,
        other={"kind": _plain(header.kind)},
    )


def _left_out(
    path: Path, folder: Path, status: str, reason: str, exam: str, header: ImageHeader
) -> ImageRecord:
    record = ImageRecord(
        exam="" if wrong_exam_name(exam) else exam,
        path=_written(path, folder),
        view=header.view,
        status=status,
        reason=shown(reason),
    )
    return _with_header(record, header)


def _refused(refused: Refused, folder: Path, homes: Mapping[str, str]) -> list[ImageRecord]:
    exam = refused.exam or (refused.name if refused.is_exam else "")
    if refused.images:
        return [
            _left_out(image.path, folder, REFUSED, refused.reason, exam, _as_told(image))
            for image in refused.images
        ]
    if refused.file is None:
        return []
    exam = exam or homes.get(str(refused.file.parent), "")
    header = ImageHeader(path=refused.file, kind="")
    return [_left_out(refused.file, folder, REFUSED, refused.reason, exam, header)]


def _as_told(image: ImageFile) -> ImageHeader:
    return replace(image.header, view=image.view)


def _homes(exams: Iterable[ExamFiles], *, by_folder: bool) -> dict[str, str]:
    """Exams by their study, or by their folder; none where two exams share it."""
    names: dict[str, set[str]] = {}
    for exam in exams:
        for image in exam.images:
            place = str(image.path.parent) if by_folder else image.header.study
            if place:
                names.setdefault(place, set()).add(exam.name)
    return {place: found.pop() for place, found in names.items() if len(found) == 1}


def _home(aside: SetAsideFile, homes: Mapping[str, str]) -> str:
    study = aside.header.study if aside.header else None
    return homes.get(study or "", "") or homes.get(str(aside.file and aside.file.parent), "")


def _each_path_once(rows: Sequence[ImageRecord], taken: set[str]) -> list[ImageRecord]:
    """What was left out, in the order of paths; a path with a row of its own needs no other."""
    found: dict[str, ImageRecord] = {}
    for row in rows:
        if row.path not in taken:
            found.setdefault(row.path, row)
    return sorted(found.values(), key=lambda row: natural_key(row.path))


def _written(path: Path, folder: Path) -> str:
    """The path as a table holds it: relative to its folder where it lies below, else absolute."""
    file = PurePath(os.path.abspath(path))  # noqa: PTH100 — links stay links
    home = PurePath(os.path.abspath(folder))  # noqa: PTH100
    text = (file.relative_to(home) if file.is_relative_to(home) else file).as_posix()
    return f"./{text}" if text.startswith(("=", "+", "-", "@")) else text


def _plain(text: str) -> str:
    """A header's text without what a spreadsheet takes for a formula."""
    return text.lstrip("=+-@ \t")


def unwritable(row: ImageRecord) -> str:
    """Why a table cannot hold a row's path; empty where it can."""
    if shown(row.path) != row.path:
        return "its file's name holds bytes that are no text: rename it"
    if row.path != row.path.strip():
        return "its file's name ends with a space: rename it"
    return ""


def refused_for_name(row: ImageRecord, reason: str) -> ImageRecord:
    """The row of an image that cannot be used because of its file's name."""
    return replace(row, path=shown(row.path).strip(), status=REFUSED, reason=reason)
