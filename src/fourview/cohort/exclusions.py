"""Exams that get no labels, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fourview.core.unclear import Unclear


class Exclusion(Enum):
    """Why an exam has no labels, in the order of a flow diagram."""

    NO_IMAGE = "no image is used"
    REFUSED_ROWS = "its rows are refused"
    CONTRADICTION = "its rows name two patients or dates"
    NO_PATIENT = "no patient is told"
    NO_DATE = "no study date is told"
    TO_COME = "its study date is to come"
    KNOWN_CANCER = "BI-RADS 6: cancer known before the exam"
    UNCLEAR_PATIENT = Unclear.PATIENT.value
    UNCLEAR_ALIKE = Unclear.ALIKE.value
    UNCLEAR_DATE = Unclear.DATE.value
    UNCLEAR_SIDE = Unclear.SIDE.value
    UNCLEAR_RESULT = Unclear.RESULT.value
    UNCLEAR_ROW = Unclear.ROW.value

    @property
    def is_fault(self) -> bool:
        """Whether a table is to be mended, rather than the exam no screening exam with images."""
        return self not in (Exclusion.NO_IMAGE, Exclusion.KNOWN_CANCER)


@dataclass(frozen=True)
class Excluded:
    """One exam without labels."""

    exam: str
    reason: Exclusion
