"""A bar on stderr with rate and time left, and lines above it; no bar without a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from fourview.cli.bars import Rate


class RateBar:
    """Counts units of work: `patches`, `exams`."""

    def __init__(self, unit: str) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(unit, total=None)

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
        """A line that the user should read."""
        self._console.print(escape(text), style="yellow", highlight=False, soft_wrap=True)

    def at(self, done: int, total: int) -> None:
        """So much is done, of so much."""
        self._bar.update(self._task, completed=done, total=total)
