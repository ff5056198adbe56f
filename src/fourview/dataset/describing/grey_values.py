"""Histograms of stored grey values, by manufacturer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fourview.dataset.describing.looking import LookedAt
from fourview.report.dataset_contents import GreyValues

BINS = 128


def grey_values(seen: Iterable[tuple[str, LookedAt]]) -> tuple[GreyValues, ...]:
    """The grey values of each manufacturer's images, in the order of their names.

    Args:
        seen: manufacturers with images; those that could not be read are left out.
    """
    by_maker: dict[str, list[LookedAt]] = {}
    for maker, one in seen:
        if one.histogram.size:
            by_maker.setdefault(maker, []).append(one)
    return tuple(_of_maker(maker, by_maker[maker]) for maker in sorted(by_maker))


def _of_maker(maker: str, images: Sequence[LookedAt]) -> GreyValues:
    counts = np.zeros(max(one.histogram.size for one in images), dtype=np.int64)
    background, grounds = 0, set()
    for one in images:
        commonest = int(one.histogram.argmax())
        grounds.add(commonest)
        background += int(one.histogram[commonest])
        counts[: one.histogram.size] += one.histogram
        counts[commonest] -= one.histogram[commonest]
    total = int(counts.sum())
    return GreyValues(
        name=maker,
        images=len(images),
        bits=tuple(sorted({one.bits for one in images})),
        inverted=sum(one.inverted for one in images),
        background=background / (background + total),
        background_values=(min(grounds), max(grounds)),
        percentiles={
            **{f"p{percent}": _percentile(counts, percent) for percent in (1, 50, 99)},
            "highest": counts.size - 1,
        },
        parts=tuple((_binned(counts) / max(total, 1)).tolist()),
    )


def _percentile(counts: NDArray[np.int64], percent: int) -> int:
    """The least value at or below which so much of them lies."""
    reached = np.cumsum(counts)
    return int(np.searchsorted(reached, reached[-1] * percent / 100))


def _binned(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `BINS` sums over equally many values each; fewer where there are few values."""
    width = -(-counts.size // BINS)
    padded = np.pad(counts, (0, -counts.size % width))
    return np.asarray(padded.reshape(-1, width).sum(axis=1))
