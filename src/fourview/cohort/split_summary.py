"""What is in each split: exams, patients, biopsied exams, breasts by what was found in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fourview.cohort.splits import breasts_with
from fourview.core.description import ALL, NO_SPLIT, SplitSummary
from fourview.core.records import SPLITS, ExamLabels, ExamRecord
from fourview.core.views import Finding


def summaries(
    exams: Iterable[ExamRecord],
    split_of: Mapping[str, str],
    labels: Mapping[str, ExamLabels],
) -> tuple[SplitSummary, ...]:
    """A summary of each split that has exams, in the order of `SPLITS`, and one of all exams last.

    Args:
        split_of: by exam; where there is any, the exams without one have a summary of their own.
    """
    exams = list(exams)
    found = [
        _summary(name, [exam for exam in exams if split_of.get(exam.name) == name], labels)
        for name in SPLITS
    ]
    if split_of:
        found.append(_summary(NO_SPLIT, [e for e in exams if e.name not in split_of], labels))
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


def without_findings(found: Iterable[SplitSummary]) -> list[str]:
    """Warnings of labelled splits in which no malignant, or no benign, breast is: no AUC there."""
    return [
        f"{one.split}: no {kind} breast; no AUC can be computed there"
        for one in found
        for kind, n in (("malignant", one.malignant), ("benign", one.benign))
        if one.labelled and not n
    ]
