"""Bars on stderr for work that is counted; none where stderr is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """Units of work a second: of the task's `unit`, else of what it is called."""

    def render(self, task: Task) -> Text:
        unit = task.fields.get("unit", task.description)
        return Text(f"{task.speed:.1f} {unit}/s" if task.speed else "")


@contextmanager
def download_bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """A function to tell of a name, its bytes arrived and its bytes in all (None: not known)."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def tell(name: str, arrived: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=arrived, total=total)

        yield tell


@contextmanager
def counted_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """A function to tell how many `exams`, or `images`, of how many are done."""
    console = Console(stderr=True)
    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
