"""A choice by shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pick(rng: np.random.Generator, shares: Sequence[float]) -> int:
    """The place of one of `shares`, as often as its part of their sum. Takes one draw."""
    rest = rng.random() * sum(shares)
    for place, share in enumerate(shares):
        rest -= share
        if rest < 0:
            return place
    return len(shares) - 1
