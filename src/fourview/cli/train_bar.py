"""What a training tells on the terminal: a bar for the steps, a line for each epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fourview.cli.bars import Rate
from fourview.training.loop import Talk

_TOLD = ("loss", "score", "validation_malignant", "validation_benign")


class ConsoleTalk(Talk):
    """Talks on stderr; without a terminal there, no bar is drawn."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            Rate(),
            TimeRemainingColumn(),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("epoch", total=None, loss="", unit="steps")
        self._weights = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def note(self, text: str) -> None:
        """A line."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def epoch(self, number: int, steps: int) -> None:
        self._bar.reset(
            self._task, total=steps, description=f"epoch {number}", loss="", unit="steps"
        )

    def step(self, loss: float) -> None:
        self._bar.update(self._task, advance=1, loss=f"loss {loss:.4f}")

    def heatmaps(self, weights: str, done: int, total: int) -> None:
        if weights != self._weights:
            self._weights, what = weights, f"heatmaps of {escape(weights)}"
            self._bar.reset(self._task, total=total, description=what, loss="", unit="patches")
        self._bar.update(self._task, completed=done, total=total)

    def done(self, entry: Mapping[str, Any]) -> None:
        told = [
            f"{name.replace('_', ' ')} {entry[name]:.4f}"
            for name in _TOLD
            if name in entry and not math.isnan(entry[name])
        ]
        self.note(f"epoch {entry['epoch']}: {', '.join(told)} ({entry['seconds']:.1f} s)")
