"""The area under the ROC curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fourview.evaluation.auc import auc, mean_auc


def test_it_is_the_chance_that_a_case_scores_higher() -> None:
    rng = np.random.default_rng(0)
    scores, truth = rng.integers(0, 9, 200), rng.integers(0, 2, 200)
    pairs = scores[truth == 1][:, None] - scores[truth == 0][None]
    expected = ((pairs > 0) + 0.5 * (pairs == 0)).mean()
    assert auc(scores, truth) == pytest.approx(expected, abs=1e-12)


def test_without_cases_or_with_a_score_that_is_no_number_there_is_none() -> None:
    assert math.isnan(auc([1, 2], [0, 0]))
    assert math.isnan(auc([1, math.nan], [0, 1]))


def test_the_mean_leaves_out_what_is_no_number() -> None:
    assert mean_auc([0.5, math.nan, 0.7]) == pytest.approx(0.6)
    assert math.isnan(mean_auc([math.nan]))


def test_scores_and_truth_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        auc([1, 2, 3], [0, 1])
