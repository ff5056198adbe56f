"""A reader study's numbers as the tables of its page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from fourview import __version__
from fourview.evaluation.readers_mean import ANALYSES
from fourview.report.drawing import DrawnFigure
from fourview.report.study_page import NumberTable, PageFigure, StudyPage
from fourview.study.analysis import Study
from fourview.study.options import StudyOptions
from fourview.study.rows import ScoreRow
from fourview.study.words import SOURCES, methods_of

_SHORT = {"auc": "AUC", "average-precision": "average precision"}
_NOT_DEFINED = "not defined"


def page_of(
    study: Study, figures: Sequence[DrawnFigure], options: StudyOptions, *, title: str
) -> StudyPage:
    """The page's content."""
    ratings = study.ratings
    facts = [
        (str(len(ratings.readers)), "readers"),
        (str(len(ratings.cases)), "cases"),
        (str(int(ratings.truth.sum())), "with the disease"),
    ]
    if not options.independent:
        facts.append((str(len(set(ratings.patients))), "patients"))
    if len(ratings.modalities) > 1:
        facts.append((str(len(ratings.modalities)), "modalities"))
    return StudyPage(
        title=title,
        facts=facts,
        warnings=study.remarks,
        tables=tuple(_tables(study, options)),
        figures=tuple(PageFigure(title=f.title, caption=f.caption, svg=f.svg) for f in figures),
        methods=tuple(methods_of(study, options)),
        sources=SOURCES,
        version=__version__,
    )


def _tables(study: Study, options: StudyOptions) -> Iterator[NumberTable]:
    percent = f"{100 * options.level:g} %"
    yield _summary(study, percent)
    if study.tests:
        yield _tests(study, percent)
    if study.margins:
        yield _margins(study, options)
    several = len(study.ratings.modalities) > 1
    yield _scores("Readers, one by one", (*study.scores, *study.model), percent, several)
    if study.hybrids:
        yield _hybrids(study, percent, options.reader_weight)
        yield _scores("Ensembles", study.ensembles, percent, False)
        yield _differences(study, percent)


def _summary(study: Study, percent: str) -> NumberTable:
    return NumberTable(
        title="Over readers",
        header=("", "measure", "mean", f"{percent} of the mean", "sd", "range", "readers"),
        words=2,
        rows=[
            (
                row.group,
                _SHORT[row.measure],
                _number(row.mean),
                _between(row.mean_low, row.mean_high),
                _number(row.sd),
                _between(row.least, row.greatest, word="–"),
                str(row.readers),
            )
            for row in study.summaries
        ],
        note="The interval of the mean is for other readers and other cases (RRRC); sd and range "
        "are of these readers.",
        remarks=_remarks((f"{row.group}, {_SHORT[row.measure]}", row.remark)
                         for row in study.summaries),
    )  # fmt: skip


def _tests(study: Study, percent: str) -> NumberTable:
    return NumberTable(
        title="Tests of the means over readers",
        header=(
            "first less second", "measure", "analysis", "difference", percent, "F", "df", "p",
        ),
        words=3,
        rows=[
            (
                f"{row.first} − {row.second}",
                _SHORT[row.measure],
                f"{row.analysis}, {row.by}",
                _signed(row.difference),
                _between(row.low, row.high, signed=True),
                "" if math.isnan(row.f) else f"{row.f:.2f}",
                "" if math.isnan(row.df) else "∞" if math.isinf(row.df) else f"{row.df:.1f}",
                _p(row.p),
            )
            for row in study.tests
        ],
        note="; ".join(f"{short}: {words}" for short, words in ANALYSES.items())
        + ". RRFC says nothing about other patients.",
        remarks=_remarks((f"{row.first} − {row.second}, {row.analysis}", row.remark)
                         for row in study.tests),
    )  # fmt: skip


def _margins(study: Study, options: StudyOptions) -> NumberTable:
    verdict = {True: "yes", False: "not shown", None: _NOT_DEFINED}
    return NumberTable(
        title=f"Non-inferiority with a margin of {options.margin:g}",
        header=(
            "new against old", "measure", "analysis", "non-inferior", "superior", "difference",
            "lower limit", "p of non-inferiority", "p of superiority",
        ),
        words=5,
        rows=[
            (
                f"{row.new} against {row.old}",
                _SHORT[row.measure],
                row.analysis,
                verdict[row.non_inferior],
                verdict[row.superior],
                _signed(row.difference),
                _signed(row.lower_limit),
                _p(row.p_non_inferior),
                _p(row.p_superior),
            )
            for row in study.margins
        ],
        note=f"One-sided, alpha {study.margins[0].alpha:g}. The margin must have been chosen "
        "before the study.",
    )  # fmt: skip


def _scores(title: str, rows: Sequence[ScoreRow], percent: str, several: bool) -> NumberTable:
    return NumberTable(
        title=title,
        header=("", *(["modality"] if several else []), "AUC", percent, "average precision",
                percent, "cases", "with the disease"),
        words=2 if several else 1,
        rows=[
            (
                row.name,
                *([row.modality] if several else []),
                _number(row.auc),
                _between(row.auc_low, row.auc_high),
                _number(row.average_precision),
                _between(row.average_precision_low, row.average_precision_high),
                str(row.cases),
                str(row.with_disease),
            )
            for row in rows
        ],
        remarks=_remarks((row.name, row.remark) for row in rows),
    )  # fmt: skip


def _hybrids(study: Study, percent: str, weight: float) -> NumberTable:
    return NumberTable(
        title=f"Hybrids, λ = {weight:g}",
        header=("reader", "measure", "alone", "hybrid", "difference", percent, "p"),
        words=2,
        rows=[
            (
                row.reader,
                _SHORT[row.measure],
                _number(row.alone),
                _number(row.hybrid),
                _signed(row.difference),
                _between(row.low, row.high, signed=True),
                _p(row.p),
            )
            for row in study.hybrids
        ],
        note="Each reader by himself or herself, over cases.",
        remarks=_remarks((f"{row.reader}, {_SHORT[row.measure]}", row.remark)
                         for row in study.hybrids),
    )  # fmt: skip


def _differences(study: Study, percent: str) -> NumberTable:
    return NumberTable(
        title="Between ensembles and model",
        header=("first less second", "measure", "by", "difference", percent, "p"),
        words=3,
        rows=[
            (
                f"({row.first}) − ({row.second})",
                _SHORT[row.measure],
                row.by,
                _signed(row.difference),
                _between(row.low, row.high, signed=True),
                _p(row.p),
            )
            for row in study.differences
        ],
        remarks=_remarks((f"{row.first} − {row.second}", row.remark) for row in study.differences),
    )


def _remarks(rows: Iterator[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name}: {remark}" for name, remark in rows if remark)


def _number(value: float) -> str:
    return _NOT_DEFINED if math.isnan(value) else f"{value:.4f}"


def _signed(value: float) -> str:
    if math.isnan(value):
        return _NOT_DEFINED
    text = f"{value:+.4f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def _between(low: float, high: float, *, word: str = " to ", signed: bool = False) -> str:
    if math.isnan(low) or math.isnan(high):
        return _NOT_DEFINED
    return word.join(_signed(end) if signed else _number(end) for end in (low, high))


def _p(value: float) -> str:
    if math.isnan(value):
        return _NOT_DEFINED
    return f"{value:.4f}" if value >= 0.001 else f"{value:.1e}".replace("-", "−")
