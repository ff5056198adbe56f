"""A screening population, planned: patients, their exams over years, findings, biopsies."""

from __future__ import annotations

from itertools import count

import numpy as np

from fourview.phantom.assessment import assess
from fourview.phantom.course import Course
from fourview.phantom.machines import exam_vendor, extra_images, mirrored, usual_vendor
from fourview.phantom.patients import Patient, draw_patient
from fourview.phantom.plan import Biopsy, ExamPlan, Population, Vendor
from fourview.phantom.risk import BIOPSIED_BREASTS, BIOPSIED_EXAMS, MALIGNANT, RiskModel
from fourview.phantom.visits import Visit


def plan_population(
    n: int, *, seed: int, enrich: float | None = None, cancers: float | None = None
) -> Population:
    """`n` exams and the biopsies that belong to them, patient by patient, by date.

    A patient is drawn from the seed and her number alone. So the exams of a smaller population are
    the first of a larger one of the same `seed`, `enrich` and `cancers`, all of their values; with
    others, a patient's age, dates, breasts and machine stay until a biopsy makes the difference.

    Args:
        n: at least 1. Patients are added until there are so many exams; the last patient's later
            exams are left out.
        seed: at least 0.
        enrich: the part of exams that a biopsy follows within 120 days, above 0 and at most 1; the
            paper's 2.5 % by default. What biopsies show stays as it is.
        cancers: the part of biopsied breasts that hold a cancer, above 0 and below 1; the paper's
            15.6 % by default. How findings look stays as it is.
    """
    if n < 1:
        raise ValueError(f"n is {n}; a population has at least one exam")
    if enrich is not None and not 0 < enrich <= 1:
        raise ValueError(f"enrich is {enrich}; it must be above 0 and at most 1")
    if cancers is not None and not 0 < cancers < 1:
        raise ValueError(f"cancers is {cancers}; it must be above 0 and below 1")
    risks = RiskModel(
        BIOPSIED_EXAMS if enrich is None else enrich,
        MALIGNANT / BIOPSIED_BREASTS if cancers is None else cancers,
    )
    exams: list[ExamPlan] = []
    biopsies: list[Biopsy] = []
    for number in count(1):
        rng = patient_rng(seed, number)
        patient = draw_patient(rng, f"P{number:06d}")
        usual = usual_vendor(rng)
        course = Course(np.random.default_rng(rng.integers(2**63)), patient).run(risks)
        for place, visit in enumerate(course[: n - len(exams)], start=1):
            exam_rng = np.random.default_rng([int(rng.integers(2**63)), place])
            vendor = exam_vendor(exam_rng, usual)
            exams.append(exam_plan(exam_rng, f"{patient.name}-{place}", patient, visit, vendor))
            biopsies += visit.biopsies
        if len(exams) >= n:
            break
    return Population(tuple(exams), tuple(biopsies))


def patient_rng(seed: int, number: int) -> np.random.Generator:
    """The generator from which all of a patient is drawn."""
    return np.random.default_rng([seed, number])


def exam_plan(
    rng: np.random.Generator, name: str, patient: Patient, visit: Visit, vendor: Vendor
) -> ExamPlan:
    """A visit as an exam: with how it was taken, and how it was read."""
    return ExamPlan(
        name=name,
        patient=patient.name,
        study_date=visit.date,
        age=visit.age,
        density=visit.density,
        extra=extra_images(rng),
        stored_mirrored=mirrored(rng),
        seed=int(rng.integers(2**31)),
        birads=assess(rng, visit.findings, visit.density),
        left=visit.left,
        right=visit.right,
        findings=tuple(visit.findings),
        vendor=vendor,
    )
