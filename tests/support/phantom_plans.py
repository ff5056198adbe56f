"""Small synthetic exam plans, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from fourview.core.views import Laterality
from fourview.phantom.plan import (
    Breast,
    ExamPlan,
    Finding,
    FindingClass,
    FindingType,
    Vendor,
)

PLAIN = Vendor("Plain", 0.07, 12)
INVERTED = Vendor("Inverted", 0.085, 14, photometric="MONOCHROME1")
SIGMOID = Vendor("Sigmoid", 0.094, 12, voi="SIGMOID")
LABELLED = Vendor("Labelled", 0.07, 12, background=40, labels=True)
VENDORS = (PLAIN, INVERTED, SIGMOID, LABELLED)
FRACTIONS = {"a": 0.07, "b": 0.16, "c": 0.32, "d": 0.55}


def breast(laterality: Laterality, rng: np.random.Generator, *, density: str = "b") -> Breast:
    """A breast of a screening population's size."""
    size = rng.uniform(60, 110)
    return Breast(
        laterality,
        size_mm=size,
        width_mm=min(size * rng.uniform(1.7, 2.1), 215),
        thickness_mm=rng.uniform(40, 70),
        fibroglandular=FRACTIONS[density] * rng.uniform(0.8, 1.2),
        seed=int(rng.integers(2**31)),
    )


def finding(name: str = "F1", **changes: object) -> Finding:
    """A malignant mass in the left breast; `changes` replaces any of its values."""
    mass = Finding(
        name,
        Laterality.LEFT,
        FindingClass.MALIGNANT,
        FindingType.MASS,
        depth=0.55,
        lateral=0.3,
        height=0.2,
        size_mm=14.0,
        contrast=1.0,
        irregularity=0.7,
        occult=False,
        seed=5,
    )
    return replace(mass, **changes)  # type: ignore[arg-type]


def plan(
    seed: int = 1,
    *,
    findings: tuple[Finding, ...] = (),
    vendor: Vendor = PLAIN,
    density: str = "b",
    mirrored: bool = False,
) -> ExamPlan:
    """An exam of two breasts that are alike."""
    rng = np.random.default_rng(seed)
    left = breast(Laterality.LEFT, rng, density=density)
    right = replace(
        left,
        laterality=Laterality.RIGHT,
        size_mm=left.size_mm * rng.uniform(0.95, 1.05),
        seed=int(rng.integers(2**31)),
    )
    return ExamPlan(
        name=f"E{seed}",
        patient=f"P{seed}",
        study_date=date(2020, 1, 2),
        age=55,
        density=density,
        birads=1,
        left=left,
        right=right,
        findings=findings,
        vendor=vendor,
        extra=(),
        stored_mirrored=mirrored,
        seed=seed,
    )
