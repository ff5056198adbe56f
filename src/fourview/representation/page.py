"""The picture's numbers as the tables of its page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from fourview import __version__
from fourview.evaluation.representation import Agreement
from fourview.report.drawing import DrawnFigure
from fourview.report.study_page import NumberTable, PageFigure, StudyPage
from fourview.representation.analysis import KINDS, Represented
from fourview.representation.exams import PicturedExams
from fourview.representation.options import RepresentationOptions
from fourview.representation.scores import ExamScores
from fourview.representation.words import BY_CONSTRUCTION, SOURCES, methods_of

TRUTH = "malignant finding"
_MEASURES = {"auc": "AUC", "spearman": "rank correlation"}
_NOT_DEFINED = "not defined"


def page_of(
    exams: PicturedExams,
    scores: ExamScores,
    found: Sequence[Represented],
    figure: DrawnFigure,
    options: RepresentationOptions,
    *,
    title: str,
    warnings: Sequence[str],
) -> StudyPage:
    """The page's content."""
    facts = [(str(len(exams.exams)), "exams")]
    if exams.patients != exams.exams:
        facts.append((str(len(set(exams.patients))), "patients"))
    facts += [(str(count), f"left out: {why}") for why, count in exams.left_out]
    return StudyPage(
        heading="What a network represents:",
        title=title,
        facts=facts,
        warnings=warnings,
        tables=(_neighbours(scores, found, options), _picture(found)),
        figures=(PageFigure(title=figure.title, caption=figure.caption, svg=figure.svg),),
        methods=tuple(methods_of(exams, scores, options)),
        sources=SOURCES,
        version=__version__,
    )


def agreements_of(
    scores: ExamScores, found: Sequence[Represented]
) -> Iterator[tuple[Represented, str, Agreement]]:
    """Each comparison of neighbours with the exam, and what it is of."""
    for one in found:
        yield one, scores.name, one.score
        if one.truth is not None:
            yield one, TRUTH, one.truth


def _neighbours(
    scores: ExamScores, found: Sequence[Represented], options: RepresentationOptions
) -> NumberTable:
    rows = list(agreements_of(scores, found))
    note = "Among the activations themselves; the picture plays no part. "
    return NumberTable(
        title=f"What an exam's {options.neighbours} nearest tell of it",
        header=(
            "activations", "of", "measure", "value", f"{100 * options.level:g} %", "by chance", "p",
        ),
        words=3,
        rows=[
            (
                KINDS[one.kind],
                name,
                _MEASURES[said.measure],
                _number(said.value),
                f"{_number(said.interval.low)} to {_number(said.interval.high)}"
                if said.interval.defined
                else _NOT_DEFINED,
                _number(said.chance),
                _p(said.p),
            )
            for one, name, said in rows
        ],
        note=note + BY_CONSTRUCTION if scores.by_construction else note.strip(),
        remarks=tuple(
            f"{KINDS[one.kind]}, {name}: {why}"
            for one, name, said in rows
            for why in dict.fromkeys((said.remark, said.interval.remark))
            if why
        ),
    )  # fmt: skip


def _picture(found: Sequence[Represented]) -> NumberTable:
    return NumberTable(
        title="How far the picture can be trusted",
        header=("activations", "trustworthiness", "continuity"),
        rows=[
            (KINDS[one.kind], _number(one.trustworthiness), _number(one.continuity))
            for one in found
        ],
        note="1: all neighbours in the picture are neighbours among the activations, and the "
        "reverse; about 0.5: a picture at random.",
    )


def _number(value: float) -> str:
    if math.isnan(value):
        return _NOT_DEFINED
    return f"{value:.3f}".replace("-", "−")


def _p(value: float) -> str:
    return _NOT_DEFINED if math.isnan(value) else f"{value:.4f}"
