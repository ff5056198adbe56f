"""A breast-level network before its training: its columns, its heads, what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fourview.core.errors import WeightsError
from fourview.core.recipe import Recipe
from fourview.core.train_recipe import TrainSection
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.io.checkpoint import file_sha256, read_weights
from fourview.nn.breast_model import BreastModel
from fourview.nn.initial import columns_from
from fourview.nn.transfer import fit


@dataclass(frozen=True, eq=False)
class Initial:
    """Weights that a training begins with."""

    info: WeightsInfo
    tensors: Mapping[str, Tensor]
    sha256: str


def read_initial(path: Path) -> Initial:
    """The weights in a file.

    Raises:
        WeightsError: it is no fourview weights file.
    """
    info, tensors = read_weights(path)
    return Initial(info, tensors, file_sha256(path))


def initial_network(
    section: TrainSection, initial: Initial | None, *, seed: int
) -> tuple[BreastModel, str]:
    """The network, and in words what it begins with.

    From weights of the same task, variant and inputs all is taken (fine-tuning); from others the
    columns, and the fully connected layers are drawn from the seed; from none all is drawn.

    Raises:
        WeightsError: the weights are no breast-level network's, or their columns do not fit.
    """
    arithmetic = initial.info.arithmetic if initial else "paper"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = BreastModel(
            section.variant, section.inputs, target=section.task, arithmetic=arithmetic
        )
    if initial is None:
        return network, "weights drawn at random"
    info = initial.info
    if info.architecture != "breast_model":
        raise WeightsError(
            f"weights {info.name}: are of a {info.architecture}, not of a breast-level network",
            hint="--from takes weights of `fourview train birads` or `train cancer`",
        )
    whole = (info.target, info.variant, info.inputs) == (
        section.task,
        section.variant,
        section.inputs,
    )
    source = f"weights {info.name}"
    if whole:
        network.load_state_dict(fit(initial.tensors, network.state_dict(), source=source))
        return network, f"all of {source}"
    network.load_state_dict(columns_from(initial.tensors, network, source=source))
    return network, f"the columns of {source}, fully connected layers drawn at random"


def described(
    section: TrainSection, images: Recipe, *, name: str, arithmetic: str, begun_with: str, seed: int
) -> WeightsInfo:
    """What the trained weights say of themselves, but for epoch and figures."""
    return WeightsInfo(
        name=name,
        architecture="breast_model",
        arithmetic=arithmetic,
        variant=section.variant,
        inputs=section.inputs,
        target=section.task,
        labels=expected_labels("breast_model", section.task),
        recipe=images,
        provenance={"seed": seed, "begun_with": begun_with},
        licence="as its training data and initial weights allow",
    )
