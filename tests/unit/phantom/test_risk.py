"""What age and density tell of a cancer at the very most: worked out from the chances, undrawn."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from fourview.phantom.patients import DENSITIES, density_shares, exam_age_shares
from fourview.phantom.risk import BILATERAL, BIOPSIED_EXAMS, RiskModel

SHARES = {
    (age, density): float(of_age) * share
    for age, of_age in enumerate(exam_age_shares())
    if of_age > 0
    for density, share in zip(DENSITIES, density_shares(age), strict=True)
}
"""Of all exams."""


def best_area(
    positive: Callable[[int, str], float], negative: Callable[[int, str], float]
) -> float:
    """The largest area under the ROC curve that age and density allow (Neyman and Pearson): that
    of the ratio of the two weights, which count breasts of each kind at an age and density."""
    weights = [
        (share * positive(*known), share * negative(*known)) for known, share in SHARES.items()
    ]
    found, other = np.array(sorted(weights, key=lambda pair: pair[0] / pair[1])).T
    below = np.cumsum(other) - other / 2
    return float(found @ below / (found.sum() * other.sum()))


@pytest.mark.parametrize("against", ["all", "benign"])
@pytest.mark.parametrize("biopsied", [BIOPSIED_EXAMS, 0.1, 0.5, 0.9, 1.0])
def test_age_and_density_can_tell_little(biopsied: float, against: str) -> None:
    risks = RiskModel(biopsied)

    def malignant(age: int, density: str) -> float:
        risk = risks.at(age, density)
        return risk.biopsy * (1 + BILATERAL) * risk.malignant

    def benign(age: int, density: str) -> float:
        risk = risks.at(age, density)
        return risk.biopsy * (1 + BILATERAL) * (1 - risk.malignant)

    def others(age: int, density: str) -> float:
        return 2 - malignant(age, density)

    area = best_area(malignant, benign if against == "benign" else others)
    assert 0.54 < area < 0.58


def test_age_and_density_would_tell_more_with_the_published_risks() -> None:
    """1.45-fold a decade; 1, 2.0, 2.8, 4.1 for a to d: the measure sees that."""
    by_density = dict(zip(DENSITIES, (1.0, 2.0, 2.8, 4.1), strict=True))

    def cancer(age: int, density: str) -> float:
        return by_density[density] * math.exp(math.log(1.45) * (age - 57) / 10)

    assert best_area(cancer, lambda *_: 1.0) > 0.62
    assert best_area(lambda *_: 3.0, lambda *_: 1.0) == pytest.approx(0.5, abs=0.01)
