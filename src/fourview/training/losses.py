"""What the trainings lower: the paper's cross-entropies, with the minus that its print lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from fourview.core.views import Label
from fourview.core.weights import PATCH_CLASSES
from fourview.nn.breast_model import Branch

_FINDING, _NONE = slice(0, 2), slice(2, 4)
_KINDS = (_FINDING, _NONE)
"""Of PATCH_CLASSES: malignant and benign, outside and negative."""
assert PATCH_CLASSES == ("malignant", "benign", "outside", "negative")


def class_weights(counts: Sequence[int]) -> Tensor:
    """`w_c`, `(classes,)`: the inverse of the patches' counts, scaled to sum to 1 (SI, 'Training
    and architecture'; the paper's products, divided by the product of all counts)."""
    inverse = 1 / torch.tensor(counts, dtype=torch.float64)
    return (inverse / inverse.sum()).float()


def patch_loss(
    logits: Tensor,
    classes: Tensor,
    weights: Tensor,
    *,
    malignant_from_benign: float = 1.0,
    outside_from_negative: float = 1.0,
) -> Tensor:
    """Weighted cross-entropy, the plain mean over the batch: a batch without malignant patches
    gives a small loss, and is not scaled up (torch's own weighted mean would be).

    The logarithm of a class's probability is that of its kind (a finding, or none) and that of the
    class within the kind, added up. The second part counts as much as asked; 1 is the paper's.

    Args:
        logits: `(B, 4)`.
        classes: `(B,)`, indices of `PATCH_CLASSES`.
        weights: `(4,)`.
    """
    log_p = logits.log_softmax(dim=1)
    chosen = log_p.gather(1, classes[:, None])[:, 0]
    apart = torch.tensor([malignant_from_benign] * 2 + [outside_from_negative] * 2)
    if bool((apart != 1).any()):
        kinds = torch.stack([log_p[:, kind].logsumexp(dim=1) for kind in _KINDS], dim=1)
        of_kind = kinds.gather(1, (classes // 2)[:, None])[:, 0]
        chosen = of_kind + apart.to(chosen)[classes] * (chosen - of_kind)
    return -(weights[classes] * chosen).sum() / len(logits)


def cancer_loss(
    log_probabilities: Mapping[str, Tensor],
    labels: Tensor,
    branches: Sequence[Branch],
    *,
    positive_weight: float = 1.0,
) -> Tensor:
    """Cross-entropy averaged over the four labels (SI, 'Network architecture and training') and
    the batch; a label that several branches predict is first averaged over them.

    Args:
        log_probabilities: by branch, `(B, its labels, 2)`.
        labels: `(B, 4)` of 0 and 1, in the order of `Label`.
    """
    losses: dict[Label, list[Tensor]] = {label: [] for label in Label}
    for branch in branches:
        for place, label in enumerate(branch.labels):
            truth = labels[:, list(Label).index(label)]
            found = log_probabilities[branch.name][:, place]
            weight = torch.where(truth == 1, positive_weight, 1.0)
            chosen = found.gather(1, truth.long()[:, None])[:, 0]
            losses[label].append(-(weight * chosen).mean())
    return torch.stack([torch.stack(one).mean() for one in losses.values()]).mean()


def birads_loss(log_probabilities: Mapping[str, Tensor], birads: Tensor) -> Tensor:
    """Cross-entropy of the three classes, averaged over branches and the batch (Fig. S17).

    Args:
        log_probabilities: by branch, `(B, 1, 3)`.
        birads: `(B,)`, 0, 1 or 2.
    """
    return torch.stack(
        [F.nll_loss(found[:, 0], birads.long()) for found in log_probabilities.values()]
    ).mean()
