"""BI-RADS assessments as the three classes that the networks are pretrained on.

Wu et al. 2019 (SI, transfer learning) use categories 0, 1 and 2. Other categories count as the
authors counted them: 3 as 2, and 4 (4a, 4b, 4c) and 5 as 0, because each of them asks for more.
Category 6, a cancer already proven, is none of a screening exam's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fourview.cohort.exclusions import Excluded, Exclusion
from fourview.core.assessment import Assessment
from fourview.core.records import ExamRecord, Problem

CLASS_OF: Mapping[str, int | None] = {
    **{"0": 0, "1": 1, "2": 2, "3": 2, "4": 0, "4a": 0, "4b": 0, "4c": 0, "5": 0},
    "6": None,
}
"""Category to class; none for 6, of which the exam is excluded."""
WORST_FIRST = (0, 2, 1)
"""Of two classes the first of these is the exam's: the recall, then the benign finding."""


@dataclass(frozen=True)
class Assessed:
    """The classes of the exams that were assessed."""

    classes: Mapping[str, int]
    """Exam to 0, 1 or 2."""
    excluded: tuple[Excluded, ...]
    """Those with category 6."""
    problems: tuple[Problem, ...]


def assess_exams(exams: Sequence[ExamRecord], assessments: Iterable[Assessment]) -> Assessed:
    """Each exam's BI-RADS class: the worse breast's, where breasts are assessed on their own.

    An assessment is of the exam that it names, or of all exams of its patient on its day. Where one
    of an exam's assessments cannot be read, the exam has no class: it may be the worse one.
    """
    rows: dict[str, list[Assessment]] = defaultdict(list)
    problems: list[Problem] = []
    by_name = {exam.name: [exam.name] for exam in exams}
    by_day: dict[object, list[str]] = defaultdict(list)
    for exam in exams:
        if exam.patient and exam.study_date:
            by_day[exam.patient, exam.study_date].append(exam.name)
    for row in assessments:
        key = (row.patient, row.date)
        names = by_name.get(row.exam, []) if row.exam else by_day.get(key, [])
        for name in names:
            rows[name].append(row)
        if not names and row.category:
            what = "the exam it names is" if row.exam else "no exam of its patient and day is"
            where = " not in the exam table" if row.exam else " in the exam table"
            problems.append(Problem(row.place, f"used for no exam: {what}{where}", "", "warning"))
    classes: dict[str, int] = {}
    excluded: list[Excluded] = []
    for exam in exams:
        found = rows.get(exam.name, [])
        if any(row.category == "6" for row in found):
            excluded.append(Excluded(exam.name, Exclusion.KNOWN_CANCER))
            text = f"not labelled: {Exclusion.KNOWN_CANCER.value}"
            problems.append(Problem(f"exam {exam.name}", text, level="warning"))
        elif found and all(row.category for row in found):
            classes[exam.name] = worse(row.category for row in found)
            problems += _disagreement(exam.name, found)
    return Assessed(classes, tuple(excluded), tuple(problems))


def worse(categories: Iterable[str | None]) -> int:
    """The class of the worst of some categories (without 6), by WORST_FIRST."""
    classes = {CLASS_OF[category] for category in categories if category}
    return next(one for one in WORST_FIRST if one in classes)


def _disagreement(exam: str, rows: Sequence[Assessment]) -> list[Problem]:
    """A breast, or an exam, that is assessed twice, and not alike."""
    for side in dict.fromkeys(row.laterality for row in rows):
        of_side = [row for row in rows if row.laterality is side]
        if len({row.category for row in of_side}) > 1:
            said = ", ".join(f"{row.category} ({row.place})" for row in of_side)
            text = f"assessed more than once: BI-RADS {said}; the worse one counts"
            return [Problem(f"exam {exam}", text, level="warning")]
    return []
