"""What a training starts from."""

from __future__ import annotations

import re

import pytest
import torch

from fourview.core.errors import WeightsError
from fourview.nn.breast_model import BreastModel
from fourview.nn.densenet121 import DenseNet121
from fourview.nn.initial import columns_from, densenet_from_imagenet
from support.one_thread import one_thread

__all__ = ["one_thread"]

STEM = "columns.CC.first_conv.weight"


def birads() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return dict(BreastModel("view-wise", "image", target="birads").state_dict())


@pytest.mark.parametrize(
    ("inputs", "channels"), [("image", 1), ("heatmaps", 2), ("image-and-heatmaps", 3)]
)
def test_the_first_kernel_is_duplicated_for_each_channel(inputs: str, channels: int) -> None:
    """SI, 'Pretraining on BI-RADS classification'."""
    pretrained = birads()
    network = BreastModel("view-wise", inputs)
    state = columns_from(pretrained, network, source="birads")
    network.load_state_dict(state)
    assert state[STEM].shape[1] == channels
    for channel in range(channels):
        assert torch.equal(state[STEM][:, channel], pretrained[STEM][:, 0])


@pytest.mark.parametrize("variant", ["view-wise", "image-wise", "breast-wise", "joint"])
def test_columns_come_from_the_pretrained_network_and_heads_stay_fresh(variant: str) -> None:
    pretrained = birads()
    torch.manual_seed(2)
    network = BreastModel(variant, "image")
    fresh = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    state = columns_from(pretrained, network, source="birads")
    for key, tensor in state.items():
        assert torch.equal(tensor, (pretrained if key.startswith("columns.") else fresh)[key])


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(WeightsError, match="not the weights of a breast-level network"):
        columns_from(DenseNet121().state_dict(), BreastModel(), source="x")
    heatmaps = BreastModel("view-wise", "heatmaps").state_dict()
    with pytest.raises(WeightsError, match=r"first_conv\.weight has the shape"):
        columns_from(heatmaps, BreastModel("view-wise", "image"), source="x")


@pytest.mark.parametrize("older", [False, True])
def test_imagenet_weights_are_taken_but_for_the_last_layer(older: bool) -> None:
    """SI, 'Training and architecture'; also with the names of the published file."""
    torch.manual_seed(3)
    imagenet = dict(DenseNet121(1000).state_dict())
    given = imagenet
    if older:
        given = {
            re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key): tensor
            for key, tensor in imagenet.items()
            if not key.endswith("num_batches_tracked")
        }
        assert "features.denseblock1.denselayer1.norm.1.weight" in given
    network = DenseNet121(4)
    state = densenet_from_imagenet(given, network.state_dict(), source="imagenet")
    network.load_state_dict(state)
    assert torch.equal(state["features.conv0.weight"], imagenet["features.conv0.weight"])
    assert state["classifier.weight"].shape == (4, 1024)


def test_what_is_no_densenet_is_refused() -> None:
    with pytest.raises(WeightsError, match="not a DenseNet-121"):
        densenet_from_imagenet({"x": torch.zeros(1)}, DenseNet121().state_dict(), source="x")
