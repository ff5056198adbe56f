"""The losses against the paper's formulas."""

from __future__ import annotations

import math

import pytest
import torch

from fourview.core.views import Label
from fourview.nn.breast_model import BRANCHES, BreastModel
from fourview.training.losses import birads_loss, cancer_loss, class_weights, patch_loss
from support.one_thread import one_thread

__all__ = ["one_thread"]

COUNTS = [20, 35, 5000, 4945]


def test_class_weights_are_the_papers() -> None:
    """SI, 'Training and architecture': products of the other classes' counts over their sum."""
    products = [math.prod(n for k, n in enumerate(COUNTS) if k != c) for c in range(4)]
    expected = [product / sum(products) for product in products]
    assert class_weights(COUNTS).tolist() == pytest.approx(expected, rel=1e-6)
    assert float(class_weights(COUNTS).sum()) == pytest.approx(1)


def test_the_patch_loss_is_a_plain_mean_over_the_batch() -> None:
    """An outside patch alone counts w_o times its cross-entropy, not its whole cross-entropy."""
    weights = class_weights(COUNTS)
    logits = torch.zeros(2, 4)
    loss = patch_loss(logits, torch.tensor([0, 2]), weights)
    expected = (weights[0] + weights[2]) * math.log(4) / 2
    assert float(loss) == pytest.approx(float(expected), rel=1e-6)


def test_what_a_class_is_within_its_kind_counts_as_much_as_asked() -> None:
    weights = class_weights([1, 1, 1, 1])
    logits = torch.tensor([[2.0, 1.0, -1.0, 0.0], [0.5, -0.5, 0.0, 1.0]])
    classes = torch.tensor([0, 3])
    p = torch.softmax(logits, dim=1)
    finding, none = float(p[0, :2].sum()), float(p[1, 2:].sum())
    within = float(p[0, 0]) / finding, float(p[1, 3]) / none

    def loss(benign: float, negative: float) -> float:
        found = patch_loss(
            *(logits, classes, weights),
            malignant_from_benign=benign,
            outside_from_negative=negative,
        )
        return float(found)

    plain = torch.nn.functional.cross_entropy(logits, classes) / 4
    assert loss(1, 1) == pytest.approx(float(plain), rel=1e-6)
    kinds = -(math.log(finding) + math.log(none)) / 8
    assert loss(0, 0) == pytest.approx(kinds, rel=1e-6)
    assert loss(0.3, 0) == pytest.approx(kinds - 0.3 * math.log(within[0]) / 8, rel=1e-6)
    assert loss(0, 0.5) == pytest.approx(kinds - 0.5 * math.log(within[1]) / 8, rel=1e-6)


@pytest.mark.parametrize("variant", BRANCHES)
def test_every_label_counts_a_quarter_whatever_the_variant(variant: str) -> None:
    branches = BRANCHES[variant]
    labels = torch.tensor([[1, 0, 0, 1]])
    found = {b.name: torch.full((1, len(b.labels), 2), math.log(0.5)) for b in branches}
    assert float(cancer_loss(found, labels, branches)) == pytest.approx(math.log(2))
    sure = {name: one.clone() for name, one in found.items()}
    for branch in branches:
        for place, label in enumerate(branch.labels):
            if label is Label.RIGHT_MALIGNANT:
                sure[branch.name][0, place] = torch.tensor([-1e9, 0.0])
    assert float(cancer_loss(sure, labels, branches)) == pytest.approx(0.75 * math.log(2))


def test_a_positive_weight_counts_for_labels_that_are_1_only() -> None:
    branches = BRANCHES["joint"]
    found = {"joint": torch.full((1, 4, 2), math.log(0.5))}
    labels = torch.tensor([[1, 0, 0, 0]])
    loss = cancer_loss(found, labels, branches, positive_weight=5)
    assert float(loss) == pytest.approx((5 + 3) / 4 * math.log(2))


def test_the_losses_reach_every_weight_of_the_network() -> None:
    for target in ("cancer", "birads"):
        model = BreastModel("view-wise", "image", target=target)
        columns = {view: torch.rand(2, 256) for branch in model.branches for view in branch.views}
        found = model.read_columns(columns).log_probabilities
        loss = (
            birads_loss(found, torch.tensor([0, 2]))
            if target == "birads"
            else cancer_loss(found, torch.zeros(2, 4), model.branches)
        )
        loss.backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.heads.parameters())


def test_the_birads_loss_is_the_cross_entropy_of_three_classes() -> None:
    found = {name: torch.log(torch.tensor([[[0.2, 0.3, 0.5]]])) for name in ("CC", "MLO")}
    assert float(birads_loss(found, torch.tensor([2]))) == pytest.approx(-math.log(0.5))
