"""Obuchowski and Rockette's analysis of readers and cases, with Hillis's degrees of freedom.

The numbers of a study in one value: areas, covariances, means, tests. The formulas and their
sources are in `modality_tests`, `readers_mean` and `mrmc_covariance`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Floats
from fourview.evaluation.delong import NO_SPREAD
from fourview.evaluation.modality_tests import (
    ErrorCovariances,
    MeanSquares,
    OverallTest,
    compare_means,
    error_covariances,
    mean_squares,
)
from fourview.evaluation.mrmc_covariance import CovarianceMethod, covariance_of_readers
from fourview.evaluation.mrmc_measure import Measure, measured, refuse_unmeasured, remarks_on
from fourview.evaluation.readers_mean import (
    Analysis,
    Estimate,
    ReadersMean,
    estimate,
    mean_over_readers,
    without_rounding,
)


@dataclass(frozen=True, eq=False)
class Mrmc:
    """The analysis of one measure of all readers in all modalities."""

    measure: Measure
    method: CovarianceMethod
    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    values: Floats
    """`(modalities, readers)`: the measure of each."""
    covariance: Floats
    """`(K, K)`, K = modalities x readers, modality after modality."""
    mean_squares: MeanSquares
    errors: ErrorCovariances
    each: tuple[tuple[Estimate, ...], ...]
    """Of each modality and reader, over cases: normal, cut at 0 and 1."""
    means: tuple[ReadersMean, ...]
    """Of each modality, from its own ratings only; cut at 0 and 1."""
    tests: dict[Analysis, OverallTest]
    remarks: tuple[str, ...]
    """What must be said beside the numbers."""

    def of_reader(self, reader: int, first: int = 0, second: int = 1) -> Estimate:
        """A reader's difference between two modalities, over cases (normal)."""
        r = len(self.readers)
        a, b = first * r + reader, second * r + reader
        v = self.covariance
        total = float(v[a, a] + v[b, b])
        variance = without_rounding(total - 2 * float(v[a, b]), total)
        value = float(self.values[first, reader] - self.values[second, reader])
        level = self.each[first][reader].interval.level
        return estimate(value, variance, math.inf, level=level)


def obuchowski_rockette(
    ratings: Ratings,
    *,
    measure: Measure = "auc",
    method: CovarianceMethod = "delong",
    rng: np.random.Generator | None = None,
    draws: int = 2000,
    level: float = 0.95,
) -> Mrmc:
    """Analyse readers who read cases in one modality or several.

    Cases of one patient count as one cluster in every method. Readers may have read different
    cases; each reader's area is of the cases that he or she read, and the covariances are means
    over pairs of readers, of what the two share.

    Args:
        method: `delong` and `unbiased` are for the AUC only.
        rng, draws: For the bootstrap only.
    Raises:
        TableError: a reader has no case of a kind in some modality; or see
            `covariance_of_readers`.
    """
    refuse_unmeasured(ratings)
    values = measured(ratings, measure)
    covariance = covariance_of_readers(ratings, measure, method, rng=rng, draws=draws)
    squares, errors = mean_squares(values), error_covariances(values.shape, covariance)
    names, r = ratings.modalities, len(ratings.readers)
    variances = np.diag(covariance).reshape(values.shape)
    blocks = covariance.reshape(len(names), r, len(names), r)
    return Mrmc(
        measure=measure,
        method=method,
        modalities=names,
        readers=ratings.readers,
        values=values,
        covariance=covariance,
        mean_squares=squares,
        errors=errors,
        each=tuple(
            tuple(
                estimate(float(value), float(variance), math.inf, level=level, within=(0, 1))
                for value, variance in zip(*pair, strict=True)
            )
            for pair in zip(values, variances, strict=True)
        ),
        means=tuple(
            mean_over_readers(row, blocks[i, :, i], level=level, within=(0, 1))
            for i, row in enumerate(values)
        ),
        tests=compare_means(values, names, squares, errors, level=level),
        remarks=(*remarks_on(ratings), *_remarks(errors)),
    )


def _remarks(errors: ErrorCovariances) -> tuple[str, ...]:
    if errors.cov3 - errors.cov2 > NO_SPREAD * errors.variance:
        return ("Cov2 is below Cov3, which the model does not know: their difference counts as 0",)
    return ()
