"""A training's log as TensorBoard reads it, where the package `tensorboard` is installed.

The log is the source. A run that goes on writes the file anew from it, so no step is lost or
there twice, whenever it was killed.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fourview.io.atomic import remove_file

Entry = Mapping[str, Any]

_GROUPS = ("training", "validation")


def tensorboard_is_there() -> bool:
    """Whether event files can be written."""
    return importlib.util.find_spec("tensorboard") is not None


class EventFile:
    """The event file of a run, begun with all that its log holds.

    Args:
        folder: its own; event files of earlier starts are taken away from it.
        log: the entries so far.
        now: seconds since 1970 when the last of them was made. The others are told to be earlier
            by the seconds that epochs took, so that a pause between two starts does not show.
    """

    def __init__(self, folder: Path, log: Sequence[Entry], *, now: float) -> None:
        from torch.utils.tensorboard import SummaryWriter

        for old in folder.glob("events.out.tfevents.*"):
            remove_file(old)
        # A TensorBoard that is open forgets what it read of the earlier file.
        self._writer = SummaryWriter(str(folder), purge_step=1)
        ago = sum(_seconds(entry) for entry in log)
        for entry in log:
            ago -= _seconds(entry)
            self._add(entry, now - ago)
        self._writer.flush()

    def add(self, entry: Entry, *, now: float) -> None:
        """An epoch's numbers, on disk when this returns."""
        self._add(entry, now)
        self._writer.flush()

    def close(self) -> None:
        """Let the file go."""
        self._writer.close()

    def _add(self, entry: Entry, when: float) -> None:
        for key, value in entry.items():
            if key != "epoch" and not math.isnan(value):
                self._writer.add_scalar(_tag(key), value, entry["epoch"], walltime=when)


def _seconds(entry: Entry) -> float:
    return float(entry.get("seconds", 0.0))


def _tag(key: str) -> str:
    """`training_malignant` is `training/malignant`: TensorBoard shows a group's curves together."""
    if key == "loss":
        return "training/loss"
    group, _, name = key.partition("_")
    return f"{group}/{name}" if group in _GROUPS and name else key
