"""How likely a biopsy is, by age and density, and what it shows.

Sources, beside the paper's counts (Wu et al. 2019, Data):

- cancer by age: detected cancers rise from 1.4 per 1000 exams below 40 to 8.2 from 80 on, about
  1.45-fold a decade (Olivotto et al. 2000, J Med Screen 7:152); here 1.2-fold;
- benign biopsies by age: they become fewer (41,028 US screening exams, reported 2018: biopsies
  after 3.4 % of exams at 40-49, 2.5 % at 60-69, 1.5 % a year); here by 0.2 %;
- cancer by density: relative risk 1, 2.0, 2.8, 4.1 for BI-RADS a to d (McCormack and dos Santos
  Silva 2006, Cancer Epidemiol Biomarkers Prev 15:1159); here 1, 1.5, 1.9, 2.4.

All are weaker than in life, on purpose. An enriched set is made of the cases that somebody chose,
and sets for research are matched in what is not to be learned; a network that reads these images
is to find the findings, so age and density must not tell a cancer. The best that both can do, for
malignant breasts against all others and against benign ones, is an area under the ROC curve of
about 0.57.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

from fourview.phantom.patients import DENSITIES, density_shares, exam_age_shares

BIOPSIED_EXAMS = 5832 / 229_426
"""Share of exams with a biopsy within 120 days."""
MALIGNANT, BENIGN, BOTH = 985, 5556, 234
"""Breasts of those 5,832 exams; the 234 with both are counted in each."""
BIOPSIED_BREASTS = MALIGNANT + BENIGN - BOTH
BILATERAL = BIOPSIED_BREASTS / 5832 - 1
"""Share of biopsied exams in which both breasts were biopsied."""
BOTH_IF_MALIGNANT = BOTH / MALIGNANT

_CANCER_A_YEAR = math.log(1.2) / 10
_BENIGN_A_YEAR = -0.002
_BENIGN_BY_DENSITY = 0.8
_BY_DENSITY = dict(zip(DENSITIES, (1.0, 1.5, 1.9, 2.4), strict=True))


@dataclass(frozen=True)
class Risk:
    """Chances at one exam."""

    biopsy: float
    """Of a biopsy within 120 days."""
    malignant: float
    """That a breast so biopsied holds a cancer."""


def cancer_risk(age: float, density: str) -> float:
    """Relative to a woman of 57 with density a."""
    return _BY_DENSITY[density] * math.exp(_CANCER_A_YEAR * (age - 57))


def benign_risk(age: float, density: str) -> float:
    """Of a benign biopsy, relative as above; density tells nearly as much."""
    by_density = _BY_DENSITY[density] ** _BENIGN_BY_DENSITY
    return float(by_density * math.exp(_BENIGN_A_YEAR * (age - 57)))


class RiskModel:
    """Chances at an exam, such that the `biopsied` part of all exams is followed by a biopsy, and
    about the `cancers` part of biopsied breasts holds one.

    What biopsies show is the paper's at the default parts; where nearly all exams are biopsied, the
    chances are near 1 and age and density tell less.
    """

    def __init__(
        self, biopsied: float = BIOPSIED_EXAMS, cancers: float = MALIGNANT / BIOPSIED_BREASTS
    ) -> None:
        reference = _reference()
        self._per_cancer = cancers / reference.cancer
        self._per_benign = (1 - cancers) / reference.benign
        self._log_odds = math.inf
        if biopsied < 1:
            weights = [
                (share, sum(self._weights(age, density)))
                for (age, density), share in reference.shares.items()
            ]
            self._log_odds = float(
                brentq(lambda log: sum(s * _chance(log, w) for s, w in weights) - biopsied, -20, 20)
            )

    def at(self, age: int, density: str) -> Risk:
        """The chances at an exam of a woman of this age and density."""
        cancer, benign = self._weights(age, density)
        return Risk(_chance(self._log_odds, cancer + benign), cancer / (cancer + benign))

    def _weights(self, age: int, density: str) -> tuple[float, float]:
        return (
            self._per_cancer * cancer_risk(age, density),
            self._per_benign * benign_risk(age, density),
        )


@dataclass(frozen=True)
class _Reference:
    shares: dict[tuple[int, str], float]
    cancer: float
    benign: float


@lru_cache(maxsize=1)
def _reference() -> _Reference:
    """The shares of ages and densities among all exams, and the mean risks over them."""
    shares = {
        (age, density): float(share_of_age) * share
        for age, share_of_age in enumerate(exam_age_shares())
        if share_of_age > 0
        for density, share in zip(DENSITIES, density_shares(age), strict=True)
    }
    return _Reference(
        shares,
        cancer=float(np.dot(list(shares.values()), [cancer_risk(*key) for key in shares])),
        benign=float(np.dot(list(shares.values()), [benign_risk(*key) for key in shares])),
    )


def _chance(log_odds: float, weight: float) -> float:
    return 1 / (1 + math.exp(-log_odds) / weight)
