"""Lesions found against false marks on an image."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fourview.evaluation.froc import ImageMarks, froc
from fourview.evaluation.localisation import Place


def lesions(*at: tuple[int, int]) -> np.ndarray:
    """One mask a lesion on a map of 4 by 9, each of one pixel."""
    masks = np.zeros((len(at), 4, 9), dtype=bool)
    for mask, place in zip(masks, at, strict=True):
        mask[place] = True
    return masks


TWO = ImageMarks(
    lesions((0, 0), (3, 8)),
    [Place(0, 0, 0.9), Place(0, 0, 0.2), Place(2, 2, 0.5), Place(3, 8, 0.4)],
)
NONE = ImageMarks(lesions(), [Place(1, 1, 0.5), Place(2, 2, 0.3)])


def test_a_lesion_counts_once_at_its_highest_mark() -> None:
    curve = froc([TWO, NONE])
    assert curve.thresholds.tolist() == [0.9, 0.5, 0.4, 0.3]
    assert curve.sensitivity.tolist() == [0.5, 0.5, 1.0, 1.0]
    assert curve.false_positives.tolist() == [0, 1, 1, 1.5]
    assert (curve.lesions, curve.images) == (2, 2)


def test_the_sensitivity_at_a_number_of_false_marks() -> None:
    curve = froc([TWO, NONE])
    assert [curve.sensitivity_at(x) for x in (0, 0.99, 1, 5)] == [0.5, 0.5, 1, 1]
    assert froc([NONE, ImageMarks(lesions((0, 0)), [])]).sensitivity_at(0) == 0.0


def test_a_distance_lets_a_near_mark_find() -> None:
    near = ImageMarks(lesions((0, 0)), [Place(0, 2, 1.0)])
    assert froc([near]).sensitivity.tolist() == [0.0]
    assert froc([near], within_px=2).sensitivity.tolist() == [1.0]


def test_a_mark_on_two_lesions_finds_both() -> None:
    both = ImageMarks(lesions((1, 1), (1, 1)), [Place(1, 1, 0.7)])
    assert froc([both]).sensitivity.tolist() == [1.0]


def test_without_lesions_the_sensitivity_is_not_defined() -> None:
    curve = froc([NONE])
    assert np.isnan(curve.sensitivity).all()
    assert math.isnan(curve.sensitivity_at(1))
    assert curve.false_positives.tolist() == [1, 2]


def test_without_marks_nothing_is_found() -> None:
    curve = froc([ImageMarks(lesions((0, 0)), [])])
    assert len(curve.thresholds) == 0
    assert curve.sensitivity_at(10) == 0.0


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ([], "needs images"),
        ([ImageMarks(np.zeros((4, 9), dtype=bool), [])], r"\(L, H, W\)"),
        ([ImageMarks(np.zeros((1, 4, 9), dtype=bool), [])], "empty"),
        ([ImageMarks(lesions(), [Place(0, 0, math.nan)])], "value nan"),
    ],
)
def test_what_cannot_be_counted_is_refused(images: list[ImageMarks], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        froc(images)
