"""The leak check's rules: every planted leak is found, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fourview.cohort.leaks import ImageKey, alike_patients, shared_images, split_leaks
from fourview.core.records import ExamRecord, SplitRecord

EXAMS = (("1", "ann"), ("2", "ann"), ("3", "eve"), ("4", "joy"))
CLEAN = (
    ("1", "ann", "training"),
    ("2", "ann", "training"),
    ("3", "eve", "test"),
    ("4", "joy", "validation"),
)


def exam(name: str, patient: str) -> ExamRecord:
    return ExamRecord(name=name, patient=patient, study_date=None, images=())


def lines(
    rows: Sequence[tuple[str, str, str]], exams: Sequence[tuple[str, str]] = EXAMS
) -> list[str]:
    records = [SplitRecord(exam=name, patient=who, split=split) for name, who, split in rows]
    return [leak.line() for leak in split_leaks([exam(*one) for one in exams], records)]


def test_clean_splits_have_no_leak() -> None:
    assert lines(CLEAN) == []


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (
            [CLEAN[0], ("2", "ann", "test"), *CLEAN[2:]],
            "patient in two splits: 1 (training), 2 (test)",
        ),
        # the splits' own column may be empty, or hide the patient
        (
            [CLEAN[0], ("2", "", "test"), *CLEAN[2:]],
            "patient in two splits: 1 (training), 2 (test)",
        ),
        ([*CLEAN, ("1", "ann", "test")], "exam in two splits: 1 (training), 1 (test)"),
        ([*CLEAN, CLEAN[0]], "exam listed twice: 1 (training)"),
        (CLEAN[:3], "exam in no split: 4 (in no split)"),
        ([*CLEAN, ("9", "kim", "test")], "exam in no table: 9 (test)"),
        (
            [*CLEAN[:3], ("4", "kim", "validation")],
            "patients differ: 4 (validation)",
        ),
    ],
)
def test_a_planted_leak_is_named_by_exam_and_split(
    rows: Sequence[tuple[str, str, str]], line: str
) -> None:
    found = lines(rows)
    assert line in found
    assert not any(name in text for text in found for name in ("ann", "eve", "kim"))


def test_a_patient_hidden_under_another_name_is_caught() -> None:
    """exams.csv tells that exams 1 and 2 are of one patient, whatever splits.csv says."""
    found = lines([CLEAN[0], ("2", "zoe", "test"), *CLEAN[2:]])
    assert "patient in two splits: 1 (training), 2 (test)" in found
    assert "patients differ: 2 (test)" in found


def test_exams_that_nobody_tells_a_patient_of_are_no_clean_split() -> None:
    exams = [("1", ""), ("2", "ann")]
    found = lines([("1", "", "training"), ("2", "ann", "test")], exams)
    assert found == ["patient unknown: 1 (training); whether they leak cannot be known"]
    assert lines([("1", "1", "training"), ("2", "ann", "test")], exams) == []


def test_a_patient_is_named_only_where_that_is_asked_for() -> None:
    records = [
        SplitRecord(exam=n, patient="ann", split=s) for n, s in (("1", "training"), ("2", "test"))
    ]
    (leak,) = split_leaks([exam("1", "ann"), exam("2", "ann")], records)
    assert "ann" not in repr(leak)
    assert leak.line(show_patient=True).startswith("patient in two splits [ann]: ")


def test_many_exams_of_a_leak_are_counted() -> None:
    rows = [(str(n), "ann", "training" if n else "test") for n in range(12)]
    (line,) = lines(rows, [(str(n), "ann") for n in range(12)])
    assert line.endswith("and 4 more")


def test_images_in_two_splits_are_leaks_and_those_in_one_are_not() -> None:
    split_of = {"1": "training", "2": "training", "3": "test"}
    images = [
        *(ImageKey("1", "L-CC", "a"), ImageKey("2", "L-CC", "a"), ImageKey("3", "L-CC", "b")),
        *(ImageKey("1", "R-CC", "c"), ImageKey("3", "R-CC", "c"), ImageKey("1", "L-CC", "a")),
    ]
    found = shared_images(images, split_of, "same pixels")
    assert found.within == (("1", "2"),)
    assert [leak.line() for leak in found.leaks] == [
        "same pixels: 1 (training), 3 (test); 1 R-CC, 3 R-CC"
    ]


def test_mirrored_copies_are_called_so() -> None:
    images = [ImageKey("1", "L-CC", "a"), ImageKey("3", "R-CC", "a", mirrored=True)]
    found = shared_images(images, {"1": "training", "3": "test"}, "same pixels")
    assert [leak.kind for leak in found.leaks] == ["mirrored pixels"]


def test_patients_that_a_spreadsheet_has_made_two_are_evidence() -> None:
    exams = [exam("1", "007"), exam("2", "7"), exam("3", "7"), exam("4", "P 8"), exam("5", "p8")]
    splits = {"1": "test", "2": "training", "3": "training", "4": "test", "5": "test"}
    records = [SplitRecord(exam=e.name, patient=e.patient, split=splits[e.name]) for e in exams]
    assert split_leaks(exams, records) == ()
    (found,) = alike_patients(exams, records)
    assert found.line() == "patients' IDs alike: 1 (test), 2 (training), 3 (training)"
    sure = [replace(records[2], split="validation")]
    assert [one.exams for one in alike_patients(exams[1:3], [records[1], *sure])] == []
