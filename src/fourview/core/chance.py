"""Chance as a value: every random draw of a prediction comes from an object passed in.

Two makers of draws stand behind one interface. `Chance` is fourview's own: an exam's draws depend
on the seed and on the exam's name, and on nothing else. `ReleasedChance` repeats the released
pipeline's generators (numpy's RandomState for windows, Python's Random for strides), begun anew
for each exam from the seed alone, so that it equals the release for an exam alone in its list.
"""

from __future__ import annotations

import hashlib
import random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fourview.core.views import FourViews


class Draws(Protocol):
    """What the arithmetic may ask of chance."""

    def image(self, n_images: int) -> int:
        """Which of a view's `n_images` a pass reads."""
        ...

    def noise(self, n: int) -> NDArray[np.float64]:
        """`n` numbers, uniform in [-1, 1)."""
        ...

    def sample(self, population: int, n: int) -> list[int]:
        """`n` different numbers below `population`."""
        ...


class Chance:
    """Draws for one exam and one purpose, from `(seed, *words)`; any two differ in their stream."""

    def __init__(self, seed: int, *words: str) -> None:
        digest = hashlib.sha256("\0".join(words).encode()).digest()
        self._rng = np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32).tolist()])

    def image(self, n_images: int) -> int:
        return int(self._rng.integers(n_images))

    def noise(self, n: int) -> NDArray[np.float64]:
        return self._rng.uniform(-1, 1, size=n)

    def sample(self, population: int, n: int) -> list[int]:
        return [int(i) for i in self._rng.choice(population, size=n, replace=False)]


class ReleasedChance:
    """The released pipeline's draws (numpy's legacy RandomState, Python's Random)."""

    def __init__(self, seed: int) -> None:
        self._windows = np.random.RandomState(seed)
        self._strides = random.Random(seed)

    def image(self, n_images: int) -> int:
        return int(self._windows.randint(0, n_images))

    def noise(self, n: int) -> NDArray[np.float64]:
        return self._windows.uniform(-1, 1, size=n)

    def sample(self, population: int, n: int) -> list[int]:
        return self._strides.sample(range(population), n)


def draws_by_view(chance: str, seed: int, exam: str, purpose: str) -> FourViews[Draws]:
    """Each view's draws for one purpose (`windows`, `strides`) of one exam.

    Args:
        chance: `exam`: every view has a stream of its own; `released`: the views share one;
            `released-per-view`: each view begins the released one anew.
    """
    if chance == "released":
        shared: Draws = ReleasedChance(seed)
        return FourViews(shared, shared, shared, shared)
    if chance == "released-per-view":
        return FourViews.build(lambda _: ReleasedChance(seed))
    return FourViews.build(lambda view: Chance(seed, exam, purpose, view.value))
