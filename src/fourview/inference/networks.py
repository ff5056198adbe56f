"""Networks from weights, on a device; and fresh ones from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from fourview.core.errors import WeightsError
from fourview.core.weights import WeightsInfo
from fourview.nn.breast_model import BreastModel
from fourview.nn.densenet121 import DenseNet121
from fourview.nn.transfer import fit

Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class PatchClassifier:
    """The patch network, ready to read patches."""

    info: WeightsInfo
    network: DenseNet121
    device: torch.device

    def probabilities(self, patches: Tensor) -> Tensor:
        """Patches `(B, 1, p, p)` on any device to probabilities `(B, 4)` on the CPU."""
        with torch.inference_mode():
            logits: Tensor = self.network(patches.to(self.device))
            return logits.softmax(dim=1).cpu()


@dataclass(frozen=True, eq=False)
class BreastReader:
    """One breast-level network, ready to read exams: a member of an ensemble."""

    info: WeightsInfo
    network: BreastModel
    device: torch.device


def patch_classifier(
    info: WeightsInfo, tensors: Mapping[str, Tensor], device: torch.device
) -> PatchClassifier:
    """The patch network with these weights, in evaluation mode.

    Raises:
        WeightsError: they are another network's, or damaged.
    """
    require_patch_classifier(info)
    network = DenseNet121(len(info.labels), arithmetic=info.arithmetic)
    network = _loaded(network, info, tensors, device)
    # Channels last: 1.3 times as fast on a CPU as torch's default, and the same numbers to 1e-6.
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return PatchClassifier(info, network, device)


def breast_reader(
    info: WeightsInfo, tensors: Mapping[str, Tensor], device: torch.device
) -> BreastReader:
    """The breast-level network with these weights, in evaluation mode.

    Raises:
        WeightsError: they are another network's, or damaged.
    """
    _refuse_other(info, "breast_model", "--weights takes a breast-level network's weights")
    if info.target != "cancer":
        raise WeightsError(
            f"weights {info.name}: predict {info.target}, not the four labels of an exam",
            hint="train a cancer model from them first",
        )
    network = BreastModel(info.variant, info.inputs, arithmetic=info.arithmetic)
    return BreastReader(info, _loaded(network, info, tensors, device), device)


def require_patch_classifier(info: WeightsInfo) -> None:
    """Refuse weights of another network. Raises WeightsError."""
    _refuse_other(info, "patch_densenet121", "--patch-weights takes a patch classifier's weights")


def _refuse_other(info: WeightsInfo, architecture: str, hint: str) -> None:
    if info.architecture != architecture:
        raise WeightsError(
            f"weights {info.name}: are of a {info.architecture}, not of a {architecture}", hint=hint
        )


def _loaded(
    network: Net, info: WeightsInfo, tensors: Mapping[str, Tensor], device: torch.device
) -> Net:
    network.load_state_dict(fit(tensors, network.state_dict(), source=f"weights {info.name}"))
    return network.eval().to(device)


def fresh_tensors(info: WeightsInfo, seed: int) -> dict[str, Tensor]:
    """Freshly initialised weights: they know nothing. The caller's random state is left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if info.architecture == "patch_densenet121":
            return DenseNet121(len(info.labels), arithmetic=info.arithmetic).state_dict()
        model = BreastModel(
            info.variant, info.inputs, target=info.target, arithmetic=info.arithmetic
        )
        return model.state_dict()
