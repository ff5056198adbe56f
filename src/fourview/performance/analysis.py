"""An evaluation: every number of it, from the breasts that were judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fourview.core.breasts import Breasts
from fourview.evaluation.populations import (
    BENIGN,
    MALIGNANT,
    MALIGNANT_AGAINST_BENIGN,
    TASKS,
    Population,
    Task,
    biopsied_population,
    reader_study_population,
    screening_population,
)
from fourview.performance.numbers.asked import FEW, Asked, asked
from fourview.performance.numbers.operating import curve_rows, operating_rows
from fourview.performance.numbers.paper_tables import PaperTable, paper_tables
from fourview.performance.numbers.parts import columns_to_part_by, correlation_rows, subgroup_rows
from fourview.performance.numbers.probabilities import (
    Probabilities,
    given_fits,
    judge_probabilities,
)
from fourview.performance.numbers.rows import (
    CorrelationRow,
    CurveRow,
    OperatingRow,
    PopulationRow,
    SubgroupRow,
)
from fourview.performance.numbers.scoring import Areas, compared, measure_areas
from fourview.performance.numbers.whole_exams import whole_exams
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.models import Judged, Model, variants_together

Progress = Callable[[int, int], None]
"""So much is done, of so much."""
FINDINGS = (MALIGNANT, BENIGN)


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """Every number of an evaluation."""

    judged: Judged
    together: tuple[Model, ...]
    """Ensembles over variants."""
    populations: tuple[PopulationRow, ...]
    areas: Areas
    subgroups: tuple[SubgroupRow, ...]
    operating: tuple[OperatingRow, ...]
    probabilities: Probabilities
    correlations: tuple[CorrelationRow, ...]
    curves: tuple[CurveRow, ...]
    paper: tuple[PaperTable, ...]
    columns: tuple[str, ...]
    """That subgroups are by."""
    questions: tuple[Asked, ...]
    """Of both findings in each population, for figures."""
    warnings: tuple[str, ...]

    @property
    def models(self) -> tuple[Model, ...]:
        """With the ensembles over variants."""
        return (*self.judged.models, *self.together)


def evaluated(
    judged: Judged, options: EvaluationOptions, *, on_progress: Progress | None = None
) -> Evaluation:
    """Measure the models.

    Raises:
        TableError: a column is not there or parts nothing, or a file of recalibrations is wrong.
    """
    breasts, models = judged.breasts, judged.models
    together = tuple(variants_together(models))
    everybody = (*models, *together)
    populations = tuple(_populations(judged, options))
    columns = columns_to_part_by(breasts, options.by)
    given = given_fits(options.recalibration, breasts, models) if options.recalibration else None
    questions = [
        asked(breasts, population, task) for population in populations for task in TASKS
        if _is_asked(population, task)
    ]  # fmt: skip
    of_findings = [one for one in questions if one.task in FINDINGS]
    screening = [one for one in of_findings if one.population == "screening"]
    steps = _Steps(len(questions) + len(of_findings) + len(screening) + 2, on_progress)
    areas = Areas()
    for question in questions:
        measure_areas(areas, question, models, together, options)
        steps.done()
    operating: list[OperatingRow] = []
    for question in of_findings:
        operating += operating_rows(question, everybody, options)
        steps.done()
    _count_exams(areas, operating, breasts, everybody, options)
    probabilities = Probabilities()
    for question in screening:
        judge_probabilities(probabilities, question, everybody, given, options)
        steps.done()
    subgroups = tuple(subgroup_rows(breasts, everybody, columns, options))
    steps.done()
    found = Evaluation(
        judged=judged,
        together=together,
        populations=tuple(_population_row(breasts, one) for one in populations),
        areas=areas,
        subgroups=subgroups,
        operating=tuple(operating),
        probabilities=probabilities,
        correlations=tuple(correlation_rows(breasts, everybody)),
        curves=tuple(row for one in of_findings for row in curve_rows(one, everybody)),
        paper=paper_tables(models, together, areas.scores, areas.singles),
        columns=columns,
        questions=tuple(of_findings),
        warnings=judged.warnings,
    )
    steps.done()
    return replace(found, warnings=(*judged.warnings, *_few_cases(found), *_constant_scores(found)))


def _count_exams(
    areas: Areas,
    operating: list[OperatingRow],
    breasts: Breasts,
    models: Sequence[Model],
    options: EvaluationOptions,
) -> None:
    """Areas and recalls of whole exams. A stated prevalence is of breasts, and not of them."""
    exams, of_exams, population = whole_exams(breasts, models)
    networks = {model.name: len(model.networks) for model in models}
    for task in FINDINGS:
        question = asked(exams, population, task)
        rows, differences = compared(question, of_exams, options)
        areas.scores += (replace(row, networks=networks[row.model]) for row in rows)
        areas.differences += differences
        operating += operating_rows(question, of_exams, replace(options, prevalence=None))


class _Steps:
    def __init__(self, total: int, tell: Progress | None) -> None:
        self._done, self._total, self._tell = 0, total, tell

    def done(self) -> None:
        self._done += 1
        if self._tell:
            self._tell(self._done, self._total)


def _populations(judged: Judged, options: EvaluationOptions) -> Iterator[Population]:
    yield screening_population(judged.breasts)
    yield biopsied_population(judged.breasts, unit=options.biopsied)
    if judged.read is not None:
        yield reader_study_population(judged.breasts, judged.read)


def _is_asked(population: Population, task: Task) -> bool:
    """Breasts with one class of findings are the same in every population that has them all; the
    paper tells of them once."""
    return task is not MALIGNANT_AGAINST_BENIGN or population.name != "biopsied"


def _population_row(breasts: Breasts, population: Population) -> PopulationRow:
    those = breasts.take(population.which)
    malignant, benign = those.malignant, those.benign

    def count(which: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
        return int(which.sum())

    return PopulationRow(
        population=population.name,
        words=population.words,
        exams=len(set(those.exams)),
        breasts=len(those),
        patients=len(set(those.patients)),
        malignant=count(malignant & ~benign),
        benign=count(benign & ~malignant),
        both=count(malignant & benign),
        neither=count(~malignant & ~benign),
    )


def _few_cases(found: Evaluation) -> Iterator[str]:
    for row in found.populations:
        sizes: Sequence[tuple[str, int]] = (
            ("malignant", row.malignant + row.both),
            ("benign", row.benign + row.both),
        )
        for what, n in sizes:
            if not n:
                yield (
                    f"{row.population} population: no breast with a {what} finding, so what "
                    "depends on them is not defined"
                )
            elif n < FEW:
                yield (
                    f"{row.population} population: only {n} breasts with a {what} finding; "
                    "intervals may not hold what they promise"
                )


def _constant_scores(found: Evaluation) -> Iterator[str]:
    """Of models that tell no breast of the screening population from another."""
    for of in found.questions:
        if of.population != "screening" or of.truth.all() or not of.truth.any():
            continue
        for model in found.models:
            scores = of.scores(model.ensemble)
            known = scores[~np.isnan(scores)]
            if len(known) and known.min() == known.max():
                yield (
                    f"{model.name}, {of.task.name}: every breast has the score {known[0]:g}, so "
                    "the AUC is 0.5 whatever the truth, and has no interval"
                )
