"""Biopsies of which not all is known that a label needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from fourview.core.records import Problem


class Unclear(Enum):
    """What of a biopsy's row could not be read: the reason for which its exams have no labels."""

    RESULT = "a biopsy's result is not understood"
    SIDE = "a biopsy's side is not told"
    DATE = "a biopsy's date is not told"
    PATIENT = "a biopsy's patient is not written as in the exam table"
    ALIKE = "a biopsy is of a patient whose ID is alike"
    ROW = "a biopsy's row is damaged"


@dataclass(frozen=True, kw_only=True)
class UnclearBiopsy:
    """A row of biopsies.csv that tells of a biopsy, but not all of what, where and when."""

    patient: str = field(repr=False)
    """Empty where the row does not tell."""
    date: date | None
    """None where the row does not tell: any exam of the patient may be meant."""
    what: Unclear
    place: str
    problem: str
    hint: str = ""

    def told(self, *, is_error: bool) -> Problem:
        """The row as a problem."""
        return Problem(self.place, self.problem, self.hint, "error" if is_error else "warning")
