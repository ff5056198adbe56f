"""Labels of exams from biopsies (Wu et al. 2019, Data).

A breast is malignant, or benign, where a biopsy performed within 120 days of the screening exam
showed it; the two are independent, and both may hold. An exam that is matched with no biopsy has
neither in either breast. What the paper leaves open is decided so: the days are those from the
exam's own to the 120th after it, both included; a biopsy that fits two exams labels both; a biopsy
that cannot be read leaves the exams that it may concern without labels, as a 0 would be a guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fourview.cohort.doubts import of_others, sorted_out
from fourview.cohort.exclusions import Excluded, Exclusion
from fourview.cohort.patients import Patients, fits
from fourview.core.data_recipe import LabelRecipe
from fourview.core.records import BiopsyRecord, ExamLabels, ExamRecord, Pathology, Problem
from fourview.core.unclear import Unclear, UnclearBiopsy
from fourview.core.views import Finding, Label, Laterality

KNOWN_CANCER_DAYS = 365
"""An exam at most so many days after a malignant biopsy is listed: it may be no screening exam."""


@dataclass(frozen=True)
class Labelled:
    """Exams with labels and without, in the order of the exams."""

    labels: tuple[ExamLabels, ...]
    excluded: tuple[Excluded, ...]
    problems: tuple[Problem, ...]
    matches: Mapping[str, tuple[BiopsyRecord, ...]] = field(repr=False)
    """The biopsies of each labelled exam that has any."""
    patients_with_biopsy: int
    """Patients of the biopsies, readable or not, who have an exam here."""


def label_exams(
    exams: Sequence[ExamRecord],
    biopsies: Iterable[BiopsyRecord],
    recipe: LabelRecipe,
    *,
    unclear: Iterable[UnclearBiopsy] = (),
    keep_unclear: bool = False,
    today: date | None = None,
) -> Labelled:
    """The four labels of each exam.

    Args:
        exams: every exam once. One without patient or date is excluded.
        biopsies: those that are wholly readable; rows that say the same count once.
        recipe: the window in days, and what high-risk benign counts as.
        unclear: biopsies of which the patient, date, side or result is not known. Exams that one
            may concern are excluded: those in whose window it lies; without a date, all of its
            patient.
        keep_unclear: label such exams by the other biopsies, as if the unclear one were not there.
        today: later exams are excluded; None believes all dates.
    """
    excluded = {exam.name: reason for exam in exams if (reason := _missing(exam, today))}
    known_exams = [exam for exam in exams if exam.name not in excluded]
    known = Patients(known_exams)
    problems = [_not_labelled(exam.name, excluded[exam.name], exam.place)
                for exam in exams if exam.name in excluded]  # fmt: skip
    clear, doubtful, repeated = sorted_out(biopsies, known)
    problems += repeated
    doubtful = [*unclear, *doubtful]
    in_doubt = [(doubt, known.concerned(doubt, recipe)) for doubt in doubtful]
    for doubt, concerned in [*in_doubt, *of_others(clear, known, recipe)]:
        may_concern_any = not doubt.patient or doubt.what is Unclear.ROW
        is_error = not keep_unclear and (bool(concerned) or may_concern_any)
        problems.append(doubt.told(is_error=is_error))
        reason = Exclusion(doubt.what.value)
        for exam in concerned:
            problems.append(_doubt(exam, doubt, reason, keep_unclear))
            if not keep_unclear:
                excluded.setdefault(exam.name, reason)
    matches: dict[str, list[BiopsyRecord]] = defaultdict(list)
    for biopsy in clear:
        fitting = [
            exam for exam in known.exams_of(biopsy.patient) if fits(biopsy.date, exam, recipe)
        ]
        for exam in fitting:
            matches[exam.name].append(biopsy)
        problems += _of_note(biopsy, fitting, known, recipe)
    problems += _followed_too_short(known_exams, clear, matches, recipe)
    patients = {one.patient for one in clear} | {one.patient for one in doubtful}
    return Labelled(
        labels=tuple(
            _labels(exam, matches.get(exam.name, ()), recipe)
            for exam in exams
            if exam.name not in excluded
        ),
        excluded=tuple(
            Excluded(exam.name, excluded[exam.name]) for exam in exams if exam.name in excluded
        ),
        problems=tuple(problems),
        matches={name: tuple(found) for name, found in matches.items() if name not in excluded},
        patients_with_biopsy=sum(known.has(patient) for patient in patients),
    )


def _missing(exam: ExamRecord, today: date | None) -> Exclusion | None:
    if not exam.patient:
        return Exclusion.NO_PATIENT
    if exam.study_date is None:
        return Exclusion.NO_DATE
    return Exclusion.TO_COME if today and exam.study_date > today else None


def _labels(exam: ExamRecord, biopsies: Sequence[BiopsyRecord], recipe: LabelRecipe) -> ExamLabels:
    shown: set[tuple[Laterality, Finding]] = {
        (laterality, finding)
        for biopsy in biopsies
        for laterality in biopsy.lateralities
        for result in biopsy.results
        if (finding := _counts_as(result, recipe))
    }
    values = {label: (label.laterality, label.finding) in shown for label in Label}
    return ExamLabels(exam=exam.name, values=values, biopsied=bool(biopsies))


def _counts_as(result: Pathology, recipe: LabelRecipe) -> Finding | None:
    if result is Pathology.HIGH_RISK:
        return Finding.BENIGN if recipe.high_risk == "benign" else None
    return Finding.MALIGNANT if result is Pathology.MALIGNANT else Finding.BENIGN


def _not_labelled(exam: str, reason: Exclusion, place: str) -> Problem:
    column = "patient" if reason is Exclusion.NO_PATIENT else "study_date"
    do = "correct" if reason is Exclusion.TO_COME else "fill"
    return Problem(
        f"exam {exam}",
        f"not labelled: {reason.value}" + (f" ({place})" if place else ""),
        f"{do} the column {column}: a biopsy is matched by patient and date",
    )


def _doubt(
    exam: ExamRecord, biopsy: UnclearBiopsy, reason: Exclusion, keep_unclear: bool
) -> Problem:
    if keep_unclear:
        text = f"labelled as if {biopsy.place} were not there: {reason.value}"
        return Problem(f"exam {exam.name}", text, level="warning")
    return Problem(
        f"exam {exam.name}",
        f"not labelled: {reason.value} ({biopsy.place})",
        "correct that row; --keep-unclear labels the exam without it",
    )


def _of_note(
    biopsy: BiopsyRecord, fitting: Sequence[ExamRecord], known: Patients, recipe: LabelRecipe
) -> list[Problem]:
    """What the person who made the tables should know of a biopsy that was read."""
    notes = []
    if not fitting:
        notes.append(f"matched with no exam: {_unmatched(biopsy, known, recipe)}")
    elif len(fitting) > 1:
        names = ", ".join(exam.name for exam in fitting)
        notes.append(f"fits {len(fitting)} exams and labels each of them: {names}")
    if Pathology.MALIGNANT in biopsy.results:
        notes += [
            f"a cancer known {days} days before exam {exam.name}, which stays in"
            for exam in known.exams_of(biopsy.patient)
            if exam.study_date and exam not in fitting
            and 0 < (days := (exam.study_date - biopsy.date).days) <= KNOWN_CANCER_DAYS
        ]  # fmt: skip
    return [Problem(biopsy.place, note, level="warning") for note in notes]


def _followed_too_short(
    exams: Sequence[ExamRecord],
    biopsies: Sequence[BiopsyRecord],
    matches: Mapping[str, Sequence[BiopsyRecord]],
    recipe: LabelRecipe,
) -> list[Problem]:
    """Exams so late that a biopsy of theirs may have been done after the table was made."""
    last = max((biopsy.date for biopsy in biopsies), default=None)
    late = [
        exam
        for exam in exams
        if last and exam.study_date and exam.name not in matches
        and (last - exam.study_date).days < recipe.last_day
    ]  # fmt: skip
    if not late:
        return []
    text = (
        f"{len(late)} exams without a biopsy are of less than {recipe.last_day} days before the "
        f"last biopsy of the table, or after it: a biopsy may be missing (exam {late[0].name})"
    )
    return [
        Problem("biopsy table", text, "does it reach that far beyond the last exam?", "warning")
    ]


def _unmatched(biopsy: BiopsyRecord, known: Patients, recipe: LabelRecipe) -> str:
    dates = [exam.study_date for exam in known.exams_of(biopsy.patient) if exam.study_date]
    if not dates:
        return "no exam of its patient is in the exam table, or none that can be labelled"
    window = f"the window is {recipe.first_day} to {recipe.last_day} days after the exam"
    earlier = [(biopsy.date - day).days for day in dates if day <= biopsy.date]
    if not earlier:
        days = min((day - biopsy.date).days for day in dates)
        return f"it is {days} days before its patient's first exam; {window}"
    return f"it is {min(earlier)} days after its patient's last exam before it; {window}"
