"""Patients as they come to screening: ages, dates, breasts; nothing of disease.

Where the numbers come from:

- ages: a US series of 41,028 screening exams (reported 2018): 22 % at 40-49, 33 % at 50-59, 30 % at
  60-69, 15 % at 70 and over;
- exams a patient: 229,426 exams of 141,473 patients, 1.62 each (Wu et al. 2019, Data);
- density by age: the share of dense breasts (c, d) is that of 1,518,599 exams of the Breast Cancer
  Surveillance Consortium, from 57 % at 40-44 to 26 % at 70-74 (Sprague et al. 2014, JNCI
  106:dju255); how it divides into a and b, c and d is ours: about 10/50/33/7 % of all exams;
- glandular fraction and thickness: Yaffe et al. 2009, Med Phys 36:5437: mean 19.3 %, 80 % of women
  below 27 %, 95 % below 45 %; thickness 59 mm, sd 16; fatty breasts are thicker (correlation about
  -0.6: Moshina et al. 2018, Eur Radiol 28:1662).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from fourview.core.views import Laterality
from fourview.phantom.chances import pick
from fourview.phantom.plan import Breast

DENSITIES = "abcd"
OLDEST = 90
_YOUNGEST = 40
_AGE_EDGES = (40, 50, 60, 70, 80, 85)
_AGE_SHARES = (0.24, 0.33, 0.29, 0.12, 0.02)
"""Of first exams; later ones make all exams a year older."""
EXAMS_SHARES = (0.60, 0.24, 0.10, 0.06)
"""Patients with 1, 2, 3 or 4 exams."""
_ANNUAL = 0.7
"""Share of intervals of a year; the others are of two."""
_FIRST_DAY = date(2010, 1, 1)
_DAYS = 7 * 365

_DENSE_AGES = (42.5, 47.5, 52.5, 57.5, 62.5, 67.5, 72.5)
_DENSE_SHARES = (0.57, 0.55, 0.46, 0.38, 0.33, 0.31, 0.26)
FIBROGLANDULAR_CUTS = (0.07, 0.18, 0.40)
"""Volume fractions that divide a | b | c | d."""
_FRACTION_EDGES = np.log((0.03, *FIBROGLANDULAR_CUTS, 0.65))


@dataclass(frozen=True)
class Patient:
    """A patient and the dates of her exams; her breasts at a given exam come from `breasts`."""

    name: str
    dates: tuple[date, ...]
    ages: tuple[int, ...]
    rank: float
    """Her density among women of her age, 0 the fattiest, 1 the densest; it stays hers."""
    thickness_mm: float
    size_mm: float
    width_mm: float
    left_to_right: float
    """How much larger the left breast is, 1 for equal."""
    denser: Laterality
    sparser_by: float
    """The other breast's glandular fraction, as a part of the denser one's."""
    seeds: tuple[int, int]


def draw_patient(rng: np.random.Generator, name: str, *, exams: int | None = None) -> Patient:
    """A patient, with as many exams as drawn, or as `exams` says."""
    decade = pick(rng, _AGE_SHARES)
    age = rng.uniform(_AGE_EDGES[decade], _AGE_EDGES[decade + 1])
    drawn = 1 + pick(rng, EXAMS_SHARES)
    days = list(accumulate(_intervals(rng, (exams or drawn) - 1), initial=0))
    first = _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))

    rank = float(rng.uniform(0.001, 0.999))
    z_thickness = -0.6 * float(ndtri(rank)) + 0.8 * rng.normal()
    z_size = 0.6 * z_thickness + 0.8 * rng.normal()
    size_mm = _within(85 + 17 * z_size, 45, 135)
    left, right = rng.integers(2**31, size=2).tolist()
    return Patient(
        name=name,
        dates=tuple(first + timedelta(days=day) for day in days),
        ages=tuple(int(age + day / 365.25) for day in days),
        rank=rank,
        thickness_mm=_within(59 + 15 * z_thickness, 22, 105),
        size_mm=size_mm,
        width_mm=_within(70 + 1.1 * size_mm + 12 * rng.normal(), 100, 230),
        left_to_right=math.exp(0.03 * rng.normal()),
        denser=Laterality.LEFT if rng.random() < 0.5 else Laterality.RIGHT,
        sparser_by=math.exp(-abs(0.08 * rng.normal())),
        seeds=(left, right),
    )


def breasts(rng: np.random.Generator, patient: Patient, age: int) -> tuple[Breast, Breast]:
    """Her left and right breast at an exam: thickness differs a little from exam to exam."""
    fraction = fibroglandular(patient.rank, age)
    change = math.exp(0.02 * rng.normal())

    def breast(laterality: Laterality) -> Breast:
        left = laterality is Laterality.LEFT
        scale = math.sqrt(patient.left_to_right) ** (1 if left else -1)
        return Breast(
            laterality=laterality,
            size_mm=patient.size_mm * scale,
            width_mm=patient.width_mm * scale,
            thickness_mm=patient.thickness_mm * change,
            fibroglandular=fraction * (1 if laterality is patient.denser else patient.sparser_by),
            seed=patient.seeds[0 if left else 1],
        )

    return breast(Laterality.LEFT), breast(Laterality.RIGHT)


def fibroglandular(rank: float, age: float) -> float:
    """The glandular volume fraction of the woman of a `rank` among those of her age."""
    return math.exp(float(np.interp(rank, _rank_edges(age), _FRACTION_EDGES)))


def density(fraction: float) -> str:
    """BI-RADS density, a to d, of the denser breast's glandular fraction."""
    return DENSITIES[bisect_right(FIBROGLANDULAR_CUTS, fraction)]


def density_shares(age: float) -> tuple[float, float, float, float]:
    """The shares of a, b, c and d among women of an age."""
    dense = float(np.interp(age, _DENSE_AGES, _DENSE_SHARES))
    extreme = dense * float(np.interp(age, (42.5, 77.5), (0.20, 0.12)))
    fatty = (1 - dense) * float(np.interp(age, (42.5, 77.5), (0.12, 0.22)))
    return fatty, 1 - dense - fatty, dense - extreme, extreme


@lru_cache(maxsize=256)
def _rank_edges(age: float) -> tuple[float, ...]:
    """The ranks that divide a, b, c and d, with 0 before and 1 after them."""
    return (0.0, *accumulate(density_shares(age)))


def exam_age_shares() -> NDArray[np.float64]:
    """The share of each age, 0 to `OLDEST`, among all exams."""
    ages = np.zeros(OLDEST + 1)
    for low, high, share in zip(_AGE_EDGES, _AGE_EDGES[1:], _AGE_SHARES, strict=False):
        ages[low:high] = share / (high - low)
    total = np.zeros(OLDEST + 1)
    for exam in range(len(EXAMS_SHARES)):
        total += sum(EXAMS_SHARES[exam:]) * ages
        ages = _ANNUAL * np.roll(ages, 1) + (1 - _ANNUAL) * np.roll(ages, 2)
    shares: NDArray[np.float64] = total / total.sum()
    return shares


def _intervals(rng: np.random.Generator, n: int) -> list[int]:
    """Days between exams: a year or two, and some weeks; never below 300."""
    days = []
    for _ in range(n):
        years = 365 if rng.random() < _ANNUAL else 730
        days.append(max(years + round(rng.normal(15, 35)), 300))
    return days


def _within(value: float, least: float, most: float) -> float:
    return float(min(max(value, least), most))
