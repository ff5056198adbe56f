"""One stand-alone model, or a fixed number, against many readers of one modality.

The model is no reader: it is not a sample of models, so only readers and cases are random. With d_j
the model's area less reader j's, on the cases of reader j, the test is that of a single modality
(S. L. Hillis, Stat. Med. 33 (2014) 330) applied to the d_j, with their own covariance over cases:
D. P. Chakraborty, Observer Performance Methods for Diagnostic Imaging (2017), calls it 1T-RRRC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from fourview.core.errors import TableError
from fourview.core.ratings import Ratings
from fourview.evaluation.checks import Floats
from fourview.evaluation.mrmc_covariance import CovarianceMethod, covariance_of_readers
from fourview.evaluation.mrmc_measure import Measure, measured, refuse_unmeasured, remarks_on
from fourview.evaluation.readers_mean import ReadersMean, mean_over_readers


@dataclass(frozen=True, eq=False)
class AgainstReaders:
    """A model or a fixed number less each reader, and less their mean."""

    measure: Measure
    method: CovarianceMethod
    name: str
    readers: tuple[str, ...]
    of_readers: Floats
    """`(readers,)`."""
    of_model: Floats
    """`(readers,)`: the model's measure on each reader's cases; all alike where the readers read
    the same."""
    difference: ReadersMean
    """The mean over readers of model less reader."""
    remarks: tuple[str, ...]


def model_against_readers(
    ratings: Ratings,
    scores: ArrayLike,
    *,
    name: str = "model",
    measure: Measure = "auc",
    method: CovarianceMethod = "delong",
    rng: np.random.Generator | None = None,
    draws: int = 2000,
    level: float = 0.95,
) -> AgainstReaders:
    """A model's scores against readers of one modality, on the same cases.

    Args:
        ratings: Of one modality.
        scores: `(N,)`, the model's; NaN for a case that it did not read, which then counts for no
            reader either.
    Raises:
        TableError: more than one modality; a reader who shares no case of a kind with the model.
    """
    _refuse_modalities(ratings)
    model = np.asarray(scores, dtype=np.float64)
    if model.shape != (len(ratings.cases),):
        raise ValueError(f"{len(ratings.cases)} cases; the scores have the shape {model.shape}")
    own = ratings.values[0]
    shared = ~(np.isnan(own) | np.isnan(model))
    pair = replace(
        ratings,
        modalities=(name, ratings.modalities[0]),
        values=np.where(shared, np.stack([np.broadcast_to(model, own.shape), own]), np.nan),
    )
    refuse_unmeasured(pair)
    values = measured(pair, measure)
    covariance = covariance_of_readers(pair, measure, method, rng=rng, draws=draws)
    r = len(ratings.readers)
    less = np.concatenate([np.eye(r), -np.eye(r)], axis=1)
    remarks = list(remarks_on(ratings))
    if unread := int(np.isnan(model).sum()):
        remarks.append(f"{unread} of {len(model)} cases have no score of {name} and are left out")
    return AgainstReaders(
        measure=measure,
        method=method,
        name=name,
        readers=ratings.readers,
        of_readers=values[1],
        of_model=values[0],
        difference=mean_over_readers(
            values[0] - values[1], less @ covariance @ less.T, level=level
        ),
        remarks=tuple(remarks),
    )


def value_against_readers(
    ratings: Ratings,
    value: float,
    *,
    measure: Measure = "auc",
    method: CovarianceMethod = "delong",
    rng: np.random.Generator | None = None,
    draws: int = 2000,
    level: float = 0.95,
) -> AgainstReaders:
    """A number known without error (a claim, a target) against readers of one modality.

    Raises:
        TableError: more than one modality; a reader without a case of a kind.
    """
    _refuse_modalities(ratings)
    if not 0 <= value <= 1:
        raise ValueError(f"the value lies between 0 and 1, not {value}")
    refuse_unmeasured(ratings)
    values = measured(ratings, measure)[0]
    covariance = covariance_of_readers(ratings, measure, method, rng=rng, draws=draws)
    return AgainstReaders(
        measure=measure,
        method=method,
        name=f"{value:g}",
        readers=ratings.readers,
        of_readers=values,
        of_model=np.full_like(values, value),
        difference=mean_over_readers(value - values, covariance, level=level),
        remarks=remarks_on(ratings),
    )


def _refuse_modalities(ratings: Ratings) -> None:
    if len(ratings.modalities) != 1:
        raise TableError(
            f"{len(ratings.modalities)} modalities: {', '.join(ratings.modalities[:5])}",
            hint="a model is held against readers of one modality: choose one",
        )
