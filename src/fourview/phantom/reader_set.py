"""Exams composed as those of the paper's reader study (Wu et al. 2019, Reader study)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np

from fourview.core.views import Laterality
from fourview.phantom.accuracy import areas_under_curve
from fourview.phantom.assessment import breast_evidence
from fourview.phantom.course import HIGH_RISK_SHARE, Course
from fourview.phantom.disease import BENIGN_TYPES, MALIGNANT_TYPES, TYPES, other_side
from fourview.phantom.machines import exam_vendor, usual_vendor
from fourview.phantom.patients import Patient, draw_patient
from fourview.phantom.plan import Biopsy, ExamPlan, FindingClass, FindingType, Population
from fourview.phantom.population import exam_plan
from fourview.phantom.risk import benign_risk, cancer_risk
from fourview.phantom.visits import Visit

EXAMS, BIOPSIED = 720, 368
MALIGNANT_ONLY, BENIGN_ONLY, BOTH = 45, 339, 17
"""Breasts: 62 are malignant and 356 benign, and in 33 exams both breasts were biopsied."""

DIFFICULTY = 0.966
"""The area under the curve of the evidence, malignant breasts against all others."""
_TOLERANCE = 0.002
_MOST_TRIES = 100

_Result = tuple[FindingClass, FindingType | None]
"""What a biopsy showed: its kind, and the type of the finding, None for an occult one."""
_Breasts = list[list[_Result]]
"""The results of an exam's biopsied breasts: of none, one or two."""


@dataclass(frozen=True)
class _Case:
    """An exam of the set."""

    patient: Patient
    visit: Visit
    malignant: tuple[Laterality, ...]
    rng: np.random.Generator
    """For what the exam is, beside its findings."""


def paper_reader_set(seed: int) -> Population:
    """720 exams of 720 patients with 62 malignant and 356 benign breasts, in a random order.

    As in the paper's set, 368 exams are biopsied, 17 breasts are malignant and benign, and the
    visible findings are 21, 26, 12 and 4 malignant masses, calcifications, asymmetries and
    distortions (one breast has two) and 87, 102, 36 and 6 benign; the other 125 benign breasts are
    occult. The exams with a cancer are drawn anew until the set is as hard as `DIFFICULTY`, so
    that sets differ in their exams, and not by luck in how hard they are.
    """
    rng = np.random.default_rng([seed, 1])
    contents = _contents(rng)
    order = rng.permutation(EXAMS).tolist()
    cases: dict[int, _Case] = {}
    with_cancer = []
    for number, place in enumerate(order, start=1):
        if _has_cancer(contents[place]):
            with_cancer.append((number, contents[place]))
        else:
            cases[number] = _case([seed, 2, number], number, contents[place])
    for attempt in count():
        for number, breasts in with_cancer:
            cases[number] = _case([seed, 3 + attempt, number], number, breasts)
        if abs(_difficulty(cases) - DIFFICULTY) < _TOLERANCE or attempt == _MOST_TRIES:
            break
    exams: list[ExamPlan] = []
    biopsies: list[Biopsy] = []
    for _, case in sorted(cases.items()):
        vendor = exam_vendor(case.rng, usual_vendor(case.rng))
        name = f"{case.patient.name}-1"
        exams.append(exam_plan(case.rng, name, case.patient, case.visit, vendor))
        biopsies += case.visit.biopsies
    return Population(tuple(exams), tuple(biopsies))


def _contents(rng: np.random.Generator) -> list[_Breasts]:
    """What the biopsies of each exam showed; the exams in no order that matters."""
    malignant = _shuffled(rng, MALIGNANT_TYPES)
    benign = _shuffled(rng, BENIGN_TYPES, occult=BENIGN_ONLY + BOTH - sum(BENIGN_TYPES))
    breasts: list[list[_Result]] = []
    for place in range(MALIGNANT_ONLY + BOTH + BENIGN_ONLY):
        results: list[_Result] = []
        if place < MALIGNANT_ONLY + BOTH:
            results.append((FindingClass.MALIGNANT, malignant.pop()))
        if place >= MALIGNANT_ONLY:
            high = rng.random() < HIGH_RISK_SHARE
            kind = FindingClass.HIGH_RISK if high else FindingClass.BENIGN
            results.append((kind, benign.pop()))
        breasts.append(results)
    breasts[0] += [(FindingClass.MALIGNANT, type_) for type_ in malignant]  # the one left over
    breasts = [breasts[place] for place in rng.permutation(len(breasts)).tolist()]
    pairs = len(breasts) - BIOPSIED
    of_two = [[breasts[2 * i], breasts[2 * i + 1]] for i in range(pairs)]
    of_one = [[breast] for breast in breasts[2 * pairs :]]
    none: list[_Breasts] = [[] for _ in range(EXAMS - BIOPSIED)]
    return of_two + of_one + none


def _shuffled(
    rng: np.random.Generator, counts: tuple[int, ...], *, occult: int = 0
) -> list[FindingType | None]:
    types: list[FindingType | None] = [None] * occult
    for type_, number in zip(TYPES, counts, strict=True):
        types += [type_] * number
    return [types[place] for place in rng.permutation(len(types)).tolist()]


def _has_cancer(breasts: _Breasts) -> bool:
    return any(kind is FindingClass.MALIGNANT for results in breasts for kind, _ in results)


def _case(seeds: list[int], number: int, breasts: _Breasts) -> _Case:
    """An exam with these results, of a patient as likely to have them as `risk` says."""
    rng = np.random.default_rng(seeds)
    risk = cancer_risk if _has_cancer(breasts) else benign_risk
    most = max(risk(age, "d") for age in (40, 90))
    while True:
        patient = draw_patient(rng, f"P{number:06d}", exams=1)
        course = Course(rng, patient)
        visit = course.start()
        if not breasts or rng.random() * most < risk(visit.age, visit.density):
            break
    side = Laterality.LEFT if rng.random() < 0.5 else Laterality.RIGHT
    malignant = []
    for laterality, results in zip((side, other_side(side)), breasts, strict=False):
        for kind, type_ in results:
            course.biopsied(visit, laterality, kind, type_=type_, occult=type_ is None)
        if any(kind is FindingClass.MALIGNANT for kind, _ in results):
            malignant.append(laterality)
    return _Case(patient, visit, tuple(malignant), rng)


def _difficulty(cases: dict[int, _Case]) -> float:
    """The area under the curve of the evidence."""
    seen, truth = [], []
    for case in cases.values():
        for laterality in Laterality:
            findings = (f for f in case.visit.findings if f.laterality is laterality)
            seen.append(breast_evidence(findings, case.visit.density))
            truth.append(laterality in case.malignant)
    return float(areas_under_curve(np.array(seen)[:, None], truth)[0])
