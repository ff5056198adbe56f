"""Intervals of a FROC curve's sensitivity: each draw is the curve of the images drawn."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.evaluation.bootstrap import patient_draws
from fourview.evaluation.froc import JudgedImage, froc_of
from fourview.evaluation.froc_bootstrap import resample_sensitivity

NONE = -np.inf
ALLOWED = (0.25, 0.5, 1.0, 2.0)


def some_images(n: int, seed: int = 0) -> tuple[list[JudgedImage], list[str]]:
    """Marks with many ties, of `n` images of about half as many patients."""
    rng = np.random.default_rng(seed)
    images = []
    for _ in range(n):
        found = rng.choice([NONE, 0.2, 0.5, 0.7, 0.9], size=rng.integers(0, 3))
        false = rng.choice([0.1, 0.2, 0.3, 0.5, 0.7, 0.8], size=rng.integers(0, 5))
        images.append(JudgedImage(tuple(found.tolist()), tuple(false.tolist())))
    return images, [f"patient {i}" for i in rng.integers(0, n // 2, size=n)]


def test_each_draw_is_the_curve_of_the_images_that_were_drawn() -> None:
    """Drawn again with images copied, and read from `froc_of` itself."""
    images, patients = some_images(24)
    found = resample_sensitivity(images, patients, ALLOWED, rng=np.random.default_rng(3), draws=40)
    names = list(dict.fromkeys(patients))
    draws = np.concatenate(list(patient_draws(len(names), 40, np.random.default_rng(3))))
    for number, counts in enumerate(draws):
        times = dict(zip(names, counts, strict=True))
        copied = [
            image
            for image, whose in zip(images, patients, strict=True)
            for _ in range(times[whose])
        ]
        curve = froc_of(copied)
        for allowed, one in zip(ALLOWED, found, strict=True):
            expected = curve.sensitivity_at(allowed)
            assert one.replicates[number] == pytest.approx(expected, abs=1e-12)
    assert [one.value for one in found] == [froc_of(images).sensitivity_at(f) for f in ALLOWED]
    assert len({tuple(one.replicates) for one in found}) == 4


def test_a_rate_that_is_reached_exactly_is_allowed_in_each_draw() -> None:
    """11 images of one patient with 15 false marks: 15 / 11 * 11 is below 15 in floating point."""
    assert 15 / 11 * 11 < 15
    images = [JudgedImage((0.1,), (0.5,) * 15), *[JudgedImage((NONE,), ())] * 10]
    (one,) = resample_sensitivity(
        images, ["p"] * 11, [15 / 11], rng=np.random.default_rng(0), draws=3
    )
    assert one.value == 1 / 11
    assert one.replicates.tolist() == [1 / 11] * 3


def test_the_interval_holds_the_value_and_narrows_with_patients() -> None:
    widths = []
    for n in (20, 200):
        images, patients = some_images(n, seed=5)
        (one,) = resample_sensitivity(
            images, patients, [1.0], rng=np.random.default_rng(0), draws=300
        )
        interval = one.interval()
        assert interval.low <= one.value <= interval.high
        widths.append(interval.high - interval.low)
    assert widths[1] < 0.7 * widths[0]  # ties make both coarse


def test_images_without_a_lesion_define_no_sensitivity() -> None:
    images = [JudgedImage((), (0.4,)), JudgedImage((), ())]
    (one,) = resample_sensitivity(images, ["a", "b"], [1.0], rng=np.random.default_rng(0), draws=9)
    assert np.isnan(one.value)
    assert not one.interval().defined


def test_no_images_or_an_image_of_nobody_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="needs images"):
        resample_sensitivity([], [], [1.0], rng=rng)
    with pytest.raises(TableError, match="1 of 2 breasts have no patient"):
        resample_sensitivity([JudgedImage((), ())] * 2, ["a", ""], [1.0], rng=rng)
