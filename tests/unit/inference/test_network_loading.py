from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fourview.core.errors import WeightsError
from fourview.core.weights import expected_labels, untrained
from fourview.inference.networks import breast_reader, fresh_tensors, patch_classifier
from support.small_exams import breast_info, patch_info, small_patch_classifier

CPU = torch.device("cpu")


def test_fresh_weights_are_the_seeds_and_leave_the_callers_chance_alone() -> None:
    info = breast_info(inputs="image")
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, same, other = (fresh_tensors(info, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


def test_a_network_of_another_kind_is_refused_with_the_option_it_belongs_to() -> None:
    with pytest.raises(WeightsError, match=r"small-patch: are of a patch") as caught:
        breast_reader(patch_info(), {}, CPU)
    assert "--weights" in caught.value.hint
    with pytest.raises(WeightsError, match=r"small: are of a breast_model") as caught:
        patch_classifier(breast_info(), {}, CPU)
    assert "--patch-weights" in caught.value.hint


def test_a_birads_network_predicts_no_cancer() -> None:
    """SI, 'Pretraining on BI-RADS classification'."""
    info = replace(breast_info(), target="birads", labels=expected_labels("breast_model", "birads"))
    with pytest.raises(WeightsError, match="birads, not the four labels"):
        breast_reader(info, {}, CPU)


def test_tensors_of_another_network_are_refused() -> None:
    info = breast_info("view-wise", "image")
    other = fresh_tensors(breast_info("view-wise", "image-and-heatmaps"), 0)
    with pytest.raises(WeightsError, match="first_conv"):
        breast_reader(info, other, CPU)


def test_the_networks_are_ready_to_read() -> None:
    reader = breast_reader(info := breast_info(inputs="image"), fresh_tensors(info, 0), CPU)
    assert not reader.network.training
    classifier = small_patch_classifier()
    assert not classifier.network.training
    found = classifier.probabilities(torch.randn(2, 1, 32, 32))
    assert found.shape == (2, 4)
    torch.testing.assert_close(found.sum(1), torch.ones(2))
    assert not found.requires_grad


def test_untrained_networks_can_be_built_of_their_description() -> None:
    info = untrained("breast_model", inputs="image", seed=0)
    assert breast_reader(info, fresh_tensors(info, 0), CPU).info.variant == "view-wise"
