"""Weights on disk: one safetensors file with all that is needed to use them; and foreign files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fourview.core.errors import RecipeError, WeightsError
from fourview.core.weights import WeightsInfo
from fourview.io.atomic import write_file

if TYPE_CHECKING:
    from torch import Tensor

_MAX_HEADER = 100_000_000


def write_weights(path: Path, info: WeightsInfo, tensors: Mapping[str, Tensor]) -> None:
    """Write a weights file; whole, or not at all."""
    from safetensors.torch import save

    data = save(
        {key: tensor.contiguous() for key, tensor in tensors.items()},
        metadata={"fourview": info.to_json()},
    )
    write_file(path, data)


def read_weights_info(path: Path) -> WeightsInfo:
    """What a weights file says of itself; its tensors are not read.

    Raises:
        WeightsError: it is not a whole fourview weights file.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(_MAX_HEADER, size):
                raise WeightsError(_not_ours(path, size), hint=_HINT)
            header: dict[str, Any] = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        expected = 8 + length + int(max(ends, default=0))
        text = header["__metadata__"]["fourview"]
        info = WeightsInfo.from_json(text, source=str(path))
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}"
        raise WeightsError(problem, hint="check the path") from error
    except RecipeError as error:
        hint = "another version of fourview may have made it"
        raise WeightsError(f"{error.problem} (the weights' own recipe)", hint=hint) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(_not_ours(path, size), hint=_HINT) from error
    if size != expected:
        raise WeightsError(
            f"{path}: has {size:,} bytes, and its header speaks of {expected:,}: it was cut short "
            "or something was added",
            hint="copy or download it again",
        )
    return info


_HINT = "foreign weights are translated with: fourview weights import FILE -o OUT.safetensors"


def _not_ours(path: Path, size: int) -> str:
    return f"{path}: not a fourview weights file ({size:,} bytes)"


def read_weights(path: Path) -> tuple[WeightsInfo, dict[str, Tensor]]:
    """What a weights file says of itself, and its tensors.

    Raises:
        WeightsError: it is not a whole fourview weights file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    info = read_weights_info(path)
    try:
        return info, load_file(path)
    except SafetensorError as error:
        raise WeightsError(f"{path}: damaged: {error}", hint=_HINT) from error


def read_torch_file(path: Path) -> dict[str, Tensor]:
    """The state dict of a PyTorch file, old or new format; nothing in it is executed.

    A dict with the one key `model` (as the released breast-level files have) is opened.

    Raises:
        WeightsError: it is damaged, holds more than tensors, or would run code.
    """
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # torch's, of unusual pickles
            found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror or error}"
        raise WeightsError(problem, hint="check the path") from error
    except Exception as error:  # a damaged pickle can raise nearly anything
        if asked := re.search(r"GLOBAL ([\w.]+)", str(error)):
            raise WeightsError(
                f"{path}: asks for {asked[1]}, which is code; nothing of it was run",
                hint="do not trust this file: weights are tensors only; take them from their "
                "authors again",
            ) from error
        raise WeightsError(
            f"{path}: damaged, or no PyTorch file of tensors ({type(error).__name__})",
            hint="copy or download it again",
        ) from error
    state = found.get("model", found) if isinstance(found, dict) else found
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise WeightsError(
            f"{path}: holds a {type(state).__name__}, not a table of tensors",
            hint="a state dict is read, alone or as 'model' in a dict",
        )
    return dict(state)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
