"""The population and its truth, from a data set's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fourview.cohort.exams import exams_of
from fourview.core.breasts import Breasts
from fourview.core.errors import TableError
from fourview.core.records import ExamLabels, ImageRecord, Problem
from fourview.core.views import Finding, Label, Laterality
from fourview.io.exam_table import read_exam_table
from fourview.io.finding_table import read_finding_table
from fourview.io.label_table import read_label_table
from fourview.io.names import natural_key, shown
from fourview.io.reader_exams import exams_of_readers
from fourview.io.split_table import read_split_table, split_of_exams
from fourview.performance.numbers.asked import breasts_words
from fourview.performance.options import EvaluationTables
from fourview.performance.population.finding_types import finding_columns

_FEW = 3


@dataclass(frozen=True, eq=False)
class Truth:
    """The breasts that shall be judged, before it is known who was predicted."""

    breasts: Breasts
    elsewhere: frozenset[str] = frozenset()
    """Exams that are known and not to be judged: of another split, or left out for a reason."""
    read: frozenset[str] | None = None
    """Exams that readers read; None without a reader study."""
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """What could not be counted and why, a line a reason."""


@dataclass
class _Said:
    """What is to be said, as it is found."""

    warnings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_truth(tables: EvaluationTables) -> Truth:
    """The breasts of labels.csv, with patients and columns from exams.csv, of one split or of all.

    Raises:
        TableError: a table is wrong as a whole, or no exam is left.
    """
    labels = read_label_table(tables.labels)
    said = _Said()
    kept, elsewhere = _of_split(labels, tables, said)
    patients: dict[str, str] = {}
    if tables.splits is not None:
        patients = {one.exam: one.patient for one in read_split_table(tables.splits) if one.patient}
    rows: Mapping[str, Sequence[ImageRecord]] = {}
    if tables.exams is not None:
        kept, rows = _with_images(kept, tables.exams, said)
        patients |= {name: row[0].patient for name, row in rows.items() if row[0].patient}
    if not kept:
        raise TableError(
            f"{tables.labels.name}: no exam is left to be judged",
            hint="; ".join(said.left_out) or "a table of labels has a row an exam",
        )
    unknown = [name for name in kept if name not in patients]
    if unknown:
        said.warnings.append(
            f"the patient of {counted(unknown)} is not known: each is counted as of a patient of "
            "its own, so that intervals are too narrow if some are of one patient"
        )
    breasts = _breasts(kept, patients, rows, said)
    if odd := int(((breasts.benign | breasts.malignant) & ~breasts.biopsied).sum()):
        said.warnings.append(
            f"{breasts_words(odd)} with a biopsy-proven finding in exams that {tables.labels.name} "
            "calls not biopsied: the biopsied population is without them"
        )
    if tables.findings is not None:
        breasts = _with_findings(breasts, tables.findings, said)
    read = exams_of_readers(tables.readers) if tables.readers else None
    if read is not None and not read & set(breasts.exams):
        said.warnings.append(
            f"none of the {len(read)} exams that readers read is among those with labels here"
        )
    elsewhere |= labels.keys() - kept.keys()
    return Truth(breasts, elsewhere, read, tuple(said.warnings), tuple(said.left_out))


def counted(names: Sequence[str]) -> str:
    """So many exams, with the first of their names."""
    first = ", ".join(shown(name) for name in sorted(names, key=natural_key)[:_FEW])
    more = ", …" if len(names) > _FEW else ""
    return f"{len(names)} exam{'s' if len(names) != 1 else ''} ({first}{more})"


def _of_split(
    labels: Mapping[str, ExamLabels], tables: EvaluationTables, said: _Said
) -> tuple[dict[str, ExamLabels], frozenset[str]]:
    if tables.splits is None:
        return dict(labels), frozenset()
    split_of = split_of_exams(tables.splits)
    if homeless := [name for name in labels if name not in split_of]:
        said.left_out.append(f"{counted(homeless)} with labels in no split")
    wanted = [name for name, split in split_of.items() if split == tables.split]
    if unlabelled := [name for name in wanted if name not in labels]:
        said.left_out.append(f"{counted(unlabelled)} of the split {tables.split} without labels")
    kept = {name: one for name, one in labels.items() if split_of.get(name) == tables.split}
    return kept, frozenset(name for name, split in split_of.items() if split != tables.split)


def _with_images(
    labels: dict[str, ExamLabels], path: Path, said: _Said
) -> tuple[dict[str, ExamLabels], Mapping[str, Sequence[ImageRecord]]]:
    """The labelled exams that the table does not contradict, and their images' rows."""
    table = read_exam_table(path)
    found = exams_of(table.images)
    _say_problems(said, (*table.problems, *found.problems))
    rows = {one.name: one.images for one in found.exams}
    used = {image.exam for image in table.images if image.is_used}
    wrong = [name for name in labels if name in used and name not in rows]
    if wrong:
        said.left_out.append(f"{counted(wrong)} with two patients or dates in {path.name}")
    kept = {name: one for name, one in labels.items() if name not in set(wrong)}
    if missing := [name for name in kept if name not in rows]:
        said.warnings.append(f"{counted(missing)} with labels not in {path.name}")
    return kept, rows


def _say_problems(said: _Said, problems: Sequence[Problem]) -> None:
    for problem in problems[:_FEW]:
        said.warnings.append(f"{problem.place}: {problem.problem}")
    if len(problems) > _FEW:
        said.warnings.append(f"and {len(problems) - _FEW} more such rows")


def _breasts(
    labels: Mapping[str, ExamLabels],
    patients: Mapping[str, str],
    rows: Mapping[str, Sequence[ImageRecord]],
    said: _Said,
) -> Breasts:
    sides = [(name, side) for name in labels for side in Laterality]

    def truth(finding: Finding) -> list[bool]:
        return [labels[name].values[label_of(side, finding)] for name, side in sides]

    return Breasts(
        exams=tuple(name for name, _ in sides),
        lateralities=tuple(side for _, side in sides),
        patients=tuple(patients.get(name, f"of exam {name}") for name, _ in sides),
        benign=np.array(truth(Finding.BENIGN), dtype=bool),
        malignant=np.array(truth(Finding.MALIGNANT), dtype=bool),
        biopsied=np.array([labels[name].biopsied for name, _ in sides], dtype=bool),
        columns=_columns(sides, rows, said),
    )


def label_of(side: Laterality, finding: Finding) -> Label:
    """One breast's label."""
    return next(one for one in Label if (one.laterality, one.finding) == (side, finding))


def _columns(
    sides: Sequence[tuple[str, Laterality]],
    rows: Mapping[str, Sequence[ImageRecord]],
    said: _Said,
) -> dict[str, tuple[str, ...]]:
    """What the rows of a breast's images agree on; where they do not, nothing, and a warning."""
    cells: dict[str, dict[tuple[str, Laterality], str]] = {}
    several: dict[str, set[str]] = {}
    for name, side in sides:
        images = rows.get(name, ())
        own = [one for one in images if one.view is None or one.view.laterality is side]
        for column, values in _told(own or images).items():
            if len(values) == 1:
                cells.setdefault(column, {})[name, side] = next(iter(values))
            elif values:
                several.setdefault(column, set()).add(name)
    for column, names in several.items():
        if column in cells:  # a column that differs in every exam (a file's hash) is of images
            said.warnings.append(
                f"column {column}: images of a breast disagree in {counted(sorted(names))}, "
                "which count as not told"
            )
    return {column: tuple(found.get(one, "") for one in sides) for column, found in cells.items()}


def _told(images: Iterable[ImageRecord]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in images:
        told = {
            "age": "" if one.age is None else f"{one.age:g}",
            "density": one.density,
            "manufacturer": one.manufacturer,
            "study_year": str(one.study_date.year) if one.study_date else "",
            **one.other,
        }
        for column, text in told.items():
            if text:
                found.setdefault(column, set()).add(text)
    return found


def _with_findings(breasts: Breasts, path: Path, said: _Said) -> Breasts:
    table = read_finding_table(path)
    _say_problems(said, [one for one in table.problems if one.level == "error"])
    columns, remarks = finding_columns(table.findings, breasts)
    said.warnings += remarks
    return Breasts(
        exams=breasts.exams,
        lateralities=breasts.lateralities,
        patients=breasts.patients,
        benign=breasts.benign,
        malignant=breasts.malignant,
        biopsied=breasts.biopsied,
        columns={**breasts.columns, **columns},
    )
