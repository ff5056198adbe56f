"""The tree of errors. Each says what was found and where, and gives a way out.

FourviewError
├── ImageError      one file cannot be read as a mammogram
├── SetAside        a readable file that is not a standard screening view (not a fault)
├── ExamError       an exam cannot be read as one
├── WeightsError    a weights file is damaged, foreign, or does not fit
├── RecipeError     a recipe or `--set` value is wrong
├── TableError      a CSV, Parquet or exam-list file is wrong
├── OutputError     a result cannot be written
└── TrainingError   a training cannot go on
"""

from __future__ import annotations


class FourviewError(Exception):
    """Something the caller can mend. `hint` is the way out; the command line prints both."""

    def __init__(self, problem: str, *, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem} ({self.hint})" if self.hint else self.problem


class ImageError(FourviewError):
    """One file cannot be read as a mammogram."""


class SetAside(FourviewError):
    """A readable file that is no standard screening view: listed with its reason, not a fault."""


class ExamError(FourviewError):
    """An exam cannot be read as one."""


class WeightsError(FourviewError):
    """A weights file is damaged, foreign, or does not fit what it is used for."""


class RecipeError(FourviewError):
    """A recipe, or a value set on the command line, is wrong."""


class TableError(FourviewError):
    """A table or exam list is wrong."""


class OutputError(FourviewError):
    """A result cannot be written."""


class TrainingError(FourviewError):
    """A training cannot begin or go on."""
