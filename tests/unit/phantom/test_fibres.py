"""The tiles of fibres and fat lobules."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.phantom import fibres
from fourview.phantom.fibres import GATHERED, fibres_and_lobules

SIDE, STEP = 512, 0.4


def tiles(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return fibres_and_lobules(np.random.default_rng(seed), SIDE, STEP)


def test_fibres_are_sparse_and_lobules_cover_a_part() -> None:
    web, lobules = tiles()
    assert web.shape == lobules.shape == (SIDE, SIDE)
    assert web.min() >= 0
    assert 0.02 < web.mean() < 0.25
    assert web.max() > 0.6
    assert 0.15 < (lobules > 0.3).mean() < 0.7
    assert lobules.min() >= 0
    assert lobules.max() <= 1


def test_the_tiles_are_periodic() -> None:
    """Across the seam, values change no more than elsewhere."""
    for tile in tiles():
        for axis in (0, 1):
            step = np.abs(np.diff(tile, axis=axis)).mean()
            seam = np.abs(np.take(tile, 0, axis) - np.take(tile, -1, axis)).mean()
            assert seam < 1.6 * step


def test_most_fibres_run_along_the_rows_axis() -> None:
    web, _ = tiles()
    along, across = (np.square(np.diff(web, axis=axis)).mean() for axis in (0, 1))
    assert along < 0.6 * across


@pytest.mark.parametrize(("gathered", "least", "most"), [(GATHERED, 1.5, 8), (0.0, 0.7, 1.3)])
def test_fibres_gather_in_places(
    gathered: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their number in squares of 26 mm varies more than chance alone would have it."""
    monkeypatch.setattr(fibres, "GATHERED", gathered)
    ratios = []
    for seed in range(8):
        places = fibres._gathered(np.random.default_rng(seed), 1600, SIDE)
        counts, _, _ = np.histogram2d(*places.T, bins=8, range=[[0, SIDE]] * 2)
        assert counts.sum() == 1600
        ratios.append(counts.var() / counts.mean())
    assert least < np.mean(ratios) < most


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_chance_gives_the_same_tiles(seed: int) -> None:
    for one, again in zip(tiles(seed), tiles(seed), strict=True):
        assert np.array_equal(one, again)
    assert not np.array_equal(tiles(seed)[0], tiles(seed + 1)[0])
