"""Whether an exam table is right: its cells, its rows together, and the files that they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from fourview.cohort.checks import check_images
from fourview.core.records import ImageRecord, Problem
from fourview.dataset.tables import read_at
from fourview.io.exam_table import read_exam_table
from fourview.io.exams import Refused, SetAsideFile, header_reader
from fourview.io.exams.files import Candidate
from fourview.io.exams.header_reading import Outcome
from fourview.io.header import ImageHeader

_SAME_SPACING = 0.01  # two spacings that differ by less are one, told with other digits
_LINE = re.compile(r"(?:line|row) (\d+)$")


@dataclass(frozen=True, kw_only=True)
class TableCheck:
    """What a check found."""

    problems: tuple[Problem, ...]
    """In the order of the table's lines."""
    images: int
    """Rows that are used."""
    exams: int

    @property
    def errors(self) -> int:
        return sum(problem.level == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def exit_code(self) -> int:
        """1 where there is an error; warnings alone are 0."""
        return 1 if self.errors else 0

    def to_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {
            "images": self.images,
            "exams": self.exams,
            "errors": self.errors,
            "warnings": self.warnings,
            "problems": [
                {"level": p.level, "place": p.place, "problem": p.problem, "hint": p.hint}
                for p in self.problems
            ],
        }


def check_exam_table(
    path: Path,
    *,
    today: date,
    image_root: Path | None = None,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> TableCheck:
    """Everything that is wrong with an exam table, and how to mend it. Nothing is written.

    A view that the table leaves to the files is read from them.

    Args:
        today: later exams are to come.
    Raises:
        TableError: the table as a whole cannot be read.
    """
    table = read_at(path, read_exam_table)
    used = [image for image in table.images if image.is_used]
    candidates = [
        Candidate(
            path=table.image_path(image, image_root=image_root),
            source=image.path,
            given=True,
            view=image.view,
            exam=image.exam,
            listing=path,
        )
        for image in used
    ]
    outcomes = header_reader(jobs=jobs)(candidates, on_progress)
    problems = list(table.problems)
    images = []
    for image, outcome in zip(used, outcomes, strict=True):
        problems += _against_file(image, outcome)
        told = outcome.view if isinstance(outcome, ImageHeader) else None
        images.append(replace(image, view=image.view or told))
    problems += _one_instance(used, outcomes)
    problems += check_images(images, today=today)
    order = {problem: n for n, problem in enumerate(dict.fromkeys(problems))}
    return TableCheck(
        problems=tuple(sorted(order, key=lambda problem: (_line(problem), order[problem]))),
        images=len(used),
        exams=len({image.exam for image in used}),
    )


def _line(problem: Problem) -> int:
    found = _LINE.search(problem.place)
    return int(found[1]) if found else 0


def _against_file(image: ImageRecord, outcome: Outcome) -> list[Problem]:
    """Where a row and its file's header disagree."""
    if isinstance(outcome, Refused):
        problem, hint = f"{image.path}: {outcome.reason}", outcome.hint
        if "No such file" in outcome.reason:
            problem = f"{image.path}: no such file"
            hint = "relative paths start at the table's folder, or at --image-root"
        return [Problem(image.place, problem, hint or "set its status to refused, with a reason")]
    if isinstance(outcome, SetAsideFile):
        hint = "set its status to 'set aside', with this as its reason"
        return [Problem(image.place, f"{image.path}: {outcome.reason}", hint)]
    problems = []
    if image.view is None and outcome.view is None:
        hint = "write one of L-CC, R-CC, L-MLO, R-MLO"
        told = f"{image.path}: neither the row nor the header tells the view"
        problems.append(Problem(image.place, told, hint))
    if image.view and outcome.view and image.view is not outcome.view:
        told = f"the view is {image.view.value}; the header of {image.path} says "
        hint = "correct the view, or the path; the table's is taken"
        problems.append(Problem(image.place, told + outcome.view.value, hint))
    said = (image.rows or outcome.rows, image.columns or outcome.columns)
    if said != (outcome.rows, outcome.columns):
        told = f"the size is {said[0]} x {said[1]}; the header of {image.path} says "
        hint = "is it another file? Correct the path, or rows and columns"
        told += f"{outcome.rows} x {outcome.columns}"
        problems.append(Problem(image.place, told, hint))
    one, other = image.pixel_spacing_mm, outcome.pixel_spacing_mm
    if one and other and not np.allclose(one, other, rtol=_SAME_SPACING):
        told = f"the pixel spacing is {_mm(one)}; the header of {image.path} says {_mm(other)}"
        hint = "correct pixel_spacing_mm, or leave it empty; the table's is taken"
        problems.append(Problem(image.place, told, hint))
    return problems


def _mm(spacing: tuple[float, float]) -> str:
    return " x ".join(f"{one:g}" for one in spacing) + " mm"


def _one_instance(images: Sequence[ImageRecord], outcomes: Sequence[Outcome]) -> list[Problem]:
    """Two rows of different files that are one DICOM object."""
    instances = [
        outcome.instance if isinstance(outcome, ImageHeader) else None for outcome in outcomes
    ]
    counts = Counter(instance for instance in instances if instance)
    first: dict[str, ImageRecord] = {}
    problems = []
    for image, instance in zip(images, instances, strict=True):
        if not instance or counts[instance] == 1:
            continue
        before = first.setdefault(instance, image)
        if before.path != image.path:
            told = f"{image.path} has the SOP Instance UID of {before.path} in {before.place}"
            hint = "one image is listed once: take the wrong row out"
            problems.append(Problem(image.place, told, hint))
    return problems
