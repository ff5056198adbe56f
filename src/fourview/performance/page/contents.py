"""An evaluation's numbers as the tables of its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fourview import __version__
from fourview.performance.analysis import Evaluation
from fourview.performance.images.image_side import ImageSide
from fourview.performance.options import EvaluationOptions
from fourview.performance.page.image_page import image_sections, image_words
from fourview.performance.page.page_tables import (
    calibration_table,
    differences_table,
    operating_table,
    paper_table,
    populations_table,
    scores_table,
    singles_table,
    subgroups_table,
)
from fourview.performance.page.words import SOURCES, methods_of
from fourview.report.drawing import DrawnFigure
from fourview.report.performance_page import PageSection, PerformancePage


def page_of(
    found: Evaluation,
    figures: Sequence[DrawnFigure],
    side: ImageSide,
    options: EvaluationOptions,
    *,
    title: str,
) -> PerformancePage:
    """The page's content."""
    row = found.populations[0]
    networks = sum(len(model.networks) for model in found.judged.models)
    facts = [
        (f"{len(found.judged.models):,}", "models"),
        (f"{networks:,}", "networks"),
        (f"{row.exams:,}", "exams"),
        (f"{row.breasts:,}", "breasts"),
        (f"{row.patients:,}", "patients"),
        (f"{row.malignant + row.both:,}", "malignant"),
        (f"{row.benign + row.both:,}", "benign"),
    ]
    return PerformancePage(
        title=title,
        facts=facts,
        warnings=(
            *found.warnings,
            *(f"left out: {text}" for text in found.judged.left_out),
            *side.warnings,
        ),
        sections=(
            *_sections(found, figures, options),
            *image_sections(side, level=options.level),
        ),
        methods=(*methods_of(found, options), *image_words(side)),
        sources=SOURCES,
        version=__version__,
    )


def _sections(
    found: Evaluation, figures: Sequence[DrawnFigure], options: EvaluationOptions
) -> Iterator[PageSection]:
    percent = f"{100 * options.level:g} %"

    def drawn(*beginnings: str) -> list[DrawnFigure]:
        return [one for one in figures if one.name.startswith(beginnings)]

    yield PageSection(title="Populations", tables=[populations_table(found)])
    yield PageSection(
        title="Areas under curves",
        tables=[
            scores_table(found, population, percent)
            for population in dict.fromkeys(row.population for row in found.areas.scores)
        ],
        figures=drawn("curves"),
    )
    if found.paper:
        yield PageSection(
            title="The paper's tables",
            tables=[paper_table(table, percent) for table in found.paper],
            note="Laid out as in Wu et al.: single networks as mean ± standard deviation over "
            "networks, then their ensemble, here with its interval.",
        )
    if found.areas.differences:
        yield PageSection(title="Differences", tables=[differences_table(found, percent)])
    if any(len(model.networks) > 1 for model in found.judged.models):
        yield PageSection(title="Single networks", tables=[singles_table(found)])
    yield PageSection(title="Recalls", tables=[operating_table(found, options, percent)])
    if found.subgroups:
        yield PageSection(
            title="Parts of the screening population",
            tables=[subgroups_table(found, percent)],
            figures=drawn("subgroups"),
        )
    if correlations := drawn("correlations"):
        yield PageSection(title="Correlations", figures=correlations)
    yield PageSection(
        title="Probabilities",
        tables=[calibration_table(found, percent)],
        figures=drawn("reliability", "decisions"),
    )
