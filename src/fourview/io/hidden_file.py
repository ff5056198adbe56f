"""hidden.npz, read: what a network's columns and first fully connected layer gave each exam."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import TableError
from fourview.core.ratings import refuse_twice
from fourview.io.names import shown

AS_WRITTEN = "give hidden.npz or its folder: fourview screen or predict writes it, with --hidden"
_NAME, _RUN = "hidden.npz", "run.json"
_PARTS = ("exam", "columns", "fc")


@dataclass(frozen=True, eq=False)
class HiddenActivations:
    """The activations of N exams, in the file's order."""

    exams: tuple[str, ...]
    columns: NDArray[np.float32]
    """`(N, 1024)`: of the last layer of the four views' columns; NaN where a view was not read."""
    fc: NDArray[np.float32]
    """`(N, 1024)`: of the first fully connected layer of all branches; NaN likewise."""
    notices: tuple[str, ...] = ()
    """What the run said of itself in the run.json beside it: that its weights know nothing, say."""

    @property
    def whole(self) -> NDArray[np.bool_]:
        """`(N,)`: exams of which every view was read."""
        known = ~(np.isnan(self.columns).any(axis=1) | np.isnan(self.fc).any(axis=1))
        return np.asarray(known, dtype=np.bool_)


def read_hidden(path: Path) -> HiddenActivations:
    """The activations in a file, or in a folder that holds hidden.npz.

    Raises:
        TableError: there is no such file, it is of another kind, an exam stands in it twice, or an
            activation is infinite.
    """
    path = path / _NAME if path.is_dir() else path
    exam, columns, fc = (_part(path, name, values) for name, values in _load(path).items())
    if exam.ndim != 1 or exam.dtype.kind != "U":
        raise TableError(f"{path.name}: 'exam' holds no list of names", hint=AS_WRITTEN)
    for name, values in (("columns", columns), ("fc", fc)):
        if values.ndim != 2 or values.dtype.kind != "f" or len(values) != len(exam):
            raise TableError(
                f"{path.name}: {name!r} is {values.dtype} of shape {values.shape}; "
                f"expected numbers of {len(exam)} exams, a row each",
                hint=AS_WRITTEN,
            )
        if np.isinf(values).any():
            first = exam[np.isinf(values).any(axis=1)][0]
            raise TableError(
                f"{path.name}: {name!r} of exam {shown(str(first))!r} is infinite",
                hint="the weights are damaged, or their training diverged: take others",
            )
    names = tuple(map(str, exam))
    refuse_twice("exam", names)
    return HiddenActivations(
        names, columns.astype(np.float32), fc.astype(np.float32), _notices(path.with_name(_RUN))
    )


def _notices(run: Path) -> tuple[str, ...]:
    try:
        told = json.loads(run.read_text(encoding="utf-8"))["notices"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(map(str, told)) if isinstance(told, list) else ()


def _load(path: Path) -> dict[str, NDArray[np.generic] | None]:
    """The three parts in their order, None for one that is not there."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise TableError(f"{path.name}: no .npz file", hint=AS_WRITTEN)
            with np.load(file, allow_pickle=False) as parts:
                return {name: parts.get(name) for name in _PARTS}
    except FileNotFoundError as error:
        raise TableError(f"{path}: no such file", hint=AS_WRITTEN) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise TableError(f"{path.name}: cannot be read: {error}", hint=AS_WRITTEN) from error


def _part(path: Path, name: str, values: NDArray[np.generic] | None) -> NDArray[np.generic]:
    if values is None:
        raise TableError(
            f"{path.name}: has no array {name!r}; expected {', '.join(_PARTS)}", hint=AS_WRITTEN
        )
    return values
