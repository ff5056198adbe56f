"""From an exam table to splits.csv, checked for leaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from fourview.cohort.split_summary import summaries, without_findings
from fourview.cohort.splits import patient_is_exam, split_exams
from fourview.core.data_recipe import DataRecipe
from fourview.core.description import SplitSummary
from fourview.core.records import Problem
from fourview.dataset.image_jobs import Progress, no_progress
from fourview.dataset.splitting.leaks import LeakReport, check_exam_set
from fourview.dataset.tables import read_exam_set, read_labels
from fourview.io.split_table import write_split_table


@dataclass(frozen=True, kw_only=True)
class SplitOptions:
    """What may be chosen of a split, besides its recipe."""

    by: str | None = None
    """`random` or `time`; None: the recipe's."""
    seed: int = 0
    exam_is_patient: bool = False
    """Take an exam that tells no patient for the only one of its patient."""
    pixels: bool = False
    """Look for the same image by its pixels too."""
    image_root: Path | None = None
    jobs: int = 1


@dataclass(frozen=True)
class SplitResult:
    """What was written, and what is to be known of it."""

    summaries: tuple[SplitSummary, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    check: LeakReport

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Rows and exams that are in no split."""
        return self.check.problems


def split_data_set(
    exams: Path,
    out: Path,
    recipe: DataRecipe,
    *,
    labels: Path | None = None,
    options: SplitOptions | None = None,
    on_progress: Progress = no_progress,
) -> SplitResult:
    """Write splits.csv, and check what was written for leaks.

    The same tables (in any order of rows), recipe and seed give the same bytes.

    Raises:
        TableError: a table cannot be read, or cannot be split.
        OutputError: splits.csv cannot be written.
    """
    options = options or SplitOptions()
    by = options.by or recipe.split.by
    recipe = replace(recipe, split=replace(recipe.split, by=by))
    exam_set = read_exam_set(exams)
    of_exams = patient_is_exam(exam_set.exams) if options.exam_is_patient else exam_set.exams
    known, warnings = read_labels(labels, of_exams, taken_as="taken as not biopsied")
    if not known and by == "random":
        warnings.append("no labels were given: the split is not stratified")
    splits = split_exams(of_exams, known, recipe.split, seed=options.seed)
    write_split_table(out, splits.records)
    found = summaries(of_exams, {one.exam: one.split for one in splits.records}, known)
    warnings += without_findings(found)
    check = check_exam_set(
        exam_set,
        out,
        pixels=options.pixels,
        image_root=options.image_root,
        jobs=options.jobs,
        on_progress=on_progress,
    )
    return SplitResult(found, splits.notes, tuple(warnings), check)
