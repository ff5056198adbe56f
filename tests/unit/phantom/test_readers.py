"""Simulated readers, on sets composed as the paper's."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fourview.core.views import Laterality
from fourview.phantom.accuracy import areas_under_curve, mean_rank_correlation
from fourview.phantom.assessment import evidence
from fourview.phantom.plan import FindingClass, FindingType, Population
from fourview.phantom.population import plan_population
from fourview.phantom.reader_set import DIFFICULTY, paper_reader_set
from fourview.phantom.readers import (
    paper_reader_study,
    population_evidence,
    reader_columns,
    reader_rows,
    simulate_readers,
)
from fourview.phantom.records import label_rows, malignant_breasts

SEEDS = range(10)


@cache
def reader_study(seed: int) -> tuple[Population, np.ndarray]:
    return paper_reader_study(seed)


def reader_set(seed: int) -> Population:
    return reader_study(seed)[0]


def study(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities of 14 readers as good as the paper's, and the labels."""
    population, said = reader_study(seed)
    return said, np.array(list(malignant_breasts(population).values()))


@cache
def panel(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities of any 14 readers, and the labels."""
    population = reader_set(seed)
    said = simulate_readers(population_evidence(population), seed=seed)
    return said, np.array(list(malignant_breasts(population).values()))


def test_the_set_is_composed_as_the_papers() -> None:
    """Reader study: 720 exams, 62 malignant and 356 benign breasts, 368 exams biopsied."""
    population = reader_set(0)
    rows = label_rows(population)
    assert len(rows) == len({exam.patient for exam in population.exams}) == 720
    counts = {c: sum(int(row[c]) for row in rows) for c in list(rows[0])[1:6]}
    assert counts["left_malignant"] + counts["right_malignant"] == 62
    assert counts["left_benign"] + counts["right_benign"] == 356
    assert counts["biopsied"] == 368


def test_the_sets_findings_are_of_the_papers_types() -> None:
    """Reader study: 21, 26, 12, 4 and 87, 102, 36, 6; the other benign breasts are occult."""
    visible: dict[bool, Counter[FindingType]] = {True: Counter(), False: Counter()}
    occult = Counter[FindingClass]()
    for exam in reader_set(1).exams:
        for finding in exam.findings:
            if finding.biopsied and finding.occult:
                occult[finding.kind] += 1
            elif finding.biopsied:
                visible[finding.kind is FindingClass.MALIGNANT][finding.type] += 1
    types = [FindingType(t) for t in ("mass", "calcification", "asymmetry", "distortion")]
    assert [visible[True][t] for t in types] == [21, 26, 12, 4]
    assert [visible[False][t] for t in types] == [87, 102, 36, 6]
    assert occult[FindingClass.MALIGNANT] == 0
    assert sum(occult.values()) == 125


def test_the_set_is_as_hard_as_any_other() -> None:
    for seed in range(3):
        malignant = np.array(list(malignant_breasts(reader_set(seed)).values()))
        seen = population_evidence(reader_set(seed))[:, None]
        assert areas_under_curve(seen, malignant)[0] == pytest.approx(DIFFICULTY, abs=0.003)


def test_the_same_seed_gives_the_same_set_and_readers() -> None:
    assert paper_reader_set(2) == reader_set(2)
    assert paper_reader_set(3) != reader_set(2)
    seen = population_evidence(reader_set(2))
    np.testing.assert_array_equal(simulate_readers(seen, seed=2), panel(2)[0])
    assert (simulate_readers(seen, seed=3) != panel(2)[0]).any()


def test_evidence_is_of_what_is_drawn_and_not_of_what_it_is() -> None:
    """The same finding, malignant or benign, is as much evidence; an occult one is none."""
    exam = next(
        e
        for e in plan_population(500, seed=0, enrich=0.9).exams
        if len(e.findings) == 1 and not e.findings[0].occult
    )
    (finding,) = exam.findings
    side = finding.laterality
    other = Laterality.RIGHT if side is Laterality.LEFT else Laterality.LEFT
    seen = evidence(exam, side)
    assert seen > 0
    assert evidence(exam, other) == 0
    for kind in FindingClass:
        for biopsied in (True, False):
            as_if = replace(finding, kind=kind, biopsied=biopsied)
            assert evidence(replace(exam, findings=(as_if,)), side) == seen
    assert evidence(replace(exam, findings=(replace(finding, occult=True),)), side) == 0
    fainter = replace(finding, contrast=finding.contrast / 2)
    assert evidence(replace(exam, findings=(fainter,)), side) < seen
    assert evidence(replace(exam, findings=(finding, fainter)), side) == seen
    rounder = replace(finding, irregularity=finding.irregularity / 2)
    assert evidence(replace(exam, findings=(rounder,)), side) < seen


def test_dense_breasts_hide_findings() -> None:
    exam = next(e for e in plan_population(500, seed=0, enrich=0.9).exams if e.findings)
    finding = replace(exam.findings[0], occult=False, type=FindingType.MASS)
    seen = [
        evidence(replace(exam, density=letter, findings=(finding,)), finding.laterality)
        for letter in "abcd"
    ]
    assert seen == sorted(seen, reverse=True)


def test_probabilities_are_probabilities_and_mostly_0() -> None:
    """Of the paper's readers' probabilities 76 % are 0, and each of its readers gave 66 to 89 %."""
    said, _ = panel(0)
    assert said.shape == (1440, 14)
    assert said.min() == 0
    assert 0.85 < said.max() <= 1
    assert 0.7 < (said == 0).mean() < 0.9


def test_readers_do_not_see_the_label() -> None:
    """Nothing but evidence goes in: with all cancers called benign, every score stays."""
    population = reader_set(4)
    relabelled = Population(
        tuple(
            replace(
                exam,
                findings=tuple(replace(f, kind=FindingClass.BENIGN) for f in exam.findings),
            )
            for exam in population.exams
        ),
        (),
    )
    said = simulate_readers(population_evidence(relabelled), seed=4)
    np.testing.assert_array_equal(said, panel(4)[0])


def test_readers_see_nothing_in_breasts_without_evidence() -> None:
    """Among breasts without anything visible, occult benign ones are scored as the others."""
    population = reader_set(5)
    said, _ = panel(5)
    benign = np.array(
        [row[f"{side}_benign"] for row in label_rows(population) for side in ("left", "right")]
    )
    nothing = population_evidence(population) == 0
    means = [said[nothing & (benign == label)].mean() for label in (0, 1)]
    assert means[0] == pytest.approx(means[1], abs=0.015)


@pytest.mark.parametrize("seed", SEEDS)
def test_readers_are_as_good_as_the_papers(seed: int) -> None:
    """Reader study: AUCs from 0.705 to 0.860, mean 0.778; here each within 0.02."""
    of_readers = areas_under_curve(*study(seed))
    assert len(of_readers) == 14
    assert of_readers.mean() == pytest.approx(0.78, abs=0.02)
    assert of_readers.min() == pytest.approx(0.70, abs=0.02)
    assert of_readers.max() == pytest.approx(0.86, abs=0.02)


def test_any_panel_is_about_as_good() -> None:
    """Without choosing among panels: the mean of each seed's, and the ends on average."""
    areas = np.array([areas_under_curve(*panel(seed)) for seed in SEEDS])
    assert np.abs(areas.mean(axis=1) - 0.78).max() < 0.025
    assert areas.min(axis=1).mean() == pytest.approx(0.70, abs=0.02)
    assert areas.max(axis=1).mean() == pytest.approx(0.86, abs=0.02)


def test_readers_agree_as_much_as_the_papers(shared_data: Path) -> None:
    """The mean Spearman correlation of the public table is 0.414; here within 0.1 of it."""
    with (shared_data / "data" / "reader_study.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    names = [f"Reader{number:02d}_POM" for number in range(1, 15)]
    papers = mean_rank_correlation(
        np.array([[float(row[name]) for name in names] for row in table])
    )
    assert papers == pytest.approx(0.414, abs=0.001)
    for seed in SEEDS:
        for said in (panel(seed)[0], study(seed)[0]):
            assert mean_rank_correlation(said) == pytest.approx(papers, abs=0.1)


@pytest.mark.parametrize(("n_breasts", "n_readers"), [(1, 1), (3, 5), (40, 14), (0, 3)])
def test_any_number_of_breasts_and_readers(n_breasts: int, n_readers: int) -> None:
    said = simulate_readers(np.linspace(0, 2, n_breasts), n_readers=n_readers, seed=0)
    assert said.shape == (n_breasts, n_readers)
    assert ((said >= 0) & (said <= 1)).all()


def test_more_evidence_more_suspicion() -> None:
    said = simulate_readers(np.repeat([0.0, 0.1, 0.3, 1.0], 200), seed=0)
    means = said.reshape(4, -1).mean(axis=1)
    assert (np.diff(means) > 0.02).all()


def test_rows_are_those_of_the_public_table() -> None:
    population = reader_set(0)
    said, malignant = panel(0)
    rows = reader_rows(population, said)
    columns = ["case_ID", "side", "label", *(f"Reader{n:02d}_POM" for n in range(1, 15))]
    assert list(reader_columns(14)) == columns
    assert [list(row) for row in rows[:2]] == [columns, columns]
    assert len(rows) == 1440
    assert [row["side"] for row in rows] == ["L"] * 720 + ["R"] * 720
    assert sum(float(row["label"]) for row in rows) == 62
    assert rows[721]["case_ID"] == population.exams[1].name
    assert rows[721]["Reader02_POM"] == said[3, 1]
    assert rows[721]["label"] == float(malignant[3])
