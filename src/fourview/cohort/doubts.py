"""Biopsies that can be read, and of which it is still in doubt which exams they are of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fourview.cohort.patients import Patients, fits
from fourview.core.data_recipe import LabelRecipe
from fourview.core.records import BiopsyRecord, ExamRecord, Problem
from fourview.core.unclear import Unclear, UnclearBiopsy


def days_to_come(
    biopsies: Iterable[BiopsyRecord], today: date
) -> tuple[list[BiopsyRecord], list[UnclearBiopsy]]:
    """Biopsies up to today; and the later ones, of which the date must be wrong."""
    done, unclear = [], []
    for biopsy in biopsies:
        if biopsy.date <= today:
            done.append(biopsy)
        else:
            unclear.append(
                UnclearBiopsy(
                    patient=biopsy.patient,
                    date=None,
                    what=Unclear.DATE,
                    place=biopsy.place,
                    problem="the date is to come",
                    hint="correct the date: a biopsy is matched by patient and date",
                )
            )
    return done, unclear


def sorted_out(
    biopsies: Iterable[BiopsyRecord], known: Patients
) -> tuple[list[BiopsyRecord], list[UnclearBiopsy], list[Problem]]:
    """Biopsies once each, those whose patient is not written as in the exam table, and repeats."""
    first: dict[object, BiopsyRecord] = {}
    repeated: list[Problem] = []
    for biopsy in biopsies:
        said = (biopsy.patient, biopsy.date, frozenset(biopsy.lateralities), biopsy.results)
        if said in first:
            text = f"the same biopsy as in {first[said].place}; it counts once"
            repeated.append(Problem(biopsy.place, text, level="warning"))
        else:
            first[said] = biopsy
    clear, doubtful = [], []
    for biopsy in first.values():
        if known.has_alike(biopsy.patient) and not known.has(biopsy.patient):
            doubtful.append(_unlike(biopsy))
        else:
            clear.append(biopsy)
    return clear, doubtful, repeated


def of_others(
    biopsies: Iterable[BiopsyRecord], known: Patients, recipe: LabelRecipe
) -> list[tuple[UnclearBiopsy, list[ExamRecord]]]:
    """Exams in whose window a biopsy lies of another patient, whose ID is alike: where a table lost
    zeros, it is theirs."""
    found = []
    for biopsy in biopsies:
        others = [
            exam
            for exam in known.exams_of_alike(biopsy.patient)
            if exam.patient != biopsy.patient and fits(biopsy.date, exam, recipe)
        ]
        if others:
            found.append((_of_either(biopsy), others))
    return found


def _unlike(biopsy: BiopsyRecord) -> UnclearBiopsy:
    return UnclearBiopsy(
        patient=biopsy.patient,
        date=biopsy.date,
        what=Unclear.PATIENT,
        place=biopsy.place,
        problem="its patient is in the exam table only with other zeros, spaces or case",
        hint="write a patient the same in both tables; a spreadsheet takes leading zeros away",
    )


def _of_either(biopsy: BiopsyRecord) -> UnclearBiopsy:
    return UnclearBiopsy(
        patient=biopsy.patient,
        date=biopsy.date,
        what=Unclear.ALIKE,
        place=biopsy.place,
        problem="the exam table has another patient whose ID differs only by zeros, spaces or case",
        hint="where they are two, name them apart in both tables; where they are one, alike",
    )
