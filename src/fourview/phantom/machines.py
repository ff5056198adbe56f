"""The machines exams are taken with, extra images, how files are stored. Blind to disease."""

from __future__ import annotations

import numpy as np

from fourview.core.views import View
from fourview.phantom.chances import pick
from fourview.phantom.plan import ExtraImage, Vendor

VENDORS = (
    Vendor("Phantom Aster", pixel_mm=0.07, bits=12, voi="SIGMOID"),
    Vendor("Phantom Birch", pixel_mm=0.085, bits=12, background=40, labels=True),
    Vendor("Phantom Cedar", pixel_mm=0.094, bits=14, photometric="MONOCHROME1"),
)
"""Three invented makers, each with one thing that a reader of files must not stumble over."""
_VENDOR_SHARES = (0.45, 0.35, 0.20)
_LOYAL = 0.85
"""Share of a patient's exams that are done on her usual machine."""

_EXTRA_SHARES = (0.76, 0.15, 0.06, 0.03)
"""Exams with 0, 1, 2 or 3 images beyond the four; mean 0.36 (1,001,093 images of 229,426 exams)."""
_REPEATED = 0.7
_SCREENING_VIEWS = [view.value for view in View]
_OTHER_VIEWS = [f"{side}-{name}" for side in "LR" for name in ("ML", "LM", "XCCL")]
_MIRRORED = 0.1


def usual_vendor(rng: np.random.Generator) -> int:
    """The place in `VENDORS` of the machine where a patient is usually examined."""
    return pick(rng, _VENDOR_SHARES)


def exam_vendor(rng: np.random.Generator, usual: int) -> Vendor:
    """The machine of one exam: mostly the usual one."""
    return VENDORS[usual if rng.random() < _LOYAL else usual_vendor(rng)]


def extra_images(rng: np.random.Generator) -> tuple[ExtraImage, ...]:
    """Repeats of screening views, and other views, in the order in which they were taken."""
    count = pick(rng, _EXTRA_SHARES)
    drawn = []
    for _ in range(count):
        names = _SCREENING_VIEWS if rng.random() < _REPEATED else _OTHER_VIEWS
        drawn.append(ExtraImage(names[int(rng.integers(len(names)))]))
    return tuple(drawn)


def mirrored(rng: np.random.Generator) -> bool:
    """Whether an exam's files hold the breasts facing the other way."""
    return bool(rng.random() < _MIRRORED)
