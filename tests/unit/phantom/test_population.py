"""The population's proportions, at 20,000 exams and a fixed seed; bounds of four binomial sd."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from fourview.core.views import Laterality
from fourview.phantom.disease import draw_place
from fourview.phantom.patients import density, density_shares, fibroglandular
from fourview.phantom.plan import Breast, ExamPlan, FindingClass, FindingType, Population
from fourview.phantom.population import plan_population
from fourview.phantom.risk import RiskModel, benign_risk, cancer_risk

N = 20_000


@pytest.fixture(scope="module")
def screening() -> Population:
    return plan_population(N, seed=1)


@pytest.fixture(scope="module")
def enriched() -> Population:
    return plan_population(4000, seed=2, enrich=0.5)


def biopsied(exam: ExamPlan) -> bool:
    return any(finding.biopsied for finding in exam.findings)


def breasts_with(exams: list[ExamPlan], *, malignant: bool) -> set[tuple[str, Laterality]]:
    return {
        (exam.name, finding.laterality)
        for exam in exams
        for finding in exam.findings
        if finding.biopsied and (finding.kind is FindingClass.MALIGNANT) == malignant
    }


def near(found: int, of: int, share: float) -> bool:
    return abs(found - of * share) <= 4 * sqrt(of * share * (1 - share))


def test_as_many_exams_are_biopsied_as_in_the_paper(screening: Population) -> None:
    """Data: 5,832 of 229,426 exams."""
    assert near(sum(map(biopsied, screening.exams)), N, 5832 / 229_426)


def test_enriched_sets_have_the_wanted_part_biopsied(enriched: Population) -> None:
    assert near(sum(map(biopsied, enriched.exams)), 4000, 0.5)
    assert all(map(biopsied, plan_population(50, seed=0, enrich=1).exams))


def test_more_biopsied_breasts_may_hold_a_cancer() -> None:
    exams = [
        exam
        for exam in plan_population(3000, seed=2, enrich=0.5, cancers=0.4).exams
        if biopsied(exam)
    ]
    assert near(len(exams), 3000, 0.5)
    malignant = breasts_with(exams, malignant=True)
    breasts = malignant | breasts_with(exams, malignant=False)
    assert near(len(malignant), len(breasts), 0.4)
    with pytest.raises(ValueError, match="cancers is 1"):
        plan_population(1, seed=0, cancers=1)


def test_biopsied_breasts_show_what_they_show_in_the_paper(enriched: Population) -> None:
    """Data: 8.4 % malignant, 47.6 % benign, 2.0 % both, these counted in each."""
    exams = [exam for exam in enriched.exams if biopsied(exam)]
    malignant = breasts_with(exams, malignant=True)
    benign = breasts_with(exams, malignant=False)
    assert near(len(malignant), 2 * len(exams), 985 / 11_664)
    assert near(len(benign), 2 * len(exams), 5556 / 11_664)
    assert near(len(malignant & benign), 2 * len(exams), 234 / 11_664)


def test_a_third_of_biopsied_exams_is_occult_and_few_cancers(enriched: Population) -> None:
    """Data: 32.8 % of exams; a tenth of malignant breasts at most."""
    exams = [exam for exam in enriched.exams if biopsied(exam)]
    occult = [e for e in exams if all(f.occult for f in e.findings if f.biopsied)]
    assert near(len(occult), len(exams), 0.328)
    cancers = [f for e in exams for f in e.findings if f.biopsied and f.kind.name == "MALIGNANT"]
    assert 0 < np.mean([cancer.occult for cancer in cancers]) <= 0.1


@pytest.mark.parametrize(
    ("malignant", "counts"), [(True, (21, 26, 12, 4)), (False, (87, 102, 36, 6))]
)
def test_types_are_as_in_the_reader_set(
    enriched: Population, malignant: bool, counts: tuple[int, ...]
) -> None:
    found = [
        finding.type
        for exam in enriched.exams
        for finding in exam.findings
        if finding.biopsied and (finding.kind is FindingClass.MALIGNANT) == malignant
    ]
    types = ("mass", "calcification", "asymmetry", "distortion")
    for type_, count in zip(types, counts, strict=True):
        assert near(found.count(FindingType(type_)), len(found), count / sum(counts)), type_


def test_some_benign_findings_are_high_risk(enriched: Population) -> None:
    kinds = [f.kind for e in enriched.exams for f in e.findings if f.biopsied]
    high, benign = kinds.count(FindingClass.HIGH_RISK), kinds.count(FindingClass.BENIGN)
    assert near(high, high + benign, 0.08)


def test_visible_is_not_biopsied(screening: Population) -> None:
    """A network that finds every finding has not found the biopsied ones."""
    negative = [exam for exam in screening.exams if not biopsied(exam)]
    assert 0.15 < np.mean([any(not f.occult for f in e.findings) for e in negative]) < 0.35


def test_malignant_and_benign_overlap(enriched: Population) -> None:
    """Each property alone tells something, and none tells them apart."""
    exams = [exam for exam in enriched.exams if biopsied(exam)]
    for name in ("contrast", "irregularity", "size_mm"):
        values: dict[bool, list[float]] = defaultdict(list)
        for exam in exams:
            for finding in exam.findings:
                if finding.biopsied and not finding.occult:
                    malignant = finding.kind is FindingClass.MALIGNANT
                    values[malignant].append(getattr(finding, name))
        low, high = np.quantile(values[True], [0.1, 0.9])
        between = np.mean([low < value < high for value in values[False]])
        assert np.mean(values[True]) > np.mean(values[False])
        assert between > 0.3, name


def test_findings_in_dense_breasts_are_fainter(enriched: Population) -> None:
    masses = defaultdict(list)
    for exam in enriched.exams:
        for finding in exam.findings:
            if finding.type is FindingType.MASS and finding.biopsied:
                masses[exam.density].append(np.log(finding.contrast))
    means = [np.mean(masses[letter]) for letter in "abcd"]
    assert means == sorted(means, reverse=True)


def test_contrast_goes_from_below_visible_to_obvious(enriched: Population) -> None:
    contrasts = [f.contrast for e in enriched.exams for f in e.findings]
    assert np.quantile(contrasts, 0.02) < 0.12
    assert np.quantile(contrasts, 0.98) > 0.9


def test_findings_lie_where_gland_is(screening: Population) -> None:
    findings = [f for exam in screening.exams for f in exam.findings]
    assert all(0.15 <= f.depth <= 0.9 for f in findings)
    assert all(f.lateral**2 + f.height**2 <= 0.64 * (1 - f.depth**2) + 1e-9 for f in findings)
    upper_outer = np.mean([f.lateral > 0 and f.height > 0 for f in findings])
    assert 0.5 < upper_outer < 0.6


def test_a_large_finding_in_a_small_breast_has_a_place() -> None:
    breast = Breast(Laterality.LEFT, 45, 100, 30, 0.2, 0)
    depth, lateral, height = draw_place(np.random.default_rng(0), breast, 50)
    assert 0.15 <= depth <= 0.9
    assert np.hypot(lateral, height) < 0.8 * np.sqrt(1 - depth**2)


def test_ages_and_densities_are_those_of_screening(screening: Population) -> None:
    """41,028 US exams: 22, 33, 30 and 15 % by decade; Sprague et al. 2014: 43 % dense at 40-74."""
    ages = np.array([exam.age for exam in screening.exams])
    shares = np.histogram(ages, [40, 50, 60, 70, 100])[0] / N
    np.testing.assert_allclose(shares, [0.22, 0.33, 0.30, 0.15], atol=0.02)
    assert ages.min() >= 40
    dense = np.array([exam.density in "cd" for exam in screening.exams])
    assert dense[ages < 45].mean() == pytest.approx(0.57, abs=0.04)
    assert dense[(ages >= 70) & (ages < 75)].mean() == pytest.approx(0.27, abs=0.04)


def test_density_follows_from_the_denser_breast(screening: Population) -> None:
    for exam in screening.exams[:500]:
        fraction = max(exam.left.fibroglandular, exam.right.fibroglandular)
        assert exam.density == density(fraction)
    assert sum(density_shares(50)) == pytest.approx(1)
    assert density(fibroglandular(0.999, 50)) == "d"
    assert density(fibroglandular(0.001, 50)) == "a"


def test_glandular_fraction_and_thickness_are_the_published(screening: Population) -> None:
    """Yaffe et al. 2009: mean 19.3 %, 95 % below 45 %; 59 mm, sd 16."""
    fractions = np.array([exam.left.fibroglandular for exam in screening.exams])
    assert fractions.mean() == pytest.approx(0.193, abs=0.02)
    assert np.quantile(fractions, 0.95) == pytest.approx(0.45, abs=0.03)
    thickness = np.array([exam.left.thickness_mm for exam in screening.exams])
    assert thickness.mean() == pytest.approx(59, abs=2)
    assert thickness.std() == pytest.approx(16, abs=2)
    assert -0.7 < np.corrcoef(thickness, fractions)[0, 1] < -0.4


def test_exams_and_images_are_as_many_as_in_the_paper(screening: Population) -> None:
    """Data: 1,001,093 images of 229,426 exams of 141,473 patients."""
    images = 4 + np.mean([len(exam.extra) for exam in screening.exams])
    assert images == pytest.approx(1_001_093 / 229_426, abs=0.03)
    patients = len({exam.patient for exam in screening.exams})
    assert N / patients == pytest.approx(229_426 / 141_473, abs=0.03)


def test_every_machine_is_met(screening: Population) -> None:
    vendors = {exam.vendor for exam in screening.exams}
    assert len(vendors) == 3
    assert {v.photometric for v in vendors} == {"MONOCHROME1", "MONOCHROME2"}
    assert "SIGMOID" in {v.voi for v in vendors}
    assert any(v.background > 0 and v.labels for v in vendors)
    assert 0.05 < np.mean([exam.stored_mirrored for exam in screening.exams]) < 0.15


def test_risk_rises_with_age_and_density() -> None:
    assert cancer_risk(70, "b") > 1.5 * cancer_risk(45, "b")
    assert benign_risk(70, "b") < benign_risk(45, "b")
    for risk in (cancer_risk, benign_risk):
        values = [risk(55, letter) for letter in "abcd"]
        assert values == sorted(values)
    assert RiskModel().at(70, "d").biopsy > RiskModel().at(70, "a").biopsy


@pytest.mark.parametrize("against", ["all", "benign"])
def test_age_and_density_alone_tell_little(against: str) -> None:
    """Cross-validated by patient, over more than 800 malignant breasts: no shortcut."""
    exams = list(plan_population(6000, seed=5, enrich=0.9).exams)
    malignant = breasts_with(exams, malignant=True)
    benign = breasts_with(exams, malignant=False)
    breasts = [(exam, side) for exam in exams for side in Laterality]
    if against == "benign":
        breasts = [b for b in breasts if (b[0].name, b[1]) in malignant | benign]
    truth = np.array([(exam.name, side) in malignant for exam, side in breasts])
    known = np.array(
        [
            [1, (exam.age - 57) / 10, *(exam.density == letter for letter in "acd")]
            for exam, _ in breasts
        ],
        dtype=float,
    )
    fold = np.array([int(exam.patient[1:]) % 5 for exam, _ in breasts])
    scores = np.zeros(len(truth))
    for held_out in range(5):
        train = fold != held_out
        weights = logistic_regression(known[train], truth[train])
        scores[~train] = known[~train] @ weights
    assert truth.sum() > 800
    assert 0.52 < auc(scores[truth], scores[~truth]) < 0.60


def logistic_regression(known: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Weights, by Newton's method with a little ridge."""
    weights = np.zeros(known.shape[1])
    for _ in range(12):
        p = 1 / (1 + np.exp(-known @ weights))
        hessian = known.T @ (known * (p * (1 - p))[:, None]) + 1e-3 * np.eye(known.shape[1])
        weights += np.linalg.solve(hessian, known.T @ (truth - p) - 1e-3 * weights)
    return weights


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    ranks = np.searchsorted(np.sort(negative), positive, side="left")
    ties = np.searchsorted(np.sort(negative), positive, side="right") - ranks
    return float((ranks + ties / 2).mean() / len(negative))


def test_some_cancers_are_there_smaller_at_the_exam_before(enriched: Population) -> None:
    seen = 0
    for before, now in pairwise(enriched.exams):
        for early in before.findings:
            if early.kind is not FindingClass.MALIGNANT or early.biopsied:
                continue
            for cancer in now.findings:
                if now.patient == before.patient and cancer.seed == early.seed:
                    seen += 1
                    assert cancer.biopsied
                    assert early.size_mm < cancer.size_mm or early.size_mm == 3
                    assert early.contrast <= cancer.contrast
                    place = (cancer.depth, cancer.lateral, cancer.height)
                    assert place == (early.depth, early.lateral, early.height)
    assert 3 < seen < 0.1 * len(enriched.exams)


def test_nobody_is_screened_after_a_cancer(enriched: Population) -> None:
    for before, now in pairwise(enriched.exams):
        if any(f.kind is FindingClass.MALIGNANT and f.biopsied for f in before.findings):
            assert now.patient != before.patient


def test_a_patient_keeps_her_breasts_and_names_her_exams_by_date(screening: Population) -> None:
    assert len({exam.name for exam in screening.exams}) == N
    for before, now in pairwise(screening.exams):
        if now.patient == before.patient:
            assert (now.study_date - before.study_date).days >= 300
            assert (now.left.seed, now.right.seed) == (before.left.seed, before.right.seed)
            assert now.left.size_mm == before.left.size_mm
            assert now.left.fibroglandular <= before.left.fibroglandular


def test_the_same_seed_gives_the_same_population() -> None:
    assert plan_population(300, seed=7) == plan_population(300, seed=7)
    assert plan_population(300, seed=7) != plan_population(300, seed=8)


@pytest.mark.parametrize("enrich", [None, 0.5])
def test_a_smaller_population_is_the_first_part_of_a_larger_one(enrich: float | None) -> None:
    large = plan_population(400, seed=9, enrich=enrich)
    for n in (1, 10, 57):
        small = plan_population(n, seed=9, enrich=enrich)
        assert small.exams == large.exams[:n]
        assert small.biopsies == large.biopsies[: len(small.biopsies)]


def test_enrichment_leaves_a_patient_as_she_is() -> None:
    plain = {e.name: e for e in plan_population(200, seed=3).exams}
    rich = plan_population(200, seed=3, enrich=0.9).exams
    both = [(plain[e.name], e) for e in rich if e.name in plain]
    assert len(both) > 100
    for one, other in both:
        assert (one.age, one.density, one.study_date) == (
            other.age,
            other.density,
            other.study_date,
        )
        assert (one.vendor, one.extra) == (other.vendor, other.extra)
        assert one.left.seed == other.left.seed


@pytest.mark.parametrize(
    ("n", "enrich", "told"), [(0, None, "n is 0"), (5, 0.0, "enrich is 0"), (5, 1.5, "at most 1")]
)
def test_wrong_sizes_are_refused(n: int, enrich: float | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_population(n, seed=0, enrich=enrich)
