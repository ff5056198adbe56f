"""From hidden.npz and a table of scores to a picture, its numbers, and a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fourview import __version__
from fourview.io.atomic import write_file, write_or_remove
from fourview.io.hidden_file import read_hidden
from fourview.io.results import write_json, write_text
from fourview.io.tables import write_table
from fourview.report.drawing import DrawnFigure
from fourview.report.pdf import Pdf, pdf_of
from fourview.report.representation_figure import PointsPanel, representation_figure
from fourview.report.study_page import study_page
from fourview.representation.analysis import KINDS, Represented, represented
from fourview.representation.embedding import versions
from fourview.representation.exams import PicturedExams, pictured
from fourview.representation.options import RepresentationOptions, ScoreSource
from fourview.representation.page import agreements_of, page_of
from fourview.representation.scores import ExamScores, read_scores
from fourview.representation.words import BY_CONSTRUCTION, CAPTION

NAME = "representation"
"""Of the files, before their endings."""


@dataclass(frozen=True, eq=False)
class RepresentationResult:
    """What was found, and where the page is."""

    exams: PicturedExams
    scores: ExamScores
    found: tuple[Represented, ...]
    page: Path
    warnings: tuple[str, ...]


def represent(
    hidden: Path,
    out: Path,
    source: ScoreSource,
    options: RepresentationOptions | None = None,
    *,
    pdf: bool = False,
    talk: Callable[[str], None] = lambda _: None,
) -> RepresentationResult:
    """Lay out a network's activations of exams, and write the picture with its numbers.

    The same files and options give the same bytes on the same machine; the order of the exams in
    their files does not matter. Exams are named in the coordinates, patients nowhere.

    Raises:
        TableError: a file cannot be read, or leaves too few exams.
        RecipeError: an option lies outside its range, or umap-learn is not installed.
        OutputError: the results cannot be written.
    """
    options = options or RepresentationOptions()
    scores = read_scores(source)
    exams = pictured(read_hidden(hidden), scores, options)
    talk(f"laying out {len(exams.exams)} exams by UMAP; its first use compiles for about a minute")
    found = represented(exams, options)
    figure = _figure(exams, scores, found)
    told = dict.fromkeys(
        (*exams.remarks, *(text for one in found for text in one.remarks))
    )  # each once
    title = hidden.name if hidden.suffix else f"{hidden.name}/hidden.npz"
    write_table(out / f"{NAME}.csv", _columns(exams), _rows(exams, found))
    write_file(out / f"{NAME}.svg", figure.svg)
    write_file(out / f"{NAME}.png", figure.png)
    write_json(out / f"{NAME}.json", _numbers(exams, scores, found, options, source, tuple(told)))
    page = study_page(
        page_of(exams, scores, found, figure, options, title=title, warnings=tuple(told))
    )
    write_text(out / f"{NAME}.html", page)
    document = pdf_of(page) if pdf else Pdf(None)
    write_or_remove(out / f"{NAME}.pdf", document.data)
    missing = (f"no PDF was written: {document.why_not}",) if document.why_not else ()
    return RepresentationResult(exams, scores, found, out / f"{NAME}.html", (*told, *missing))


def _figure(
    exams: PicturedExams, scores: ExamScores, found: tuple[Represented, ...]
) -> DrawnFigure:
    panels = [
        PointsPanel(
            f"({letter}) {KINDS[one.kind]}",
            one.places,
            f"trustworthiness {one.trustworthiness:.3f}, continuity {one.continuity:.3f}",
        )
        for letter, one in zip("ab", found, strict=True)
    ]
    png, svg = representation_figure(panels, exams.scores, score_name=scores.name)
    caption = f"{CAPTION} {BY_CONSTRUCTION}" if scores.by_construction else CAPTION
    return DrawnFigure(
        name=NAME, title="Exams by their activations", caption=caption, png=png, svg=svg
    )


def _columns(exams: PicturedExams) -> list[str]:
    truth = ["truth"] if exams.truth is not None else []
    parts = [f"{kind}_{what}" for kind in KINDS for what in ("x", "y", "neighbours_score")]
    return ["exam", "score", *truth, *parts]


def _rows(
    exams: PicturedExams, found: tuple[Represented, ...]
) -> Iterator[Mapping[str, str | float]]:
    for i, exam in enumerate(exams.exams):
        cells: dict[str, str | float] = {"exam": exam, "score": float(exams.scores[i])}
        if exams.truth is not None:
            cells["truth"] = int(exams.truth[i])
        for one in found:
            cells[f"{one.kind}_x"] = f"{one.places[i, 0]:.6f}"
            cells[f"{one.kind}_y"] = f"{one.places[i, 1]:.6f}"
            cells[f"{one.kind}_neighbours_score"] = float(one.neighbours_score[i])
        yield cells


def _numbers(
    exams: PicturedExams,
    scores: ExamScores,
    found: tuple[Represented, ...],
    options: RepresentationOptions,
    source: ScoreSource,
    warnings: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "fourview": __version__,
        "versions": versions(),
        "options": _plain(asdict(options)),
        "score": {"name": scores.name, "from": _plain(asdict(source))},
        "exams": len(exams.exams),
        "patients": len(set(exams.patients)),
        "left_out": dict(exams.left_out),
        "warnings": list(warnings),
        "pictures": [
            {
                "activations": one.kind,
                "trustworthiness": one.trustworthiness,
                "continuity": one.continuity,
            }
            for one in found
        ],
        "neighbours": [
            {
                "activations": one.kind,
                "of": name,
                **_plain(
                    {
                        "measure": said.measure,
                        "value": said.value,
                        "low": said.interval.low,
                        "high": said.interval.high,
                        "chance": said.chance,
                        "p": said.p,
                    }
                ),
                "remark": "; ".join(filter(None, (said.remark, said.interval.remark))),
            }
            for one, name, said in agreements_of(scores, found)
        ],
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Files by their names, and null for what is not defined."""
    return {key: _cell(value) for key, value in values.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    return None if isinstance(value, float) and math.isnan(value) else value


def words_of(result: RepresentationResult) -> Iterable[str]:
    """The result in a few lines, for a terminal."""
    for why, count in result.exams.left_out:
        yield f"{count} {'exam' if count == 1 else 'exams'} left out: {why}"
    for one, name, said in agreements_of(result.scores, result.found):
        yield (
            f"{KINDS[one.kind]}: neighbours tell {name} with "
            f"{'an AUC' if said.measure == 'auc' else 'a rank correlation'} of {said.value:.3f} "
            f"({said.interval})"
        )
    for one in result.found:
        yield f"{KINDS[one.kind]}: trustworthiness of the picture {one.trustworthiness:.3f}"
