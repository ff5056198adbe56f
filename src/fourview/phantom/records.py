"""The tables of a population: exams, biopsies, labels, findings. Rows of plain values.

Each function gives a list of dicts with the table's columns in their order (`EXAM_COLUMNS`, ...);
True and False are written 1 and 0. Nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from fourview.core.views import Finding as Shown
from fourview.core.views import Label, Laterality, View
from fourview.phantom.plan import Biopsy, ExamPlan, FindingClass, Population

Cell = str | int | float
Row = dict[str, Cell]

EXAM_COLUMNS = (
    *("exam", "patient", "study_date", "view", "path", "status", "reason", "age", "density"),
    *("manufacturer", "rows", "columns", "pixel_spacing_mm", "synthetic"),
)
BIOPSY_COLUMNS = ("patient", "date", "laterality", "result")
LABEL_COLUMNS = ("exam", *(label.value for label in Label), "biopsied", "birads")
FINDING_COLUMNS = ("exam", "view", "finding", "class", "type", "occult", "mask")

DAYS_TO_BIOPSY = 120
"""The last day after an exam on which a biopsy tells its labels (Wu et al. 2019, Data)."""


class PlannedImage(NamedTuple):
    """One image of an exam."""

    name: str
    """Its name within the exam: `L-CC`; a repeat is `L-CC-2`."""
    view: str
    standard: bool
    """Whether it is one of the four screening views; others are set aside by whoever reads it."""


def planned_images(exam: ExamPlan) -> list[PlannedImage]:
    """The four views in their order, then the extra images."""
    standard = [view.value for view in View]
    seen: dict[str, int] = defaultdict(int)
    images = []
    for view in (*standard, *(extra.view for extra in exam.extra)):
        seen[view] += 1
        name = view if seen[view] == 1 else f"{view}-{seen[view]}"
        images.append(PlannedImage(name, view, view in standard))
    return images


def exam_rows(
    exams: Iterable[ExamPlan],
    *,
    path: Callable[[ExamPlan, PlannedImage], str],
    shape: Callable[[ExamPlan, PlannedImage], tuple[int, int]],
    scale: float = 1.0,
) -> list[Row]:
    """exams.csv, a row an image.

    Args:
        path: where an image's file is, from the table's folder.
        shape: its rows and columns.
        scale: of the lengths in pixels; the spacing is the machine's, divided by it.
    """
    rows: list[Row] = []
    for exam in exams:
        for image in planned_images(exam):
            n_rows, n_columns = shape(exam, image)
            rows.append(
                {
                    "exam": exam.name,
                    "patient": exam.patient,
                    "study_date": exam.study_date.isoformat(),
                    "view": image.view,
                    "path": path(exam, image),
                    "status": "ok" if image.standard else "set aside",
                    "reason": "" if image.standard else "not one of the four screening views",
                    "age": exam.age,
                    "density": exam.density,
                    "manufacturer": exam.vendor.name,
                    "rows": n_rows,
                    "columns": n_columns,
                    "pixel_spacing_mm": round(exam.vendor.pixel_mm / scale, 6),
                    "synthetic": 1,
                }
            )
    return rows


def biopsy_rows(biopsies: Iterable[Biopsy]) -> list[Row]:
    """biopsies.csv, a row a biopsy: malignant, benign or high_risk_benign."""
    return [
        {
            "patient": biopsy.patient,
            "date": biopsy.date.isoformat(),
            "laterality": biopsy.laterality.value,
            "result": biopsy.result.value,
        }
        for biopsy in biopsies
    ]


def label_rows(population: Population) -> list[Row]:
    """labels.csv, a row an exam, by the paper's rule (Wu et al. 2019, Data).

    A breast is malignant, or benign, where a biopsy from the exam's day to 120 days after, both
    included, showed it; both may hold; high-risk benign is benign. Without such a biopsy all are 0.
    """
    of_patient = defaultdict(list)
    for biopsy in population.biopsies:
        of_patient[biopsy.patient].append(biopsy)
    rows: list[Row] = []
    for exam in population.exams:
        matched = [b for b in of_patient[exam.patient] if belongs(b.date, exam.study_date)]
        shown = {(b.laterality, _counts_as(b.result)) for b in matched}
        rows.append(
            {
                "exam": exam.name,
                **{label.value: int((label.laterality, label.finding) in shown) for label in Label},
                "biopsied": int(bool(matched)),
                "birads": exam.birads,
            }
        )
    return rows


def belongs(biopsy: date, exam: date) -> bool:
    """Whether a biopsy tells an exam's labels: 0 to 120 days after it."""
    return 0 <= (biopsy - exam).days <= DAYS_TO_BIOPSY


def finding_rows(
    exams: Iterable[ExamPlan], *, mask: Callable[[ExamPlan, PlannedImage], str]
) -> list[Row]:
    """findings.csv: each biopsied finding in each image of its breast, screening views only.

    An occult one has a row without a mask. What was not biopsied within 120 days has no row, as
    nobody marked it.
    """
    rows: list[Row] = []
    for exam in exams:
        for image in planned_images(exam):
            if not image.standard:
                continue
            rows += [
                {
                    "exam": exam.name,
                    "view": image.name,
                    "finding": finding.name,
                    "class": finding.kind.value,
                    "type": finding.type.value,
                    "occult": int(finding.occult),
                    "mask": "" if finding.occult else mask(exam, image),
                }
                for finding in exam.findings
                if finding.biopsied and image.view.startswith(finding.laterality.value)
            ]
    return rows


def malignant_breasts(population: Population) -> dict[tuple[str, Laterality], bool]:
    """For each exam and side, in the exams' order, left first: whether it is labelled malignant."""
    return {
        (str(row["exam"]), laterality): bool(row[f"{side}_malignant"])
        for row in label_rows(population)
        for side, laterality in (("left", Laterality.LEFT), ("right", Laterality.RIGHT))
    }


def _counts_as(result: FindingClass) -> Shown:
    return Shown.MALIGNANT if result is FindingClass.MALIGNANT else Shown.BENIGN
