"""A reader study planned from its pilot's table: numbers, a figure, and a page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from fourview import __version__
from fourview.evaluation.mrmc_sample_size import power
from fourview.io.atomic import write_file, write_or_remove
from fourview.io.results import write_json, write_text
from fourview.io.tables import write_table
from fourview.report.drawing import DrawnFigure
from fourview.report.pdf import Pdf, pdf_of
from fourview.report.power_figure import PowerLine, power_figure
from fourview.report.study_page import study_page
from fourview.study.model_scores import read_study
from fourview.study.options import StudyOptions
from fourview.study.plan_options import USUAL_READERS, PlanOptions
from fourview.study.plan_words import HEADER, cells_of, looked_for, plan_page
from fourview.study.planning import Plan, PlanRow, plan_from

NAME = "plan"
"""Of the files, before their endings."""
_POINTS = 120


@dataclass(frozen=True, eq=False)
class PlanResult:
    """The plan, as values that JSON can hold, too."""

    plan: Plan
    numbers: dict[str, Any]
    page: Path | None
    warnings: tuple[str, ...]


def plan_study(
    pilot: Path,
    out: Path | None,
    planned: PlanOptions,
    options: StudyOptions | None = None,
    *,
    pdf: bool = False,
) -> PlanResult:
    """Plan a study from its pilot's table, and write the plan into a folder where one is given.

    Raises:
        TableError: the pilot cannot be read, or does not show how readers and cases vary.
        OutputError: the plan cannot be written.
    """
    options = options or StudyOptions()
    read = read_study(pilot, options)
    options = replace(options, model=read.model, model_from=read.model_from)
    plan = plan_from(read, options, planned)
    numbers = _numbers(plan, planned, options, pilot.name)
    if out is None:
        return PlanResult(plan, numbers, None, plan.remarks)
    figure = _figure(plan, planned)
    write_table(
        out / f"{NAME}.csv", [field.name for field in fields(PlanRow)], map(_csv_cells, plan.rows)
    )
    write_json(out / f"{NAME}.json", numbers)
    write_file(out / f"{NAME}.svg", figure.svg)
    write_file(out / f"{NAME}.png", figure.png)
    page = study_page(plan_page(plan, planned, figure, title=pilot.name))
    write_text(out / f"{NAME}.html", page)
    document = pdf_of(page) if pdf else Pdf(None)
    write_or_remove(out / f"{NAME}.pdf", document.data)
    missing = (f"no PDF was written: {document.why_not}",) if document.why_not else ()
    return PlanResult(plan, numbers, out / f"{NAME}.html", (*plan.remarks, *missing))


def _figure(plan: Plan, planned: PlanOptions) -> DrawnFigure:
    found = [row.readers for row in plan.rows if row.readers is not None]
    readers = sorted(set(planned.readers or found or USUAL_READERS))
    cases = np.unique(np.linspace(2, _most_cases(plan), _POINTS).astype(np.int64))
    lines = []
    for number in readers:
        values = [
            power(
                plan.components, effect=planned.true_effect, readers=number, cases=int(n),
                analysis=planned.analysis, alpha=planned.test_alpha, margin=planned.margin,
            ).power
            for n in cases
        ]  # fmt: skip
        lines.append(PowerLine(number, cases, np.array(values)))
    png, svg = power_figure(lines, wanted=planned.wanted)
    return DrawnFigure(
        name=NAME,
        title="Power by cases and readers",
        caption=f"The chance to find {looked_for(planned)}. Dashed: a power of "
        f"{planned.wanted:g}. Where a line levels off below it, only more readers help.",
        png=png,
        svg=svg,
    )


def _most_cases(plan: Plan) -> int:
    """Where the axis ends: past the numbers found, unless one is so large that it hides others."""
    pilot = plan.pilot_cases
    found = [row.cases for row in plan.rows if row.cases and not math.isnan(row.power)]
    if not found:
        return 3 * pilot
    return max(3 * pilot, min(2 * max(found), max(10 * pilot, 2 * min(found))))


def _numbers(plan: Plan, planned: PlanOptions, options: StudyOptions, name: str) -> dict[str, Any]:
    return {
        "fourview": __version__,
        "pilot": {
            "table": name,
            "model": options.model,
            "model_from": options.model_from,
            "first": plan.first,
            "second": plan.second,
            "readers": plan.pilot_readers,
            "cases": plan.pilot_cases,
            "with_disease": plan.pilot_with_disease,
            "patients": plan.pilot_patients,
            "difference": plan.difference,
            "covariance": options.methods[plan.measure],
        },
        "measure": plan.measure,
        "components": asdict(plan.components),
        "effect": planned.true_effect,
        "margin": planned.margin,
        "alpha": planned.test_alpha,
        "wanted_power": planned.wanted,
        "analysis": planned.analysis,
        "rows": [_cells(row) for row in plan.rows],
        "warnings": list(plan.remarks),
    }


def _cells(row: PlanRow) -> dict[str, Any]:
    """What is not defined as null; infinite degrees of freedom as a word, which JSON lacks."""
    return {
        key: (None if math.isnan(value) else "inf" if math.isinf(value) else value)
        if isinstance(value, float)
        else value
        for key, value in asdict(row).items()
    }


def _csv_cells(row: PlanRow) -> dict[str, str | int | float]:
    return {key: "" if value is None else value for key, value in _cells(row).items()}


def table_of(plan: Plan) -> Iterable[str]:
    """The plan's rows in columns, for a terminal."""
    rows = [HEADER, *map(cells_of, plan.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADER))]
    for at, row in enumerate(rows):
        line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        remark = plan.rows[at - 1].remark if at else ""
        yield f"{line}  {remark}".rstrip()
