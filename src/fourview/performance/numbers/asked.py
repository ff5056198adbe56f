"""A question about a population: whom it is asked of, the answers, and what to say of few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fourview.core.breasts import Breasts, BreastScores
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.populations import Population, Task

FEW = 10
"""Cases or others below which an interval may not hold what it promises."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The breasts of a population that a task is asked of, and their answers."""

    population: str
    task: Task
    which: Bools
    """`(N,)` of all breasts."""
    truth: Bools
    """`(n,)`; so are the patients."""
    patients: Sequence[str]

    def scores(self, of: BreastScores) -> Floats:
        """`(n,)`."""
        return self.task.score(of)[self.which]


def asked(breasts: Breasts, population: Population, task: Task) -> Asked:
    """Who of a population is asked about."""
    which = population.which & task.asked(breasts)
    patients = [who for who, here in zip(breasts.patients, which, strict=True) if here]
    return Asked(population.name, task, which, task.cases(breasts)[which], patients)


def known_to_all(of: Asked, every: Floats) -> tuple[Bools, Bools, list[str]]:
    """Of the breasts asked about, which each of `(K, n)` scores knows; their truth and patients."""
    known: Bools = np.all(~np.isnan(every), axis=0)
    patients = [who for who, kept in zip(of.patients, known, strict=True) if kept]
    return known, of.truth[known], patients


def breasts_words(n: int) -> str:
    """`1 breast`, `2 breasts`."""
    return f"{n} breast{'' if n == 1 else 's'}"


def left_out_words(n: int) -> str:
    """Of breasts without a score."""
    return f"{breasts_words(n)} without a score left out" if n else ""


def few_words(truth: Bools) -> str:
    """What is missing or scarce, for a remark."""
    n_cases = int(truth.sum())
    n_others = len(truth) - n_cases
    if not len(truth):
        return "not defined: there is no breast"
    if not n_cases or not n_others:
        return f"not defined: {'all' if n_cases else 'no'} breasts are cases"
    scarce = [word for n, word in ((n_cases, "cases"), (n_others, "others")) if n < FEW]
    if scarce:
        said = " and ".join(scarce)
        return f"fewer than {FEW} {said}: the interval may not hold what it promises"
    return ""


def interval_words(truth: Bools, said: str) -> str:
    """What is scarce, and what an interval says of itself; where nothing is defined, that alone."""
    few = few_words(truth)
    return few if few.startswith("not defined") else remark(few, said)


def remark(*parts: str) -> str:
    """What there is to say."""
    return "; ".join(filter(None, parts))
