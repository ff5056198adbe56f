"""How often the tests of a reader study find a difference that is not there.

    python benchmarks/mrmc_size.py [--studies 2000] [--seed 0]

Ratings come from a model of variance components (C. A. Roe, C. E. Metz, Acad. Radiol. 4 (1997)
298) in which two modalities are equally good; patients have two breasts, which share half of what
varies from case to case, or one. Each line is the share of studies with p < 0.05: with readers and
cases at random (RRRC), and, where no reader gains by either modality, with these readers (FRRC);
breasts counted by patient, and as if independent. The last column is the share in which the
interval of the first modality's mean holds the true AUC. At 2,000 studies a share of 5 % is known
to about ± 1 %.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.mrmc import obuchowski_rockette

SEPARATION = 1.5
OF_CASE, OF_CASE_IN_MODALITY, OF_CASE_BY_READER, OF_RATING = 0.3, 0.2, 0.2, 0.3
OF_READER = 0.01


@dataclass(frozen=True)
class Design:
    """What studies look like."""

    name: str
    readers: int
    patients: int
    breasts: int
    """Of each patient."""
    gains: float
    """The variance of how readers gain by a modality."""


DESIGNS = (
    Design("4 readers, 50 cases", 4, 50, 1, 0.01),
    Design("4 readers, 50 cases, no reader gains", 4, 50, 1, 0.0),
    Design("8 readers, 100 cases", 8, 100, 1, 0.01),
    Design("6 readers, 60 patients of two breasts", 6, 60, 2, 0.01),
    Design("6 readers, 60 patients of two breasts, no reader gains", 6, 60, 2, 0.0),
    Design("14 readers, 200 patients of two breasts", 14, 200, 2, 0.01),
)


def study(design: Design, rng: np.random.Generator) -> Ratings:
    """One study; 40 % of its cases have the disease."""
    patient = np.repeat(np.arange(design.patients), design.breasts)
    n = len(patient)
    truth = rng.random(n) < 0.4

    def part(variance: float, *shape: int) -> np.ndarray:
        """Half of a case's part is its patient's."""
        own = rng.normal(0, np.sqrt(variance / 2), (*shape, n))
        return own + rng.normal(0, np.sqrt(variance / 2), (*shape, design.patients))[..., patient]

    kind = truth.astype(int)
    readers = rng.normal(0, np.sqrt(OF_READER), (1, design.readers, 2))
    readers = readers + rng.normal(0, np.sqrt(design.gains), (2, design.readers, 2))
    values = (
        SEPARATION * truth
        + readers[:, :, kind]
        + part(OF_CASE, 1, 1)
        + part(OF_CASE_IN_MODALITY, 2, 1)
        + part(OF_CASE_BY_READER, 1, design.readers)
        + rng.normal(0, np.sqrt(OF_RATING), (2, design.readers, n))
    )
    return ratings_of(values, truth, patients=[str(who) for who in patient])


def true_auc(design: Design) -> float:
    """Of the mean reader: a rating's variance is 1, and the reader's own of its kind."""
    return float(norm.cdf(SEPARATION / np.sqrt(2 * (1 + OF_READER + design.gains))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':54}  RRRC  FRRC  RRRC, as independent  mean's interval")
    for design in DESIGNS:
        rng = np.random.default_rng(options.seed)
        truth = true_auc(design)
        found = []
        for _ in range(options.studies):
            ratings = study(design, rng)
            by_patient = obuchowski_rockette(ratings)
            apart = obuchowski_rockette(replace(ratings, patients=ratings.cases))
            interval = by_patient.means[0].by["RRRC"].interval
            found.append(
                (
                    by_patient.tests["RRRC"].p < 0.05,
                    by_patient.tests["FRRC"].p < 0.05,
                    apart.tests["RRRC"].p < 0.05,
                    interval.low < truth < interval.high,
                )
            )
        both, fixed, independent, holds = np.mean(found, axis=0)
        said = f"{fixed:.3f}" if not design.gains else "    -"
        print(f"{design.name:54} {both:.3f} {said} {independent:21.3f} {holds:16.3f}", flush=True)


if __name__ == "__main__":
    main()
