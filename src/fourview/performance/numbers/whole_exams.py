"""Exams counted as one each: women are recalled, not breasts.

An exam is a case where either breast is, and its score is the higher of its breasts'. It is written
as a single breast without an other one, so that all that counts breasts counts exams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.views import Laterality
from fourview.evaluation.checks import Floats, Ints
from fourview.evaluation.populations import Population
from fourview.performance.population.models import Model, Network

BY_EXAM = "screening, by exam"
WORDS = (
    "each exam counted as one: a case where either breast is, with the higher score of its breasts"
)


def whole_exams(
    breasts: Breasts, models: Sequence[Model]
) -> tuple[Breasts, tuple[Model, ...], Population]:
    """The exams, the models that read them, and the population that they are.

    An exam of which only one breast was read is left out: the other might have been the higher one.
    """
    codes: dict[str, list[int]] = {}
    for place, exam in enumerate(breasts.exams):
        codes.setdefault(exam, []).append(place)
    pairs = np.array([both for both in codes.values() if len(both) == 2], dtype=np.int64)
    pairs = pairs.reshape(-1, 2)
    first = pairs[:, 0]
    exams = Breasts(
        exams=tuple(breasts.exams[at] for at in first),
        lateralities=(Laterality.LEFT,) * len(first),
        patients=tuple(breasts.patients[at] for at in first),
        benign=np.any(breasts.benign[pairs], axis=1),
        malignant=np.any(breasts.malignant[pairs], axis=1),
        biopsied=breasts.biopsied[first],
    )
    everybody = Population(BY_EXAM, np.ones(len(first), dtype=bool), WORDS)
    return exams, tuple(_of_exams(model, pairs) for model in models), everybody


def _of_exams(model: Model, pairs: Ints) -> Model:
    """A model whose ensemble is of exams: the higher of the breasts' mean over networks, not the
    mean of the higher ones."""

    def higher(values: Floats) -> Floats:
        return np.asarray(values[pairs].max(axis=1), dtype=np.float64)

    of_breasts = model.ensemble
    scores = BreastScores(benign=higher(of_breasts.benign), malignant=higher(of_breasts.malignant))
    return replace(model, networks=(Network(model.name, scores, {}),))
