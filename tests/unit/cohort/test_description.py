"""A data set's tables in numbers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from fourview.cohort.description import Tables, described, sampled
from fourview.cohort.exams import exams_of
from fourview.core.description import Description, Tally
from fourview.core.records import (
    ExamLabels,
    ExamRecord,
    FindingRecord,
    ImageRecord,
    Pathology,
    Problem,
)
from fourview.core.views import Label, View


def image(exam: str, view: View | None = View.L_CC, **values: Any) -> ImageRecord:
    return ImageRecord(exam=exam, path=f"{exam}.png", view=view, **{"patient": exam, **values})


def description(images: Sequence[ImageRecord], **more: Any) -> Description:
    return described(Tables(name="exams.csv", images=images, exams=exams_of(images).exams, **more))


def tally(found: Description, key: str) -> Tally:
    (one,) = [tally for tally in found.tallies if tally.key == key]
    return one


def counts(found: Description, key: str) -> dict[str, int]:
    return {one.name: one.n for one in tally(found, key).counts if one.n}


def test_each_column_is_counted_and_what_is_not_told_is_said_so() -> None:
    found = description(
        [
            image("1", age=39.5, density="a", manufacturer="A", rows=10, columns=5),
            image("2", age=40.0, density="d", manufacturer="A", pixel_spacing_mm=(0.07, 0.07)),
            image("3", age=95.0, pixel_spacing_mm=(0.1, 0.2)),
            image("4"),
        ]
    )
    assert counts(found, "age") == {"under 40": 1, "40 to 49": 1, "80 and over": 1, "not told": 1}
    assert counts(found, "density") == {"a": 1, "d": 1, "not told": 2}
    assert counts(found, "manufacturer") == {"A": 2, "not told": 2}
    assert counts(found, "size") == {"10 × 5": 1, "not told": 3}
    assert counts(found, "spacing") == {"0.07 mm": 1, "0.1 × 0.2 mm": 1, "not told": 2}


def test_missing_and_repeated_views_are_told_of_exams() -> None:
    found = description(
        [
            *(image("1", view) for view in View),
            *(image("2", view) for view in (View.L_CC, View.R_CC, View.L_CC)),
            image("3", None),
        ]
    )
    assert counts(found, "missing_views") == {
        "all four views": 1,
        "without L-MLO, R-MLO": 1,
        "without L-CC, R-CC, L-MLO, R-MLO": 1,
    }
    assert counts(found, "repeats") == {"at most one": 2, "more than one": 1}
    assert counts(found, "view") == {"L-CC": 3, "R-CC": 2, "L-MLO": 1, "R-MLO": 1, "not told": 1}


def test_images_that_are_not_used_are_told_with_their_reasons() -> None:
    found = description(
        [
            image("1"),
            image("1", status="set aside", reason="a magnification"),
            image("2", status="refused"),
        ],
        problems=[Problem("exams.csv, line 9", "age is 'old'")],
    )
    assert (found.images, found.used, found.whole.exams) == (3, 1, 1)
    assert counts(found, "left_out") == {
        "set aside: a magnification": 1,
        "refused: no reason told": 1,
    }
    assert found.problems == ("exams.csv, line 9: age is 'old'",)


def test_breasts_are_counted_by_what_was_found_in_them_and_by_split() -> None:
    def labels(exam: str, *found: Label) -> ExamLabels:
        return ExamLabels(exam=exam, values={label: label in found for label in Label}, birads=0)

    found = description(
        [image("1"), image("2"), image("3")],
        labels={
            "1": labels("1", Label.LEFT_MALIGNANT, Label.LEFT_BENIGN, Label.RIGHT_BENIGN),
            "2": labels("2", Label.RIGHT_MALIGNANT),
        },
        split_of={"1": "training", "2": "test"},
    )
    assert counts(found, "breasts") == {
        **{"malignant only": 1, "malignant and benign": 1, "benign only": 1},
        "neither": 1,
    }
    by_split = {one.name: one.by_split for one in tally(found, "breasts").counts}
    assert by_split["malignant only"] == {"test": 1}
    assert by_split["benign only"] == {"training": 1}
    assert counts(found, "biopsied") == {"no labels": 1, "not biopsied": 2}
    assert found.splits == ("training", "test", "in no split")
    assert tally(found, "biopsied").total_of("in no split") == 1
    assert "test: no benign breast; no AUC can be computed there" in found.warnings


def test_a_finding_is_counted_once_and_its_marks_for_each_image() -> None:
    def finding(view: View, **values: Any) -> FindingRecord:
        return FindingRecord(
            exam="1", view=view, finding="F1", pathology=Pathology.HIGH_RISK, **values
        )

    shown = [
        finding(View.L_CC, occult=True),
        finding(View.L_MLO, mask="m.png"),
        finding(View.L_MLO),
    ]
    found = description([image("1")], findings=shown)
    assert counts(found, "finding_class") == {"high-risk-benign": 1}
    assert counts(found, "finding_shown") == {"marked": 1, "occult": 1, "place not known": 1}


def test_many_different_values_are_summed_up_in_one_row() -> None:
    found = description([image(str(n), rows=100 + n // 2 * 2, columns=9) for n in range(50)])
    rows = tally(found, "size").counts
    assert len(rows) == 15
    assert (rows[-1].name, rows[-1].n) == ("11 others", 22)
    assert tally(found, "size").total == 50


def exam(name: str, manufacturer: str) -> ExamRecord:
    return ExamRecord(name=name, patient="", study_date=None, images=(), manufacturer=manufacturer)


def test_a_sample_has_every_manufacturer_whatever_the_order_of_rows() -> None:
    exams = [exam(f"common{n}", "A") for n in range(100)] + [exam("rare", "B"), exam("none", "")]
    chosen = sampled(exams, 6)
    assert len(chosen) == 6
    assert {one.manufacturer for one in chosen} == {"A", "B", ""}
    random.Random(3).shuffle(exams)
    assert sampled(exams, 6) == chosen
    assert sampled(exams, 6, seed=1) != chosen
    assert len(sampled(exams, 1000)) == 102
    assert sampled(exams, 0) == ()
