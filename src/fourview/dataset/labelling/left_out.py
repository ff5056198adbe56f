"""Exams of a table that never came to be labelled: they are counted, too."""

from __future__ import annotations

from collections.abc import Sequence

from fourview.cohort.exclusions import Excluded, Exclusion
from fourview.core.records import Problem
from fourview.dataset.tables import ExamSet
from fourview.io.table import read_rows


def left_out_exams(exam_set: ExamSet) -> tuple[list[Excluded], list[Problem]]:
    """The exams that a table names and that none of its rows could make, and what to say of them
    beside the rows' own problems."""
    made = {exam.name for exam in exam_set.exams}
    used = {image.exam for image in exam_set.table.images if image.is_used} - made
    refused = _names_at({problem.place for problem in exam_set.table.problems}, exam_set)
    excluded: list[Excluded] = []
    problems: list[Problem] = []
    names = dict.fromkeys([*(image.exam for image in exam_set.table.images), *refused])
    for name in (name for name in names if name and name not in made):
        if name in used:
            excluded.append(Excluded(name, Exclusion.CONTRADICTION))
        elif name in refused:
            excluded.append(Excluded(name, Exclusion.REFUSED_ROWS))
        else:
            excluded.append(Excluded(name, Exclusion.NO_IMAGE))
            text = f"not labelled: {Exclusion.NO_IMAGE.value}"
            problems.append(Problem(f"exam {name}", text, level="warning"))
    return excluded, problems


def _names_at(places: set[str], exam_set: ExamSet) -> dict[str, None]:
    """The exams that refused rows name, in the table's order."""
    if not places:
        return {}
    rows = read_rows(exam_set.table.path, required=("exam",))
    return dict.fromkeys(row.get("exam") for row in rows if row.place in places)


def patients_of(exam_set: ExamSet, left_out: Sequence[Excluded]) -> dict[str, str]:
    """Every exam with its patient, of those left out too: the first that a row names, or ""."""
    patients = {one.exam: "" for one in left_out}
    for image in exam_set.table.images:
        if image.exam in patients and not patients[image.exam]:
            patients[image.exam] = image.patient
    return patients | {exam.name: exam.patient for exam in exam_set.exams}
