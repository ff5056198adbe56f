"""What is in each split: exams, patients, biopsied exams, breasts by what was found in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from fourview.cohort.splits import breasts_with
from fourview.core.records import SPLITS, ExamLabels, ExamRecord
from fourview.core.views import Finding

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class SplitSummary:
    """Numbers of one split, or of `all`. What labels tell counts labelled exams only."""

    split: str
    exams: int
    patients: int
    """0 where no exam tells its patient."""
    labelled: int
    """Exams that have labels."""
    biopsied: int
    malignant: int
    """Breasts with a malignant finding."""
    benign: int
    """Breasts with a benign finding."""
    both: int
    """Breasts with both, counted among either."""
    first_date: date | None
    last_date: date | None


def summaries(
    exams: Iterable[ExamRecord],
    split_of: Mapping[str, str],
    labels: Mapping[str, ExamLabels],
) -> tuple[SplitSummary, ...]:
    """A summary of each split that has exams, in the order of `SPLITS`, and one of all exams.

    Args:
        split_of: by exam; exams without one count among all only.
    """
    exams = list(exams)
    found = [
        _summary(name, [exam for exam in exams if split_of.get(exam.name) == name], labels)
        for name in SPLITS
    ]
    return (*(one for one in found if one.exams), _summary(ALL, exams, labels))


def _summary(name: str, exams: list[ExamRecord], labels: Mapping[str, ExamLabels]) -> SplitSummary:
    known = [labels[exam.name] for exam in exams if exam.name in labels]
    malignant = sum(breasts_with(one, Finding.MALIGNANT) for one in known)
    benign = sum(breasts_with(one, Finding.BENIGN) for one in known)
    either = sum(breasts_with(one, *Finding) for one in known)
    dates = [exam.study_date for exam in exams if exam.study_date]
    return SplitSummary(
        split=name,
        exams=len(exams),
        patients=len({exam.patient for exam in exams if exam.patient}),
        labelled=len(known),
        biopsied=sum(one.biopsied for one in known),
        malignant=malignant,
        benign=benign,
        both=malignant + benign - either,
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
    )
