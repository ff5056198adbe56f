"""What a screening tells on the terminal: notes as lines, work as a bar with rate and time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from fourview.screening import Talk


class ConsoleTalk(Talk):
    """Talks on stderr; without a terminal there, no bars are drawn."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._device = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._exams = self._progress.add_task("exams", total=None, unit="exams", visible=False)
        self._patches = self._progress.add_task("patches", total=0, unit="patches", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        self._console.print(escape(text), style="yellow", highlight=False, soft_wrap=True)

    def device(self, name: str) -> None:
        self._device = name

    def found(self, exams: int, refused: int, set_aside: int) -> None:
        self._progress.update(self._exams, total=exams, visible=exams > 0)
        text = f"{exams} exam{'s' if exams != 1 else ''} found"
        if set_aside:
            text += f", {set_aside} file{'s' if set_aside != 1 else ''} set aside"
        if refused:
            text += f", {refused} refused"
        text += f"; the networks run on {self._device}"
        self._console.print(text, highlight=False, soft_wrap=True)

    @contextmanager
    def exam(self, name: str, patches: int) -> Iterator[None]:
        self._progress.reset(
            self._patches, total=patches, description=escape(name[-24:]), visible=patches > 0
        )
        yield
        self._progress.update(self._patches, visible=False)
        self._progress.advance(self._exams)

    def patches(self, n: int) -> None:
        self._progress.advance(self._patches, n)
