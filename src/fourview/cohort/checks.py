"""Whether the rows of an exam table fit together."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from fourview.cohort.exams import exams_of
from fourview.core.records import ExamRecord, ImageRecord, Problem
from fourview.core.views import View

MOST_OF_A_VIEW = 4
"""Images of one view; more are seldom one screening exam."""
MOST_YEARS_APART = 2
"""Between an age and what another exam's age and the dates say."""
OLDEST_TOLD = 90
"""Pseudonymised tables write this for all above 89."""
EARLIEST = 1900
_A_YEAR = 365.25


def check_images(images: Iterable[ImageRecord], *, today: date) -> tuple[Problem, ...]:
    """What is wrong with a table's rows together, errors and warnings, in the order of rules.

    Errors: an exam of two patients or two dates, a path that stands twice, a date in the future or
    before 1900, ages that fall from one exam of a patient to the next. Warnings: views without an
    image, more images than an exam has, no date or patient, ages that do not fit the dates, two
    exams of a patient on one day.
    """
    used = [image for image in images if image.is_used]
    found = exams_of(used)
    problems = [*found.problems, *_paths(used)]
    for exam in found.exams:
        problems += _dates(exam, today)
        problems += _views(exam)
    problems += _untold(found.exams)
    by_patient: dict[str, list[ExamRecord]] = {}
    for exam in found.exams:
        if exam.patient:
            by_patient.setdefault(exam.patient, []).append(exam)
    for exams in by_patient.values():
        problems += _course(exams)
    return tuple(problems)


def _warning(place: str, problem: str, hint: str = "") -> Problem:
    return Problem(place, problem, hint, level="warning")


def _paths(images: Sequence[ImageRecord]) -> list[Problem]:
    problems = []
    seen: dict[str, ImageRecord] = {}
    for image in images:
        path = posixpath.normpath(image.path.replace("\\", "/"))
        if path not in seen:
            seen[path] = image
            continue
        first = seen[path]
        if first.exam == image.exam:
            problem = f"the path stands in {first.place} already"
            hint = "take one of the rows out"
        else:
            problem = f"the path is of exam {image.exam}, and of exam {first.exam} in {first.place}"
            hint = "one image is of one exam: correct one of the paths, or take the row out"
        problems.append(Problem(image.place, problem, hint))
    return problems


def _dates(exam: ExamRecord, today: date) -> list[Problem]:
    day = exam.study_date
    if day is not None and day > today:
        problem = f"exam {exam.name} is of {day}, which is to come (today is {today})"
        return [Problem(exam.place, problem, "correct the study_date, or leave it empty")]
    if day is not None and day.year < EARLIEST:
        problem = f"exam {exam.name} is of {day}, before there were mammograms"
        return [Problem(exam.place, problem, "correct the study_date, or leave it empty")]
    return []


def _views(exam: ExamRecord) -> list[Problem]:
    counts = Counter(image.view for image in exam.images)
    n, problems = len(exam.images), []
    told = ", ".join(f"{counts[view]} of {view.value}" for view in View if counts[view])
    too_many = max(counts.values()) > MOST_OF_A_VIEW
    if too_many or (n > len(View) and len({counts[view] for view in View}) > 1):
        problem = f"exam {exam.name} has {n} images ({told or 'of views that are not told'})"
        hint = "if they are not all of one exam, name the exams apart; repeats may stay"
        problems.append(_warning(exam.place, problem, hint))
    missing = [view.value for view in View if not counts[view]]
    if missing and not counts[None]:
        hint = "add its row if there is one; an exam may lack a view"
        problem = f"exam {exam.name} has no image of {', '.join(missing)}"
        problems.append(_warning(exam.place, problem, hint))
    return problems


def _untold(exams: Sequence[ExamRecord]) -> list[Problem]:
    """What many exams lack is told in one line."""
    problems = []
    for what, lacking, hint in (
        (
            "study_date",
            [exam for exam in exams if exam.study_date is None],
            "without it no biopsy can be joined, and no split is by time: fill the column in",
        ),
        (
            "patient",
            [exam for exam in exams if not exam.patient],
            "without it exams of one patient may come into two parts of a split",
        ),
    ):
        if lacking:
            names = ", ".join(exam.name for exam in lacking[:3])
            more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
            one = len(lacking) == 1
            problem = f"exam{'' if one else 's'} {names}{more} {'has' if one else 'have'} no {what}"
            problems.append(_warning(lacking[0].place, problem, hint))
    return problems


def _course(exams: Sequence[ExamRecord]) -> list[Problem]:
    """One patient's exams in their order: ages rise as the dates do."""
    problems = []
    dated = sorted(
        ((exam.study_date, exam) for exam in exams if exam.study_date), key=lambda pair: pair[0]
    )
    for (day, exam), (next_day, later) in pairwise(dated):
        if day == next_day:
            problem = f"exam {later.name} is of the patient and day of exam {exam.name}"
            hint = "if they are one exam, give them one name; if one is a copy, take it out"
            problems.append(_warning(later.place, problem, hint))
    aged = [(day, exam.age, exam) for day, exam in dated if exam.age is not None]
    for (day, age, exam), (next_day, next_age, later) in pairwise(aged):
        years = (next_day - day).days / _A_YEAR
        told = f"exam {later.name} ({next_day}) is at age {next_age:g}; exam {exam.name} ({day}) at"
        if next_age < age and day < next_day:
            hint = "correct the ages or the dates: one of them is another exam's"
            problems.append(Problem(later.place, f"{told} {age:g}", hint))
        elif next_age < OLDEST_TOLD and abs(next_age - age - years) > MOST_YEARS_APART:
            problem = f"{told} {age:g}, {years:.1f} years before"
            hint = "correct the age, the date or the patient"
            problems.append(_warning(later.place, problem, hint))
    return problems
