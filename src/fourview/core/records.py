"""The rows of a data set's tables, read: images, exams, biopsies, labels, findings, splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Literal

from fourview.core.views import Facing, Label, Laterality, View

OK, SET_ASIDE, REFUSED = "ok", "set aside", "refused"
"""What became of an image: exams.csv, column `status`."""


class Pathology(Enum):
    """What a biopsy, or a finding that it explains, is: the colours of masks and biopsies.csv."""

    MALIGNANT = "malignant"
    BENIGN = "benign"
    HIGH_RISK = "high_risk_benign"


@dataclass(frozen=True)
class Problem:
    """Something wrong with a table, for the person who mends it."""

    place: str
    """`exams.csv, line 5`, or what it is about: `exam 0001`."""
    problem: str
    hint: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, kw_only=True)
class ImageRecord:
    """A row of exams.csv: one image of one exam. Only `exam` and `path` are always told."""

    exam: str
    path: str
    """As written: relative to the table's folder, or absolute."""
    view: View | None = None
    """None where the file's header must tell, or the image is none of the four views."""
    status: str = OK
    reason: str = ""
    patient: str = field(default="", repr=False)
    study_date: date | None = None
    age: float | None = None
    """Years."""
    density: str = ""
    """BI-RADS a to d."""
    manufacturer: str = ""
    rows: int | None = None
    columns: int | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    """Between rows, between columns."""
    facing: Facing | None = None
    other: Mapping[str, str] = field(default_factory=dict)
    """Columns that fourview does not know, as written."""
    place: str = ""
    """`exams.csv, line 5`."""

    @property
    def is_used(self) -> bool:
        return self.status == OK


@dataclass(frozen=True, kw_only=True)
class ExamRecord:
    """One exam: what its images' rows agree on."""

    name: str
    patient: str = field(repr=False)
    study_date: date | None
    images: tuple[ImageRecord, ...]
    """Those that are used."""
    age: float | None = None
    density: str = ""
    manufacturer: str = ""
    place: str = ""
    """Of its first row."""


@dataclass(frozen=True, kw_only=True)
class BiopsyRecord:
    """A row of biopsies.csv; a biopsy of both breasts has both lateralities."""

    patient: str = field(repr=False)
    date: date
    lateralities: tuple[Laterality, ...]
    results: frozenset[Pathology]
    """Empty where the biopsy showed nothing that counts (insufficient material, say)."""
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class ExamLabels:
    """A row of labels.csv."""

    exam: str
    values: Mapping[Label, bool]
    biopsied: bool = False
    birads: int | None = None
    """0, 1 or 2, where an assessment is known."""


@dataclass(frozen=True, kw_only=True)
class FindingRecord:
    """A row of findings.csv: one finding in one image."""

    exam: str
    view: View
    finding: str
    """Its name within the exam; the same in every image that shows it."""
    pathology: Pathology
    type: str = ""
    """What it looks like (`mass`, `calcification`); empty where nobody told."""
    occult: bool = False
    """Biopsied, and not to be seen in this image: it has no mask."""
    mask: str = ""
    """As written: relative to the table's folder, or absolute. Findings of an image share it."""
    path: str = ""
    """Of the image, as in exams.csv, where the exam has several of this view; else empty."""
    image: str = ""
    """The view's cell as written: `L-CC`, or `L-CC-2` for a repeat; empty means the view."""
    place: str = ""
    """`findings.csv, line 5`."""


@dataclass(frozen=True, kw_only=True)
class SplitRecord:
    """A row of splits.csv."""

    exam: str
    patient: str = field(repr=False)
    split: str
    place: str = ""


SPLITS = ("training", "validation", "test")
