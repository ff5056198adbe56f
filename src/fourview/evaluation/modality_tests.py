"""Whether the means of several modalities differ: three tests of one table of areas.

N. A. Obuchowski, H. E. Rockette, Commun. Stat. Simul. Comput. 24 (1995) 285; S. L. Hillis, Stat.
Med. 26 (2007) 596, and Stat. Med. 33 (2014) 330 (the three analyses, as here). With t modalities
and r readers, MS(T), MS(TR) and MS(R) the mean squares of the two-way table of areas, and the
covariances over cases of equal reader and other modality (Cov1), other reader and equal modality
(Cov2), both other (Cov3):

- random readers and random cases (RRRC): F = MS(T) / (MS(TR) + r max(Cov2 - Cov3, 0));
- these readers, random cases (FRRC): F = MS(T) / (Var - Cov1 + (r - 1) max(Cov2 - Cov3, 0)),
  (t - 1) F is chi-squared;
- random readers, these cases (RRFC): F = MS(T) / MS(TR).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import chi2
from scipy.stats import f as fisher

from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.readers_mean import (
    NO_COVARIANCE,
    NO_VARIANCE,
    ONE_READER,
    Analysis,
    Estimate,
    estimate,
    hillis_df,
    without_rounding,
)

ONE_MODALITY = "one modality: nothing to compare"


@dataclass(frozen=True)
class Difference:
    """The first modality's mean over readers less the second's."""

    first: str
    second: str
    estimate: Estimate


@dataclass(frozen=True)
class OverallTest:
    """Whether the modalities' means differ at all, and each pair's difference."""

    f: float
    """NaN where not defined."""
    df1: float
    df2: float
    """Infinite for the chi-squared test."""
    p: float
    remark: str
    """Why the test is not defined; nothing where it is."""
    differences: tuple[Difference, ...]
    """Of each pair, in the order of the modalities. Their p are not adjusted for their number."""


@dataclass(frozen=True)
class MeanSquares:
    """Of the two-way table of areas; NaN where there are too few rows or columns."""

    modality: float
    modality_reader: float
    reader: float


@dataclass(frozen=True)
class ErrorCovariances:
    """Over cases, each the mean over all pairs of its kind; NaN where there is no such pair."""

    variance: float
    """Of a reader's area in a modality."""
    cov1: float
    """Equal reader, other modality."""
    cov2: float
    """Other reader, equal modality."""
    cov3: float
    """Other reader, other modality."""


def mean_squares(values: Floats) -> MeanSquares:
    """Of a table `(modalities, readers)`."""
    t, r = values.shape
    of_modality, of_reader = values.mean(axis=1), values.mean(axis=0)
    rest = values - of_modality[:, None] - of_reader + values.mean()
    return MeanSquares(
        modality=r * float(of_modality.var(ddof=1)) if t > 1 else math.nan,
        modality_reader=float((rest**2).sum()) / ((t - 1) * (r - 1)) if min(t, r) > 1 else math.nan,
        reader=t * float(of_reader.var(ddof=1)) if r > 1 else math.nan,
    )


def error_covariances(shape: tuple[int, ...], covariance: Floats) -> ErrorCovariances:
    """Means over pairs of readers and modalities.

    Args:
        shape: Modalities and readers.
        covariance: `(K, K)`, modality after modality.
    """
    t, r = shape
    modality, reader = np.repeat(np.arange(t), r), np.tile(np.arange(r), t)
    same_modality = modality[:, None] == modality
    same_reader = reader[:, None] == reader

    def mean(pairs: Bools) -> float:
        return float(covariance[pairs].mean()) if pairs.any() else math.nan

    return ErrorCovariances(
        variance=mean(same_modality & same_reader),
        cov1=mean(~same_modality & same_reader),
        cov2=mean(same_modality & ~same_reader),
        cov3=mean(~same_modality & ~same_reader),
    )


def compare_means(
    values: Floats,
    names: tuple[str, ...],
    squares: MeanSquares,
    errors: ErrorCovariances,
    *,
    level: float = 0.95,
) -> dict[Analysis, OverallTest]:
    """The three tests, from the table of areas `(modalities, readers)` and what it varies by."""
    t, r = values.shape
    # a single reader has no Cov2 and Cov3, and needs none; NaN of an undefined covariance stays
    shared = float(np.maximum(errors.cov2 - errors.cov3, 0.0)) if r > 1 else 0.0
    both = without_rounding(squares.modality_reader + r * shared, errors.variance)
    fixed = without_rounding(errors.variance - errors.cov1 + (r - 1) * shared, errors.variance)
    only = without_rounding(squares.modality_reader, errors.variance)
    degrees = (t - 1) * (r - 1)
    denominators: dict[Analysis, tuple[float, float]] = {
        "RRRC": (both, hillis_df(both, squares.modality_reader, degrees)),
        "FRRC": (fixed, math.inf),
        "RRFC": (only, degrees),
    }
    return {
        analysis: _test(values, names, squares.modality, *denominators[analysis], analysis, level)
        for analysis in denominators
    }


def _test(
    values: Floats,
    names: tuple[str, ...],
    numerator: float,
    denominator: float,
    df2: float,
    analysis: Analysis,
    level: float,
) -> OverallTest:
    t, r = values.shape
    remark = _why_not(t, r, denominator, analysis)
    f = numerator / denominator if not remark else math.nan
    means = values.mean(axis=1)
    differences = tuple(
        Difference(
            names[i],
            names[k],
            estimate(
                float(means[i] - means[k]), 2 / r * denominator, df2, level=level, remark=remark
            ),
        )
        for i, k in combinations(range(t), 2)
    )
    return OverallTest(f, t - 1, df2, _p_of(f, t - 1, df2), remark, differences)


def _p_of(f: float, df1: int, df2: float) -> float:
    if math.isnan(f):
        return math.nan
    return float(chi2.sf(df1 * f, df1) if math.isinf(df2) else fisher.sf(f, df1, df2))


def _why_not(t: int, r: int, denominator: float, analysis: Analysis) -> str:
    if t < 2:
        return ONE_MODALITY
    if r < 2 and analysis != "FRRC":
        return ONE_READER
    if math.isnan(denominator):
        return NO_COVARIANCE
    return "" if denominator > 0 else f"{NO_VARIANCE}: the modalities rank the cases alike"
