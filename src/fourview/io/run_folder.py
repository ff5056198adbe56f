"""A training on disk: what it is, its curves, its state, its weights; whole at any moment.

about.json          recipe, versions, seed, data
log.jsonl           an epoch a line
curves.png, .svg    its curves
tensorboard/        the same for TensorBoard
windows.png         of a breast-level training: windows that it draws
patches.png         of the patch training: patches that it draws
last.pt             all that the next epoch needs
best.safetensors    the weights of the best epoch
epoch-200.safetensors …
.lock               empty; held by the one process that writes here
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fourview.core.errors import OutputError
from fourview.core.weights import WeightsInfo
from fourview.io.alone import hold
from fourview.io.atomic import PARTIAL, cannot_write, remove_partials, write_file
from fourview.io.checkpoint import write_weights
from fourview.io.results import write_json

if TYPE_CHECKING:
    from torch import Tensor

ABOUT, LOG, STATE, LOCK = "about.json", "log.jsonl", "last.pt", ".lock"
CURVES, EVENTS = "curves", "tensorboard"
_LATER = ("images", "marks")
"""What trainings tell of their data since they told the rest: a folder without takes it now."""


class RunFolder:
    """The folder of one training, begun or gone on with."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def begun(cls, path: Path, about: Mapping[str, Any]) -> RunFolder:
        """The folder of the training that `about` describes, new or to be gone on with.

        Raises:
            OutputError: it holds another training, or something else, or cannot be written to.
        """
        if not _holds(path, described := json.loads(json.dumps(about))):
            write_json(path / ABOUT, described)
        return cls(path)

    @classmethod
    @contextlib.contextmanager
    def held(cls, path: Path, about: Mapping[str, Any]) -> Iterator[RunFolder]:
        """The same, which no other process may hold meanwhile; what a killed run had not finished
        writing is taken away.

        Raises:
            OutputError: as `begun`; or another training is running there.
        """
        _holds(path, json.loads(json.dumps(about)))  # before a lock is put among others' files
        try:
            path.mkdir(parents=True, exist_ok=True)
            file = (path / LOCK).open("ab")
        except OSError as error:
            raise cannot_write(path / LOCK, error) from error
        with file:
            hold(
                file,
                f"{path}: a training is running there",
                hint="wait for it, or stop it; or give another folder",
            )
            run = cls.begun(path, about)
            remove_partials(path)
            yield run

    def read_state(self) -> dict[str, Any] | None:
        """What `write_state` kept last; None before the first epoch's end.

        Raises:
            OutputError: the file is damaged.
        """
        import torch

        file = self.path / STATE
        if not file.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # a damaged pickle can raise nearly anything
            raise OutputError(
                f"{file}: damaged, or no state of a training ({type(error).__name__})",
                hint="begin anew in another folder; best.safetensors can be fine-tuned from",
            ) from error
        return state

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Keep all that the next epoch needs: tensors, numbers, texts, lists and tables of them."""
        import torch

        data = io.BytesIO()
        torch.save(dict(state), data)
        write_file(self.path / STATE, data.getvalue())

    def write_weights(self, name: str, info: WeightsInfo, tensors: Mapping[str, Tensor]) -> Path:
        """Keep weights as `name`.safetensors."""
        path = self.path / f"{name}.safetensors"
        write_weights(path, info, tensors)
        return path

    def read_log(self) -> list[dict[str, Any]]:
        """The entries of the log, a line that was cut short left out."""
        return read_log(self.path)

    def log(self, entry: Mapping[str, Any]) -> None:
        """Put an epoch's entry into the log, in the place of it and all later ones."""
        kept = [old for old in self.read_log() if old["epoch"] < entry["epoch"]]
        lines = [json.dumps(one, allow_nan=True) for one in [*kept, dict(entry)]]
        write_file(self.path / LOG, ("\n".join(lines) + "\n").encode())


def _holds(path: Path, described: Mapping[str, Any]) -> bool:
    """Whether the training is in the folder already, and told whole.

    Raises:
        OutputError: there is another training, or something else.
    """
    file = path / ABOUT
    if not file.exists():
        if path.exists() and not _is_empty(path):
            raise OutputError(f"{path}: is not an empty folder", hint="give an empty or new one")
        return False
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(f"{file}: cannot be read: {error}") from error
    later = _told_since(found, described)
    if later:
        found["data"].update(later)
    if differing := _differing(found, described):
        raise OutputError(
            f"{path}: holds another training: {'; '.join(differing[:5])}",
            hint="give another folder, or the same values to go on with that training",
        )
    return not later


def _told_since(found: Any, described: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of the data here, and was not yet when the folder was begun."""
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        return {}
    told = described.get("data", {})
    return {name: told[name] for name in _LATER if name in told and name not in found["data"]}


def _is_empty(path: Path) -> bool:
    """Whether a training may begin there: also where one was killed while it began."""
    return path.is_dir() and all(
        one.name == LOCK or PARTIAL.fullmatch(one.name) for one in path.iterdir()
    )


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The entries of the log in a run's folder, an epoch each; none before the first is done."""
    file = folder / LOG
    if not file.exists():
        return []
    entries = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except ValueError:
            break
    return entries


def write_curves(folder: Path, png: bytes, svg: bytes) -> None:
    """Keep the picture of a run's curves, or that of several in their common folder."""
    write_file(folder / f"{CURVES}.png", png)
    write_file(folder / f"{CURVES}.svg", svg)


def _differing(found: Any, wanted: Any, where: str = "") -> list[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return [
            said
            for key in sorted(found.keys() | wanted.keys())
            for said in _differing(found.get(key), wanted.get(key), f"{where}.{key}".lstrip("."))
        ]
    return [] if found == wanted else [f"{where} is {found!r} there, and {wanted!r} here"]
