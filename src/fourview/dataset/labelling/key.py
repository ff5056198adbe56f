"""Tables of real patients and dates, joined to an exam table of pseudonyms by its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.assessment import Assessment
from fourview.core.records import BiopsyRecord, ExamRecord
from fourview.core.unclear import Unclear, UnclearBiopsy
from fourview.io.biopsies import BiopsyTable

_LONGEST = 16
"""Digits up to which zeros are put before an ID to see whether the exam table has it so."""


def pseudonymous_biopsies(
    table: BiopsyTable, pseudonyms: Pseudonyms, exams: Iterable[ExamRecord]
) -> BiopsyTable:
    """The same biopsies under pseudonyms, their days shifted as their patients' exams are.

    A pseudonym tells not that `7` may be the exam table's `007`. So where only a patient written in
    another way has exams, the biopsy is unclear, and of that patient.
    """
    known = {exam.patient for exam in exams}
    biopsies: list[BiopsyRecord] = []
    unclear: list[UnclearBiopsy] = []
    for biopsy in table.biopsies:
        name = _name(biopsy.patient, pseudonyms, known)
        day = biopsy.date + pseudonyms.shift_of(name)
        if name == pseudonyms.patient(biopsy.patient):
            biopsies.append(replace(biopsy, patient=name, date=day))
        else:
            unclear.append(
                UnclearBiopsy(
                    patient=name,
                    date=day,
                    what=Unclear.PATIENT,
                    place=biopsy.place,
                    problem="its patient has exams only with other zeros, spaces or case",
                    hint="write a patient as in the DICOM files; a spreadsheet takes zeros away",
                )
            )
    for doubt in table.unclear:
        name = _name(doubt.patient, pseudonyms, known) if doubt.patient else ""
        shifted = doubt.date + pseudonyms.shift_of(name) if doubt.date and name else None
        unclear.append(replace(doubt, patient=name, date=shifted))
    return BiopsyTable(table.path, tuple(biopsies), tuple(unclear))


def pseudonymous_assessments(
    assessments: Iterable[Assessment], pseudonyms: Pseudonyms, exams: Iterable[ExamRecord]
) -> list[Assessment]:
    """The same assessments under pseudonyms; an exam that is named by its Study UID, too."""
    names = {exam.name for exam in exams}
    return [
        replace(
            one,
            exam=one.exam if one.exam in names or not one.exam else pseudonyms.exam(one.exam),
            patient=pseudonyms.patient(one.patient) if one.patient else "",
            date=one.date + pseudonyms.shift(one.patient) if one.date and one.patient else None,
        )
        for one in assessments
    ]


def _name(patient: str, pseudonyms: Pseudonyms, known: set[str]) -> str:
    """The pseudonym of a patient; of the same one in another writing, where that alone is known."""
    name = pseudonyms.patient(patient)
    if name in known:
        return name
    others = (pseudonyms.patient(other) for other in _other_ways(patient))
    return next((other for other in others if other in known), name)


def _other_ways(patient: str) -> Iterator[str]:
    """How the same ID may stand in another table: `7`, `007`, `7.0`; `a1`, `A1`."""
    bare = "".join(patient.split()).removesuffix(".0")
    short = bare.lstrip("0") or bare
    yield from (bare, short, bare.upper(), bare.lower(), f"{short}.0")
    yield from (short.zfill(n) for n in range(len(short) + 1, _LONGEST + 1))
