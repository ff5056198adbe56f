"""BI-RADS categories as the three classes of the pretraining."""

from __future__ import annotations

from datetime import date

import pytest

from fourview.cohort.birads import assess_exams
from fourview.core.assessment import CATEGORIES, Assessment
from fourview.core.records import ExamRecord
from fourview.core.views import Laterality

DAY = date(2019, 3, 1)
EXAM = ExamRecord(name="1", patient="p", study_date=DAY, images=())


def said(category: str | None, side: Laterality | None = None, **values: object) -> Assessment:
    values = values or {"exam": "1"}
    return Assessment(category=category, laterality=side, place="birads.csv, line 2", **values)  # type: ignore[arg-type]


def test_categories_are_mapped_as_the_authors_did() -> None:
    classes = {c: assess_exams([EXAM], [said(c)]).classes.get("1") for c in CATEGORIES}
    assert classes == {
        **{"0": 0, "1": 1, "2": 2, "3": 2},
        **{"4": 0, "4a": 0, "4b": 0, "4c": 0, "5": 0, "6": None},
    }


def test_category_6_excludes_the_exam() -> None:
    found = assess_exams([EXAM], [said("1"), said("6")])
    assert [(one.exam, one.reason.is_fault) for one in found.excluded] == [("1", False)]
    assert "BI-RADS 6" in found.problems[0].problem


@pytest.mark.parametrize(("left", "right", "exam"), [("1", "2", 2), ("2", "4a", 0), ("1", "0", 0)])
def test_the_worse_breast_is_the_exams(left: str, right: str, exam: int) -> None:
    rows = [said(left, Laterality.LEFT), said(right, Laterality.RIGHT)]
    found = assess_exams([EXAM], rows)
    assert found.classes == {"1": exam}
    assert found.problems == ()


def test_two_assessments_of_one_breast_that_differ_are_told() -> None:
    found = assess_exams([EXAM], [said("1"), said("2")])
    assert "assessed more than once" in found.problems[0].problem


def test_an_assessment_is_found_by_patient_and_day() -> None:
    row = said("2", patient="p", date=DAY)
    assert assess_exams([EXAM], [row]).classes == {"1": 2}


def test_one_that_cannot_be_read_leaves_the_exam_without_a_class() -> None:
    rows = [said("1", Laterality.LEFT), said(None, Laterality.RIGHT)]
    assert assess_exams([EXAM], rows).classes == {}


def test_one_of_no_exam_is_listed() -> None:
    found = assess_exams([EXAM], [said("1", exam="9")])
    assert "not in the exam table" in found.problems[0].problem
