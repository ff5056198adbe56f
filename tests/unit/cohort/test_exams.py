"""From images to exams."""

from __future__ import annotations

from datetime import date

from fourview.cohort.exams import exams_of
from fourview.core.records import ImageRecord
from fourview.core.views import View


def image(exam: str = "1", **values: object) -> ImageRecord:
    return ImageRecord(**{"exam": exam, "path": "a.png", "view": View.L_CC, **values})  # type: ignore[arg-type]


def test_images_of_one_exam_are_together_in_the_order_of_first_rows() -> None:
    found = exams_of([image("2"), image("1", density="c", age=50.0), image("2", path="b.png")])
    assert [(exam.name, len(exam.images)) for exam in found.exams] == [("2", 2), ("1", 1)]
    assert (found.exams[1].density, found.exams[1].age) == ("c", 50.0)


def test_images_set_aside_make_no_exam() -> None:
    assert exams_of([image(status="set aside")]).exams == ()


def test_an_exam_of_two_patients_is_left_out_and_named_without_their_ids() -> None:
    found = exams_of([image(patient="ann", place="line 2"), image(patient="eve", place="line 3")])
    assert found.exams == ()
    assert [problem.place for problem in found.problems] == ["line 3"]
    assert "another patient than in line 2" in str(found.problems[0])
    assert "eve" not in str(found.problems[0])


def test_an_exam_of_two_dates_is_left_out() -> None:
    found = exams_of([image(study_date=date(2020, 1, 1)), image()])
    assert found.exams == ()
    assert "no date" in str(found.problems[0])
