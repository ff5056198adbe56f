"""Marks keep all of a mask that matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.geometry import Box
from fourview.imaging.marks import BENIGN, HIGH_RISK, MALIGNANT, Marks

SHAPE = (210, 170)


def scattered(seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    mask = np.zeros(SHAPE, np.uint8)
    for value in (MALIGNANT, BENIGN, HIGH_RISK, BENIGN):
        top, left = int(rng.integers(200)), int(rng.integers(160))
        side = int(rng.integers(1, 60))
        mask[top : top + side, left : left + side] = value
    mask[tuple(rng.integers(0, SHAPE, (5, 2)).T)] = MALIGNANT
    return mask


def test_what_is_counted_in_a_footprint_is_what_the_mask_has_there() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        mask = scattered(seed)
        marks = Marks.of(mask)
        for _ in range(20):
            top, left = int(rng.integers(180)), int(rng.integers(140))
            box = Box(top, top + 30, left, left + 30)
            footprint = rng.random(box.shape) < 0.05
            values, counts = np.unique(mask[box.slices][footprint], return_counts=True)
            expected = dict(zip(values.tolist(), counts.tolist(), strict=True))
            expected.pop(0, None)
            assert marks.counted(box, footprint) == expected


def test_areas_and_bounds_are_the_masks() -> None:
    for seed in range(20):
        mask = scattered(seed)
        marks = Marks.of(mask)
        assert dict(marks.areas) == {
            value: int((mask == value).sum()) for value in (1, 2, 3) if (mask == value).any()
        }
        rows, columns = np.nonzero(mask == MALIGNANT)
        edges = (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)
        assert marks.bounds((MALIGNANT,)) == Box(*map(int, edges))


def test_an_empty_mask_has_no_parts() -> None:
    marks = Marks.of(np.zeros(SHAPE, np.uint8))
    assert marks.parts == ()
    assert marks.bounds((1, 2, 3)) is None


def test_a_small_lesion_takes_little_memory() -> None:
    mask = np.zeros((4000, 3000), np.uint8)
    mask[1000:1050, 900:930] = BENIGN
    mask[3000:3010, 100:110] = MALIGNANT
    assert sorted(part.values.size for part in Marks.of(mask).parts) == [100, 1500]


def test_a_cluster_of_calcifications_is_one_part() -> None:
    mask = np.zeros((400, 300), np.uint8)
    mask[100:160:6, 100:160:6] = BENIGN
    (part,) = Marks.of(mask).parts
    assert part.box == Box(100, 155, 100, 155)
