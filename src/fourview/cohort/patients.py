"""Exams by patient, and the window in which a biopsy belongs to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from fourview.cohort.spelling import alike
from fourview.core.data_recipe import LabelRecipe
from fourview.core.records import ExamRecord
from fourview.core.unclear import UnclearBiopsy


def fits(day: date, exam: ExamRecord, recipe: LabelRecipe) -> bool:
    """Whether a biopsy on that day lies in the exam's window, both ends included."""
    if exam.study_date is None:
        return False
    return recipe.first_day <= (day - exam.study_date).days <= recipe.last_day


class Patients:
    """Exams by patient, found also where an ID is written in another way."""

    def __init__(self, exams: Iterable[ExamRecord]) -> None:
        self._exams: dict[str, list[ExamRecord]] = defaultdict(list)
        self._alike: dict[str, list[ExamRecord]] = defaultdict(list)
        for exam in exams:
            self._exams[exam.patient].append(exam)
            self._alike[alike(exam.patient)].append(exam)

    def has(self, patient: str) -> bool:
        return patient in self._exams

    def has_alike(self, patient: str) -> bool:
        return alike(patient) in self._alike

    def exams_of(self, patient: str) -> Sequence[ExamRecord]:
        return self._exams.get(patient, ())

    def exams_of_alike(self, patient: str) -> Sequence[ExamRecord]:
        """Its own exams, and those of patients whose IDs are other writings of it."""
        return self._alike.get(alike(patient), ())

    def concerned(self, biopsy: UnclearBiopsy, recipe: LabelRecipe) -> list[ExamRecord]:
        """The exams whose labels an unclear biopsy may change."""
        if not biopsy.patient:
            return []
        exams = self.exams_of_alike(biopsy.patient)
        return [exam for exam in exams if biopsy.date is None or fits(biopsy.date, exam, recipe)]
