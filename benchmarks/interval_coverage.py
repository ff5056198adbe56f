"""How often 95 % intervals hold the true value, over simulated sets whose truth is known.

    python benchmarks/interval_coverage.py [--sets 4000] [--draws 500] [--seed 0]

Each set has patients with two or six breasts; scores are normal, and those of a patient's breasts
are correlated (0.6). The true AUC is then that of two normal distributions, and the true average
precision an integral over them. A set has about 80 cases among 1,000 breasts, or 50 (`--cases`).
Where truths are alike, both breasts of a patient are cases or neither is. Each line is one
interval: the share of sets in which it holds the truth, and in which the truth lies above or below
it. At 2,000 sets the share itself is known to about ± 1 %.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.checks import Bools, Floats, Ints
from fourview.evaluation.delong import delong
from fourview.evaluation.interval import Interval
from fourview.evaluation.precision_recall import average_precision
from fourview.evaluation.resampled import Resamples

CORRELATION = 0.6
"""Between the scores of two breasts of a patient, beyond their truth."""
BREASTS = 1000


@dataclass(frozen=True)
class Kind:
    """What sets look like."""

    name: str
    auc: float
    breasts: int
    """Of each patient."""
    alike: float
    """The chance that a breast has its patient's truth and not one of its own."""


KINDS = (
    Kind("AUC 0.75, two breasts a patient", 0.75, 2, 0.0),
    Kind("AUC 0.90, two breasts a patient", 0.90, 2, 0.0),
    Kind("AUC 0.97, two breasts a patient", 0.97, 2, 0.0),
    Kind("AUC 0.985, two breasts a patient", 0.985, 2, 0.0),
    Kind("AUC 0.75, two breasts of one truth a patient", 0.75, 2, 1.0),
    Kind("AUC 0.90, two breasts of one truth a patient", 0.90, 2, 1.0),
    Kind("AUC 0.97, two breasts of one truth a patient", 0.97, 2, 1.0),
    Kind("AUC 0.90, six breasts a patient, their truths alike", 0.90, 6, 0.5),
)


def a_set(kind: Kind, share: float, rng: np.random.Generator) -> tuple[Floats, Bools, Ints]:
    """Two models' scores `(2, 1,000)`, the truth, and the patients."""
    n = BREASTS // kind.breasts
    patients = np.repeat(np.arange(n), kind.breasts)
    shared = rng.random(n) < share
    own = rng.random(len(patients)) < share
    truth = np.where(rng.random(len(patients)) < kind.alike, shared[patients], own)
    noise = np.sqrt(CORRELATION) * rng.normal(size=(2, n))[:, patients]
    noise += np.sqrt(1 - CORRELATION) * rng.normal(size=(2, len(patients)))
    noise[1] = 0.7 * noise[0] + np.sqrt(1 - 0.7**2) * noise[1]  # the models agree
    return noise + distance(kind.auc) * truth, truth, patients


def distance(of_auc: float) -> float:
    """Between two normal distributions of variance 1 with this AUC."""
    return float(np.sqrt(2) * norm.ppf(of_auc))


def true_average_precision(of_auc: float, share: float) -> float:
    """The precision at a case's score, over the cases."""
    d = distance(of_auc)

    def at(score: float) -> float:
        found, others = share * norm.sf(score - d), (1 - share) * norm.sf(score)
        return float(norm.pdf(score - d) * found / (found + others))

    return float(quad(at, d - 8, d + 8, epsabs=1e-10)[0])


def intervals(
    kind: Kind, share: float, rng: np.random.Generator, draws: int
) -> list[tuple[str, Interval, float]]:
    """Each interval of one set, with what it should hold."""
    scores, truth, patients = a_set(kind, share, rng)
    apart = delong(scores, truth)
    together = delong(scores, truth, patients=patients.tolist())
    statistics = {"AUC": auc, "average precision": average_precision}
    drawn = resample(scores, truth, patients.tolist(), statistics, rng=rng, draws=draws)
    ap = true_average_precision(kind.auc, share)
    return [
        ("DeLong, logit", apart.interval(scale="logit"), kind.auc),
        ("DeLong, plain", apart.interval(scale="plain"), kind.auc),
        ("DeLong by patient (default)", together.interval(), kind.auc),
        ("DeLong by patient, logit", together.interval(scale="logit"), kind.auc),
        ("DeLong by patient, plain", together.interval(scale="plain"), kind.auc),
        ("DeLong by patient, difference", together.difference().interval, 0.0),
        *_drawn("AUC", drawn["AUC"], kind.auc),
        *_drawn("AP", drawn["average precision"], ap),
    ]


def _drawn(name: str, drawn: Resamples, true: float) -> list[tuple[str, Interval, float]]:
    one, apart = drawn.model(), drawn.difference()
    return [
        (f"bootstrap, {name} (default)", one.interval(), true),
        (f"bootstrap, {name}, logit", one.interval(scale="logit"), true),
        (f"bootstrap, {name}, percentile", one.interval(scale="percentile"), true),
        (f"bootstrap, {name} difference (default)", apart.interval(), 0.0),
        (f"bootstrap, {name} difference, percentile", apart.interval(scale="percentile"), 0.0),
    ]


def side(interval: Interval, true: float) -> int:
    """1 where the truth lies above, -1 below, 0 within; 2 where there is no interval, which holds
    nothing."""
    if not interval.defined:
        return 2
    return int(true > interval.high) - int(true < interval.low)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sets", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--cases", type=int, default=80, help="of 1,000 breasts, on average")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for kind, rng in zip(KINDS, np.random.default_rng(given.seed).spawn(len(KINDS)), strict=True):
        missed: dict[str, list[int]] = defaultdict(list)
        for _ in range(given.sets):
            for name, interval, true in intervals(kind, given.cases / BREASTS, rng, given.draws):
                missed[name].append(side(interval, true))
        print(kind.name)
        for name, sides in missed.items():
            held = sides.count(0) / given.sets
            above, below = sides.count(1) / given.sets, sides.count(-1) / given.sets
            print(f"  {name:42} {held:6.1%}   above {above:5.1%}   below {below:5.1%}")


if __name__ == "__main__":
    main()
