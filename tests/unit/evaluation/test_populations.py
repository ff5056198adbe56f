"""The paper's populations and tasks, on six breasts whose answers are plain."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.views import Laterality
from fourview.evaluation.auc import auc
from fourview.evaluation.populations import (
    BENIGN,
    EITHER,
    MALIGNANT,
    MALIGNANT_AGAINST_BENIGN,
    TASKS,
    biopsied_population,
    reader_study_population,
    screening_population,
)

# exam:            1  1  2  2  3  3
BENIGN_FINDING = [1, 0, 1, 0, 0, 0]
MALIGNANT_FINDING = [1, 0, 0, 1, 0, 0]
BREASTS = Breasts(
    exams=("1", "1", "2", "2", "3", "3"),
    lateralities=(Laterality.LEFT, Laterality.RIGHT) * 3,
    patients=("a", "a", "b", "b", "a", "a"),
    benign=np.array(BENIGN_FINDING, dtype=bool),
    malignant=np.array(MALIGNANT_FINDING, dtype=bool),
    biopsied=np.array([1, 1, 1, 1, 0, 0], dtype=bool),
)
SCORES = BreastScores(
    benign=np.array([0.2, 0.1, 0.6, 0.3, 0.0, 0.7]),
    malignant=np.array([0.6, 0.1, 0.2, 0.9, 0.0, 0.3]),
)


def test_the_biopsied_population_has_both_breasts_of_biopsied_exams() -> None:
    """'Test populations': "only including exams … containing breasts which underwent a biopsy"."""
    assert screening_population(BREASTS).which.sum() == 6
    assert biopsied_population(BREASTS).which.tolist() == [1, 1, 1, 1, 0, 0]
    only = biopsied_population(BREASTS, unit="breasts")
    assert only.which.tolist() == [1, 0, 1, 1, 0, 0]


def test_the_reader_study_has_the_exams_that_readers_read() -> None:
    assert reader_study_population(BREASTS, ["3", "9"]).which.tolist() == [0, 0, 0, 0, 1, 1]


def test_either_finding_is_asked_with_the_larger_prediction() -> None:
    """SI, 'Classifying malignant/benign vs. normal'."""
    assert EITHER.cases(BREASTS).tolist() == [1, 0, 1, 1, 0, 0]
    assert EITHER.score(SCORES).tolist() == [0.6, 0.1, 0.6, 0.9, 0.0, 0.7]
    # cases 0.6 0.6 0.9 against 0.1 0.0 0.7: 7 of 9 pairs in order
    assert auc(EITHER.score(SCORES), EITHER.cases(BREASTS)) == pytest.approx(7 / 9)


def test_malignant_against_benign_is_asked_of_breasts_of_one_class_with_a_sum_of_one() -> None:
    """SI, 'Classifying malignant vs. benign': the one-class biopsied subpopulation."""
    asked = MALIGNANT_AGAINST_BENIGN.asked(BREASTS)
    assert asked.tolist() == [0, 0, 1, 1, 0, 0]
    score = MALIGNANT_AGAINST_BENIGN.score(SCORES)
    assert score[asked].tolist() == pytest.approx([0.25, 0.75])
    assert np.isnan(score[4])  # 0 of 0
    assert MALIGNANT_AGAINST_BENIGN.cases(BREASTS)[asked].tolist() == [0, 1]


def test_malignant_and_benign_are_asked_of_every_breast() -> None:
    for task, truth in ((MALIGNANT, MALIGNANT_FINDING), (BENIGN, BENIGN_FINDING)):
        assert task.asked(BREASTS).all()
        assert task.cases(BREASTS).tolist() == truth
    assert MALIGNANT.score(SCORES) is SCORES.malignant
    assert BENIGN.score(SCORES) is SCORES.benign


def test_a_breast_that_was_not_read_has_no_score_in_any_task() -> None:
    unread = BreastScores(np.array([np.nan, 0.5]), np.array([np.nan, 0.5]))
    for task in TASKS:
        assert np.isnan(task.score(unread)).tolist() == [True, False]
