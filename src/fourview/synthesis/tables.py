"""The tables of a synthetic population, beside its images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fourview.io.tables import write_table
from fourview.phantom.plan import ExamPlan, Population
from fourview.phantom.readers import (
    population_evidence,
    reader_columns,
    reader_rows,
    simulate_readers,
)
from fourview.phantom.records import (
    BIOPSY_COLUMNS,
    EXAM_COLUMNS,
    FINDING_COLUMNS,
    LABEL_COLUMNS,
    PlannedImage,
    biopsy_rows,
    exam_rows,
    finding_rows,
    label_rows,
)
from fourview.synthesis.exam import image_path, mask_path
from fourview.synthesis.options import SynthesisOptions

READERS = 14
"""As many as read in the paper."""


def write_tables(
    out: Path,
    population: Population,
    truths: Mapping[str, Mapping[str, Any]],
    options: SynthesisOptions,
) -> None:
    """Write exams.csv (a manifest too), biopsies.csv, labels.csv, findings.csv and readers.csv."""

    def image(exam: ExamPlan, planned: PlannedImage) -> Mapping[str, Any]:
        found: Mapping[str, Any] = truths[exam.name]["images"][planned.name]
        return found

    def shape(exam: ExamPlan, planned: PlannedImage) -> tuple[int, int]:
        return image(exam, planned)["rows"], image(exam, planned)["columns"]

    def mask(exam: ExamPlan, planned: PlannedImage) -> str:
        return mask_path(exam, planned) if image(exam, planned)["marked"] else ""

    exams = exam_rows(
        population.exams,
        path=lambda exam, planned: image_path(exam, planned, options),
        shape=shape,
        scale=options.scale,
    )
    write_table(out / "exams.csv", EXAM_COLUMNS, exams)
    write_table(out / "biopsies.csv", BIOPSY_COLUMNS, biopsy_rows(population.biopsies))
    write_table(out / "labels.csv", LABEL_COLUMNS, label_rows(population))
    findings = finding_rows(population.exams, mask=mask)
    write_table(out / "findings.csv", FINDING_COLUMNS, findings)
    said = simulate_readers(population_evidence(population), seed=[options.seed, READERS])
    write_table(out / "readers.csv", reader_columns(READERS), reader_rows(population, said))
