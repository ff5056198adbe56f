"""From an exam table and a biopsy table to labels.csv, each exam accounted for."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.cohort.birads import Assessed, assess_exams
from fourview.cohort.doubts import days_to_come
from fourview.cohort.exclusions import Excluded
from fourview.cohort.flow import Flow, flow_of
from fourview.cohort.labels import Labelled, label_exams
from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import TableError
from fourview.core.records import ExamLabels, Problem
from fourview.dataset.annotating.annotations import import_annotations
from fourview.dataset.labelling.flow import write_flow
from fourview.dataset.labelling.key import pseudonymous_assessments, pseudonymous_biopsies
from fourview.dataset.labelling.left_out import left_out_exams, patients_of
from fourview.dataset.tables import ExamSet, read_at, read_exam_set
from fourview.io.assessments import read_assessments
from fourview.io.biopsies import BiopsyTable, read_biopsies
from fourview.io.label_table import write_label_table
from fourview.io.result_words import CODES, code_list, word_list
from fourview.io.results import write_json
from fourview.io.tables import write_table

RULE = "Wu et al. 2019, Data: biopsies performed within 120 days of the screening mammogram"
PROBLEM_COLUMNS = ("place", "problem", "hint", "level")


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """What may be chosen, besides the recipe."""

    assessments: Path | None = None
    """A table of BI-RADS assessments."""
    words: tuple[str, ...] = ()
    """What results are called: `WORD=CLASS`."""
    codes: str | None = None
    """The data set whose numbers results are: `embed`."""
    annotations: tuple[Path, ...] = ()
    """Pixel labels, for findings.csv and masks."""
    key: bytes | None = field(default=None, repr=False)
    """Of the exam table's pseudonyms; the other tables tell real patients and dates."""
    keep_unclear: bool = False
    """Label exams as if a biopsy that cannot be read had not been done, or no biopsy at all."""
    today: date | None = None
    """Later exams and biopsies have a wrong date; None believes all."""


@dataclass(frozen=True)
class LabelResult:
    """What was written."""

    labels: tuple[ExamLabels, ...]
    excluded: tuple[Excluded, ...]
    flow: Flow
    problems: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        """0 done, 1 no exam has labels, 3 exams or rows were left out for a fault in a table."""
        if not self.labels:
            return 1
        at_fault = any(one.reason.is_fault for one in self.excluded)
        return 3 if at_fault or any(one.level == "error" for one in self.problems) else 0


def label_data_set(
    exams: Path,
    biopsies: Path,
    out: Path,
    recipe: DataRecipe,
    options: LabelOptions | None = None,
) -> LabelResult:
    """Write labels.csv, flow.csv, flow.svg, label.json and problems.csv to the folder `out`; with
    annotations also findings.csv and masks.

    The same tables give the same bytes. Nothing is written where a table is refused.

    Raises:
        TableError: a table cannot be read, or the two are of other patients, so that every exam
            would pass for one without a biopsy.
        RecipeError: an option is wrong.
        OutputError: a file cannot be written.
    """
    options = options or LabelOptions()
    words = {**code_list(options.codes), **word_list(options.words)}
    exam_set = read_exam_set(exams)
    table = read_at(biopsies, lambda path: read_biopsies(path, words=words))
    if options.today is not None:
        done, to_come = days_to_come(table.biopsies, options.today)
        table = replace(table, biopsies=tuple(done), unclear=(*table.unclear, *to_come))
    pseudonyms = None if options.key is None else Pseudonyms(options.key)
    if pseudonyms is not None:
        table = pseudonymous_biopsies(table, pseudonyms)
    labelled = label_exams(
        exam_set.exams,
        table.biopsies,
        recipe.labels,
        unclear=table.unclear,
        keep_unclear=options.keep_unclear,
        today=options.today,
    )
    _check_that_tables_meet(exam_set, table, labelled, options)
    assessed, told = _assessed(exam_set, options.assessments, pseudonyms)
    labels, excluded = _with_birads(labelled, assessed)
    left_out, said = left_out_exams(exam_set)
    problems = (*exam_set.problems, *said, *labelled.problems, *told)
    excluded = (*left_out, *excluded)
    findings: dict[str, dict[str, int]] = {}
    if options.annotations:
        named = {one.exam: one for one in labels}
        marked = import_annotations(
            exam_set.table, options.annotations, out, labels=named, pseudonyms=pseudonyms
        )
        problems = (*problems, *marked.problems)
        counts = {"findings": len(marked.findings), "masks": len(marked.masks)}
        findings = {"annotations": counts}
    flow = flow_of(patients_of(exam_set, left_out), excluded, labels)
    result = LabelResult(labels, excluded, flow, problems)
    write_label_table(out / "labels.csv", labels)
    write_flow(out, flow, recipe.labels)
    write_table(out / "problems.csv", PROBLEM_COLUMNS, map(asdict, problems))
    tables = {"exams": exams, "biopsies": biopsies, "assessments": options.assessments}
    written = {
        **_run(recipe, options, tables),
        "biopsies": _biopsy_counts(table, labelled),
        **findings,
        "counts": [asdict(one) for one in flow.counts],
        "problems": dict(sorted(Counter(one.level for one in problems).items())),
    }
    write_json(out / "label.json", written)
    return result


def _check_that_tables_meet(
    exam_set: ExamSet, table: BiopsyTable, labelled: Labelled, options: LabelOptions
) -> None:
    """Refuse tables that would label every exam as one without a biopsy."""
    if not any(exam.patient and exam.study_date for exam in exam_set.exams):
        raise TableError(
            f"{exam_set.table.path.name}: no exam has both a patient and a study_date",
            hint="a biopsy is matched with an exam by both: fill these columns",
        )
    if labelled.patients_with_biopsy or options.keep_unclear:
        return
    rows = len(table.biopsies) + len(table.unclear)
    if not rows:
        raise TableError(
            f"{table.path.name}: the table has no rows; every exam would be labelled 0",
            hint="where really no patient was biopsied, --keep-unclear labels them so",
        )
    raise TableError(
        f"{table.path.name}: none of its {rows} biopsies is of a patient in "
        f"{exam_set.table.path.name}; every exam would be labelled 0",
        hint="write patients the same in both tables (leading zeros?), or give --key KEYFILE where "
        "the exam table has pseudonyms; where really none of these patients was biopsied, "
        "--keep-unclear labels the exams so",
    )


def _assessed(
    exam_set: ExamSet, path: Path | None, pseudonyms: Pseudonyms | None
) -> tuple[Assessed, tuple[Problem, ...]]:
    if path is None:
        return Assessed({}, (), ()), ()
    table = read_at(path, read_assessments)
    assessments = table.assessments
    if pseudonyms is not None:
        assessments = tuple(pseudonymous_assessments(assessments, pseudonyms, exam_set.exams))
    assessed = assess_exams(exam_set.exams, assessments)
    return assessed, (*table.problems, *assessed.problems)


def _with_birads(
    labelled: Labelled, assessed: Assessed
) -> tuple[tuple[ExamLabels, ...], tuple[Excluded, ...]]:
    """The labels with the exams' BI-RADS classes; without the exams that are category 6."""
    already = {one.exam for one in labelled.excluded}
    known = [one for one in assessed.excluded if one.exam not in already]
    gone = {one.exam for one in known}
    labels = tuple(
        replace(one, birads=assessed.classes.get(one.exam))
        for one in labelled.labels
        if one.exam not in gone
    )
    return labels, (*labelled.excluded, *known)


def _biopsy_counts(table: BiopsyTable, labelled: Labelled) -> dict[str, int]:
    matched = {biopsy.place for found in labelled.matches.values() for biopsy in found}
    return {
        "rows": len(table.biopsies) + len(table.unclear),
        "unclear": len(table.unclear),
        "that label an exam": len(matched),
    }


def _run(
    recipe: DataRecipe, options: LabelOptions, tables: dict[str, Path | None]
) -> dict[str, Any]:
    """What it takes to do the same again. Paths are not told, only names and contents."""
    codes = CODES.get((options.codes or "").casefold(), {})
    return {
        "fourview": __version__,
        "python": platform.python_version(),
        "rule": RULE,
        "recipe": asdict(recipe.labels),
        "result_words": list(options.words),
        "result_codes": {code: sorted(one.value for one in found) for code, found in codes.items()},
        "keep_unclear": options.keep_unclear,
        "pseudonymised": options.key is not None,
        "tables": {
            name: {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for name, path in tables.items()
            if path is not None
        },
    }
