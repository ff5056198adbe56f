"""A radiologist's BI-RADS assessment of an exam, or of one breast of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fourview.core.views import Laterality

CATEGORIES = ("0", "1", "2", "3", "4", "4a", "4b", "4c", "5", "6")
"""The assessment categories of BI-RADS, 5th edition."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """A row of an assessment table, which names the exam, or its patient and day."""

    exam: str = ""
    patient: str = field(default="", repr=False)
    date: date | None = None
    laterality: Laterality | None = None
    """None where the whole exam is assessed."""
    category: str | None
    """One of CATEGORIES; None where the row's could not be read."""
    place: str = ""
