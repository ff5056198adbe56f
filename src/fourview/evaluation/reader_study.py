"""The paper's reader study: readers one by one, their hybrids with a model, their ensembles.

Wu and others, 'Reader study' and SI 'Additional reader study analysis'; Figures 7, 8 and S2. Its
standard deviations are of the readers at hand (ddof 0), its PRAUC is average precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.auc import auc
from fourview.evaluation.checks import Bools, Floats, probabilities
from fourview.evaluation.delong import delong
from fourview.evaluation.interval import Interval
from fourview.evaluation.mrmc_measure import MEASURES, Measure, measured
from fourview.evaluation.precision_recall import average_precision, trapezoidal_pr_area

SWEEP = np.linspace(0.0, 1.0, 21)
"""The reader's weights in Figure 8."""

_SAID, _MIXED = 6, 12
"""Decimals: what is said in so few is a decimal number, and so is what is mixed of such."""


@dataclass(frozen=True)
class ReaderScore:
    """One reader in one modality."""

    reader: str
    modality: str
    cases: int
    """Rated."""
    with_disease: int
    auc: float
    """NaN where the rated cases lack a kind."""
    auc_interval: Interval
    """DeLong's on the logit scale, by patient."""
    average_precision: float
    trapezoid: float
    """The area under the same curve by straight lines."""
    remark: str = ""


@dataclass(frozen=True)
class Spread:
    """Of a number over readers, those left out that have none."""

    mean: float
    sd: float
    """ddof 0, as in the paper; NaN for fewer than two readers."""
    low: float
    high: float
    readers: int


def reader_scores(ratings: Ratings, *, level: float = 0.95) -> tuple[ReaderScore, ...]:
    """Each reader in each modality, on the cases that he or she rated."""
    return tuple(
        _score(ratings, i, j, level)
        for i in range(len(ratings.modalities))
        for j in range(len(ratings.readers))
    )


def _score(ratings: Ratings, modality: int, reader: int, level: float) -> ReaderScore:
    row = ratings.values[modality, reader]
    rated = ~np.isnan(row)
    scores, truth = row[rated], ratings.truth[rated]
    patients = [who for who, known in zip(ratings.patients, rated, strict=True) if known]
    constant = bool(len(scores)) and bool(scores.min() == scores.max())
    interval = Interval.undefined("no case rated", level=level)
    if len(scores):
        interval = delong(scores, truth, patients=patients).interval(level=level)
    return ReaderScore(
        reader=ratings.readers[reader],
        modality=ratings.modalities[modality],
        cases=len(scores),
        with_disease=int(truth.sum()),
        auc=auc(scores, truth),
        auc_interval=interval,
        average_precision=average_precision(scores, truth),
        trapezoid=trapezoidal_pr_area(scores, truth),
        remark="gave all cases the same rating" if constant else "",
    )


def spread(values: ArrayLike) -> Spread:
    """Mean, standard deviation (ddof 0) and range of those that are numbers."""
    every = np.asarray(values, dtype=np.float64).ravel()
    known = every[~np.isnan(every)]
    if not len(known):
        nothing = float("nan")
        return Spread(nothing, nothing, nothing, nothing, 0)
    sd = float(known.std()) if len(known) > 1 else float("nan")
    return Spread(float(known.mean()), sd, float(known.min()), float(known.max()), len(known))


def hybrid(ratings: Ratings, scores: ArrayLike, *, reader_weight: float = 0.5) -> Ratings:
    """Each reader's probability mixed with a model's: w reader + (1 - w) model.

    Args:
        ratings: Probabilities from 0 to 1.
        scores: `(N,)`, the model's, from 0 to 1; NaN where it has none.
        reader_weight: The paper's lambda, from 0 (the model alone) to 1 (the reader alone).
    Returns:
        Ratings of the same readers and cases; a case that the reader did not rate, or the model
        did not read, has none, at every weight. Equal mixtures of decimal numbers are equal.
    Raises:
        TableError: a rating or score outside 0 to 1: such scales cannot be mixed.
    """
    if not 0 <= reader_weight <= 1:
        raise ValueError(f"a weight lies between 0 and 1, not {reader_weight}")
    readers, model = _mixable(ratings, scores)
    mixed = reader_weight * readers + (1 - reader_weight) * model
    return replace(ratings, values=_ties_kept(mixed, _are_decimal(readers) & _are_decimal(model)))


def hybrids_and_readers(
    ratings: Ratings, scores: ArrayLike, *, reader_weight: float = 0.5, name: str = "model"
) -> Ratings:
    """Hybrids and readers as two modalities, on the cases that have both: for
    `obuchowski_rockette`.

    Args:
        ratings: Of one modality.
    Raises:
        TableError: more than one modality; as `hybrid`.
    """
    _one_modality(ratings)
    mixed = hybrid(ratings, scores, reader_weight=reader_weight).values[0]
    alone = np.where(np.isnan(mixed), np.nan, ratings.values[0])
    return replace(
        ratings,
        modalities=(f"hybrid with {name}", ratings.modalities[0]),
        values=np.stack([mixed, alone]),
    )


@dataclass(frozen=True, eq=False)
class HybridSweep:
    """Each reader's hybrids over a range of weights (Figure 8)."""

    readers: tuple[str, ...]
    reader_weights: Floats
    """`(W,)`: from the model alone (0) to the reader alone (1)."""
    values: dict[Measure, Floats]
    """`(readers, W)`."""

    def best(self, measure: Measure) -> Floats:
        """The weight at which each reader's hybrid is best `(readers,)`, the smallest of equals;
        NaN where none is defined. Chosen and measured on the same cases, so it flatters."""
        values = self.values[measure]
        best = self.reader_weights[np.where(np.isnan(values), -np.inf, values).argmax(axis=1)]
        return np.where(np.isnan(values).all(axis=1), np.nan, best)


def hybrid_sweep(
    ratings: Ratings, scores: ArrayLike, *, reader_weights: Sequence[float] | Floats = SWEEP
) -> HybridSweep:
    """AUC and average precision of each reader's hybrid at each weight.

    Args:
        ratings: Of one modality.
    Raises:
        TableError: more than one modality; as `hybrid`.
    """
    _one_modality(ratings)
    weights = np.asarray(reader_weights, dtype=np.float64)
    mixed = [hybrid(ratings, scores, reader_weight=float(weight)) for weight in weights]
    values = {
        measure: np.stack([measured(each, measure)[0] for each in mixed], axis=1)
        for measure in MEASURES
    }
    return HybridSweep(ratings.readers, weights, values)


def reader_ensemble(ratings: Ratings) -> Floats:
    """The mean probability of each case over the readers who rated it `(N,)`; NaN where none did.

    With missing ratings it is the mean of other readers from case to case. Equal means of
    decimal numbers are equal.

    Raises:
        TableError: more than one modality; a rating outside 0 to 1.
    """
    _one_modality(ratings)
    values = probabilities(ratings.values[0])
    rated = ~np.isnan(values)
    counts = rated.sum(axis=0)
    means: Floats = np.full(len(counts), np.nan)
    np.divide(np.where(rated, values, 0.0).sum(axis=0), counts, out=means, where=counts > 0)
    return _ties_kept(means, np.all(_are_decimal(values) | ~rated, axis=0))


def hybrid_ensemble(ratings: Ratings, scores: ArrayLike, *, reader_weight: float = 0.5) -> Floats:
    """The readers' mean mixed with the model `(N,)`: Figure S2, with equal weights.

    Raises:
        TableError: as `reader_ensemble` and `hybrid`.
    """
    mean = reader_ensemble(ratings)[None, None]
    together = replace(ratings, readers=("all readers",), values=mean)
    mixed: Floats = hybrid(together, scores, reader_weight=reader_weight).values[0, 0]
    return mixed


def _ties_kept(mixed: Floats, of_decimals: Bools) -> Floats:
    """What was mixed of decimal numbers, as decimals again.

    The means of 0.1, 0.2, 0.3 and of 0.3, 0.2, 0.1 differ in the last bit, and so do halves of
    0.1 + 0.7 and 0.4 + 0.4: a curve would take that for an order, where readers made a tie.
    """
    return np.where(of_decimals, np.round(mixed, _MIXED), mixed)


def _are_decimal(values: Floats) -> Bools:
    """Which are said in a few decimals, as people say them, and not computed; NaN is not."""
    return np.asarray(np.round(values, _SAID) == values, dtype=np.bool_)


def _mixable(ratings: Ratings, scores: ArrayLike) -> tuple[Floats, Floats]:
    model = np.asarray(scores, dtype=np.float64)
    if model.shape != (len(ratings.cases),):
        raise ValueError(f"{len(ratings.cases)} cases; the scores have the shape {model.shape}")
    return probabilities(ratings.values), probabilities(model)


def _one_modality(ratings: Ratings) -> None:
    if len(ratings.modalities) != 1:
        raise TableError(
            f"{len(ratings.modalities)} modalities: {', '.join(ratings.modalities[:5])}",
            hint="hybrids and ensembles are of one modality: choose one",
        )
