"""What an epoch of a breast-level training shows: the labels' AUCs, the curves of Figure S13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fourview.core.records import ExamLabels
from fourview.core.views import Label
from fourview.evaluation.auc import auc, mean_auc
from fourview.nn.breast_model import Branch

Outputs = Sequence[tuple[str, Label]]
"""What each of an exam's numbers is: branch and label."""
BIRADS = (0, 1, 2)


def outputs_of(branches: Sequence[Branch]) -> list[tuple[str, Label]]:
    """The cancer network's outputs, in order."""
    return [(branch.name, label) for branch in branches for label in branch.labels]


def label_aucs(
    scores: Mapping[str, Sequence[float]], labels: Mapping[str, ExamLabels], outputs: Outputs
) -> dict[Label, float]:
    """The AUC of each label, of the mean over the branches that predict it."""
    names = sorted(scores)
    table = _table(scores, names)
    found = {}
    for label in Label:
        columns = [place for place, (_, of) in enumerate(outputs) if of is label]
        found[label] = auc(table[:, columns].mean(axis=1), _truth(labels, names, label))
    return found


def figure_s13(
    scores: Mapping[str, Sequence[float]], labels: Mapping[str, ExamLabels], outputs: Outputs
) -> dict[str, float]:
    """`malignant` and `benign`: the AUC of each output and its label, averaged over branches and
    sides (SI, 'Network architecture and training', the training curve)."""
    names = sorted(scores)
    table = _table(scores, names)
    return {
        finding: mean_auc(
            auc(table[:, place], _truth(labels, names, label))
            for place, (_, label) in enumerate(outputs)
            if label.finding.value == finding
        )
        for finding in ("malignant", "benign")
    }


def cancer_metrics(
    training: Mapping[str, Sequence[float]],
    validation: Mapping[str, Sequence[float]],
    labels: Mapping[str, ExamLabels],
    outputs: Outputs,
) -> dict[str, float]:
    """`score`, the mean validation AUC of the four labels (SI, 'Network architecture and
    training'), each of them, and Figure S13's curves of training and validation. NaN where there
    is no AUC."""
    aucs = label_aucs(validation, labels, outputs)
    curves = {"training": training, "validation": validation}
    return {
        "score": float(np.mean(list(aucs.values()))),
        **{f"validation_{label.value}": value for label, value in aucs.items()},
        **{
            f"{name}_{finding}": value
            for name, scores in curves.items()
            for finding, value in figure_s13(scores, labels, outputs).items()
        },
    }


def birads_metrics(
    training: Mapping[str, Sequence[float]],
    validation: Mapping[str, Sequence[float]],
    labels: Mapping[str, ExamLabels],
) -> dict[str, float]:
    """`score`, the mean of the three one-against-rest validation AUCs, and each (SI, 'Pretraining
    on BI-RADS classification').

    Args:
        training, validation: three numbers an exam for each branch, one branch after another.
    """
    return {
        "score": float(np.mean(_birads_aucs(validation, labels))),
        **{
            f"{name}_birads_{value}": found
            for name, scores in (("training", training), ("validation", validation))
            for value, found in zip(BIRADS, _birads_aucs(scores, labels), strict=True)
        },
    }


def _birads_aucs(
    scores: Mapping[str, Sequence[float]], labels: Mapping[str, ExamLabels]
) -> list[float]:
    names = sorted(scores)
    table = _table(scores, names).reshape(len(names), -1, len(BIRADS)).mean(axis=1)
    truth = np.array([labels[name].birads for name in names])
    return [auc(table[:, value], truth == value) for value in BIRADS]


def _table(scores: Mapping[str, Sequence[float]], names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([list(scores[name]) for name in names], dtype=np.float64)


def _truth(
    labels: Mapping[str, ExamLabels], names: Sequence[str], label: Label
) -> NDArray[np.bool_]:
    return np.array([labels[name].values[label] for name in names], dtype=bool)
