"""Figures of parts of the population (Figure 6), and of how predictions go together (Figure S1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from fourview.evaluation.checks import Floats
from fourview.performance.analysis import FINDINGS, Evaluation
from fourview.performance.numbers.asked import FEW
from fourview.performance.numbers.parts import FIGURE_LABELS, words_of
from fourview.performance.numbers.rows import SubgroupRow
from fourview.performance.population.finding_types import BY_TYPE
from fourview.performance.population.models import Model
from fourview.report.drawing import DrawnFigure
from fourview.report.population_figures import (
    Correlations,
    Group,
    GroupsPanel,
    GroupValues,
    correlation_figure,
    groups_figure,
)

_MOST_MATRICES = 4
_PAPER_COLUMNS = ("age", "density")


def groups_drawn(
    found: Evaluation, models: Sequence[Model], *, level: float
) -> Iterator[DrawnFigure]:
    """Age and density on one figure (Figure 6), each other column on one of its own."""
    paper = [column for column in _PAPER_COLUMNS if column in found.columns]
    others = [[column] for column in (*found.columns, BY_TYPE) if column not in paper]
    for columns in filter(None, [paper, *others]):
        if any(row.column in columns for row in found.subgroups):
            yield _groups(found, columns, models, level)


def _groups(
    found: Evaluation, columns: Sequence[str], models: Sequence[Model], level: float
) -> DrawnFigure:
    rows = []
    for task in (one.name for one in FINDINGS):
        panels = []
        for column in columns:
            those = [row for row in found.subgroups if (row.column, row.task) == (column, task)]
            if those:
                panels.append(_panel(f"{task}, by {column}", those, models))
        if panels:
            rows.append(panels)
    png, svg = groups_figure(rows, few=FEW)
    is_paper = columns[0] in _PAPER_COLUMNS
    layout = " Laid out as Figure 6 of Wu et al." if is_paper else ""
    if columns[0] == BY_TYPE:
        layout = (
            " Each group has the breasts with a finding of the type, against all breasts without "
            "a finding of its class."
        )
    return DrawnFigure(
        name="subgroups" if is_paper else f"subgroups-{slug(columns[0])}",
        title=f"AUC by {' and '.join(columns)}",
        caption=(
            f"Bars: DeLong intervals of {100 * level:g} %, clustered by patient. Groups with "
            f"fewer than {FEW} breasts with or without the finding have open marks.{layout}"
        ),
        png=png,
        svg=svg,
    )


def _panel(title: str, rows: Sequence[SubgroupRow], models: Sequence[Model]) -> GroupsPanel:
    groups = {row.group: Group(row.group, row.cases, row.breasts - row.cases) for row in rows}
    by_model = {model.name: {r.group: r for r in rows if r.model == model.name} for model in models}

    def values(name: str, of: str) -> Floats:
        return np.array([getattr(by_model[name][group], of) for group in groups], dtype=np.float64)

    return GroupsPanel(
        title,
        list(groups.values()),
        [
            GroupValues(name, values(name, "auc"), values(name, "auc_low"),
                        values(name, "auc_high"))
            for name in by_model
        ],
    )  # fmt: skip


def correlations_drawn(found: Evaluation) -> DrawnFigure:
    """A matrix a model, of the first models (Figure S1)."""
    labels = [words_of(label) for label in FIGURE_LABELS]
    panels = []
    for model in found.models[:_MOST_MATRICES]:
        rows = {
            (row.first, row.second): row for row in found.correlations if row.model == model.name
        }
        matrix = np.array([[rows[a, b].correlation for b in labels] for a in labels])
        panels.append(Correlations(model.name, labels, matrix, next(iter(rows.values())).exams))
    png, svg = correlation_figure(panels)
    return DrawnFigure(
        name="correlations",
        title="Correlations between a model's four predictions",
        caption=(
            "Pearson's correlation over exams with both breasts, of the ensembles' predictions. "
            "Laid out as Figure S1 of Wu et al."
        ),
        png=png,
        svg=svg,
    )


def slug(text: str) -> str:
    """A file's name from a column's: letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "column"
