"""Labels from biopsies: the days, the sides, the results, and what is left without a label."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fourview.cohort.doubts import days_to_come
from fourview.cohort.exclusions import Exclusion
from fourview.cohort.labels import Labelled, label_exams
from fourview.core.data_recipe import LabelRecipe
from fourview.core.records import BiopsyRecord, ExamRecord, Pathology
from fourview.core.unclear import Unclear, UnclearBiopsy
from fourview.core.views import Laterality
from fourview.phantom.records import belongs

DAY = date(2019, 3, 1)
LEFT, RIGHT = (Laterality.LEFT,), (Laterality.RIGHT,)
BOTH = (Laterality.LEFT, Laterality.RIGHT)
MALIGNANT = frozenset({Pathology.MALIGNANT})
BENIGN = frozenset({Pathology.BENIGN})


def exam(name: str = "1", patient: str = "p", after: int | None = 0) -> ExamRecord:
    """An exam so many days after DAY; None: of no date."""
    day = None if after is None else DAY + timedelta(days=after)
    return ExamRecord(name=name, patient=patient, study_date=day, images=())


def biopsy(
    after: int = 10,
    sides: tuple[Laterality, ...] = LEFT,
    results: frozenset[Pathology] = MALIGNANT,
    patient: str = "p",
    place: str = "biopsies.csv, line 2",
) -> BiopsyRecord:
    day = DAY + timedelta(days=after)
    return BiopsyRecord(patient=patient, date=day, lateralities=sides, results=results, place=place)


def doubt(what: Unclear, after: int | None = 10, patient: str = "p") -> UnclearBiopsy:
    day = None if after is None else DAY + timedelta(days=after)
    return UnclearBiopsy(
        patient=patient, date=day, what=what, place="biopsies.csv, line 9", problem="is unclear"
    )


def shown(labelled: Labelled, name: str = "1") -> set[str]:
    [labels] = [one for one in labelled.labels if one.exam == name]
    return {label.value for label, value in labels.values.items() if value}


@pytest.mark.parametrize(
    ("days", "counts"), [(-1, False), (0, True), (119, True), (120, True), (121, False)]
)
def test_a_biopsy_counts_from_the_exams_day_to_the_120th_after_it(days: int, counts: bool) -> None:
    found = label_exams([exam()], [biopsy(days)], LabelRecipe())
    assert shown(found) == ({"left_malignant"} if counts else set())
    assert found.labels[0].biopsied is counts
    assert counts is belongs(DAY + timedelta(days=days), DAY)  # told apart elsewhere, and alike


def test_the_window_is_the_recipes() -> None:
    recipe = LabelRecipe(first_day=-5, last_day=90)
    days = (-6, -5, 90, 91)
    counts = [bool(shown(label_exams([exam()], [biopsy(d)], recipe))) for d in days]
    assert counts == [False, True, True, False]


def test_malignant_and_benign_are_independent_in_each_breast() -> None:
    rows = [biopsy(results=MALIGNANT), biopsy(results=BENIGN), biopsy(20, RIGHT, BENIGN)]
    found = label_exams([exam()], rows, LabelRecipe())
    assert shown(found) == {"left_malignant", "left_benign", "right_benign"}
    assert found.problems == ()


def test_a_biopsy_of_both_breasts_labels_both_with_all_it_showed() -> None:
    found = label_exams([exam()], [biopsy(sides=BOTH, results=MALIGNANT | BENIGN)], LabelRecipe())
    assert len(shown(found)) == 4


@pytest.mark.parametrize(("high_risk", "label"), [("benign", {"left_benign"}), ("none", set())])
def test_high_risk_counts_as_the_recipe_says(high_risk: str, label: set[str]) -> None:
    rows = [biopsy(results=frozenset({Pathology.HIGH_RISK}))]
    found = label_exams([exam()], rows, LabelRecipe(high_risk=high_risk))
    assert shown(found) == label
    assert found.labels[0].biopsied


def test_a_biopsy_that_showed_nothing_is_a_biopsy_without_labels() -> None:
    found = label_exams([exam()], [biopsy(results=frozenset())], LabelRecipe())
    assert (shown(found), found.labels[0].biopsied) == (set(), True)


def test_a_biopsy_that_fits_two_exams_labels_both_and_is_listed() -> None:
    found = label_exams([exam("1"), exam("2", after=30)], [biopsy(40)], LabelRecipe())
    assert shown(found, "1") == shown(found, "2") == {"left_malignant"}
    [problem] = found.problems
    assert "fits 2 exams and labels each of them: 1, 2" in problem.problem
    assert problem.level == "warning"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (biopsy(-3, results=BENIGN), "3 days before its patient's first exam"),
        (biopsy(150), "150 days after its patient's last exam before it"),
        (biopsy(patient="q"), "no exam of its patient is in the exam table, or none"),
    ],
)
def test_a_biopsy_without_an_exam_is_listed(row: BiopsyRecord, said: str) -> None:
    found = label_exams([exam()], [row], LabelRecipe())
    assert shown(found) == set()
    assert said in found.problems[0].problem
    assert {problem.level for problem in found.problems} == {"warning"}


def test_a_cancer_known_before_the_exam_is_listed_and_the_exam_stays() -> None:
    found = label_exams([exam()], [biopsy(-3)], LabelRecipe())
    assert any("a cancer known 3 days before exam 1" in one.problem for one in found.problems)
    assert len(found.labels) == 1


def test_rows_that_say_the_same_are_one() -> None:
    twice = [biopsy(), biopsy(place="biopsies.csv, line 3")]
    found = label_exams([exam()], twice, LabelRecipe())
    assert len(found.matches["1"]) == 1
    assert found.problems[0].problem == "the same biopsy as in biopsies.csv, line 2; it counts once"


@pytest.mark.parametrize("what", [Unclear.RESULT, Unclear.SIDE])
def test_an_exam_with_an_unclear_biopsy_in_its_window_has_no_labels(what: Unclear) -> None:
    exams = [exam("1"), exam("2", after=-200), exam("3", patient="q")]
    found = label_exams(exams, [biopsy()], LabelRecipe(), unclear=[doubt(what)])
    assert [(one.exam, one.reason.value) for one in found.excluded] == [("1", what.value)]
    assert [labels.exam for labels in found.labels] == ["2", "3"]
    assert {"biopsies.csv, line 9", "exam 1"} <= {
        problem.place for problem in found.problems if problem.level == "error"
    }


def test_an_undated_biopsy_leaves_all_exams_of_its_patient_without_labels() -> None:
    exams = [exam("1"), exam("2", after=-2000), exam("3", patient="q")]
    found = label_exams(exams, [], LabelRecipe(), unclear=[doubt(Unclear.DATE, None)])
    assert [one.exam for one in found.excluded] == ["1", "2"]


def test_unclear_biopsies_can_be_passed_over() -> None:
    unclear = [doubt(Unclear.RESULT)]
    found = label_exams([exam()], [biopsy()], LabelRecipe(), unclear=unclear, keep_unclear=True)
    assert shown(found) == {"left_malignant"}
    assert {problem.level for problem in found.problems} == {"warning"}
    assert any("as if biopsies.csv, line 9 were not there" in str(one) for one in found.problems)


def test_an_unclear_biopsy_that_concerns_no_exam_is_a_warning_and_one_of_nobody_an_error() -> None:
    unclear = [doubt(Unclear.RESULT, 500), doubt(Unclear.PATIENT, patient="")]
    found = label_exams([exam()], [], LabelRecipe(), unclear=unclear)
    assert found.excluded == ()
    assert [problem.level for problem in found.problems] == ["warning", "error"]


@pytest.mark.parametrize("written", ["7", "0007", "7.0", "007 "])
def test_a_patient_written_in_another_way_leaves_the_exam_without_labels(written: str) -> None:
    found = label_exams([exam(patient="007")], [biopsy(patient=written)], LabelRecipe())
    assert [one.reason for one in found.excluded] == [Exclusion.UNCLEAR_PATIENT]
    assert found.patients_with_biopsy == 0


def test_an_exam_without_patient_or_date_is_excluded() -> None:
    found = label_exams([exam("1", ""), exam("2", after=None)], [biopsy()], LabelRecipe())
    assert [one.reason for one in found.excluded] == [Exclusion.NO_PATIENT, Exclusion.NO_DATE]
    assert found.labels == ()


def test_exams_after_which_the_table_may_end_too_early_are_counted() -> None:
    exams = [exam("1"), exam("2", "q", after=5), exam("3", "q", after=-500)]
    found = label_exams(exams, [biopsy()], LabelRecipe())
    [problem] = found.problems
    assert problem.problem.startswith("1 exams without a biopsy")


def test_no_patient_stands_in_a_problem() -> None:
    rows = [biopsy(patient="SECRET"), biopsy(-3, patient="SECRET2"), biopsy(300, patient="SECRET2")]
    unclear = [doubt(what, None, "SECRET2") for what in Unclear]
    exams = [exam(patient="SECRET2")]
    found = label_exams(exams, rows, LabelRecipe(), unclear=unclear)
    assert found.problems
    assert "SECRET" not in repr(found)


def test_a_biopsy_of_one_of_two_patients_whose_ids_are_alike_leaves_no_0_to_the_other() -> None:
    """`7` may be `007` in a table that lost its zeros."""
    exams = [exam("1", "007"), exam("2", "7"), exam("3", "007", after=200), exam("4", "70")]
    found = label_exams(exams, [biopsy(patient="7")], LabelRecipe())
    assert [(one.exam, one.reason) for one in found.excluded] == [("1", Exclusion.UNCLEAR_ALIKE)]
    assert shown(found, "2") == {"left_malignant"}
    assert not shown(found, "3")
    errors = [one.place for one in found.problems if one.level == "error"]
    assert errors == ["biopsies.csv, line 2", "exam 1"]
    kept = label_exams(exams, [biopsy(patient="7")], LabelRecipe(), keep_unclear=True)
    assert not kept.excluded
    unclear = [doubt(Unclear.SIDE, patient="7")]
    found = label_exams(exams, [], LabelRecipe(), unclear=unclear)
    assert [one.exam for one in found.excluded] == ["1", "2"]


def test_an_exam_or_biopsy_of_a_day_to_come_has_a_wrong_date() -> None:
    exams = [exam("1"), exam("2", after=365_000)]
    found = label_exams(exams, [], LabelRecipe(), today=DAY)
    assert [(one.exam, one.reason) for one in found.excluded] == [("2", Exclusion.TO_COME)]
    assert found.problems[0].place == "exam 2"
    assert "to come" in found.problems[0].problem
    done, unclear = days_to_come([biopsy(0), biopsy(1)], DAY)
    assert done == [biopsy(0)]
    [wrong] = unclear
    assert (wrong.patient, wrong.date, wrong.what) == ("p", None, Unclear.DATE)
    assert not label_exams([exam()], done[:0], LabelRecipe(), unclear=unclear).labels
