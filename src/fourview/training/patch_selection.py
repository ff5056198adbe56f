"""The patch weights whose heatmaps tell breasts apart best (SI, 'Model evaluation and
selection')."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fourview.core.errors import TrainingError
from fourview.core.records import ExamLabels
from fourview.core.views import Finding, Label, Laterality
from fourview.evaluation.auc import auc
from fourview.io.atomic import write_file
from fourview.io.checkpoint import file_sha256
from fourview.io.results import write_json
from fourview.training.breast_maxima import Maxima

SELECTED, SELECTION = "selected.safetensors", "selection.json"
_EPOCH = re.compile(r"epoch-(\d+)\.safetensors")


@dataclass(frozen=True)
class Candidate:
    """Kept weights, and how well their heatmaps' maxima tell breasts apart."""

    weights: str
    """The file's name."""
    epoch: int
    sha256: str
    benign: float
    """AUC of benign or not, over breasts."""
    malignant: float
    mean: float


def select_patch_weights(
    run: Path,
    labels: Mapping[str, ExamLabels],
    heatmap_maxima: Callable[[Path], Maxima],
    *,
    on_candidate: Callable[[Candidate], None] = lambda _: None,
) -> Candidate:
    """Copy the best of a run's kept weights to `RUN/selected.safetensors`; of equal ones the first.

    Writes `RUN/selection.json`: the figures of each.

    Args:
        labels: of the validation exams, at least.
        heatmap_maxima: for a weights file, the maxima of each validation breast's heatmaps
            (`breast_maxima`).

    Raises:
        TrainingError: no weights were kept, or a label has no positive or no negative breast.
    """
    found = []
    for epoch, path in checkpoints(run):
        benign, malignant = breast_aucs(heatmap_maxima(path), labels)
        mean = (benign + malignant) / 2
        found.append(Candidate(path.name, epoch, file_sha256(path), benign, malignant, mean))
        on_candidate(found[-1])
    best = max(found, key=lambda one: one.mean)
    write_file(run / SELECTED, (run / best.weights).read_bytes())
    told = {"selected": best.weights, "candidates": [asdict(one) for one in found]}
    write_json(run / SELECTION, told)
    return best


def checkpoints(run: Path) -> list[tuple[int, Path]]:
    """A run's kept weights, `epoch-N.safetensors`, by epoch.

    Raises:
        TrainingError: there are none.
    """
    named = [(_EPOCH.fullmatch(path.name), path) for path in run.glob("epoch-*.safetensors")]
    found = sorted((int(match[1]), path) for match, path in named if match)
    if not found:
        raise TrainingError(
            f"{run}: no epoch's weights were kept to select from",
            hint="train with --set train.checkpoint_every=N, N at most the number of epochs",
        )
    return found


def breast_aucs(maxima: Maxima, labels: Mapping[str, ExamLabels]) -> tuple[float, float]:
    """The AUCs of benign or not and of malignant or not, each breast by its maximum.

    Raises:
        TrainingError: one of them does not exist.
    """
    scores = np.array([maxima[breast] for breast in maxima])
    benign, malignant = breast_truths(list(maxima), labels)
    return auc(scores[:, 0], benign), auc(scores[:, 1], malignant)


def breast_truths(
    breasts: Sequence[tuple[str, Laterality]], labels: Mapping[str, ExamLabels]
) -> tuple[list[bool], list[bool]]:
    """Of each breast, whether it is benign and whether it is malignant.

    Raises:
        TrainingError: for one of them no breast is positive, or none negative.
    """
    truths = []
    for finding in (Finding.BENIGN, Finding.MALIGNANT):
        truth = [labels[exam].values[_label(side, finding)] for exam, side in breasts]
        if not any(truth) or all(truth):
            kind = "negative" if any(truth) else "positive"
            raise TrainingError(
                f"of {len(truth)} validation breasts none is {kind} for {finding.value}: its AUC, "
                "by which weights are selected, does not exist",
                hint="split anew, or take more exams",
            )
        truths.append(truth)
    return truths[0], truths[1]


def _label(side: Laterality, finding: Finding) -> Label:
    return next(one for one in Label if one.laterality is side and one.finding is finding)
