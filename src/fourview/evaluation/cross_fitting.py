"""Recalibrated probabilities of breasts that the recalibration has not seen.

Patients are parted into folds; each fold's probabilities come from a fit on the other folds
(M. Stone, J. R. Stat. Soc. B 36 (1974) 111). Patients with a case are dealt out first, so that each
fold has about its share of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from fourview.core.errors import TableError
from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes, scores_and_truth
from fourview.evaluation.recalibration import Recalibration

FOLDS = 5


def cross_fitted(
    scores: ArrayLike,
    truth: ArrayLike,
    patients: Sequence[Hashable],
    fit: Callable[[Floats, Bools], Recalibration],
    *,
    rng: np.random.Generator,
    folds: int = FOLDS,
) -> Floats:
    """Probabilities `(N,)`, each from a fit on other patients.

    Raises:
        TableError: fewer patients with a case, or without one, than folds; `fit` refuses.
        ValueError: the shapes differ; fewer than two folds.
    """
    values, cases = scores_and_truth(scores, truth)
    fold = patient_folds(cases, patients, rng=rng, folds=folds)
    result = np.full(len(cases), np.nan)
    for at in range(folds):
        inside = fold == at
        result[inside] = fit(values[~inside], cases[~inside])(values[inside])
    return result


def patient_folds(
    truth: ArrayLike, patients: Sequence[Hashable], *, rng: np.random.Generator, folds: int = FOLDS
) -> Ints:
    """The fold of each breast `(N,)`, from 0; all breasts of a patient are in one.

    Raises:
        TableError: fewer patients with a case, or without one, than folds.
        ValueError: fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"{folds} folds; two are the least")
    _, cases = scores_and_truth(np.zeros(np.shape(truth)), truth)
    codes, n_patients = patient_codes(patients, len(cases))
    has_case = np.zeros(n_patients, dtype=bool)
    has_case[codes[cases]] = True
    n_with = int(has_case.sum())
    if min(n_with, n_patients - n_with) < folds:
        raise TableError(
            f"{n_with} patients with a case and {n_patients - n_with} without one are too few for "
            f"{folds} folds",
            hint="give a recalibration that was fitted on other exams",
        )
    of_patient = np.empty(n_patients, dtype=np.int64)
    for kind, first in ((has_case, 0), (~has_case, folds - 1)):  # from both ends: folds even out
        dealt = rng.permutation(np.flatnonzero(kind))
        of_patient[dealt] = np.abs(first - np.arange(len(dealt)) % folds)
    return of_patient[codes]
