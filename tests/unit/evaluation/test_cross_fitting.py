"""Cross-fitted probabilities: nobody's own truth is in them."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.cross_fitting import cross_fitted, patient_folds
from fourview.evaluation.recalibration import fit_isotonic, fit_platt

TRUTH = np.arange(80) % 6 == 0
PATIENTS = [f"p{i // 2}" for i in range(80)]


def test_folds_part_patients_and_share_out_those_with_a_case() -> None:
    fold = patient_folds(TRUTH, PATIENTS, rng=np.random.default_rng(0), folds=4)
    assert (fold.reshape(-1, 2)[:, 0] == fold.reshape(-1, 2)[:, 1]).all()
    assert np.bincount(fold).tolist() == [20, 20, 20, 20]
    with_case = [len({PATIENTS[i] for i in np.flatnonzero(TRUTH & (fold == k))}) for k in range(4)]
    assert max(with_case) - min(with_case) <= 1


@pytest.mark.parametrize("fit", [fit_platt, fit_isotonic])
def test_a_breasts_truth_does_not_move_its_own_patients_probabilities(fit: object) -> None:
    rng = np.random.default_rng(5)
    scores = np.clip(0.2 + 0.3 * TRUTH + rng.normal(0, 0.1, 80), 0.01, 0.99)
    fold = patient_folds(TRUTH, PATIENTS, rng=np.random.default_rng(0))
    found = cross_fitted(scores, TRUTH, PATIENTS, fit, rng=np.random.default_rng(0))  # type: ignore[arg-type]
    for k in range(5):
        own = fit(scores[fold != k], TRUTH[fold != k])(scores[fold == k])  # type: ignore[operator]
        assert found[fold == k].tolist() == own.tolist()
    assert not np.isnan(found).any()


def test_too_few_patients_of_a_kind_are_refused() -> None:
    truth = np.zeros(80)
    truth[:6] = 1  # three patients
    with pytest.raises(TableError, match="3 patients with a case and 37 without"):
        patient_folds(truth, PATIENTS, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="1 folds"):
        patient_folds(truth, PATIENTS, rng=np.random.default_rng(0), folds=1)
