"""The tables that commands on data sets begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fourview.cohort.exams import exams_of
from fourview.core.errors import TableError
from fourview.core.records import ExamLabels, ExamRecord, Problem
from fourview.io.exam_table import ExamTable, read_exam_table
from fourview.io.label_table import read_label_table

T = TypeVar("T")


@dataclass(frozen=True)
class ExamSet:
    """An exam table, and the exams that its rows make."""

    table: ExamTable
    exams: tuple[ExamRecord, ...]
    problems: tuple[Problem, ...]
    """Rows and exams that are left out."""


def read_exam_set(path: Path) -> ExamSet:
    """The exams of a table; rows and exams that cannot be are told among the problems.

    Raises:
        TableError: the table cannot be read, or holds no exam that is used.
    """
    table = read_at(path, read_exam_table)
    found = exams_of(table.images)
    problems = (*table.problems, *found.problems)
    if not found.exams:
        why = f"; the first of {len(problems)} problems: {problems[0]}" if problems else ""
        raise TableError(
            f"{path.name}: no exam in it is used{why}", hint="a row's status is empty or ok"
        )
    return ExamSet(table, found.exams, problems)


def read_labels(
    path: Path | None, exams: Iterable[ExamRecord], *, taken_as: str
) -> tuple[dict[str, ExamLabels], list[str]]:
    """The labels of these exams, and warnings where the two tables differ.

    Args:
        path: None for no labels.
        taken_as: what is done with exams that have none, for the warning.
    Raises:
        TableError: the table cannot be read, or is of other exams.
    """
    if path is None:
        return {}, []
    names = {exam.name for exam in exams}
    found = read_at(path, read_label_table)
    labels = {exam: one for exam, one in found.items() if exam in names}
    if not labels:
        raise TableError(
            f"{path.name}: has labels of {len(found)} exams, but of none of the {len(names)} given",
            hint="are both tables of one data set?",
        )
    warnings = []
    if missing := len(names) - len(labels):
        warnings.append(f"{path.name}: no labels of {missing} of {len(names)} exams; {taken_as}")
    if others := len(found) - len(labels):
        warnings.append(f"{path.name}: labels of {others} exams that are not used; not heeded")
    return labels, warnings


def read_at(path: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of a file; one that cannot be opened is a TableError too."""
    try:
        return read(path)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise TableError(f"{path.name}: cannot be read: {reason or error}") from error
