"""What a synthetic exam is to be, before a pixel of it is drawn.

Breast coordinates are of the uncompressed breast, in fractions, so that one point has a place in
every view: `depth` from the chest wall (0) to the nipple (1), `lateral` from the medial (-1) to the
lateral edge (1), `height` from the lowest (-1) to the highest point (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from fourview.core.views import Laterality


class FindingClass(Enum):
    """What its biopsy showed. High-risk benign counts as benign, and has a colour of its own."""

    MALIGNANT = "malignant"
    BENIGN = "benign"
    HIGH_RISK = "high_risk_benign"


class FindingType(Enum):
    """What it looks like on a mammogram."""

    MASS = "mass"
    CALCIFICATION = "calcification"
    ASYMMETRY = "asymmetry"
    DISTORTION = "distortion"


@dataclass(frozen=True)
class Finding:
    """A finding in one breast. An occult one is in the records, and nothing of it is drawn."""

    name: str
    laterality: Laterality
    kind: FindingClass
    type: FindingType
    depth: float
    lateral: float
    height: float
    size_mm: float
    """Its largest diameter (of a group, the group's)."""
    contrast: float
    """How dense it is against what is around it: 0 not visible, 1 obvious; about log-normal."""
    irregularity: float
    """0 round and circumscribed (coarse calcifications), 1 spiculated (fine, linear)."""
    occult: bool
    seed: int
    biopsied: bool = True
    """Whether its biopsy belongs to this exam (0 to 120 days after). Only such a finding is marked,
    in masks and findings.csv; another (never biopsied, or at another exam) is drawn, not marked."""


@dataclass(frozen=True)
class Breast:
    """One breast of a patient, the same at all her exams but for slow change."""

    laterality: Laterality
    size_mm: float
    """From the chest wall to the nipple, compressed, in the CC view."""
    width_mm: float
    """Across the chest wall, compressed, in the CC view."""
    thickness_mm: float
    """Compressed."""
    fibroglandular: float
    """The part of the volume that is no fat, 0 to 1; BI-RADS density a to d follows from it."""
    seed: int


@dataclass(frozen=True)
class Vendor:
    """How a maker's machine stores an image."""

    name: str
    pixel_mm: float
    bits: int
    photometric: str = "MONOCHROME2"
    voi: str = "LINEAR"
    """`LINEAR` or `SIGMOID`."""
    background: int = 0
    """Value of air; some machines do not store 0."""
    labels: bool = False
    """Whether view names are burnt into the pixels."""


@dataclass(frozen=True)
class ExtraImage:
    """An image beside the four: a repeat of a screening view, or a view that is none."""

    view: str
    """`L-CC` … for a repeat; `L-ML`, `R-XCCL` … for others."""


@dataclass(frozen=True)
class Biopsy:
    """A row of biopsies.csv."""

    patient: str
    date: date
    laterality: Laterality
    result: FindingClass


@dataclass(frozen=True)
class ExamPlan:
    """One screening exam of one patient."""

    name: str
    patient: str
    study_date: date
    age: int
    density: str
    """BI-RADS, 5th edition: a to d, the denser breast's."""
    birads: int
    """The radiologist's assessment, 0, 1 or 2; noisy."""
    left: Breast
    right: Breast
    findings: tuple[Finding, ...]
    vendor: Vendor
    extra: tuple[ExtraImage, ...]
    stored_mirrored: bool
    """Whether the files hold the breasts facing the other way."""
    seed: int

    def breast(self, laterality: Laterality) -> Breast:
        return self.left if laterality is Laterality.LEFT else self.right


@dataclass(frozen=True)
class Population:
    """All exams, and the biopsies that labels come from."""

    exams: tuple[ExamPlan, ...]
    biopsies: tuple[Biopsy, ...]
