"""Random fields that look like breast tissue.

The power spectrum of mammograms falls as 1 / frequency ** beta with beta about 3 (Burgess,
Jacobson, Judy: Human observer detection experiments with mammograms and power-law noise, Med Phys
2001; 28: 419-437). All fields have a grid in millimetres that does not depend on the image's
scale, so that the same seed gives the same structures at any scale.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from fourview.phantom.fibres import fibres_and_lobules

Field = NDArray[np.float32]

TILE_STEP_MM = 0.2
TILE_SIDE = 1024
"""A tile of texture is periodic: 1024 samples of 0.2 mm."""
NET = 0.3
"""How bright the net around lobules is, of the brightest fibres."""


def chance(*words: int | str) -> np.random.Generator:
    """A generator that depends on all of `words` and on nothing else."""
    text = "\0".join(str(word) for word in words).encode()
    digest = hashlib.sha256(text).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())


@lru_cache(maxsize=2)
def texture(seed: int) -> Field:
    """The tissue texture of one breast. Kept for the breast's other view.

    Returns:
        `(TILE_SIDE, TILE_SIDE, 3)`, periodic; the rows run along the ducts, towards the nipple.
        The layers are power-law texture (mean 0, standard deviation 1), fibres (0 between them,
        about 1 on strong ones) and fat lobules (0 outside, about 1 inside of them).
    """
    rng = chance(seed, "texture")
    shape = (TILE_SIDE, TILE_SIDE)
    cloud = power_law(rng, shape, beta=2.88, step=TILE_STEP_MM, longest=24.0, stretch=1.25)
    web, lobules = fibres_and_lobules(rng, TILE_SIDE, TILE_STEP_MM)
    places = np.roll(cloud, (TILE_SIDE // 3, TILE_SIDE // 5), (0, 1))
    web *= np.clip(0.5 + 0.4 * places, 0.05, 1.3)
    web += NET * _net(cloud) * np.clip(0.55 - 0.4 * places, 0.0, 1.2)
    return np.stack([cloud, web, lobules], axis=2)


def _net(cloud: Field) -> Field:
    """Thin winding lines that close around lobules, 0 to 1: where a tile crosses its mean."""
    wrapped = np.pad(np.roll(cloud, (TILE_SIDE // 2, TILE_SIDE // 3), (0, 1)), 20, mode="wrap")
    smooth = cv2.GaussianBlur(wrapped, (0, 0), 5.0)[20:-20, 20:-20]
    return np.asarray(cv2.exp(-np.square(smooth * np.float32(11))), dtype=np.float32)


def power_law(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    *,
    beta: float,
    step: float = 1.0,
    longest: float = np.inf,
    stretch: float = 1.0,
) -> Field:
    """A Gaussian field whose power falls as frequency ** -beta: mean 0, standard deviation 1.

    Args:
        shape: its samples along each axis; it is periodic.
        step: the distance of two samples, in any unit of length.
        longest: wavelengths above this, in the same unit, are no stronger than this one.
        stretch: how much longer structures are along the first axis.
    """
    frequency = _frequency(shape, step, stretch)
    gain = np.maximum(frequency, 1 / longest if np.isfinite(longest) else frequency.flat[1])
    gain **= np.float32(-beta / 2)
    gain.flat[0] = 0
    return _filtered(rng, shape, gain)


def _frequency(shape: tuple[int, ...], step: float, stretch: float) -> Field:
    """The radial frequency of each coefficient of a real transform."""
    axes = [scipy.fft.fftfreq(n, step).astype(np.float32) for n in shape[:-1]]
    axes.append(scipy.fft.rfftfreq(shape[-1], step).astype(np.float32))
    axes[0] = axes[0] * np.float32(stretch)
    total = np.zeros([axis.size for axis in axes], np.float32)
    for i, axis in enumerate(axes):
        total += np.square(axis).reshape([-1 if j == i else 1 for j in range(len(axes))])
    return np.asarray(np.sqrt(total), dtype=np.float32)


def _filtered(rng: np.random.Generator, shape: tuple[int, ...], gain: Field) -> Field:
    waves = np.empty(gain.shape, np.complex64)
    waves.real = rng.standard_normal(gain.shape, dtype=np.float32)
    waves.imag = rng.standard_normal(gain.shape, dtype=np.float32)
    field = scipy.fft.irfftn(waves * gain, s=shape, workers=1, overwrite_x=True)
    field = np.asarray(field, dtype=np.float32)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def smooth_line(rng: np.random.Generator, n: int, *, length: float) -> NDArray[np.float64]:
    """`n` numbers that wander: mean 0, sd about 1, waves about `length` samples and longer."""
    coarse = rng.standard_normal(int(n / length) + 4)
    line = CubicSpline(np.arange(coarse.size), coarse)
    return np.asarray(line(np.arange(n) / length + 1), dtype=np.float64)


def blurred(field: Field, sd: float) -> Field:
    """A field, smoothed by a Gaussian of `sd` samples."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sd), dtype=np.float32)


def enlarged(coarse: Field, factor: float, shape: tuple[int, int]) -> Field:
    """A coarse grid on a finer one with the same upper left corner, `shape` samples of it.

    Args:
        factor: fine samples per coarse sample; the coarse grid must reach far enough.
    """
    if factor < 1:
        size = (max(shape[1], 1), max(shape[0], 1))
        rows, columns = round(shape[0] / factor), round(shape[1] / factor)
        fine = cv2.resize(coarse[:rows, :columns], size, interpolation=cv2.INTER_AREA)
    else:
        fine = cv2.resize(coarse, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine[: shape[0], : shape[1]], dtype=np.float32)
