"""The fibroglandular tissue of a breast: one volume, seen along the beam of each view.

The volume is coarse (about 2 mm). Each view shows it in three slabs, and gives their borders the
fine structure of its own texture, as the slabs are when they are drawn.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from fourview.phantom.plan import Breast
from fourview.phantom.positions import BEAM_TURNED
from fourview.phantom.texture import Field, chance, power_law

DEPTHS, SIDE = 64, 96
"""Samples from chest wall to nipple, and across."""
N_SLABS = 3
STEEPNESS = 3.5
"""Exponent of the volume's spectrum: it is the coarse part of what views show."""
SHARED = 0.55
"""The part of the coarse structure's variance that left and right breast have in common."""


def slabs(breast: Breast, position: str, shared_seed: int) -> tuple[Field, Field]:
    """Glandular fraction of the slabs of one view, and their share of the thickness.

    Returns:
        Twice `(N_SLABS, DEPTHS, SIDE)`: along depth from the chest wall, and across from -1 to 1
        (the coordinate of `projection.across`); values 0 to 1.
    """
    volume = _volume(breast.seed, shared_seed, breast.fibroglandular)
    if BEAM_TURNED[position]:
        volume = _turned(volume, float(np.deg2rad(BEAM_TURNED[position])))
    inside = _inside()
    thirds = np.array_split(np.arange(SIDE), N_SLABS)
    amount = np.stack([(volume * inside)[:, :, third].sum(axis=2) for third in thirds])
    room = np.stack([np.tile(inside[:, third].sum(axis=1), (DEPTHS, 1)) for third in thirds])
    fraction = amount / np.maximum(room, 1)
    share = room / np.maximum(room.sum(axis=0), 1)
    return fraction.astype(np.float32), share.astype(np.float32)


def denseness(fibroglandular: float) -> float:
    """0 for a fatty breast, 1 for one whose gland is a continuous body."""
    return float(np.clip((fibroglandular - 0.12) / 0.25, 0, 1))


@lru_cache(maxsize=2)
def _volume(seed: int, shared_seed: int, fibroglandular: float) -> Field:
    """`(DEPTHS, SIDE, SIDE)` over depth, lateral and height: the glandular fraction, 0 to 1."""
    shape = (DEPTHS, SIDE, SIDE)
    shared = _shared(shared_seed)
    own = power_law(chance(seed, "volume"), shape, beta=STEEPNESS)
    rng = chance(seed, "gland")
    field = np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own
    depth = np.linspace(0, 1, DEPTHS, dtype=np.float32)[:, None, None]
    lateral, height = _across()
    dense = denseness(fibroglandular)
    fat_layer = rng.uniform(0.62, 0.8) + 0.2 * fibroglandular
    radius = np.hypot(lateral - 0.1, height - 0.05) / fat_layer
    middle = rng.uniform(0.55, 0.68)
    from_middle = (depth - middle) / rng.uniform(0.3, 0.42)
    from_middle = np.where(depth > middle, (1 - 0.5 * dense) * from_middle, from_middle)
    behind_nipple = 1.5 * np.exp(-np.square(from_middle))
    narrowing = 1 + 0.5 * np.maximum(depth - 0.6, 0)
    bias = behind_nipple + 0.3 * lateral + 0.2 * height
    bias = bias - 1.6 * (radius * narrowing) ** 3 - 2.0 * np.maximum(depth - 0.95, 0) / 0.05
    score = np.float32(0.75 - 0.3 * dense) * field + bias.astype(np.float32)
    inside = np.broadcast_to(_inside(), shape)
    level = np.quantile(score[inside][::7], 1 - np.clip(fibroglandular, 0.01, 0.95))
    return np.asarray(
        1 / (1 + np.exp((level - score) / np.float32(0.16 - 0.06 * dense))), dtype=np.float32
    )


@lru_cache(maxsize=1)
def _shared(seed: int) -> Field:
    """What left and right have in common."""
    return power_law(chance(seed, "volume"), (DEPTHS, SIDE, SIDE), beta=STEEPNESS)


def _across() -> tuple[Field, Field]:
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    return axis[None, :, None], axis[None, None, :]


def _inside() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    lateral, height = _across()
    return np.asarray((np.square(lateral) + np.square(height) <= 1)[0], dtype=np.bool_)


def _turned(volume: Field, angle: float) -> Field:
    """The volume over depth, what a beam turned by `angle` shows beside it, and along the beam."""
    middle, c, s = (SIDE - 1) / 2, np.cos(angle), np.sin(angle)
    # the source (column: height, row: lateral) of a target (column: beam, row: across)
    turn = np.array([[c, s, middle * (1 - c - s)], [-s, c, middle * (1 + s - c)]])
    turned = [
        cv2.warpAffine(part, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        for part in volume
    ]
    return np.stack(turned).astype(np.float32)
