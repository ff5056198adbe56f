"""Which exams and patches an epoch sees: drawn from (seed, epoch) alone, so that a training that
was stopped goes on with the same ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fourview.core.records import ExamLabels
from fourview.core.train_recipe import ExamSection


def epoch_exams(
    labels: Mapping[str, ExamLabels], recipe: ExamSection, *, seed: int, epoch: int
) -> list[str]:
    """The names of an epoch's exams in the order they are read.

    `balanced`: all biopsied exams, and a random subset of as many others (SI, 'Network
    architecture and training').
    """
    rng = np.random.default_rng([seed, epoch])
    names = sorted(labels)
    if recipe.per_epoch == "balanced":
        biopsied = [name for name in names if labels[name].biopsied]
        others = [name for name in names if not labels[name].biopsied]
        n = min(len(others), round(recipe.others * len(biopsied)))
        names = biopsied + [others[i] for i in sorted(rng.choice(len(others), n, replace=False))]
    return [names[i] for i in rng.permutation(len(names))]


def patch_order(counts: Mapping[str, int], *, seed: int, epoch: int) -> list[tuple[str, int]]:
    """An epoch's patches, (class, number within the class), in the order they are read."""
    wanted = [(name, number) for name, count in counts.items() for number in range(count)]
    order = np.random.default_rng([seed, epoch]).permutation(len(wanted))
    return [wanted[i] for i in order]


def counts_from_areas(areas: Mapping[str, float], *, total: int, least: int = 1) -> dict[str, int]:
    """An epoch's patches shared out by area, as the paper's counts were (SI, 'Training and
    architecture'): they sum to `total`, each at least `least`.

    Args:
        areas: by class, the sums of the parts of images that each class covers.
    """
    whole = sum(areas.values())
    counts = {name: max(least, round(total * area / whole)) for name, area in areas.items()}
    largest = max(counts, key=lambda name: counts[name])
    counts[largest] += total - sum(counts.values())
    return counts
