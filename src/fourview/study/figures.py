"""The figures of a reader study, from its numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Floats
from fourview.evaluation.mean_curves import MeanCurve
from fourview.evaluation.mrmc_measure import Measure
from fourview.evaluation.precision_recall import precision_recall_curve
from fourview.evaluation.reader_study import HybridSweep
from fourview.evaluation.roc import roc_curve
from fourview.report.drawing import DrawnFigure
from fourview.report.reader_figures import CurvePanel, Role, Trace, study_figure
from fourview.study.analysis import MeanCurves, Study

_FALSE, _TRUE = "1 − specificity", "sensitivity"
_RECALL, _PRECISION = "recall", "precision"
_LONG = 30
"""Characters of a name from which a legend inside the axes would reach the curves."""


def figures_of(study: Study) -> Iterator[DrawnFigure]:
    """Curves of readers, hybrids and model (Figure 7); hybrids by weight (Figure 8); ensembles
    (Figure S2): those that the study has."""
    yield _curves(study)
    if study.sweep is not None:
        yield _by_weight(study.sweep)
    if study.ensembles:
        yield _ensembles(study)


def _curves(study: Study) -> DrawnFigure:
    groups, alone = study.curves, study.single[-1:]  # the model stands last
    letters = "abcdefghijklmnopqrstuvwxyz"
    roc = [_of_group(group, letters[i], roc=True, study=study) for i, group in enumerate(groups)]
    precision = [
        _of_group(group, letters[i], roc=False, study=study) for i, group in enumerate(groups)
    ]
    if len(groups) + len(alone) > 1:
        letter = letters[len(groups)]
        roc.append(_means(study, letter, roc=True))
        precision.append(_means(study, letter, roc=False))
    png, svg = study_figure([roc, precision])
    return DrawnFigure(
        name="curves",
        title="ROC and precision-recall curves",
        caption=(
            "Above, ROC curves; below (*), precision-recall curves. Pale lines are single readers "
            "or their hybrids; the strong line is their mean, averaged vertically. Dashed: chance. "
            "Laid out as Figure 7 of Wu et al."
        ),
        png=png,
        svg=svg,
    )


def _of_group(group: MeanCurves, letter: str, *, roc: bool, study: Study) -> CurvePanel:
    curve = _drawable(group, roc=roc)
    role = _role(study, group)
    count = len(curve.of_readers)
    ones = [Trace(curve.x, row, "one") for row in curve.of_readers if not np.isnan(row).all()]
    ones[:1] = [Trace(one.x, one.y, "one", f"each of {count}") for one in ones[:1]]
    mean = Trace(curve.x, curve.mean, role, "mean")
    return _panel(f"({letter}{'' if roc else '*'}) {group.name}", [*ones, mean], roc, study.ratings)


def _drawable(group: MeanCurves, *, roc: bool) -> MeanCurve:
    """The curve; of precision from the first recall above 0, since nothing was found at 0."""
    if roc:
        return group.roc
    curve, above = group.precision_recall, group.precision_recall.x > 0
    return MeanCurve(curve.x[above], curve.of_readers[:, above], curve.mean[above])


def _means(study: Study, letter: str, *, roc: bool) -> CurvePanel:
    traces = []
    for group in study.curves:
        curve = _drawable(group, roc=roc)
        traces.append(Trace(curve.x, curve.mean, _role(study, group), f"mean of {group.name}"))
    if len(traces) > 2 or not study.single:  # modalities, all of readers
        traces = [Trace(one.x, one.y, "own", one.name) for one in traces]
    traces += [_alone(study.ratings, *one, "model", roc=roc) for one in study.single[-1:]]
    return _panel(f"({letter}{'' if roc else '*'}) together", traces, roc, study.ratings)


def _role(study: Study, group: MeanCurves) -> Role:
    return "readers" if group.name in study.ratings.modalities else "hybrid"


def _alone(ratings: Ratings, name: str, scores: Floats, role: Role, *, roc: bool) -> Trace:
    known = ~np.isnan(scores)
    if roc:
        points = roc_curve(scores[known], ratings.truth[known])
        return Trace(points.false_positive_rate, points.sensitivity, role, name)
    steps = precision_recall_curve(scores[known], ratings.truth[known])
    # of several precisions at a recall the one at the highest threshold counts, as in the mean
    recall, first = np.unique(steps.recall, return_index=True)
    x, y = recall[recall > 0], steps.precision[first][recall > 0]
    return Trace(np.append(0.0, x), np.append(y[:1], y), role, name, steps=True)


def _panel(title: str, traces: list[Trace], roc: bool, ratings: Ratings) -> CurvePanel:
    below = any(len(one.name) > _LONG for one in traces)
    if roc:
        return CurvePanel(title, _FALSE, _TRUE, traces, is_roc=True, legend_below=below)
    level = float(ratings.truth.mean())
    return CurvePanel(title, _RECALL, _PRECISION, traces, level=level, legend_below=below)


def _by_weight(sweep: HybridSweep) -> DrawnFigure:
    names: dict[Measure, str] = {"auc": "AUC", "average-precision": "average precision"}
    panels = []
    for measure, name in names.items():
        best = sweep.best(measure)
        traces = [
            Trace(
                sweep.reader_weights, row, "own", reader,
                mark=None if np.isnan(at) else int(np.flatnonzero(sweep.reader_weights == at)[0]),
            )
            for reader, row, at in zip(sweep.readers, sweep.values[measure], best, strict=True)
        ]  # fmt: skip
        panels.append(
            CurvePanel(name, "λ, the reader's weight (0: model alone)", name, traces, whole=False)
        )
    png, svg = study_figure([panels], beside=True)
    return DrawnFigure(
        name="by-weight",
        title="Hybrids by the reader's weight",
        caption=(
            "Each reader's hybrid, λ · reader + (1 − λ) · model. Diamonds: the best λ of each, "
            "chosen and measured on the same cases, which flatters it. Where curves fall at λ = 1, "
            "the model had told apart cases that the reader rated alike. Laid out as Figure 8 of "
            "Wu et al."
        ),
        png=png,
        svg=svg,
    )


def _ensembles(study: Study) -> DrawnFigure:
    roles: tuple[Role, ...] = ("readers", "hybrid", "model")
    named = list(zip(study.single, roles, strict=True))
    panels = []
    for roc in (True, False):
        traces = [_alone(study.ratings, *one, role, roc=roc) for one, role in named]
        title = "ROC curves" if roc else "precision-recall curves"
        panels.append(_panel(title, traces, roc, study.ratings))
    png, svg = study_figure([panels])
    return DrawnFigure(
        name="ensembles",
        title="Ensembles",
        caption=(
            "The mean of all readers' probabilities, the same mixed with the model, and the model "
            "alone. Laid out as Figure S2 of Wu et al."
        ),
        png=png,
        svg=svg,
    )
