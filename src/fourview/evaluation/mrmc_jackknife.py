"""What is measured of each reader where one patient is left out."""

from __future__ import annotations

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Bools, Floats, Ints
from fourview.evaluation.delong import placements
from fourview.evaluation.mrmc_measure import Measure, codes_of, rows_by_patient, rows_of

_AT_ONCE = 4_000_000
"""Counts held at once: 32 MB."""


def without_each_patient(ratings: Ratings, measure: Measure) -> Floats:
    """The measure of each reader in each modality without each patient.

    Returns:
        `(K, patients)`, K = modalities x readers, modality after modality; NaN where what is left
        lacks a kind.
    """
    codes, n_patients = codes_of(ratings)
    if measure == "auc":
        rows = [
            _aucs(row[rated], ratings.truth[rated], codes[rated], n_patients)
            for row, rated in rows_of(ratings)
        ]
        return np.stack(rows)
    forms, _ = rows_by_patient(ratings, measure)
    parts = []
    for at in range(0, n_patients, step := max(1, _AT_ONCE // n_patients)):
        left_out = np.arange(at, min(at + step, n_patients))
        counts = np.ones((len(left_out), n_patients), dtype=np.int64)
        counts[np.arange(len(left_out)), left_out] = 0
        parts.append(np.stack([of(counts) for of in forms]))
    return np.concatenate(parts, axis=1)


def _aucs(scores: Floats, truth: Bools, codes: Ints, n_patients: int) -> Floats:
    """All pairs won, less those of the patient's cases, less those of the patient's others, and
    what was taken away twice; over the pairs that are left."""
    of_cases, of_others = placements(scores[None], truth)
    n_cases, n_others = of_cases.shape[1], of_others.shape[1]
    won = (
        of_cases.sum() * n_others
        - np.bincount(codes[truth], of_cases[0] * n_others, n_patients)
        - np.bincount(codes[~truth], of_others[0] * n_cases, n_patients)
        + _won_within(scores, truth, codes, n_patients)
    )
    left_cases = n_cases - np.bincount(codes[truth], minlength=n_patients)
    left_others = n_others - np.bincount(codes[~truth], minlength=n_patients)
    pairs = left_cases * left_others
    aucs: Floats = np.full(n_patients, np.nan)
    np.divide(won, pairs, out=aucs, where=pairs > 0)
    return aucs


def _won_within(scores: Floats, truth: Bools, codes: Ints, n_patients: int) -> Floats:
    """How many pairs of two of a patient's own the case wins, ties a half `(patients,)`."""
    won = np.zeros(n_patients)
    for patient in np.intersect1d(codes[truth], codes[~truth]):
        own = codes == patient
        case, other = scores[own & truth][:, None], scores[own & ~truth]
        won[patient] = ((case > other) + 0.5 * (case == other)).sum()
    return won
