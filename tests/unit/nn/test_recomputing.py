"""Computing activations again saves memory, and moves no number."""

from __future__ import annotations

import copy

import torch

from fourview.core.views import View
from fourview.nn.breast_model import BreastModel
from support.one_thread import one_thread

__all__ = ["one_thread"]


def test_gradients_and_running_statistics_are_those_of_keeping_everything() -> None:
    torch.manual_seed(0)
    plain = BreastModel("view-wise", "image")
    again = copy.deepcopy(plain)
    again.recomputes = True
    views = {view: torch.rand(2, 1, 64, 48) for view in View}
    losses = []
    for model in (plain, again):
        model.train()
        found = model(views).log_probabilities
        losses.append(sum(one.mean() for one in found.values()))
        losses[-1].backward()
    assert torch.equal(losses[0], losses[1])
    other = dict(again.named_parameters())
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(parameter.grad, other[name].grad, rtol=0, atol=0)
    buffers = dict(again.named_buffers())
    for name, buffer in plain.named_buffers():
        assert torch.equal(buffer, buffers[name]), name
    assert int(buffers["columns.CC.final_bn.num_batches_tracked"]) == 2
