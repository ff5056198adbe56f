"""Hybrids against readers, a model against readers, modality against modality: rows of tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Floats
from fourview.evaluation.interval import Interval
from fourview.evaluation.margins import within_margin
from fourview.evaluation.mrmc import Mrmc, obuchowski_rockette
from fourview.evaluation.mrmc_bootstrap import resample_readers_and_patients
from fourview.evaluation.mrmc_covariance import cell_replicates
from fourview.evaluation.mrmc_measure import MEASURES, Measure, measured
from fourview.evaluation.mrmc_model import model_against_readers
from fourview.evaluation.reader_study import spread
from fourview.evaluation.readers_mean import ANALYSES, ONE_READER, Analysis, Estimate
from fourview.evaluation.resampled import Resampled
from fourview.study.options import StudyOptions
from fourview.study.rows import (
    ComponentRow,
    HybridRow,
    MarginRow,
    MeanTestRow,
    SummaryRow,
    margin_row,
)
from fourview.study.scoring import by_draws

_MRMC, _MODEL, _BOTH, _CELLS = 2, 3, 4, 5


Analyses = Mapping[Measure, Mrmc]


def analysed(ratings: Ratings, options: StudyOptions) -> Analyses:
    """Obuchowski and Rockette's analysis of each measure that was chosen."""
    return {
        measure: obuchowski_rockette(
            ratings,
            measure=measure,
            method=method,
            rng=np.random.default_rng([options.seed, _MRMC]),
            draws=options.draws,
            level=options.level,
        )
        for measure, method in options.methods.items()
    }


def _by_both(options: StudyOptions) -> str:
    return f"bootstrap over readers and {options.drawn}"


def by_words(mrmc_method: str) -> str:
    """How an Obuchowski-Rockette analysis is called in a table."""
    return f"Obuchowski-Rockette, {covariance_words(mrmc_method)}"


def covariance_words(method: str) -> str:
    return f"{'DeLong' if method == 'delong' else method} covariance"


def component_rows(analyses: Analyses) -> tuple[ComponentRow, ...]:
    """The variance components of each measure's analysis."""
    return tuple(
        ComponentRow(
            modalities=", ".join(one.modalities),
            measure=measure,
            by=by_words(one.method),
            ms_t=one.mean_squares.modality,
            ms_tr=one.mean_squares.modality_reader,
            ms_r=one.mean_squares.reader,
            variance=one.errors.variance,
            cov1=one.errors.cov1,
            cov2=one.errors.cov2,
            cov3=one.errors.cov3,
        )
        for measure, one in analyses.items()
    )


def summary_rows(
    ratings: Ratings, analyses: Analyses, options: StudyOptions
) -> tuple[tuple[SummaryRow, ...], tuple[MeanTestRow, ...]]:
    """Both measures over the readers of each modality, and the tests of each pair of modalities.

    Average precision has the bootstrap's tests over readers and patients, whatever was chosen.
    """
    draws = resample_readers_and_patients(
        ratings,
        "average-precision",
        rng=np.random.default_rng([options.seed, _BOTH]),
        draws=options.draws,
    )
    one = len(ratings.readers) == 1  # whom every draw is of: it shows nothing of other readers
    rows: list[SummaryRow] = []
    for i, modality in enumerate(ratings.modalities):
        for measure in MEASURES:
            if measure in analyses:
                found = analyses[measure]
                interval, by = found.means[i].by["RRRC"].interval, by_words(found.method)
            else:
                interval, by = draws.model(i).interval(level=options.level), _by_both(options)
                interval = Interval.undefined(ONE_READER, level=options.level) if one else interval
            rows.append(_summary(modality, measure, measured(ratings, measure)[i], interval, by))
    tests: list[MeanTestRow] = []
    for i, k in combinations(range(len(ratings.modalities)), 2):
        for found in analyses.values():
            tests += _tests(found, i, k)
        if not one:
            tests.append(_drawn(ratings, i, k, draws.difference(i, k), options))
    return tuple(rows), tuple(tests)


def _summary(
    group: str, measure: Measure, values: Floats, interval: Interval, by: str
) -> SummaryRow:
    over = spread(values)
    return SummaryRow(
        group=group,
        measure=measure,
        readers=over.readers,
        mean=over.mean,
        sd=over.sd,
        least=over.low,
        greatest=over.high,
        mean_low=interval.low,
        mean_high=interval.high,
        interval_by=by if interval.defined else "",
        remark=interval.remark,
    )


def _tests(mrmc: Mrmc, i: int, k: int) -> Iterator[MeanTestRow]:
    names = mrmc.modalities
    for analysis in ANALYSES:
        test = mrmc.tests[analysis]
        for difference in test.differences:
            if (difference.first, difference.second) == (names[i], names[k]):
                yield _test(
                    names[i], names[k], mrmc.measure, by_words(mrmc.method), analysis,
                    difference.estimate, f=test.f,
                )  # fmt: skip


def _test(
    first: str,
    second: str,
    measure: Measure,
    by: str,
    analysis: Analysis,
    value: Estimate,
    *,
    f: float = float("nan"),
) -> MeanTestRow:
    return MeanTestRow(
        first=first,
        second=second,
        measure=measure,
        by=by,
        analysis=analysis,
        difference=value.value,
        standard_error=value.standard_error,
        df=value.df,
        low=value.interval.low,
        high=value.interval.high,
        f=f,
        p=value.p(),
        remark=value.remark,
    )


def _drawn(
    ratings: Ratings, i: int, k: int, drawn: Resampled, options: StudyOptions
) -> MeanTestRow:
    interval = drawn.interval(level=options.level)
    return MeanTestRow(
        first=ratings.modalities[i],
        second=ratings.modalities[k],
        measure="average-precision",
        by=_by_both(options),
        analysis="RRRC",
        difference=drawn.value,
        standard_error=drawn.standard_error,
        df=float("nan"),
        low=interval.low,
        high=interval.high,
        f=float("nan"),
        p=drawn.p_below_or_above_zero,
        remark=interval.remark,
    )


def hybrid_rows(pair: Ratings, analyses: Analyses, options: StudyOptions) -> tuple[HybridRow, ...]:
    """Each reader's hybrid less the reader, in both measures.

    Args:
        pair: Of `hybrids_and_readers`; `analyses` are of it.
    """
    cells = cell_replicates(
        pair,
        "average-precision",
        rng=np.random.default_rng([options.seed, _CELLS]),
        draws=options.draws,
    )
    rated = (~np.isnan(pair.values[0])).sum(axis=1)
    rows = []
    for measure in MEASURES:
        values = measured(pair, measure)
        for j, reader in enumerate(pair.readers):
            if measure in analyses:
                by = covariance_words(analyses[measure].method)
                found = analyses[measure].of_reader(j)
                interval, p = found.interval, found.p()
            else:
                by = by_draws(options)
                drawn = Resampled(float(values[0, j] - values[1, j]), cells[0, j] - cells[1, j])
                interval, p = drawn.interval(level=options.level), drawn.p_below_or_above_zero
            rows.append(
                HybridRow(
                    reader=reader,
                    measure=measure,
                    reader_weight=options.reader_weight,
                    cases=int(rated[j]),
                    hybrid=float(values[0, j]),
                    alone=float(values[1, j]),
                    difference=float(values[0, j] - values[1, j]),
                    low=interval.low,
                    high=interval.high,
                    p=p,
                    by=by,
                    remark=interval.remark,
                )
            )
    return tuple(rows)


def model_tests(
    ratings: Ratings, scores: Floats, name: str, options: StudyOptions
) -> tuple[tuple[MeanTestRow, ...], tuple[MarginRow, ...], tuple[str, ...]]:
    """A stand-alone model less the readers' mean, its margin, and what must be said beside it."""
    readers = ratings.modalities[0]
    tests: list[MeanTestRow] = []
    margins: list[MarginRow] = []
    remarks: list[str] = []
    for measure, method in options.methods.items():
        found = model_against_readers(
            ratings,
            scores,
            name=name,
            measure=measure,
            method=method,
            rng=np.random.default_rng([options.seed, _MODEL]),
            draws=options.draws,
            level=options.level,
        )
        remarks += found.remarks
        by = f"one modality, {covariance_words(method)}"
        for analysis, value in found.difference.by.items():
            tests.append(_test(name, readers, measure, by, analysis, value))
            if options.margin is not None:
                margins.append(_margin(name, readers, measure, analysis, value, options))
    return tuple(tests), tuple(margins), tuple(remarks)


def modality_margins(
    analyses: Analyses, options: StudyOptions, *, both_ways: bool
) -> tuple[MarginRow, ...]:
    """Each pair of modalities against the margin, the first as the new one.

    Args:
        both_ways: Then the second as the new one, too, where nothing says which of them is.
    """
    if options.margin is None:
        return ()
    rows = []
    for measure, mrmc in analyses.items():
        for analysis in ANALYSES:
            for one in mrmc.tests[analysis].differences:
                value = one.estimate
                rows.append(_margin(one.first, one.second, measure, analysis, value, options))
                if both_ways:
                    back = replace(value, value=-value.value)
                    rows.append(_margin(one.second, one.first, measure, analysis, back, options))
    return tuple(rows)


def _margin(
    new: str, old: str, measure: Measure, analysis: Analysis, value: Estimate, options: StudyOptions
) -> MarginRow:
    if options.margin is None:
        raise ValueError("no margin was chosen")
    found = within_margin(value, options.margin, alpha=round((1 - options.level) / 2, 12))
    return margin_row(new, old, measure, analysis, value, found)
