"""A reader study analysed: every number of it, from its ratings and a model's scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Floats
from fourview.evaluation.mean_curves import MeanCurve, mean_precision_recall, mean_roc
from fourview.evaluation.mrmc_measure import refuse_unmeasured
from fourview.evaluation.reader_study import (
    HybridSweep,
    hybrid_ensemble,
    hybrid_sweep,
    hybrids_and_readers,
    reader_ensemble,
)
from fourview.study.comparing import (
    analysed,
    component_rows,
    hybrid_rows,
    modality_margins,
    model_tests,
    summary_rows,
)
from fourview.study.options import StudyOptions
from fourview.study.rows import (
    ComponentRow,
    DifferenceRow,
    HybridRow,
    MarginRow,
    MeanTestRow,
    ScoreRow,
    SummaryRow,
    SweepRow,
)
from fourview.study.scoring import reader_rows, score_rows

READER_ENSEMBLE, HYBRID_ENSEMBLE = "mean of the readers", "mean of the readers, with the model"
NO_PROBABILITIES = (
    "BI-RADS categories are no probabilities: they cannot be mixed with a model's, nor averaged, "
    "so there are no hybrids and no ensembles"
)
PERHAPS_BIRADS = (
    "the ratings are whole numbers from 0 to 6, with 0 as the least suspicious: if they are "
    "BI-RADS categories, say so (--birads), since their 0 has no such place"
)


@dataclass(frozen=True, eq=False)
class MeanCurves:
    """The readers of a modality, or their hybrids."""

    name: str
    roc: MeanCurve
    precision_recall: MeanCurve


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """Every number of a reader study."""

    ratings: Ratings
    scores: tuple[ScoreRow, ...]
    """Of each reader in each modality."""
    summaries: tuple[SummaryRow, ...]
    tests: tuple[MeanTestRow, ...]
    components: tuple[ComponentRow, ...]
    """Of the tests over readers and cases."""
    curves: tuple[MeanCurves, ...]
    remarks: tuple[str, ...]
    model: tuple[ScoreRow, ...] = ()
    """The model on all cases that it read; nothing where there is none. So are those below."""
    hybrids: tuple[HybridRow, ...] = ()
    ensembles: tuple[ScoreRow, ...] = ()
    """With the model, all on the same cases."""
    differences: tuple[DifferenceRow, ...] = ()
    """Between ensembles and model."""
    margins: tuple[MarginRow, ...] = ()
    sweep: HybridSweep | None = None
    single: tuple[tuple[str, Floats], ...] = ()
    """Scores `(N,)` that have a curve of their own: ensembles and model."""


def analyse(ratings: Ratings, scores: Floats | None, options: StudyOptions) -> Study:
    """Analyse readers, and a model's scores `(N,)` beside them where there are any.

    Raises:
        TableError: no case of a kind; a reader who rated none of a kind; ratings outside 0 to 1
            beside a model, or a covariance that does not fit.
    """
    if options.independent:
        ratings = replace(ratings, patients=ratings.cases)
    refuse_unmeasured(ratings)
    if scores is not None and np.isnan(scores).all():
        raise TableError(
            f"{options.model_from or f'the column {options.model}'} has no score of any case",
            hint="a model's scores are numbers, higher where it is more suspicious",
        )
    analyses = analysed(ratings, options)
    summaries, tests = summary_rows(ratings, analyses, options)
    remarks = [text for one in analyses.values() for text in one.remarks]
    if not options.birads and _may_be_birads(ratings):
        remarks.append(PERHAPS_BIRADS)
    study = Study(
        ratings=ratings,
        scores=reader_rows(ratings, options),
        summaries=summaries,
        tests=tests,
        components=component_rows(analyses),
        curves=tuple(_curves(ratings)),
        remarks=tuple(dict.fromkeys(remarks)),
        margins=modality_margins(analyses, options, both_ways=True),
    )
    return study if scores is None else _with_model(study, scores, options)


def _may_be_birads(ratings: Ratings) -> bool:
    """Whether the ratings are some of 0 to 6, with 0, and not 0 and 1 alone."""
    rated = ratings.values[~np.isnan(ratings.values)]
    kinds = np.unique(rated)
    return bool(np.isin(kinds, range(7)).all() and kinds[0] == 0 and kinds[-1] > 1)


def _curves(ratings: Ratings) -> Iterator[MeanCurves]:
    for i, name in enumerate(ratings.modalities):
        one = replace(ratings, modalities=(name,), values=ratings.values[i : i + 1])
        yield MeanCurves(name, mean_roc(one), mean_precision_recall(one))


def _with_model(study: Study, scores: Floats, options: StudyOptions) -> Study:
    ratings, name = study.ratings, options.model
    alone, _ = score_rows(ratings, {name: ("model", scores)}, options)
    against, margins, remarks = model_tests(ratings, scores, name, options)
    study = replace(
        study,
        model=alone,
        tests=(*against, *study.tests),
        margins=margins,
        remarks=tuple(dict.fromkeys((*study.remarks, *remarks))),
        single=((name, scores),),
    )
    if options.birads:
        return replace(study, remarks=(*study.remarks, NO_PROBABILITIES))
    return _with_hybrids(study, scores, options)


def _with_hybrids(study: Study, scores: Floats, options: StudyOptions) -> Study:
    ratings, name, weight = study.ratings, options.model, options.reader_weight
    pair = hybrids_and_readers(ratings, scores, reader_weight=weight, name=name)
    analyses = analysed(pair, options)
    summaries, tests = summary_rows(pair, analyses, options)
    ensembles = {
        READER_ENSEMBLE: ("reader ensemble", reader_ensemble(ratings)),
        HYBRID_ENSEMBLE: (
            "hybrid ensemble",
            hybrid_ensemble(ratings, scores, reader_weight=weight),
        ),
        name: ("model", scores),
    }
    rows, differences = score_rows(ratings, ensembles, options)
    hybrids = replace(pair, modalities=pair.modalities[:1], values=pair.values[:1])
    weights = np.linspace(0.0, 1.0, options.sweep)
    return replace(
        study,
        summaries=(
            *study.summaries,
            *(row for row in summaries if row.group == pair.modalities[0]),
        ),
        tests=(*tests, *study.tests),
        components=(*component_rows(analyses), *study.components),
        margins=(*modality_margins(analyses, options, both_ways=False), *study.margins),
        hybrids=hybrid_rows(pair, analyses, options),
        ensembles=rows,
        differences=differences,
        curves=(*study.curves, *_curves(hybrids)),
        sweep=hybrid_sweep(ratings, scores, reader_weights=weights),
        single=tuple((who, values) for who, (_, values) in ensembles.items()),
    )


def sweep_rows(sweep: HybridSweep) -> Iterator[SweepRow]:
    """Each reader's hybrid at each weight."""
    best = {measure: sweep.best(measure) for measure in sweep.values}
    for j, reader in enumerate(sweep.readers):
        for w, weight in enumerate(sweep.reader_weights):
            yield SweepRow(
                reader=reader,
                reader_weight=float(weight),
                auc=float(sweep.values["auc"][j, w]),
                average_precision=float(sweep.values["average-precision"][j, w]),
                is_best_auc=bool(weight == best["auc"][j]),
                is_best_average_precision=bool(weight == best["average-precision"][j]),
            )
