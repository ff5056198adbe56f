"""What findings look like and where they are. Malignant and benign differ in distribution only.

Sources:

- types: the paper's reader set (Wu et al. 2019, Reader study): 21, 26, 12 and 4 malignant masses,
  calcifications, asymmetries and distortions; 87, 102, 36 and 6 benign;
- size: invasive cancers found by screening have a median of 14 mm (Olivotto et al. 2000, J Med
  Screen 7:152);
- place: 51.5 % upper outer, 15.6 % upper inner, 14.2 % lower outer, 8.1 % lower inner, the rest
  central (Rummel et al. 2015, ecancer 9:552);
- growth: volume doubling times of 80 days below 50, 157 at 50-70, 188 above (medians; Peer et al.
  1993, Cancer 71:3547).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fourview.core.views import Laterality
from fourview.phantom.chances import pick
from fourview.phantom.plan import Breast, Finding, FindingClass, FindingType

TYPES = (
    FindingType.MASS,
    FindingType.CALCIFICATION,
    FindingType.ASYMMETRY,
    FindingType.DISTORTION,
)
MALIGNANT_TYPES = (21, 26, 12, 4)
BENIGN_TYPES = (87, 102, 36, 6)


@dataclass(frozen=True)
class Look:
    """From what a kind of finding is drawn."""

    irregularity: tuple[float, float]
    """Of a beta distribution."""
    contrast: float
    """Median of a log-normal distribution, in a breast of density b."""
    size_mm: tuple[float, float, float, float]
    """Medians of a mass, a calcification group, an asymmetry, a distortion."""


MALIGNANT = Look((3.6, 1.8), 0.56, (14, 17, 18, 20))
HIGH_RISK = Look((2.4, 2.4), 0.44, (11, 13, 16, 18))
BENIGN = Look((1.9, 3.2), 0.40, (11, 11, 15, 17))
NEVER_BIOPSIED = Look((1.4, 4.4), 0.32, (8, 7, 12, 13))
_LOOKS = {
    FindingClass.MALIGNANT: MALIGNANT,
    FindingClass.HIGH_RISK: HIGH_RISK,
    FindingClass.BENIGN: BENIGN,
}
_CONTRAST_SPREAD = 0.6
_SIZE_SPREAD = 0.4
_LEAST_CONTRAST, _MOST_CONTRAST = 0.05, 2.0
"""Fainter ones would not be drawn: what is planned as visible is drawn, if only just."""
_LEAST_MM, _MOST_MM = 3.0, 50.0

_VEILED = {"a": 1.15, "b": 1.0, "c": 0.85, "d": 0.70}
"""What a breast's density leaves of the contrast of anything but calcifications."""

_QUADRANTS = ((1, 1), (-1, 1), (1, -1), (-1, -1), (0, 0))
"""Signs of (lateral, height); the last is central."""
_QUADRANT_SHARES = (0.515, 0.156, 0.142, 0.081, 0.106)


def veil(density: str, type_: FindingType) -> float:
    """What part of a finding's contrast a breast's density leaves; of calcifications more."""
    left = _VEILED[density]
    return float(np.sqrt(left)) if type_ is FindingType.CALCIFICATION else left


def draw_type(rng: np.random.Generator, kind: FindingClass) -> FindingType:
    """A type, as often as in the paper's reader set."""
    counts = MALIGNANT_TYPES if kind is FindingClass.MALIGNANT else BENIGN_TYPES
    return TYPES[pick(rng, counts)]


def draw_finding(
    rng: np.random.Generator,
    name: str,
    breast: Breast,
    density: str,
    kind: FindingClass,
    *,
    type_: FindingType | None = None,
    occult: bool = False,
    look: Look | None = None,
) -> Finding:
    """A finding in a breast: type (unless given), look and place drawn in this order."""
    type_ = type_ or draw_type(rng, kind)
    look = look or _LOOKS[kind]
    size = look.size_mm[TYPES.index(type_)] * np.exp(_SIZE_SPREAD * rng.normal())
    size = float(np.clip(size, _LEAST_MM, min(_MOST_MM, 0.4 * breast.size_mm)))
    contrast = look.contrast * np.exp(_CONTRAST_SPREAD * rng.normal()) * veil(density, type_)
    irregularity = float(rng.beta(*look.irregularity))
    depth, lateral, height = draw_place(rng, breast, size)
    return Finding(
        name=name,
        laterality=breast.laterality,
        kind=kind,
        type=type_,
        depth=depth,
        lateral=lateral,
        height=height,
        size_mm=size,
        contrast=float(np.clip(contrast, _LEAST_CONTRAST, _MOST_CONTRAST)),
        irregularity=irregularity,
        occult=occult,
        seed=int(rng.integers(2**31)),
    )


def draw_place(
    rng: np.random.Generator, breast: Breast, size_mm: float
) -> tuple[float, float, float]:
    """Depth, lateral and height of a point in the part of the breast that bears gland.

    The breast narrows towards the nipple as a half ellipse, and gland reaches to 0.8 of it; a
    finding stays within by half its size.
    """
    side, up = _QUADRANTS[pick(rng, _QUADRANT_SHARES)]
    depth = 0.15 + 0.75 * float(rng.beta(2.0, 2.2))
    reach = 0.8 * float(np.sqrt(1 - depth**2)) - 0.5 * size_mm / (0.5 * breast.width_mm)
    radius = max(reach, 0.05) * float(np.sqrt(rng.uniform(0.02, 1.0)))
    if side == 0:  # behind the nipple, whichever way
        radius, angle = 0.3 * radius, float(rng.uniform(0, 2 * np.pi))
        return depth, radius * float(np.cos(angle)), radius * float(np.sin(angle))
    angle = float(rng.uniform(0.05, 0.45)) * np.pi
    return depth, side * radius * float(np.cos(angle)), up * radius * float(np.sin(angle))


def grown_back(rng: np.random.Generator, finding: Finding, *, days: int, age: int) -> Finding:
    """A cancer as it was `days` before it was found: smaller and fainter, and not biopsied then."""
    doubling = 80.0 if age < 50 else 157.0 if age <= 70 else 188.0
    doubling *= float(np.exp(0.5 * rng.normal()))
    shrunk = 2 ** (-days / doubling / 3)  # a diameter: the third root of a volume
    return replace(
        finding,
        size_mm=max(finding.size_mm * shrunk, _LEAST_MM),
        contrast=max(finding.contrast * max(shrunk, 0.3), _LEAST_CONTRAST),
        biopsied=False,
    )


def later(finding: Finding) -> Finding:
    """A finding at an exam to which its biopsy, if there ever was one, does not belong."""
    return replace(finding, biopsied=False)


def other_side(laterality: Laterality) -> Laterality:
    return Laterality.RIGHT if laterality is Laterality.LEFT else Laterality.LEFT
