"""Random fields that look like breast tissue.

The power spectrum of mammograms falls as 1 / frequency ** beta with beta about 3 (Burgess,
Jacobson, Judy: Human observer detection experiments with mammograms and power-law noise, Med Phys
2001; 28: 419-437). All fields have a grid in millimetres that does not depend on the image's
scale, so that the same seed gives the same structures at any scale.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Field = NDArray[np.float32]

TILE_STEP_MM = 0.2
TILE_SIDE = 1024
"""A tile of texture is periodic: 1024 samples of 0.2 mm."""
LIGAMENTS = ((20.0, 0.5, 0.95), (10.0, 0.34, 0.8), (5.0, 0.25, 0.65), (2.6, 0.2, 0.5))
"""Of each generation of fibres: the size of the cells between them and their own half width, both
in millimetres, and their brightness."""


def chance(*words: int | str) -> np.random.Generator:
    """A generator that depends on all of `words` and on nothing else."""
    text = "\0".join(str(word) for word in words).encode()
    digest = hashlib.sha256(text).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())


@dataclass(frozen=True, eq=False)
class Texture:
    """Periodic tiles of `TILE_SIDE` samples; the rows run along the ducts, towards the nipple."""

    cloud: Field
    """Power-law texture, mean 0, standard deviation 1."""
    web: Field
    """Fibres: 0 between them, about 1 where strong ones cross."""


@lru_cache(maxsize=2)
def texture(seed: int) -> Texture:
    """The tissue texture of one breast. Kept for the breast's other view."""
    rng = chance(seed, "texture")
    shape = (TILE_SIDE, TILE_SIDE)
    cloud = power_law(rng, shape, beta=3.0, step=TILE_STEP_MM, longest=24.0, stretch=1.25)
    web = np.zeros(shape, np.float32)
    places: Field | None = None  # where fibres of a generation are strong
    for cell, half_width, brightness in LIGAMENTS:
        coarser = 4 if cell > 8 else 2
        waves = band(
            rng,
            (TILE_SIDE // coarser, TILE_SIDE // coarser),
            length=cell,
            step=TILE_STEP_MM * coarser,
            stretch=2.7,
        )
        waves = _periodically_enlarged(waves, coarser)
        steepness = np.float32(cell / (2 * np.pi * half_width))
        lines = np.exp(-np.square(waves * steepness))
        places = (
            waves if places is None else np.roll(places, (TILE_SIDE // 3, TILE_SIDE // 5), (0, 1))
        )
        fading = np.clip(0.12 + 0.4 * places, 0, 1.2)
        web += np.float32(brightness) * lines * fading
    return Texture(cloud, web)


def _periodically_enlarged(tile: Field, factor: int) -> Field:
    """A periodic tile with `factor` times the samples along each axis."""
    wrapped = np.pad(tile, 4, mode="wrap")
    fine = cv2.resize(wrapped, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    edge = 4 * factor
    return np.ascontiguousarray(fine[edge:-edge, edge:-edge], dtype=np.float32)


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


def band(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    *,
    length: float,
    step: float = 1.0,
    stretch: float = 1.0,
) -> Field:
    """A Gaussian field of waves about `length` long, within an octave: mean 0, sd 1."""
    frequency = np.maximum(_frequency(shape, step, stretch), 1e-6)
    octaves = np.log2(frequency * np.float32(length))
    return _filtered(rng, shape, np.exp(-np.square(octaves / np.float32(0.6))))


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
