"""What a training starts from: BI-RADS columns, ImageNet, or any weights of its own kind."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from fourview.core.errors import WeightsError
from fourview.nn.breast_model import BreastModel

Tensors = Mapping[str, Tensor]


def columns_from(pretrained: Tensors, network: BreastModel, *, source: str) -> dict[str, Tensor]:
    """The network's state with the columns of a pretrained one; its fully connected layers stay
    as they were drawn (Wu et al. 2019, Results; SI, 'Pretraining on BI-RADS classification').

    Where the network takes more channels than the pretrained one's single one, the first kernel is
    duplicated for each of them, undivided.

    Raises:
        WeightsError: the pretrained columns are not of this kind.
    """
    state = dict(network.state_dict())
    for key, wanted in state.items():
        if not key.startswith("columns."):
            continue
        if key not in pretrained:
            raise WeightsError(
                f"{source}: has no {key}: not the weights of a breast-level network",
                hint="pretrained weights are made with: fourview train birads",
            )
        given = pretrained[key]
        if key.endswith("first_conv.weight") and given.shape[1] == 1 < wanted.shape[1]:
            given = given.expand_as(wanted).clone()
        state[key] = _shaped(given, wanted, key, source)
    return state


def densenet_from_imagenet(
    imagenet: Tensors, expected: Tensors, *, source: str
) -> dict[str, Tensor]:
    """The patch classifier's state with torchvision's ImageNet weights; its last layer, of other
    classes, stays as it was drawn (SI, 'Training and architecture').

    The published file's older names (`norm.1` for `norm1`) are understood.

    Raises:
        WeightsError: they are not a DenseNet-121's.
    """
    given = {_OLDER.sub(r"\1\2", key): tensor for key, tensor in imagenet.items()}
    state = dict(expected)
    for key, wanted in expected.items():
        if key.startswith("classifier.") or key.endswith("num_batches_tracked"):
            continue
        if key not in given:
            raise WeightsError(
                f"{source}: has no {key}: not a DenseNet-121 in torchvision's names",
                hint="torchvision publishes it as densenet121-a639ec97.pth",
            )
        state[key] = _shaped(given[key], wanted, key, source)
    return state


def _shaped(given: Tensor, wanted: Tensor, key: str, source: str) -> Tensor:
    if given.shape != wanted.shape:
        raise WeightsError(
            f"{source}: {key} has the shape {tuple(given.shape)}; the network expects "
            f"{tuple(wanted.shape)}"
        )
    return given.to(wanted.dtype)


_OLDER = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])(?=\.)")
