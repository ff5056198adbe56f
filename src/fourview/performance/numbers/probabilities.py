"""Whether probabilities mean what they say, as they are and recalibrated; what recalling at one is
worth.

Recalibrated probabilities are never judged on breasts that they were fitted on: either the fits
come from another evaluation, or each patient's come from a fit on other patients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fourview.core.breasts import Breasts
from fourview.core.errors import TableError
from fourview.evaluation.calibration import brier, calibration, reliability
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.cross_fitting import cross_fitted
from fourview.evaluation.decision_curve import decision_curve
from fourview.evaluation.populations import MALIGNANT
from fourview.evaluation.recalibration import (
    Recalibration,
    fit_isotonic,
    fit_platt,
    from_json,
    shift_prevalence,
    to_json,
)
from fourview.io.recalibrations import read_recalibrations
from fourview.performance.numbers.asked import Asked, few_words, remark
from fourview.performance.numbers.rows import CalibrationRow, DecisionRow, ReliabilityRow
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.models import Model
from fourview.performance.population.truth import counted

AS_THEY_ARE, PLATT, ISOTONIC = "as they are", "Platt", "isotonic"
_THRESHOLDS = 100
_MOST_TIMES = 20
"""Decision curves go up to so many times the share of cases, and no further than 0.5."""
_CLIP = 1e-6
_FOLDS = 2
Fit = Callable[[Floats, Bools], Recalibration]
Given = Mapping[tuple[str, str, str], Recalibration]
FITS: Mapping[str, Fit] = {PLATT: partial(fit_platt, clip=_CLIP), ISOTONIC: fit_isotonic}


@dataclass
class Probabilities:
    """What is found of models' probabilities, as rows, and fits for use elsewhere."""

    calibration: list[CalibrationRow] = field(default_factory=list)
    reliability: list[ReliabilityRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    fits: list[dict[str, Any]] = field(default_factory=list)
    """As `recalibrations.json` has them: fitted on all breasts, for other exams only."""
    values: dict[tuple[str, str, str], tuple[Floats, Bools]] = field(default_factory=dict)
    """By task, model and kind: the probabilities that were judged and their truth, `(n,)`."""


def judge_probabilities(
    found: Probabilities,
    of: Asked,
    models: Sequence[Model],
    given: Given | None,
    options: EvaluationOptions,
) -> None:
    """Put one task's rows among the others, and its fits.

    Args:
        given: Of other exams; None fits on these, patient by patient.
    """
    for model in models:
        scores = of.scores(model.ensemble)
        for form in _forms(of, model, scores, given, options):
            found.calibration.append(_calibration_row(of, model, form, options))
            if len(form.values):
                found.values[of.task.name, model.name, form.name] = form.values, of.truth
                found.reliability += _reliability_rows(of, model, form, options)
                if form.name != ISOTONIC:  # its steps make a curve of jumps
                    found.decisions += _decision_rows(of, model, form, options)
        found.fits += _fits(of, model, scores, options)


@dataclass(frozen=True, eq=False)
class _Form:
    """Probabilities as they are, or recalibrated."""

    name: str
    values: Floats
    """`(n,)`; empty where they cannot be."""
    why: str = ""
    """Where they come from, or why there are none."""
    prevalence: float | None = None
    """That they were made for."""


def _forms(
    of: Asked, model: Model, scores: Floats, given: Given | None, options: EvaluationOptions
) -> Iterator[_Form]:
    yield _Form(AS_THEY_ARE, scores)
    for name, fit in FITS.items():
        try:
            if given is None:
                values = cross_fitted(
                    scores, of.truth, of.patients, fit, folds=options.folds,
                    rng=np.random.default_rng([options.seed, _FOLDS]),
                )  # fmt: skip
                said = f"cross-fitted over patients in {options.folds} folds"
                yield _Form(name, values, said, float(of.truth.mean()))
            else:
                used = given.get((model.name, of.task.name, name))
                if used is None:
                    raise TableError("the other exams gave no such fit")
                said = f"fitted on other exams, {used.prevalence:.4g} of their breasts cases"
                yield _Form(name, used(scores), said, used.prevalence)
        except TableError as error:
            yield _Form(name, np.empty(0), f"not recalibrated: {error.problem}")


def given_fits(path: Path, breasts: Breasts, models: Sequence[Model]) -> Given:
    """The fits of another evaluation, by model, task and kind.

    Raises:
        TableError: it is no such file, was fitted on some of the same exams, or knows nothing of a
            model.
    """
    found = read_recalibrations(path)
    if same := found.exams & set(breasts.exams):
        raise TableError(
            f"{path.name}: was fitted on {counted(sorted(same))} that shall be judged here",
            hint="fit on other exams: evaluate a validation split, and give its file to the test's",
        )
    fitted = {str(one["model"]) for one in found.fits}
    if missing := [model.name for model in models if model.name not in fitted]:
        raise TableError(
            f"{path.name}: no fit of {', '.join(missing)}; there are fits of "
            f"{', '.join(sorted(fitted)) or 'no model'}",
            hint="call a model the same in both evaluations: NAME=PATH",
        )
    return {
        (one["model"], one["task"], one["probabilities"]): from_json(one["fit"])
        for one in found.fits
    }


def _fits(
    of: Asked, model: Model, scores: Floats, options: EvaluationOptions
) -> Iterator[dict[str, Any]]:
    for name, fit in FITS.items():
        try:
            fitted = fit(scores, of.truth)
        except TableError:
            continue
        told = {"model": model.name, "task": of.task.name, "probabilities": name}
        yield {**told, "breasts": len(scores), "cases": int(of.truth.sum()), "fit": to_json(fitted)}
        if options.prevalence is not None and of.task is MALIGNANT:
            stated = fitted.at_prevalence(options.prevalence)
            yield {
                **told,
                "probabilities": f"{name} at the stated prevalence",
                "breasts": len(scores),
                "cases": int(of.truth.sum()),
                "fit": to_json(stated),
            }


def _calibration_row(
    of: Asked, model: Model, form: _Form, options: EvaluationOptions
) -> CalibrationRow:
    values = form.values
    truth = of.truth if len(values) else of.truth[:0]
    ends = int(((values == 0) | (values == 1)).sum())
    line = calibration(values, truth, clip=_CLIP if ends else 0.0)
    parts = brier(values, truth)
    slope = line.interval_of_slope(level=options.level)
    large = line.interval_in_the_large(level=options.level)
    return CalibrationRow(
        task=of.task.name,
        model=model.name,
        probabilities=form.name,
        breasts=len(truth),
        cases=int(truth.sum()),
        mean_predicted=float(values.mean()) if len(values) else math.nan,
        observed=float(truth.mean()) if len(truth) else math.nan,
        brier=parts.score,
        miscalibration=parts.miscalibration,
        discrimination=parts.discrimination,
        uncertainty=parts.uncertainty,
        skill=parts.skill,
        slope=line.slope,
        slope_low=slope.low,
        slope_high=slope.high,
        intercept=line.intercept,
        in_the_large=line.in_the_large,
        in_the_large_low=large.low,
        in_the_large_high=large.high,
        remark=remark(
            form.why,
            few_words(truth) if len(values) else "",
            line.remark if len(values) else "",
            f"{ends} probabilities at 0 or 1 were brought to {_CLIP:g} from it" if ends else "",
        ),
    )


def _reliability_rows(
    of: Asked, model: Model, form: _Form, options: EvaluationOptions
) -> Iterator[ReliabilityRow]:
    for row in reliability(form.values, of.truth):
        interval = row.interval(level=options.level)
        yield ReliabilityRow(
            task=of.task.name,
            model=model.name,
            probabilities=form.name,
            lowest=row.lowest,
            highest=row.highest,
            breasts=row.n,
            cases=row.cases,
            predicted=row.predicted,
            observed=row.observed,
            low=interval.low,
            high=interval.high,
        )


def _decision_rows(
    of: Asked, model: Model, form: _Form, options: EvaluationOptions
) -> Iterator[DecisionRow]:
    """At the stated prevalence, probabilities that were recalibrated are for it too."""
    values, made_for = form.values, form.prevalence
    stated = options.prevalence if of.task is MALIGNANT else None
    if stated is not None and made_for is not None and 0 < made_for < 1:
        values = shift_prevalence(values, found=made_for, stated=stated)
    thresholds = _thresholds(float(of.truth.mean()) if stated is None else stated)
    curve = decision_curve(values, of.truth, thresholds, prevalence=stated)
    for at, worth, everyone in zip(curve.thresholds, curve.model, curve.everyone, strict=True):
        yield DecisionRow(
            task=of.task.name,
            model=model.name,
            probabilities=form.name,
            prevalence=curve.prevalence,
            threshold=float(at),
            net_benefit=float(worth),
            everyone=float(everyone),
        )


def _thresholds(share: float) -> Floats:
    """Around the share of cases, where recalls are decided."""
    most = min(0.5, _MOST_TIMES * share) if share else 0.5
    return np.linspace(most / _THRESHOLDS, most, _THRESHOLDS)
