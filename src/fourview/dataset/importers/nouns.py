"""What an importer reads from a public data set: images, labels, marks, and what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fourview.core.records import (
    ExamLabels,
    ImageRecord,
    Pathology,
    Problem,
)
from fourview.core.views import Laterality
from fourview.io.annotations.shapes import Shape

Progress = Callable[[int, int], None]
"""Told how many images of how many were looked up."""


@dataclass(frozen=True)
class MaskFile:
    """A picture of the image's size, above 0 where the finding is."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A finding of known pathology in one image: a row of findings.csv."""

    image: ImageRecord
    finding: str
    pathology: Pathology
    type: str = ""
    shape: Shape | MaskFile | None = None
    """None where the set does not tell where it is, or its file is not there."""
    is_told: bool = False
    """Whether the reason of having no shape is among the problems already."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A finding that a reader marked, its pathology unknown: a row of regions.csv."""

    image: ImageRecord
    finding: str
    type: str
    shape: Shape
    birads: str = ""


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A radiologist's BI-RADS category of a breast, as written (`4a`): a row of assessments.csv."""

    exam: str
    laterality: Laterality
    birads: str


@dataclass(frozen=True)
class BiopsyRow:
    """A row of biopsies.csv, as the set tells it: what is unclear stays so."""

    patient: str = field(repr=False)
    date: str
    laterality: str
    result: str


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    """All that a data set's own tables tell. None means that the set has no such thing."""

    images: tuple[ImageRecord, ...]
    tables: tuple[str, ...]
    """The names of the tables that were read."""
    labels: tuple[ExamLabels, ...] | None = None
    biopsies: tuple[BiopsyRow, ...] | None = None
    assessments: tuple[Assessed, ...] | None = None
    marks: tuple[Mark, ...] | None = None
    regions: tuple[Region, ...] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Importer:
    """A public data set: what it is, under what terms, and how it is read."""

    name: str
    title: str
    read: Callable[[Path, Progress | None], PublicSet]
    licence: str
    where: str
    """Where it is to be had, and what must be done for it."""
    citation: str
    size: str
    meaning: str
    """What its labels mean."""
    lacks: tuple[str, ...]
    """What it does not have, so that nobody looks for it."""
    traps: tuple[str, ...] = ()
