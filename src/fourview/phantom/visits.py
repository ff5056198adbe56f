"""A patient's exams while they are planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from fourview.core.views import Laterality
from fourview.phantom.patients import Patient, breasts, density
from fourview.phantom.plan import Biopsy, Breast, Finding


@dataclass
class Visit:
    """One exam of a patient, while her course is drawn."""

    date: date
    age: int
    left: Breast
    right: Breast
    density: str
    findings: list[Finding] = field(default_factory=list)
    biopsies: list[Biopsy] = field(default_factory=list)
    """Those that this exam led to, or that came between it and the next."""

    def breast(self, laterality: Laterality) -> Breast:
        return self.left if laterality is Laterality.LEFT else self.right


def visits(rng: np.random.Generator, patient: Patient) -> list[Visit]:
    """A patient's exams, without findings."""
    made = []
    for day, age in zip(patient.dates, patient.ages, strict=True):
        left, right = breasts(rng, patient, age)
        letter = density(max(left.fibroglandular, right.fibroglandular))
        made.append(Visit(day, age, left, right, letter))
    return made
