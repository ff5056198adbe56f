"""Whether the rows of an exam table fit together."""

from __future__ import annotations

from datetime import date

import pytest

from fourview.cohort.checks import check_images
from fourview.core.records import ImageRecord
from fourview.core.views import View

TODAY = date(2024, 6, 1)
_place = iter(range(2, 10**6))


def exam(name: str = "a", *, views: str = "all", n: int = 0, **values: object) -> list[ImageRecord]:
    """One image of each view; or of those named; or the first `n` of them over and over."""
    order = list(View) if views == "all" else [View(view) for view in views.split()]
    order = [order[number % len(order)] for number in range(n or len(order))]
    told: dict[str, object] = {"patient": "p1", "study_date": date(2020, 1, 1), **values}
    return [
        ImageRecord(
            exam=name,
            path=f"{name}/{number}.dcm",
            view=view,
            place=f"exams.csv, line {next(_place)}",
            **told,  # type: ignore[arg-type]
        )
        for number, view in enumerate(order)
    ]


def told(images: list[ImageRecord]) -> list[tuple[str, str]]:
    return [(problem.level, str(problem)) for problem in check_images(images, today=TODAY)]


def only(images: list[ImageRecord]) -> tuple[str, str]:
    [problem] = told(images)
    return problem


def test_exams_of_four_views_are_as_they_should_be() -> None:
    later = exam("b", study_date=date(2022, 1, 1), age=52.0)
    assert told([*exam(age=50.0), *later]) == []


def test_an_exam_under_two_patients_is_an_error_that_names_neither() -> None:
    rows = exam()
    rows[1] = exam(patient="Eve")[1]
    level, text = only(rows)
    assert level == "error"
    assert "another patient" in text
    assert "Eve" not in text


def test_two_dates_in_an_exam_are_an_error() -> None:
    rows = exam()
    rows[3] = exam(study_date=date(2020, 1, 2))[3]
    level, text = only(rows)
    assert (level, "2020-01-02" in text) == ("error", True)


def test_a_path_that_stands_in_two_exams_is_an_error_however_it_is_written() -> None:
    rows = [*exam("a"), *exam("b", patient="p2")]
    rows[4] = ImageRecord(**{**vars(rows[4]), "path": "a/./0.dcm"})
    level, text = only(rows)
    assert level == "error"
    assert text.startswith(rows[4].place)
    assert f"of exam a in {rows[0].place}" in text


def test_a_path_that_stands_twice_in_an_exam_is_an_error() -> None:
    rows = exam()
    again = [ImageRecord(**{**vars(row), "place": f"{row.place}0"}) for row in rows]
    found = told([*rows, *again])
    assert [level for level, _ in found] == ["error"] * 4
    assert f"{again[0].place}: the path stands in {rows[0].place}" in found[0][1]


@pytest.mark.parametrize(("n", "views"), [(7, "all"), (5, "L-CC")])
def test_an_exam_of_seven_images_or_five_of_a_view_is_named_in_a_warning(
    n: int, views: str
) -> None:
    found = told(exam(n=n, views=views))
    assert ("warning", True) in [(level, f"exam a has {n} images" in text) for level, text in found]
    assert {level for level, _ in found} == {"warning"}


def test_two_images_of_every_view_are_nothing_to_tell() -> None:
    assert told(exam(n=8)) == []


def test_views_without_an_image_are_named_in_a_warning() -> None:
    level, text = only(exam(views="L-CC R-CC R-MLO"))
    assert (level, "exam a has no image of L-MLO" in text) == ("warning", True)


def test_views_that_are_left_to_the_files_are_not_called_missing() -> None:
    rows = [ImageRecord(**{**vars(row), "view": None}) for row in exam()]
    assert told(rows) == []


@pytest.mark.parametrize("day", [date(2024, 6, 2), date(1899, 12, 31)])
def test_dates_to_come_and_dates_before_mammography_are_errors(day: date) -> None:
    level, text = only(exam(study_date=day))
    assert (level, str(day) in text) == ("error", True)


def test_an_exam_of_today_is_well() -> None:
    assert told(exam(study_date=TODAY)) == []


def test_exams_without_date_or_patient_are_told_in_one_line_each() -> None:
    rows = [row for name in "abcde" for row in exam(name, study_date=None, patient="")]
    (date_level, dates), (patient_level, patients) = told(rows)
    assert (date_level, patient_level) == ("warning", "warning")
    assert "exams a, b, c and 2 more have no study_date" in dates
    assert "no patient" in patients


def test_ages_that_fall_over_a_patients_exams_are_an_error() -> None:
    later = exam("b", study_date=date(2021, 1, 1), age=49.0)
    level, text = only([*later, *exam(age=50.0)])
    assert level == "error"
    assert text.startswith(later[0].place)


@pytest.mark.parametrize(("age", "expected"), [(52.0, []), (55.0, ["warning"])])
def test_an_age_off_the_dates_by_more_than_two_years_is_a_warning(
    age: float, expected: list[str]
) -> None:
    rows = [*exam(age=50.0), *exam("b", study_date=date(2021, 1, 1), age=age)]
    assert [level for level, _ in told(rows)] == expected


def test_an_age_of_90_stands_for_all_above_89_and_fits_any_date() -> None:
    rows = [*exam(age=90.0), *exam("b", study_date=date(2024, 1, 1), age=90.0)]
    assert told(rows) == []


def test_two_exams_of_a_patient_on_one_day_are_a_warning() -> None:
    level, text = only([*exam("a"), *exam("b")])
    assert (level, "of the patient and day of exam a" in text) == ("warning", True)


def test_images_set_aside_are_not_checked() -> None:
    rows = exam(study_date=date(2030, 1, 1), status="set aside")
    assert told(rows) == []
