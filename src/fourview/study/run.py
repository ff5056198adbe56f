"""A reader study from its table to a folder: numbers, figures, and a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.core.errors import RecipeError
from fourview.io.atomic import remove_file, write_or_remove
from fourview.io.results import json_cells, write_json, write_text
from fourview.io.tables import write_table
from fourview.report.pdf import Pdf, pdf_of
from fourview.report.study_page import study_page
from fourview.study.analysis import Study, analyse, sweep_rows
from fourview.study.figures import figures_of
from fourview.study.model_scores import read_study
from fourview.study.options import StudyOptions
from fourview.study.page import page_of
from fourview.study.rows import (
    ComponentRow,
    CurveRow,
    DifferenceRow,
    HybridRow,
    MarginRow,
    MeanTestRow,
    ScoreRow,
    SummaryRow,
    SweepRow,
    columns_of,
)

PAGE = "reader-study.html"
PDF = "reader-study.pdf"
NUMBERS = "reader-study.json"
FIGURES = ("curves", "by-weight", "ensembles")
_EVERY = 10
"""Of the mean curves' points, those that are written: 101 of 1001."""


@dataclass(frozen=True)
class StudyResult:
    """What was found, and where the page is."""

    study: Study
    page: Path
    no_pdf: str = ""
    """Why there is none, where one was asked for."""


def reader_study(
    table: Path, out: Path, options: StudyOptions | None = None, *, pdf: bool = False
) -> StudyResult:
    """Analyse a reader study, and write its tables, figures and page into a folder.

    The same table and options give the same bytes. Files of an earlier run that this one has no
    numbers for are taken away. No case is named in any of them.

    Raises:
        TableError: the table cannot be read, or holds what cannot be analysed.
        RecipeError: an option lies outside its range.
        OutputError: the results cannot be written.
    """
    options = options or StudyOptions()
    _check(options)
    read = read_study(table, options)
    options = replace(options, model=read.model, model_from=read.model_from)
    study = analyse(read.table.ratings, read.scores, options)
    study = replace(study, remarks=(*read.remarks, *study.remarks))
    figures = tuple(figures_of(study))
    tables = dict(_tables(study))
    for name, (row, rows) in tables.items():
        path = out / f"{name}.csv"
        if rows:
            write_table(path, columns_of(row), map(_csv_cells, rows))
        else:
            remove_file(path)
    drawn = {figure.name: figure for figure in figures}
    for name in FIGURES:
        for ending in ("svg", "png"):
            data = getattr(drawn.get(name), ending, None)
            write_or_remove(out / "figures" / f"{name}.{ending}", data)
    write_json(out / NUMBERS, _numbers(study, tables, options, table.name))
    page = study_page(page_of(study, figures, options, title=table.name))
    write_text(out / PAGE, page)
    document = pdf_of(page) if pdf else Pdf(None)
    write_or_remove(out / PDF, document.data)
    return StudyResult(study, out / PAGE, document.why_not)


def _check(options: StudyOptions) -> None:
    for name, value, least, most in (
        ("weight", options.reader_weight, 0.0, 1.0),
        ("level", options.level, 0.5, 0.999),
        ("margin", 0.5 if options.margin is None else options.margin, 1e-6, 0.999999),
    ):
        if not least <= value <= most:
            raise RecipeError(f"the {name} is {value:g}; expected {least:g} to {most:g}")
    if options.sweep < 2 or options.draws < 2:
        raise RecipeError(
            f"{options.sweep} weights and {options.draws} draws; 2 are the least of each",
            hint="21 weights and 2000 draws are usual",
        )


def _tables(study: Study) -> Iterator[tuple[str, tuple[type[Any], list[Any]]]]:
    """Each table's name, its kind of row, and its rows."""
    yield "readers", (ScoreRow, [*study.scores, *study.model])
    yield "summary", (SummaryRow, list(study.summaries))
    yield "tests", (MeanTestRow, list(study.tests))
    yield "components", (ComponentRow, list(study.components))
    yield "margins", (MarginRow, list(study.margins))
    yield "hybrids", (HybridRow, list(study.hybrids))
    yield "sweep", (SweepRow, list(sweep_rows(study.sweep)) if study.sweep else [])
    yield "ensembles", (ScoreRow, list(study.ensembles))
    yield "differences", (DifferenceRow, list(study.differences))
    yield "curves", (CurveRow, list(_curves(study)))


def _curves(study: Study) -> Iterator[CurveRow]:
    for group in study.curves:
        for axes, curve in (("roc", group.roc), ("precision-recall", group.precision_recall)):
            for x, y in zip(curve.x[::_EVERY], curve.mean[::_EVERY], strict=True):
                yield CurveRow(curve=f"mean of {group.name}", axes=axes, x=float(x), y=float(y))


def _numbers(
    study: Study,
    tables: dict[str, tuple[type[Any], list[Any]]],
    options: StudyOptions,
    name: str,
) -> dict[str, Any]:
    ratings = study.ratings
    return {
        "fourview": __version__,
        "table": name,
        "options": json_cells(asdict(options)),
        "readers_named": list(ratings.readers),
        "modalities": list(ratings.modalities),
        "cases": len(ratings.cases),
        "with_disease": int(ratings.truth.sum()),
        "patients": len(set(ratings.patients)),
        "remarks": list(study.remarks),
        **{key: [json_cells(asdict(row)) for row in rows] for key, (_, rows) in tables.items()},
    }


def _csv_cells(row: Any) -> dict[str, str | int | float]:
    """What is not defined is an empty cell; yes and no are 1 and 0."""
    cells = json_cells(asdict(row))
    return {
        key: "" if value is None else int(value) if isinstance(value, bool) else value
        for key, value in cells.items()
    }


def words_of(result: StudyResult) -> Iterable[str]:
    """The result in a few lines, for a terminal."""
    for row in result.study.summaries:
        over = f", sd {row.sd:.4f}, {row.least:.4f} to {row.greatest:.4f}"
        yield (
            f"{row.group}: mean {row.measure.replace('-', ' ')} {row.mean:.4f}"
            f"{over if row.readers > 1 else ', of one reader'}"
        )
    for test in result.study.tests:
        if test.analysis == "RRRC":
            said = (
                f"{test.low:+z.4f} to {test.high:+z.4f}, p {test.p:.2g}"
                if not math.isnan(test.low)
                else f"not defined: {test.remark}"
            )
            yield (
                f"{test.first} - {test.second}, {test.measure.replace('-', ' ')}: "
                f"{test.difference:+z.4f} ({said}; {test.by})"
            )
