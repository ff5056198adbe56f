"""The tables of a population."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from fourview.core.views import Laterality
from fourview.phantom.plan import Biopsy, ExtraImage, FindingClass, Population
from fourview.phantom.population import plan_population
from fourview.phantom.records import (
    BIOPSY_COLUMNS,
    EXAM_COLUMNS,
    FINDING_COLUMNS,
    LABEL_COLUMNS,
    biopsy_rows,
    exam_rows,
    finding_rows,
    label_rows,
    malignant_breasts,
    planned_images,
)


@pytest.fixture(scope="module")
def population() -> Population:
    return plan_population(3000, seed=4, enrich=0.3)


def labels_with(*biopsies: tuple[int, Laterality, FindingClass]) -> dict[str, object]:
    """The labels of one exam with biopsies so many days after it."""
    exam = replace(plan_population(1, seed=0).exams[0], study_date=date(2015, 6, 1), birads=2)
    taken = tuple(
        Biopsy(exam.patient, exam.study_date + timedelta(days=days), side, result)
        for days, side, result in biopsies
    )
    (row,) = label_rows(Population((exam,), taken))
    return row


@pytest.mark.parametrize(
    ("days", "counts"), [(-1, 0), (0, 1), (1, 1), (120, 1), (121, 0), (400, 0), (-300, 0)]
)
def test_a_biopsy_counts_from_the_exams_day_to_120_days_after(days: int, counts: int) -> None:
    """Data: 'within 120 days of the screening mammogram'."""
    row = labels_with((days, Laterality.LEFT, FindingClass.MALIGNANT))
    assert row["left_malignant"] == counts
    assert row["biopsied"] == counts
    assert row["right_malignant"] == row["left_benign"] == row["right_benign"] == 0
    assert row["birads"] == 2


def test_a_breast_with_both_is_both() -> None:
    row = labels_with(
        (10, Laterality.RIGHT, FindingClass.MALIGNANT), (40, Laterality.RIGHT, FindingClass.BENIGN)
    )
    assert [row[c] for c in LABEL_COLUMNS[1:5]] == [0, 1, 0, 1]


def test_high_risk_benign_is_benign() -> None:
    row = labels_with((3, Laterality.LEFT, FindingClass.HIGH_RISK))
    assert [row[c] for c in LABEL_COLUMNS[1:5]] == [1, 0, 0, 0]


def test_another_patients_biopsy_is_no_label() -> None:
    first, *_, last = plan_population(5, seed=0).exams
    biopsy = Biopsy(last.patient, first.study_date, Laterality.LEFT, FindingClass.MALIGNANT)
    assert label_rows(Population((first,), (biopsy,)))[0]["biopsied"] == 0


def test_labels_are_those_of_the_findings_marked_as_biopsied(population: Population) -> None:
    for exam, row in zip(population.exams, label_rows(population), strict=True):
        assert tuple(row) == LABEL_COLUMNS
        biopsied = [f for f in exam.findings if f.biopsied]
        assert row["biopsied"] == bool(biopsied)
        for side in Laterality:
            kinds = {f.kind for f in biopsied if f.laterality is side}
            word = side.name.lower()
            assert row[f"{word}_malignant"] == (FindingClass.MALIGNANT in kinds)
            assert row[f"{word}_benign"] == bool(kinds - {FindingClass.MALIGNANT})


def test_biopsies_lie_on_both_sides_of_the_rule(population: Population) -> None:
    dates = {e.patient: [] for e in population.exams}
    for exam in population.exams:
        dates[exam.patient].append(exam.study_date)
    within = late = before = 0
    days_within, days_late = set(), set()
    for biopsy in population.biopsies:
        gaps = [(biopsy.date - day).days for day in dates[biopsy.patient]]
        if matched := [gap for gap in gaps if 0 <= gap <= 120]:
            within += 1
            days_within.add(matched[0])
        if not matched and (gaps_late := [gap for gap in gaps if 120 < gap <= 400]):
            late += 1
            days_late.update(gaps_late)
        before += all(gap < 0 for gap in gaps)
    assert late > 0.05 * within
    assert before > 10
    assert {0, 1, 120} <= days_within
    assert 121 in days_late


def test_biopsy_rows_are_the_tables(population: Population) -> None:
    rows = biopsy_rows(population.biopsies)
    assert {tuple(row) for row in rows} == {BIOPSY_COLUMNS}
    assert {row["result"] for row in rows} == {"malignant", "benign", "high_risk_benign"}
    assert {row["laterality"] for row in rows} == {"L", "R"}
    date.fromisoformat(str(rows[0]["date"]))


def test_an_exam_has_a_row_for_each_image(population: Population) -> None:
    exam = replace(
        population.exams[0],
        extra=(ExtraImage("L-CC"), ExtraImage("R-XCCL"), ExtraImage("L-CC")),
    )
    rows = exam_rows(
        [exam],
        path=lambda e, image: f"{e.name}/{image.name}.png",
        shape=lambda _, image: (200, 100) if "CC" in image.view else (220, 100),
        scale=0.5,
    )
    assert {tuple(row) for row in rows} == {EXAM_COLUMNS}
    assert [row["view"] for row in rows] == [
        *("L-CC", "R-CC", "L-MLO", "R-MLO", "L-CC", "R-XCCL", "L-CC")
    ]
    assert [row["path"] for row in rows][4:] == [
        f"{exam.name}/{name}.png" for name in ("L-CC-2", "R-XCCL", "L-CC-3")
    ]
    assert [row["status"] for row in rows] == [*["ok"] * 5, "set aside", "ok"]
    assert rows[2]["rows"] == 220
    assert rows[0]["pixel_spacing_mm"] == 2 * exam.vendor.pixel_mm
    assert all(row["synthetic"] == 1 for row in rows)
    assert len({image.name for image in planned_images(exam)}) == 7


def test_findings_have_a_row_for_each_image_and_occult_ones_no_mask(population: Population) -> None:
    rows = finding_rows(population.exams, mask=lambda e, image: f"{e.name}/{image.name}.png")
    assert {tuple(row) for row in rows} == {FINDING_COLUMNS}
    assert all((row["mask"] == "") == bool(row["occult"]) for row in rows)
    views = Counter((row["exam"], row["finding"]) for row in rows)
    assert min(views.values()) == 2  # CC and MLO at least, and no other side's
    marked = {(row["exam"], row["finding"]) for row in rows}
    for exam in population.exams:
        for finding in exam.findings:
            assert ((exam.name, finding.name) in marked) == finding.biopsied


def test_no_row_of_a_finding_is_of_the_other_breast(population: Population) -> None:
    sides = {
        (exam.name, f.name): f.laterality.value for exam in population.exams for f in exam.findings
    }
    for row in finding_rows(population.exams, mask=lambda *_: "m"):
        assert str(row["view"]).startswith(sides[str(row["exam"]), str(row["finding"])])


def test_assessments_are_as_noisy_as_radiologists() -> None:
    """Lehman et al. 2017: recall 11.6 %, sensitivity 86.9 %, specificity 88.9 %."""
    screening = plan_population(6000, seed=6)
    recalled = np.array([exam.birads == 0 for exam in screening.exams])
    assert recalled.mean() == pytest.approx(0.116, abs=0.015)
    enriched = plan_population(2000, seed=6, enrich=0.9)
    malignant = malignant_breasts(enriched)
    cancers = [
        exam.birads == 0
        for exam in enriched.exams
        if any(malignant[exam.name, side] for side in Laterality)
    ]
    assert np.mean(cancers) == pytest.approx(0.86, abs=0.05)
    given = Counter(exam.birads for exam in screening.exams)
    assert set(given) == {0, 1, 2}
    assert given[1] > given[2] > given[0]


def test_an_assessment_is_not_told_the_label() -> None:
    """Cancers that are occult are recalled no more often than women without a finding."""
    enriched = plan_population(4000, seed=8, enrich=0.8)
    unseen = [e for e in enriched.exams if e.findings and all(f.occult for f in e.findings)]
    nothing = [e for e in enriched.exams if not e.findings]
    recalled = [np.mean([e.birads == 0 for e in exams]) for exams in (unseen, nothing)]
    assert recalled[0] == pytest.approx(recalled[1], abs=0.05)
