"""From the rows of images to exams, and what in them cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fourview.core.records import ExamRecord, ImageRecord, Problem


@dataclass(frozen=True)
class Exams:
    """Exams in the order of their first rows. One with an error among its rows is left out."""

    exams: tuple[ExamRecord, ...]
    problems: tuple[Problem, ...] = ()


def exams_of(images: Iterable[ImageRecord]) -> Exams:
    """The exams that used images make.

    An exam whose rows name two patients or two dates is a problem and left out: its labels would
    depend on which row was believed.
    """
    by_exam: dict[str, list[ImageRecord]] = {}
    for image in images:
        if image.is_used:
            by_exam.setdefault(image.exam, []).append(image)
    exams: list[ExamRecord] = []
    problems: list[Problem] = []
    for name, rows in by_exam.items():
        if wrong := _contradictions(name, rows):
            problems += wrong
        else:
            exams.append(_exam(name, rows))
    return Exams(tuple(exams), tuple(problems))


def _contradictions(name: str, rows: list[ImageRecord]) -> list[Problem]:
    problems = []
    first = rows[0]
    for row in rows[1:]:
        if row.patient != first.patient:
            problems.append(
                Problem(
                    row.place,
                    f"exam {name} is of another patient than in {first.place}",
                    "one exam is of one patient: correct the patient, or name the exams apart",
                )
            )
        if row.study_date != first.study_date:
            problems.append(
                Problem(
                    row.place,
                    f"exam {name} is of {row.study_date or 'no date'}; "
                    f"{first.place} says {first.study_date or 'no date'}",
                    "one exam has one study_date in all its rows",
                )
            )
    return problems


def _exam(name: str, rows: list[ImageRecord]) -> ExamRecord:
    first = rows[0]
    return ExamRecord(
        name=name,
        patient=first.patient,
        study_date=first.study_date,
        images=tuple(rows),
        age=next((row.age for row in rows if row.age is not None), None),
        density=next((row.density for row in rows if row.density), ""),
        manufacturer=next((row.manufacturer for row in rows if row.manufacturer), ""),
        place=first.place,
    )
