"""Both kinds of activations: where the exams lie in the picture, and what neighbours tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourview.evaluation.representation import (
    Agreement,
    agreement,
    continuity,
    nearest_others,
    trustworthiness,
)
from fourview.representation.embedding import embed
from fourview.representation.exams import PicturedExams
from fourview.representation.options import RepresentationOptions

KINDS = {"columns": "the four views' columns", "fc": "the first fully connected layer"}
"""As the figure and the tables call them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Represented:
    """One kind of activations."""

    kind: str
    """`columns` or `fc`."""
    places: NDArray[np.float64]
    """`(N, 2)`."""
    trustworthiness: float
    continuity: float
    neighbours_score: NDArray[np.float64]
    """`(N,)`: the mean score of each exam's neighbours, among the activations."""
    score: Agreement
    truth: Agreement | None
    """None where the truth is not known, or is the score."""
    remarks: tuple[str, ...]


def represented(exams: PicturedExams, options: RepresentationOptions) -> tuple[Represented, ...]:
    """The columns first, as in the paper's figure.

    Raises:
        RecipeError: umap-learn is not installed.
        TableError: an exam has too few neighbours of other patients, or no distance.
    """
    return tuple(_represented(exams, options))


def _represented(exams: PicturedExams, options: RepresentationOptions) -> Iterator[Represented]:
    k, metric = options.neighbours, options.metric
    for number, kind in enumerate(KINDS):
        points: NDArray[np.float32] = getattr(exams, kind)
        nearest = nearest_others(points, k, metric=metric, patients=exams.patients)
        found = embed(
            points,
            neighbours=k,
            min_distance=options.min_distance,
            metric=metric,
            seed=options.seed,
        )
        agreements = [
            agreement(
                values,
                nearest,
                exams.patients,
                rng=np.random.default_rng([options.seed, number, what]),
                draws=options.draws,
                level=options.level,
            )
            for what, values in enumerate((exams.scores, exams.truth))
            if values is not None
        ]
        yield Represented(
            kind=kind,
            places=found.places,
            trustworthiness=trustworthiness(points, found.places, k, metric=metric),
            continuity=continuity(points, found.places, k, metric=metric),
            neighbours_score=exams.scores[nearest].mean(axis=1),
            score=agreements[0],
            truth=agreements[1] if exams.truth is not None else None,
            remarks=found.remarks,
        )
