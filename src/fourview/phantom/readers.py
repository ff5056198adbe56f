"""Simulated readers of a reader study, who see the evidence and not the label.

The panel is made as the paper's: on a set composed as its own (`paper_reader_set`) 14 readers have
areas under the curve of about 0.70 to 0.86, mean 0.78 (Wu et al. 2019, Reader study), and agree
with each other about as much as those of its public table (mean Spearman correlation 0.414), most
of whose probabilities are 0 as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from fourview.core.views import Laterality
from fourview.phantom.accuracy import areas_under_curve
from fourview.phantom.assessment import evidence, impression
from fourview.phantom.plan import Population
from fourview.phantom.reader_set import paper_reader_set
from fourview.phantom.records import Row, malignant_breasts

_SHARED_NOISE = 0.2
"""Spread of what misleads all readers alike: gland that looks like a finding, or hides one."""
_OWN_NOISE = (0.9, 1.35)
"""Spread of the errors of the best and the worst reader, in units of `impression`."""
_NOTICED = (2.13, 2.97)
"""The impression below which the best and the worst reader say 0."""
_SCALE, _SCALE_SPREAD = 2.5, 0.4
"""The impression above that at which a typical reader says 63 %; its log-normal spread."""
_BLOCK = 16

_PAPERS_AREAS = (0.705, 0.860, 0.778)
_NEAR = 0.014
_MOST_PANELS = 100


def population_evidence(population: Population) -> NDArray[np.float64]:
    """The evidence of each breast (2 an exam, left first), `(2 n_exams,)`."""
    return np.array([evidence(exam, side) for exam in population.exams for side in Laterality])


def simulate_readers(
    evidence: ArrayLike, *, n_readers: int = 14, seed: int | Sequence[int]
) -> NDArray[np.float64]:
    """Probabilities of malignancy, in [0, 1] by hundredths, that readers give to breasts.

    A reader's impression of a breast is that of its evidence, and an error that all readers share,
    and an error of the reader's own. Impressions below what the reader notices give 0; above it,
    probability rises towards 1 on the reader's own scale. Less skilled readers have larger errors
    and notice less; skills are evenly spread, in an order that is drawn.

    Errors are balanced: breasts of about equal evidence get errors that together are spread as the
    normal distribution is, and so do the readers of one breast. That makes a panel's accuracy vary
    less from seed to seed than with independent errors; each single error is as variable as ever.

    Args:
        evidence: `(n_breasts,)`, at least 0, of `assessment.evidence`.

    Returns:
        `(n_breasts, n_readers)`.
    """
    seen = np.asarray(evidence, dtype=np.float64)
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(seen)), seen))
    ranks = (np.arange(n_readers) + 0.5) / n_readers
    own = np.interp(ranks, (0, 1), _OWN_NOISE)
    noticed = np.interp(ranks, (0, 1), _NOTICED)
    scale = _SCALE * np.exp(_SCALE_SPREAD * ndtri(rng.permutation(ranks)))

    shared = _SHARED_NOISE * _balanced(rng, order)
    impressions = np.array([impression(value) for value in seen.tolist()]) + shared
    errors = own * _balanced_over_readers(rng, order, n_readers)
    above = np.maximum(impressions[:, None] + errors - noticed, 0)
    said: NDArray[np.float64] = np.round(1 - np.exp(-above / scale), 2)
    return said[:, rng.permutation(n_readers)]


def paper_reader_study(seed: int) -> tuple[Population, NDArray[np.float64]]:
    """A set composed as the paper's and the probabilities of 14 readers as good as the paper's.

    No reader is told a label. But of the panels that `simulate_readers` gives, which differ by
    chance as small studies do, the first is taken whose best, worst and mean reader are about as
    good as the paper's (areas of 0.705, 0.860 and 0.778).
    """
    population = paper_reader_set(seed)
    seen = population_evidence(population)
    malignant = list(malignant_breasts(population).values())
    for panel in count():
        said = simulate_readers(seen, seed=[seed, panel])
        areas = areas_under_curve(said, malignant)
        found = (areas.min(), areas.max(), areas.mean())
        if np.abs(np.subtract(found, _PAPERS_AREAS)).max() < _NEAR or panel == _MOST_PANELS:
            return population, said
    raise AssertionError("count() does not end")


def reader_rows(population: Population, probabilities: NDArray[np.float64]) -> list[Row]:
    """readers.csv as the paper's public table: a row a breast, all left ones first.

    Args:
        probabilities: `(2 n_exams, n_readers)`, the breasts as in `population_evidence`.
    """
    rows: list[Row] = []
    malignant = malignant_breasts(population)
    for place, laterality in enumerate(Laterality):
        for exam, said in zip(population.exams, probabilities[place::2], strict=True):
            known = (exam.name, laterality.value, float(malignant[exam.name, laterality]))
            cells = (*known, *said.tolist())
            rows.append(dict(zip(reader_columns(len(said)), cells, strict=True)))
    return rows


def reader_columns(n_readers: int) -> Sequence[str]:
    """The table's columns: `case_ID`, `side`, `label`, then `Reader01_POM`, … (probability of
    malignancy)."""
    numbers = range(1, n_readers + 1)
    return ["case_ID", "side", "label", *(f"Reader{number:02d}_POM" for number in numbers)]


def _balanced(rng: np.random.Generator, order: NDArray[np.intp]) -> NDArray[np.float64]:
    """A normal error for each breast, spread evenly over each `_BLOCK` neighbours in `order`."""
    blocks = -(-len(order) // _BLOCK)
    places = rng.permuted(np.tile(np.arange(_BLOCK), (blocks, 1)), axis=1)
    errors = np.empty(len(order))
    errors[order] = ndtri(((places + rng.random(places.shape)) / _BLOCK).ravel()[: len(order)])
    return errors


def _balanced_over_readers(
    rng: np.random.Generator, order: NDArray[np.intp], n_readers: int
) -> NDArray[np.float64]:
    """Normal errors `(n_breasts, n_readers)`, spread evenly over the readers of each breast, and
    over each `n_readers` neighbours in `order` for each reader: shuffled Latin squares.
    """
    square = np.add.outer(np.arange(n_readers), np.arange(n_readers)) % n_readers
    places = np.empty((len(order), n_readers))
    for start in range(0, len(order), n_readers):
        breasts = order[start : start + n_readers]
        shuffled = square[rng.permutation(n_readers)][:, rng.permutation(n_readers)]
        places[breasts] = shuffled[: len(breasts)]
    errors: NDArray[np.float64] = ndtri((places + rng.random(places.shape)) / n_readers)
    return errors
