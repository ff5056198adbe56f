"""What an epoch of the patch training shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fourview.core.weights import PATCH_CLASSES
from fourview.evaluation.auc import auc

LESIONS = ("malignant", "benign")
"""The classes that heatmaps are made of."""


def patch_name(wanted: str, number: int, where: str = "") -> str:
    """What a patch is called: its class, its number, its exam and image."""
    return f"{wanted} {number}" + (f" ({where})" if where else "")


def patch_metrics(
    training: Mapping[str, Sequence[float]],
    validation: Mapping[str, Sequence[float]],
    counts: Mapping[str, int],
) -> dict[str, float]:
    """`score`, the mean of the validation AUCs of malignant and of benign against the rest, and:

    - each of the two, of training and validation;
    - `validation_loss`, what the training loss is on an epoch's counts;
    - `validation_accuracy`, the mean over classes of the part that is recognised;
    - `validation_A_as_B`, the part of class A's patches for which B is the likeliest.

    Args:
        training, validation: by patch (`patch_name`), the four log-probabilities.
        counts: an epoch's patches by class.
    """
    table, truth = _table(validation)
    aucs = _aucs(table, truth)
    said = table.argmax(axis=1)
    there = [place for place in range(len(PATCH_CLASSES)) if (truth == place).any()]
    right = [float(np.mean(said[truth == place] == place)) for place in there]
    return {
        "score": float(np.mean(list(aucs.values()))),
        **{f"validation_{name}": value for name, value in aucs.items()},
        **{f"training_{name}": value for name, value in _aucs(*_table(training)).items()},
        "validation_loss": _loss(table, truth, counts),
        "validation_accuracy": float(np.mean(right)),
        **{
            f"validation_{PATCH_CLASSES[place]}_as_{name}": float(
                np.mean(said[truth == place] == other)
            )
            for place in there
            for other, name in enumerate(PATCH_CLASSES)
        },
    }


def _table(said: Mapping[str, Sequence[float]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    names = sorted(said)
    truth = [PATCH_CLASSES.index(name.split(" ")[0]) for name in names]
    return np.array([said[name] for name in names], dtype=np.float64), np.array(truth)


def _aucs(table: NDArray[np.float64], truth: NDArray[np.int64]) -> dict[str, float]:
    return {
        name: auc(table[:, PATCH_CLASSES.index(name)], truth == PATCH_CLASSES.index(name))
        for name in LESIONS
    }


def _loss(table: NDArray[np.float64], truth: NDArray[np.int64], counts: Mapping[str, int]) -> float:
    """The mean of the weighted cross-entropy over an epoch: each class counts as often as it comes,
    times the inverse, so the mean of the classes' means."""
    there = [place for place, name in enumerate(PATCH_CLASSES) if counts[name]]
    n = np.array([counts[PATCH_CLASSES[place]] for place in there], dtype=np.float64)
    weights = (1 / n) / (1 / n).sum()
    means = [-table[truth == place, place].mean() for place in there]
    return float((n / n.sum() * weights * means).sum())
