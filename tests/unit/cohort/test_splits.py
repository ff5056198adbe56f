"""Splits by patient."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

import pytest

from fourview.cohort.split_summary import summaries
from fourview.cohort.splits import draw, patient_is_exam, split_exams
from fourview.core.data_recipe import DataRecipe, SplitRecipe
from fourview.core.errors import RecipeError, TableError
from fourview.core.records import SPLITS, ExamLabels, ExamRecord, SplitRecord
from fourview.core.views import Label

DRAWN = 0.22768466655485065
HALF = SplitRecipe(training=0.5, validation=0.25, test=0.25)


def exam(name: str, patient: str = "", day: date | None = None) -> ExamRecord:
    return ExamRecord(name=name, patient=patient, study_date=day, images=(), place=f"line {name}")


def labels(name: str, *found: Label, biopsied: bool = False) -> ExamLabels:
    values = {label: label in found for label in Label}
    return ExamLabels(exam=name, values=values, biopsied=biopsied or bool(found))


@cache
def population(n: int = 2000) -> tuple[tuple[ExamRecord, ...], dict[str, ExamLabels]]:
    """As rare as in screening: of the exams 0.5 % malignant, 2.4 % benign."""
    rng = random.Random(7)
    exams, known = [], {}
    for number in range(n):
        start = date(2010, 1, 1) + timedelta(days=rng.randrange(2000))
        for visit in range(rng.choice([1, 1, 2, 3, 5])):
            name = f"{number}-{visit}"
            exams.append(exam(name, f"p{number}", start + timedelta(days=400 * visit)))
            chance = rng.random()
            found = [Label.LEFT_MALIGNANT] if chance < 0.005 else []
            found += [Label.RIGHT_BENIGN] if 0.003 < chance < 0.03 else []
            known[name] = labels(name, *found, biopsied=chance < 0.035)
    return tuple(exams), known


def split_of(records: Iterable[SplitRecord]) -> dict[str, str]:
    return {record.exam: record.split for record in records}


def patients_by_split(records: Iterable[SplitRecord]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        found.setdefault(record.split, set()).add(record.patient)
    return found


@pytest.mark.parametrize("by", ["random", "time"])
def test_no_patient_is_in_two_splits_and_every_exam_is_in_one(by: str) -> None:
    exams, known = population()
    records = split_exams(exams, known, SplitRecipe(by=by)).records
    assert sorted(record.exam for record in records) == sorted(one.name for one in exams)
    found = patients_by_split(records)
    assert set(found) == set(SPLITS)
    assert sum(map(len, found.values())) == len(set.union(*found.values()))


def test_each_split_has_its_part_of_exams_malignant_and_benign_breasts() -> None:
    exams, known = population()
    recipe = SplitRecipe()
    for seed in range(3):
        records = split_exams(exams, known, recipe, seed=seed).records
        *parts, whole = summaries(exams, split_of(records), known)
        assert [one.split for one in parts] == list(SPLITS)
        for one in parts:
            part = getattr(recipe, one.split)
            # validation and test are off by half a patient, and training by what both are off
            assert abs(one.malignant - part * whole.malignant) <= 2
            assert abs(one.benign - part * whole.benign) <= 2
            assert abs(one.exams - part * whole.exams) <= 5
            assert abs(one.biopsied - part * whole.biopsied) < 0.03 * whole.biopsied


def test_the_paper_s_parts_are_its_numbers_of_exams() -> None:
    exams = [exam(f"e{number}", f"p{number}") for number in range(2294)]
    records = split_exams(exams, {}, SplitRecipe()).records
    found = {name: len(own) for name, own in patients_by_split(records).items()}
    assert found == {"training": 1868, "validation": 285, "test": 141}


def test_the_order_of_rows_does_not_matter() -> None:
    exams, known = population()
    shuffled = list(exams)
    random.Random(1).shuffle(shuffled)
    assert split_exams(shuffled, known, SplitRecipe()) == split_exams(exams, known, SplitRecipe())


def test_another_seed_gives_another_split() -> None:
    exams, known = population()
    first, second = (split_exams(exams, known, SplitRecipe(), seed=seed) for seed in (0, 1))
    assert first != second


def test_a_patient_more_moves_only_those_beside_a_cut() -> None:
    exams, known = population()
    before = split_of(split_exams(exams, known, SplitRecipe()).records)
    for number in range(10):
        more = (*exams, exam(f"new{number}", f"q{number}"))
        after = split_of(split_exams(more, known, SplitRecipe()).records)
        moved = {name.split("-")[0] for name in before if before[name] != after[name]}
        assert len(moved) <= 4


def test_time_puts_the_latest_patients_into_the_test_set() -> None:
    exams, known = population()
    found = split_exams(exams, known, SplitRecipe(by="time"))
    splits = split_of(found.records)
    last: dict[str, date] = {}
    for one in exams:
        assert one.study_date
        last[one.patient] = max(one.study_date, last.get(one.patient, one.study_date))
    dates: dict[str, list[date]] = {name: [] for name in SPLITS}
    for one in exams:
        dates[splits[one.name]].append(last[one.patient])
    assert max(dates["training"]) <= min(dates["validation"])
    assert max(dates["validation"]) <= min(dates["test"])
    cut = min(dates["test"])
    earlier = sum(splits[e.name] == "test" and e.study_date < cut for e in exams if e.study_date)
    assert found.notes[0].startswith(f"test: patients whose last exam is of {cut} or later")
    assert f"; {earlier} of their " in found.notes[0]


def test_every_split_has_a_patient_even_where_its_part_is_less_than_one() -> None:
    days = [exam(f"e{n}", f"p{n}", date(2020, 1, 1 + n)) for n in range(3)]
    for by in ("random", "time"):
        records = split_exams(days, {}, SplitRecipe(by=by)).records
        assert patients_by_split(records).keys() == set(SPLITS)
    assert split_of(records) == {"e0": "training", "e1": "validation", "e2": "test"}


def test_a_split_of_no_part_has_no_exam() -> None:
    exams, known = population()
    recipe = SplitRecipe(training=0.0, validation=0.4, test=0.6)
    found = patients_by_split(split_exams(exams, known, recipe).records)
    assert found.keys() == {"validation", "test"}


@pytest.mark.parametrize(
    ("exams", "by", "said", "hint"),
    [
        (
            [exam("1", "a"), exam("2"), exam("3")],
            "random",
            "line 2: no patient .2 exams of 3",
            "-is-",
        ),
        ([exam("1", "a"), exam("2", "b")], "random", "2 patients for 3 splits", "split.test=0"),
        ([exam(c, c) for c in "abc"], "time", "line a: no study_date", "--by random"),
    ],
)
def test_what_cannot_be_split_is_refused(
    exams: Sequence[ExamRecord], by: str, said: str, hint: str
) -> None:
    with pytest.raises(TableError, match=said) as caught:
        split_exams(exams, {}, SplitRecipe(by=by))
    assert hint in caught.value.hint


def test_exams_without_a_patient_may_be_taken_for_patients() -> None:
    exams = patient_is_exam([exam("1", "a"), exam("2"), exam("3"), exam("4", "a")])
    records = split_exams(exams, {}, HALF).records
    assert {record.exam: record.patient for record in records} == {
        **{"1": "a", "4": "a"},
        **{"2": "2", "3": "3"},
    }


def test_parts_must_sum_to_one() -> None:
    with pytest.raises(RecipeError, match="must be parts that sum to 1"):
        DataRecipe(split=SplitRecipe(training=0.9))


def test_draws_are_the_same_on_every_machine() -> None:
    assert draw(0, "split", "p1") == pytest.approx(DRAWN, abs=0)
    assert draw(1, "split", "p1") != draw(0, "split", "p1")


def test_a_summary_counts_breasts_and_not_exams() -> None:
    exams = [exam("1", "a", date(2020, 1, 1)), exam("2", "a", date(2021, 1, 1)), exam("3", "b")]
    known = {
        "1": labels("1", Label.LEFT_MALIGNANT, Label.RIGHT_MALIGNANT, Label.RIGHT_BENIGN),
        "2": labels("2", biopsied=True),
    }
    test, none, whole = summaries(exams, {"1": "test"}, known)
    assert (none.split, none.exams) == ("in no split", 2)
    assert (test.exams, test.patients, test.malignant, test.benign, test.both) == (1, 1, 2, 1, 1)
    assert (whole.exams, whole.patients, whole.labelled, whole.biopsied) == (3, 2, 2, 2)
    assert (whole.first_date, whole.last_date) == (date(2020, 1, 1), date(2021, 1, 1))
