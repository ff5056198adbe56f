"""Foreign weights, translated at the door into this package's names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from fourview.core.errors import WeightsError
from fourview.core.views import View

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Translated:
    """A network's weights under this package's names, and which network they are."""

    architecture: str
    tensors: dict[str, Tensor]
    variant: str = ""
    inputs: str = ""


_INPUTS_BY_CHANNELS = {1: "image", 2: "heatmaps", 3: "image-and-heatmaps"}
_COLUMN_NAMES = ("l_cc", "r_cc", "l_mlo", "r_mlo")


def translate_released(state: Tensors, *, source: str) -> Translated:
    """The released pipeline's state dict (released pipeline, part 12) under fourview's names.

    The image-wise network's heads give four labels a view, of which the released runner reads the
    first two: benign and malignant. Files with two are taken as they are.

    Raises:
        WeightsError: it is none of the released networks.
    """
    if "classifier.weight" in state:
        return Translated("patch_densenet121", dict(state))
    try:
        return _translate_breast_model(state, source=source)
    except KeyError as error:
        raise WeightsError(f"{source}: its tensor {error} lacks") from error


def _translate_breast_model(state: Tensors, *, source: str) -> Translated:
    if "fc1_cc.weight" in state:
        heads = _heads(state, {"CC": "cc", "MLO": "mlo"}, rows=8)
        variant = "view-wise"
    elif "fc1_lcc.weight" in state:
        names = {view.value: view.value.replace("-", "").lower() for view in View}
        heads = _heads(state, names, rows=4)
        variant = "image-wise"
    else:
        raise WeightsError(
            f"{source}: its {len(state)} tensors ({_some(state)}) are not a released network's",
            hint="the released networks are the patch classifier, view-wise and image-wise models",
        )
    _refuse_untied_columns(state, source=source)
    columns = {
        f"columns.{position}.{_column_name(key)}": tensor
        for position, prefix in (("CC", "cc"), ("MLO", "mlo"))
        for key, tensor in _under(state, f"four_view_resnet.{prefix}.").items()
    }
    shape = tuple(columns["columns.CC.first_conv.weight"].shape)
    channels = shape[1] if len(shape) == 4 else 0
    if channels not in _INPUTS_BY_CHANNELS:
        raise WeightsError(
            f"{source}: its first convolution has the shape {shape}; a released network's takes 1, "
            "2 or 3 channels"
        )
    return Translated(
        "breast_model", {**columns, **heads}, variant=variant, inputs=_INPUTS_BY_CHANNELS[channels]
    )


def _under(state: Tensors, prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): t for key, t in state.items() if key.startswith(prefix)}


def _column_name(released: str) -> str:
    name = re.sub(r"^layer_list\.", "layers.", released)
    return name.replace(".downsample.0.", ".downsample.")


def _heads(state: Tensors, names: Mapping[str, str], *, rows: int) -> dict[str, Tensor]:
    heads = {}
    for branch, released in names.items():
        for kind in ("weight", "bias"):
            heads[f"heads.{branch}.fc.{kind}"] = state[f"fc1_{released}.{kind}"]
            out = state[f"output_layer_{released}.fc_layer.{kind}"]
            heads[f"heads.{branch}.out.{kind}"] = out[:rows].clone()
    return heads


def _refuse_untied_columns(state: Tensors, *, source: str) -> None:
    """A column stands three times in a released file; were the copies to differ, the exam would be
    read with weights that nobody chose."""
    for name in _COLUMN_NAMES:
        shared = name[2:]
        for key, tensor in _under(state, f"four_view_resnet.{name}.").items():
            same = state[f"four_view_resnet.{shared}.{key}"]
            if tensor.dtype is not same.dtype or not tensor.equal(same):
                raise WeightsError(
                    f"{source}: {name} and {shared} should share {key}, but theirs differ"
                )


def fit(tensors: Tensors, expected: Tensors, *, source: str) -> dict[str, Tensor]:
    """The tensors, checked to be exactly those that a network expects, finite and of its shapes.

    `num_batches_tracked` may lack (PyTorch before 0.4.1 did not write it) and is then 0.

    Raises:
        WeightsError: names, shapes or values do not fit.
    """
    counters = {key for key in expected if key.endswith("num_batches_tracked")}
    if lacking := sorted(set(expected) - set(tensors) - counters):
        raise WeightsError(f"{source}: {len(lacking)} tensors lack ({_some(lacking)})")
    if foreign := sorted(set(tensors) - set(expected)):
        raise WeightsError(f"{source}: {len(foreign)} tensors are unknown ({_some(foreign)})")
    fitted = {}
    for key, wanted in expected.items():
        tensor = tensors.get(key, wanted.new_zeros(wanted.shape))
        if tensor.shape != wanted.shape:
            raise WeightsError(
                f"{source}: {key} has shape {tuple(tensor.shape)}; the network expects "
                f"{tuple(wanted.shape)}"
            )
        values = tensor.to(wanted.dtype)
        if values.is_floating_point() and not values.isfinite().all():
            raise WeightsError(
                f"{source}: {key} holds NaN or infinity",
                hint="the training that made it diverged, or the file is damaged: take another",
            )
        fitted[key] = values
    return fitted


def _some(names: Iterable[str]) -> str:
    first = [name for _, name in zip(range(3), names, strict=False)]
    return ", ".join(first) + ", …"
