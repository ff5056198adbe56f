"""Neighbours, how a picture keeps them, and what they tell: against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from fourview.core.errors import TableError
from fourview.evaluation import representation
from fourview.evaluation.representation import (
    Metric,
    agreement,
    continuity,
    nearest_others,
    spearman,
    trustworthiness,
)

METRICS: tuple[Metric, ...] = ("euclidean", "manhattan", "cosine", "correlation")


def alone(n: int) -> list[int]:
    return list(range(n))


def test_neighbours_on_a_line_are_those_beside() -> None:
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    found = nearest_others(points, 2, patients=alone(4))
    assert found.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]


def test_an_exam_is_no_neighbour_of_its_patients_others() -> None:
    points = np.array([[0.0], [0.1], [0.2], [5.0], [6.0]])
    found = nearest_others(points, 2, patients=["a", "a", "b", "b", "c"])
    assert found.tolist() == [[2, 3], [2, 3], [1, 0], [4, 1], [3, 2]]


def test_neighbours_do_not_hang_on_how_many_distances_are_held_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    points, picture = rng.normal(size=(50, 6)), rng.normal(size=(50, 2))
    whole = nearest_others(points, 7, patients=alone(50)), trustworthiness(points, picture, 7)
    monkeypatch.setattr(representation, "_AT_ONCE", 130)
    again = nearest_others(points, 7, patients=alone(50)), trustworthiness(points, picture, 7)
    assert np.array_equal(whole[0], again[0])
    assert whole[1] == again[1]


@pytest.mark.parametrize("k", [0, 3])
def test_fewer_exams_of_other_patients_than_neighbours_are_refused(k: int) -> None:
    with pytest.raises(TableError, match="some have 2 exams of other patients"):
        nearest_others(np.arange(4.0)[:, None], k, patients=["a", "a", "b", "c"])


def test_exams_that_are_all_0_have_no_angle() -> None:
    points = np.eye(5)
    points[2] = 0
    with pytest.raises(TableError, match="no cosine distance"):
        nearest_others(points, 2, metric="cosine", patients=alone(5))


def test_a_picture_that_keeps_all_neighbours_has_1_and_one_at_random_about_a_half() -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(400, 2))
    assert trustworthiness(points, 3 * points + 1, 10) == 1
    assert continuity(points, 3 * points + 1, 10) == 1
    assert trustworthiness(points, rng.normal(size=(400, 2)), 10) == pytest.approx(0.5, abs=0.03)


def test_trustworthiness_of_five_points_by_hand() -> None:
    """In the picture 0 and 4 have changed places. Nearest in it, with its true rank: 0: 3 (3);
    1: 4 (4); 2: 1 (1); 3: 2 (1); 4: 1 (3). Beyond k = 1: 2 + 3 + 2 = 7, and
    1 - 2 / (5 · 1 · (10 - 3 - 1)) · 7 = 16 / 30."""
    points = np.array([[0.0], [1.0], [2.1], [3.3], [4.6]])
    picture = points[[4, 1, 2, 3, 0]].copy()
    assert trustworthiness(points, picture, 1) == pytest.approx(16 / 30)


@pytest.mark.parametrize("metric", METRICS)
def test_trustworthiness_is_scikit_learns(metric: Metric) -> None:
    manifold = pytest.importorskip("sklearn.manifold")
    rng = np.random.default_rng(2)
    points = rng.normal(size=(60, 8))
    picture = points[:, :2] + rng.normal(0, 0.5, (60, 2))
    expected = manifold.trustworthiness(points, picture, n_neighbors=9, metric=metric)
    assert trustworthiness(points, picture, 9, metric=metric) == pytest.approx(expected, abs=1e-12)
    back = manifold.trustworthiness(picture, points, n_neighbors=9)
    assert continuity(points, picture, 9) == pytest.approx(back, abs=1e-12)


def test_spearman_is_scipys_with_ties() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 6, 40).astype(float), rng.normal(size=40)
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))


def clusters(*, seed: int = 4, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """A quarter of the exams, of score 1, away from the others."""
    rng = np.random.default_rng(seed)
    truth = (np.arange(n) % 4 == 0).astype(float)
    return rng.normal(size=(n, 6)) + 1.5 * truth[:, None], truth


def test_neighbours_of_a_truth_are_measured_by_the_auc() -> None:
    points, truth = clusters()
    nearest = nearest_others(points, 5, patients=alone(80))
    found = agreement(truth, nearest, alone(80), rng=np.random.default_rng(0), draws=300)
    means = [np.mean([truth[other] for other in row]) for row in nearest]
    pairs = [
        (one > other) + (one == other) / 2
        for one, is_case in zip(means, truth, strict=True) if is_case
        for other, is_other in zip(means, truth, strict=True) if not is_other
    ]  # fmt: skip
    assert found.measure == "auc"
    assert found.value == pytest.approx(np.mean(pairs), abs=1e-12)
    assert found.interval.low < found.value < found.interval.high
    assert found.chance == pytest.approx(0.5, abs=0.05)
    assert found.p == 1 / 301


def test_neighbours_of_a_score_are_measured_by_rank_correlation() -> None:
    points, truth = clusters()
    scores = truth + np.random.default_rng(5).normal(0, 0.3, 80)
    nearest = nearest_others(points, 5, patients=alone(80))
    found = agreement(scores, nearest, alone(80), rng=np.random.default_rng(0), draws=300)
    assert found.measure == "spearman"
    assert found.value == pytest.approx(spearmanr(scores[nearest].mean(axis=1), scores).statistic)
    assert found.interval.low < found.value < found.interval.high
    assert abs(found.chance) < 0.06
    assert found.p == 1 / 301


def test_scores_that_the_activations_do_not_know_are_by_chance() -> None:
    points, _ = clusters()
    nearest = nearest_others(points, 5, patients=alone(80))
    rng = np.random.default_rng(6)
    found = [
        agreement(rng.random(80), nearest, alone(80), rng=np.random.default_rng(1), draws=60).p
        for _ in range(60)
    ]
    assert 0.35 < np.mean(found) < 0.65
    assert sum(p <= 0.1 for p in found) <= 13


def test_patients_with_several_exams_have_an_interval_but_no_deal() -> None:
    points, truth = clusters()
    patients = [number // 2 for number in range(80)]
    nearest = nearest_others(points, 5, patients=patients)
    found = agreement(truth, nearest, patients, rng=np.random.default_rng(0), draws=50)
    assert found.interval.defined
    assert np.isnan([found.chance, found.p]).all()
    assert "several exams" in found.remark


def test_a_score_that_is_the_same_for_all_tells_nothing() -> None:
    points, _ = clusters()
    nearest = nearest_others(points, 5, patients=alone(80))
    found = agreement(np.ones(80), nearest, alone(80), rng=np.random.default_rng(0), draws=5)
    assert np.isnan([found.value, found.p, found.interval.low]).all()
    assert found.remark == "all exams have the same score"
