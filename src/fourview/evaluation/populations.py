"""Who is counted, and what is asked of a model: the paper's populations and tasks.

A breast is the unit: left and right ones are pooled, malignant and benign findings apart (main
text, 'Evaluation metrics').
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.views import Finding
from fourview.evaluation.checks import Bools, Floats

Unit = Literal["exams", "breasts"]


@dataclass(frozen=True, eq=False)
class Population:
    """Some of the breasts."""

    name: str
    which: Bools
    """`(N,)`."""
    words: str
    """Who they are, for a sentence."""


def screening_population(breasts: Breasts) -> Population:
    """Every breast of every exam (main text, 'Test populations', i)."""
    return Population("screening", np.ones(len(breasts), dtype=bool), "all exams, no subsampling")


def biopsied_population(breasts: Breasts, *, unit: Unit = "exams") -> Population:
    """The biopsied subpopulation ('Test populations', ii).

    Args:
        unit: `exams` takes both breasts of each exam that was followed by a biopsy, as the paper
            defines it: "only including exams … containing breasts which underwent a biopsy". So do
            its numbers. Of its 401 breasts with findings only 45 have no benign one, and those have
            a malignant one: among them alone an AUC of 0.696 for benign findings would say that
            malignant breasts look less benign than benign ones, which the high correlation of the
            two predictions (Fig. S1) contradicts. `breasts` takes those 401: the breasts with a
            finding, without the other breast.
    """
    if unit == "exams":
        return Population(
            "biopsied", breasts.biopsied, "both breasts of exams that were followed by a biopsy"
        )
    with_finding = breasts.benign | breasts.malignant
    return Population("biopsied", with_finding, "breasts in which a biopsy showed a finding")


def reader_study_population(breasts: Breasts, exams: Collection[str]) -> Population:
    """The breasts of the exams that readers read ('Test populations', iii)."""
    named = set(exams)
    which = np.array([exam in named for exam in breasts.exams], dtype=bool)
    return Population("reader study", which, "exams that were given to readers")


@dataclass(frozen=True)
class Task:
    """A question with two answers, and the score that answers it."""

    name: str
    words: str
    """Cases against others."""
    cases: Callable[[Breasts], Bools]
    """`(N,)`."""
    asked: Callable[[Breasts], Bools]
    """`(N,)`: of which breasts it is asked."""
    score: Callable[[BreastScores], Floats]
    """`(N,)`; NaN where there is none."""


def _every(breasts: Breasts) -> Bools:
    return np.ones(len(breasts), dtype=bool)


def _one_class(breasts: Breasts) -> Bools:
    """With a malignant or a benign finding, not both: the one-class biopsied subpopulation."""
    return breasts.malignant ^ breasts.benign


def _larger(scores: BreastScores) -> Floats:
    """NaN where either is."""
    return np.maximum(scores.malignant, scores.benign)


def _malignant_part(scores: BreastScores) -> Floats:
    """p_m / (p_m + p_b); NaN where both are 0, of which nothing can be said."""
    both = scores.malignant + scores.benign
    part = np.full(len(both), np.nan)
    np.divide(scores.malignant, both, out=part, where=both > 0)
    return part


def _of(finding: Finding) -> Task:
    name = finding.value
    return Task(
        name,
        f"{name} finding against none",
        lambda breasts: breasts.truth(finding),
        _every,
        lambda scores: scores.of(finding),
    )


MALIGNANT, BENIGN = _of(Finding.MALIGNANT), _of(Finding.BENIGN)
EITHER = Task(
    "either",
    "malignant or benign finding against normal",
    lambda breasts: breasts.malignant | breasts.benign,
    _every,
    _larger,
)
"""SI, 'Classifying malignant/benign vs. normal': the larger of the two predictions (Table S3)."""
MALIGNANT_AGAINST_BENIGN = Task(
    "malignant against benign",
    "malignant against benign finding, among breasts with one of the two",
    lambda breasts: breasts.malignant,
    _one_class,
    _malignant_part,
)
"""SI, 'Classifying malignant vs. benign': the two predictions normalised to a sum of one."""
TASKS = (MALIGNANT, BENIGN, EITHER, MALIGNANT_AGAINST_BENIGN)
