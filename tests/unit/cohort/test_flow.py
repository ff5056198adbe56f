"""The flow count."""

from __future__ import annotations

import pytest

from fourview.cohort.exclusions import Excluded, Exclusion
from fourview.cohort.flow import BIOPSIED, BIRADS, EXCLUDED, LABELLED, NOT_BIOPSIED, flow_of
from fourview.core.records import ExamLabels
from fourview.core.views import Label


def labels(exam: str, *shown: str, biopsied: bool = True, birads: int | None = None) -> ExamLabels:
    values = {label: label.value in shown for label in Label}
    return ExamLabels(exam=exam, values=values, biopsied=biopsied, birads=birads)


PATIENT_OF = {"1": "p", "2": "p", "3": "q", "4": "r", "5": "", "6": "r"}
LABELS = [
    labels("1", "left_malignant", "left_benign"),
    labels("2", "left_malignant", "right_benign"),
    labels("3", "left_benign", "right_benign"),
    labels("4", biopsied=False, birads=2),
]
EXCLUDED_ONES = [
    Excluded("5", Exclusion.NO_PATIENT),
    Excluded("6", Exclusion.UNCLEAR_SIDE),
]


def test_exams_breasts_and_patients_are_counted() -> None:
    flow = flow_of(PATIENT_OF, EXCLUDED_ONES, LABELS)
    counted = {(one.step, one.group): (one.patients, one.exams, one.breasts) for one in flow.counts}
    assert counted["exams", ""] == (3, 6, 12)
    assert counted[EXCLUDED, ""] == (1, 2, 4)
    assert counted[EXCLUDED, "no patient is told"] == (0, 1, 2)
    assert counted[LABELLED, ""] == (3, 4, 8)
    assert counted[BIOPSIED, ""] == (2, 3, 6)
    assert counted[BIOPSIED, "malignant"] == (1, 2, 2)
    assert counted[BIOPSIED, "benign"] == (2, 3, 4)
    assert counted[BIOPSIED, "malignant and benign"] == (1, 2, 1)
    assert counted[BIOPSIED, "neither"] == (0, 0, 1)
    assert counted[NOT_BIOPSIED, ""] == (1, 1, 2)
    assert counted[BIRADS, "2"] == (1, 1, 2)


def test_each_exam_is_accounted_for_once() -> None:
    with pytest.raises(ValueError, match="excluded or labelled"):
        flow_of(PATIENT_OF, [], LABELS)
    with pytest.raises(ValueError, match="excluded or labelled"):
        flow_of(PATIENT_OF, [*EXCLUDED_ONES, Excluded("1", Exclusion.NO_DATE)], LABELS)
