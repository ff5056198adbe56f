"""Models in parts of the population (Figure 6), and how their four predictions go together
(Figure S1)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from fourview.core.breasts import Breasts
from fourview.core.errors import TableError
from fourview.core.views import Finding, Label
from fourview.evaluation.auc import auc
from fourview.evaluation.checks import Floats
from fourview.evaluation.delong import delong
from fourview.evaluation.populations import BENIGN, MALIGNANT, Population, Task
from fourview.evaluation.subgroups import Subgroup, subgroups
from fourview.performance.numbers.asked import asked, interval_words, known_to_all
from fourview.performance.numbers.rows import CorrelationRow, SubgroupRow
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.finding_types import BY_TYPE, type_groups
from fourview.performance.population.models import Model

USUAL = ("age", "density", "manufacturer")
_FINDINGS = {Finding.MALIGNANT: MALIGNANT, Finding.BENIGN: BENIGN}
DENSITIES = {
    "a": "a: almost entirely fatty",
    "b": "b: scattered fibroglandular",
    "c": "c: heterogeneously dense",
    "d": "d: extremely dense",
}


def columns_to_part_by(breasts: Breasts, wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted columns, and before them the usual ones that part the breasts.

    Raises:
        TableError: a wanted column is not there.
    """
    offered = {*breasts.columns} - {f"{finding.value} finding types" for finding in Finding}
    for column in wanted:
        if column not in offered:
            there = ", ".join(sorted(offered)) or "none"
            raise TableError(
                f"no column {column!r} of the exams; there are {there}",
                hint="--by takes a column of exams.csv",
            )
    usual = [
        column
        for column in USUAL
        if column not in wanted and len(set(breasts.columns.get(column, ()))) > 1
    ]
    return (*usual, *dict.fromkeys(wanted))


def subgroup_rows(
    breasts: Breasts, models: Sequence[Model], columns: Sequence[str], options: EvaluationOptions
) -> Iterator[SubgroupRow]:
    """Each model in each group of each column, for both findings, and by the findings' types."""
    for column in columns:
        groups = subgroups(breasts.columns[column], column=column)
        for task in (MALIGNANT, BENIGN):
            for group in groups:
                yield from _in_group(breasts, models, task, column, group, options)
    for finding, task in _FINDINGS.items():
        for group in type_groups(breasts, finding, task.cases(breasts)):
            yield from _in_group(breasts, models, task, BY_TYPE, group, options)


def _in_group(
    breasts: Breasts,
    models: Sequence[Model],
    task: Task,
    column: str,
    group: Subgroup,
    options: EvaluationOptions,
) -> Iterator[SubgroupRow]:
    of = asked(breasts, Population(group.name, group.which, ""), task)
    every = np.stack([of.scores(model.ensemble) for model in models])
    _, truth, patients = known_to_all(of, every)
    areas = delong(every, truth, patients=patients)
    name = DENSITIES.get(group.name, group.name) if column == "density" else group.name
    for k, model in enumerate(models):
        interval = areas.interval(k, level=options.level)
        yield SubgroupRow(
            column=column,
            group=name,
            task=task.name,
            model=model.name,
            breasts=len(truth),
            cases=int(truth.sum()),
            auc=auc(every[k], truth),
            auc_low=interval.low,
            auc_high=interval.high,
            remark=interval_words(truth, interval.remark),
        )


def correlation_rows(breasts: Breasts, models: Sequence[Model]) -> Iterator[CorrelationRow]:
    """Pearson's correlation of each pair of labels' predictions, over exams with both breasts."""
    for model in models:
        columns = _by_exam(breasts, model)
        exams = len(next(iter(columns.values())))
        for first in FIGURE_LABELS:
            for second in FIGURE_LABELS:
                value, why = _correlation(columns[first], columns[second])
                yield CorrelationRow(
                    model=model.name,
                    first=words_of(first),
                    second=words_of(second),
                    exams=exams,
                    correlation=value,
                    remark=why,
                )


FIGURE_LABELS = (
    Label.LEFT_BENIGN,
    Label.LEFT_MALIGNANT,
    Label.RIGHT_BENIGN,
    Label.RIGHT_MALIGNANT,
)
"""In the order of Figure S1."""


def words_of(label: Label) -> str:
    """`left benign`."""
    return label.value.replace("_", " ")


def _by_exam(breasts: Breasts, model: Model) -> dict[Label, Floats]:
    """Each label's predictions of the exams with both breasts, `(exams,)`."""
    scores = model.ensemble
    places: dict[str, dict[str, int]] = {}
    for place, (exam, side) in enumerate(zip(breasts.exams, breasts.lateralities, strict=True)):
        places.setdefault(exam, {})[side.value] = place
    whole = [by_side for by_side in places.values() if len(by_side) == 2]
    return {
        label: scores.of(label.finding)[[one[label.laterality.value] for one in whole]]
        if whole
        else np.empty(0)
        for label in Label
    }


def _correlation(x: Floats, y: Floats) -> tuple[float, str]:
    if len(x) < 3:
        return math.nan, f"{len(x)} exams with both breasts"
    if x.min() == x.max() or y.min() == y.max():
        return math.nan, "a prediction is the same for all"
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1)), ""
