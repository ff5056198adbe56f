"""An evaluation from its files to a folder: numbers, figures, and a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.io.atomic import remove_file, write_file, write_or_remove
from fourview.io.recalibrations import Recalibrations, write_recalibrations
from fourview.io.results import json_cells, write_json, write_text
from fourview.io.tables import write_table
from fourview.performance.analysis import FINDINGS, Evaluation, Progress, evaluated
from fourview.performance.images.error_analysis import ErrorRow
from fourview.performance.images.image_side import ImageOptions, ImageSide, seen_in_images
from fourview.performance.images.localisation_rows import (
    FrocPointRow,
    FrocRow,
    HitRow,
    LesionCountRow,
    OverlapRow,
)
from fourview.performance.numbers.paper_tables import NAMES, table_cells, table_columns
from fourview.performance.numbers.rows import (
    CalibrationRow,
    CorrelationRow,
    CurveRow,
    DecisionRow,
    DifferenceRow,
    NetworkRow,
    OperatingRow,
    PopulationRow,
    ReliabilityRow,
    ScoreRow,
    SinglesRow,
    SubgroupRow,
    columns_of,
)
from fourview.performance.options import EvaluationOptions, EvaluationTables
from fourview.performance.page.contents import page_of
from fourview.performance.page.figures import figures_of
from fourview.performance.population.models import judged, named_path, own_name
from fourview.performance.population.truth import read_truth
from fourview.report.drawing import DrawnFigure
from fourview.report.pdf import Pdf, pdf_of
from fourview.report.performance_page import performance_page

PAGE, PDF, NUMBERS = "evaluation.html", "evaluation.pdf", "evaluation.json"
RECALIBRATIONS = "recalibrations.json"
_FIGURES = "figures"


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """What was found, and where the page is."""

    evaluation: Evaluation
    images: ImageSide
    page: Path
    no_pdf: str = ""
    """Why there is none, where one was asked for."""

    @property
    def exit_code(self) -> int:
        """0 done; 3 done, and exams or breasts were left out that should have been judged."""
        return 3 if self.evaluation.judged.left_out else 0


def evaluate(
    predictions: Sequence[str],
    out: Path,
    tables: EvaluationTables,
    options: EvaluationOptions | None = None,
    images: ImageOptions | None = None,
    *,
    pdf: bool = False,
    on_progress: Progress | None = None,
) -> EvaluationResult:
    """Evaluate models, and write tables, figures and a page into a folder.

    The same files and options give the same bytes. Files of an earlier run that this one has no
    numbers for are taken away. No patient is named in any of them.

    Args:
        predictions: `PATH` or `NAME=PATH`, see `judged`.
        images: Where there is a store: localisation and panels of errors.
    Raises:
        TableError: a file cannot be read, or there is nothing to be judged.
        RecipeError: an option lies outside its range.
        OutputError: the results cannot be written.
    """
    options = options or EvaluationOptions()
    found = evaluated(judged(predictions, read_truth(tables)), options, on_progress=on_progress)
    side = ImageSide()
    if images is not None:
        side = seen_in_images(found, tables, options, images, on_progress=on_progress)
    figures = tuple(figures_of(found, level=options.level))
    csv = {**dict(_tables(found)), **dict(_image_tables(side))}
    for name, (row, rows) in csv.items():
        if rows:
            write_table(out / f"{name}.csv", columns_of(row), (_csv(asdict(r)) for r in rows))
        else:
            remove_file(out / f"{name}.csv")
    _write_paper_tables(found, out)
    _write_figures((*figures, *side.figures), out)
    fits = Recalibrations(frozenset(found.judged.breasts.exams), found.probabilities.fits)
    write_recalibrations(out / RECALIBRATIONS, fits)
    title = ", ".join(dict.fromkeys(_shown(text) for text in predictions))
    write_json(out / NUMBERS, _numbers(found, side, csv, tables, options))
    page = performance_page(page_of(found, figures, side, options, title=title))
    write_text(out / PAGE, page)
    document = pdf_of(page) if pdf else Pdf(None)
    write_or_remove(out / PDF, document.data)
    return EvaluationResult(found, side, out / PAGE, document.why_not)


def _shown(argument: str) -> str:
    """A model's name, or its file's or folder's: no path of this machine."""
    name, path = named_path(argument)
    return name or own_name(path)


def _tables(found: Evaluation) -> Iterator[tuple[str, tuple[type[Any], Sequence[Any]]]]:
    """Each table's name, its kind of row, and its rows."""
    yield "populations", (PopulationRow, found.populations)
    yield "scores", (ScoreRow, found.areas.scores)
    yield "networks", (NetworkRow, found.areas.networks)
    yield "singles", (SinglesRow, found.areas.singles)
    yield "differences", (DifferenceRow, found.areas.differences)
    yield "recalls", (OperatingRow, found.operating)
    yield "subgroups", (SubgroupRow, found.subgroups)
    yield "correlations", (CorrelationRow, found.correlations)
    yield "calibration", (CalibrationRow, found.probabilities.calibration)
    yield "reliability", (ReliabilityRow, found.probabilities.reliability)
    yield "decisions", (DecisionRow, found.probabilities.decisions)
    yield "curves", (CurveRow, found.curves)


def _image_tables(side: ImageSide) -> Iterator[tuple[str, tuple[type[Any], Sequence[Any]]]]:
    of = side.localisation
    yield "localisation-hits", (HitRow, of.hits if of else ())
    yield "localisation-overlaps", (OverlapRow, of.overlaps if of else ())
    yield "localisation-froc", (FrocRow, of.froc if of else ())
    yield "localisation-froc-points", (FrocPointRow, of.points if of else ())
    yield "localisation-findings", (LesionCountRow, of.counts if of else ())
    yield "errors", (ErrorRow, [case.row for case in side.errors])


def _write_paper_tables(found: Evaluation, out: Path) -> None:
    made = {table.name: table for table in found.paper}
    for name in NAMES:
        path = out / f"{name}.csv"
        if name in made:
            write_table(path, table_columns(made[name]), map(_csv, table_cells(made[name])))
        else:
            remove_file(path)


def _write_figures(figures: Sequence[DrawnFigure], out: Path) -> None:
    """Write them, and take away those of an earlier run."""
    folder = out / _FIGURES
    wanted = {f"{one.name}.{ending}" for one in figures for ending in ("svg", "png")}
    for old in folder.glob("*") if folder.is_dir() else ():
        if old.suffix in (".svg", ".png") and old.name not in wanted:
            remove_file(old)
    for one in figures:
        write_file(folder / f"{one.name}.svg", one.svg)
        write_file(folder / f"{one.name}.png", one.png)


def _numbers(
    found: Evaluation,
    side: ImageSide,
    csv: dict[str, tuple[type[Any], Sequence[Any]]],
    tables: EvaluationTables,
    options: EvaluationOptions,
) -> dict[str, Any]:
    given = {
        key: value.name if isinstance(value, Path) else value
        for key, value in asdict(tables).items()
    }
    chosen = asdict(options)
    chosen["rules"] = [str(rule) for rule in options.rules]
    chosen["recalibration"] = options.recalibration.name if options.recalibration else None
    return {
        "fourview": __version__,
        "tables": given,
        "options": json_cells(chosen),
        "models": [
            {
                "name": model.name,
                "kind": str(model.kind),
                "networks": [one.name for one in model.networks],
            }
            for model in found.judged.models
        ],
        "warnings": [*found.warnings, *side.warnings],
        "left_out": list(found.judged.left_out),
        **{key: [json_cells(asdict(row)) for row in rows] for key, (_, rows) in csv.items()},
        "paper_tables": {
            table.name: [json_cells(cells) for cells in table_cells(table)] for table in found.paper
        },
    }


def _csv(cells: dict[str, Any]) -> dict[str, str | int | float]:
    """What is not defined is an empty cell."""
    return {key: "" if value is None else value for key, value in json_cells(cells).items()}


def words_of(result: EvaluationResult) -> Iterator[str]:
    """The result in a few lines, for a terminal: both findings in the screening population."""
    findings = [task.name for task in FINDINGS]
    for row in result.evaluation.areas.scores:
        if row.population == "screening" and row.task in findings and not row.branch:
            said = f"{row.auc:.4f}" if not math.isnan(row.auc) else "not defined"
            if not math.isnan(row.auc_low):
                said += f" ({row.auc_low:.4f} to {row.auc_high:.4f})"
            elif not math.isnan(row.auc):
                said += f" (no interval: {row.remark})"
            yield f"{row.model}, {row.task}: AUC {said}, {row.cases} of {row.breasts} breasts"
