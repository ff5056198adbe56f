"""Tables of real patients and dates, joined to an exam table of pseudonyms by its key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.assessment import Assessment
from fourview.core.records import ExamRecord
from fourview.io.biopsies import BiopsyTable


def pseudonymous_biopsies(table: BiopsyTable, pseudonyms: Pseudonyms) -> BiopsyTable:
    """The same biopsies under pseudonyms, their days shifted as their patients' exams are."""
    biopsies = [
        replace(
            one,
            patient=pseudonyms.patient(one.patient),
            date=one.date + pseudonyms.shift(one.patient),
        )
        for one in table.biopsies
    ]
    unclear = [
        replace(
            one,
            patient=pseudonyms.patient(one.patient) if one.patient else "",
            date=one.date + pseudonyms.shift(one.patient) if one.date and one.patient else None,
        )
        for one in table.unclear
    ]
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
