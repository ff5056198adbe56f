"""`fourview prepare`: a data set's images, cropped and centred, in a store."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fourview.cli.terminal import show, stoppable
from fourview.io.names import shown

if TYPE_CHECKING:
    from fourview.dataset.preparing.prepare import PrepareResult
    from fourview.dataset.preparing.verify import VerifyResult

_MOST_WARNINGS = 5


def prepare(
    table: Annotated[
        Path, typer.Argument(metavar="EXAMS", help="The exam table, exams.csv, a row an image.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The store: a new folder, or one to go on with.")
    ],
    recipe: Annotated[
        str | None, typer.Option(help="A named recipe or a TOML file; the paper's if none.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change one value: crop.buffer_px=40, or store.compressed=false.",
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes, of one thread each.")] = 1,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Prepare nothing: hash every file of the store again and compare it with the "
            "exam table and the sources.",
        ),
    ] = False,
    image_root: Annotated[
        Path | None,
        typer.Option(help="Where the table's relative paths start; its folder if none."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as JSON instead of a line.")
    ] = False,
) -> None:
    """Crop, face and centre each image of a data set, and store what networks read.

    A run that was stopped goes on where it was. An image that cannot be read is listed and stops
    no other. Training reads windows from the store without decoding an image.

    [bold]Examples[/bold]

    fourview prepare exams.csv -o store/ --jobs 8

    fourview prepare exams.csv -o store/ --recipe released --set store.compressed=false

    fourview prepare exams.csv -o store/ --verify --jobs 8
    """
    with stoppable():
        from fourview.dataset.preparing.prepare import PrepareOptions, prepare_images
        from fourview.dataset.preparing.verify import verify_store

        options = PrepareOptions(
            recipe=recipe, settings=tuple(settings or ()), jobs=jobs, image_root=image_root
        )
        started = time.perf_counter()
        with _image_bar() as on_progress:
            if verify:
                checked = verify_store(table, out, options, on_progress=on_progress)
            else:
                result = prepare_images(table, out, options, on_progress=on_progress)
        seconds = time.perf_counter() - started
    if verify:
        _tell_verified(checked, seconds, as_json)
        raise typer.Exit(checked.exit_code)
    _tell_prepared(result, out, seconds, as_json)
    raise typer.Exit(result.exit_code)


def _tell_prepared(result: PrepareResult, out: Path, seconds: float, as_json: bool) -> None:
    lines = []
    for exam, one in result.refused:
        lines.append(f"refused: {f'{exam}: ' if exam else ''}{one.name}: {one.reason}")
        if one.hint:
            lines.append(f"  hint: {one.hint}")
    new = result.views - result.done_before
    told = [
        f"{result.views} views in the store: {new} prepared now in {seconds:.1f} s, "
        f"{result.done_before} before",
        f"{_size(result.stored_bytes)} stored ({_size(result.pixel_bytes)} of pixels), "
        f"from {_size(result.source_bytes)} of files",
    ]
    if result.refused:
        told.append(f"{len(result.refused)} refused")
    if result.left_out:
        told.append(f"{result.left_out} left out by the table")
    if result.no_source:
        told.append(f"the sources of {result.no_source} are not there, and were not compared")
    lines += [*_warnings(result), "; ".join(told)]
    if not result.views:
        lines.append("error: no image could be prepared")
    print("\n".join(map(shown, lines)), file=sys.stderr)
    if as_json:
        _show_json(
            {
                "views": result.views,
                "prepared": new,
                "done_before": result.done_before,
                "refused": [
                    {"exam": exam, "image": one.name, "reason": one.reason, "hint": one.hint}
                    for exam, one in result.refused
                ],
                "left_out": result.left_out,
                "stored_bytes": result.stored_bytes,
                "pixel_bytes": result.pixel_bytes,
                "source_bytes": result.source_bytes,
                "no_source": result.no_source,
                "warned_views": result.warned_views,
                "warnings": [asdict(one) for one in result.warnings],
                "seconds": round(seconds, 3),
            }
        )
    else:
        show(f"{out / 'views.csv'}")


def _warnings(result: PrepareResult) -> list[str]:
    """The first few, each text once, and of how many views there are any."""
    if not result.warnings:
        return []
    lines = []
    for one in result.warnings[:_MOST_WARNINGS]:
        others = f" and {one.views - 1} more" if one.views > 1 else ""
        lines.append(f"warning: {one.first}{others}: {one.warning}")
    n = result.warned_views
    lines.append(f"{n} view{'' if n == 1 else 's'} with warnings: all in views.csv")
    return lines


def _tell_verified(result: VerifyResult, seconds: float, as_json: bool) -> None:
    lines = [f"error: {problem.place}: {problem.problem}" for problem in result.problems]
    hints = dict.fromkeys(problem.hint for problem in result.problems if problem.hint)
    lines += [f"hint: {hint}" for hint in hints]
    told = f"{result.views} views verified in {seconds:.1f} s: "
    n = len(result.problems)
    told += f"{n} problem{'' if n == 1 else 's'}" if n else "all are whole"
    if not n and not result.views:
        told = "error: no views are in the store: nothing was verified"
    if result.no_source:
        told += f"; the sources of {result.no_source} are not there, and were not compared"
    print("\n".join(map(shown, [*lines, told])), file=sys.stderr)
    if as_json:
        _show_json(
            {
                "views": result.views,
                "problems": [
                    {"place": one.place, "problem": one.problem, "hint": one.hint}
                    for one in result.problems
                ],
                "no_source": result.no_source,
                "seconds": round(seconds, 3),
            }
        )


def _show_json(values: dict[str, Any]) -> None:
    show(json.dumps(values, indent=1, ensure_ascii=False))


def _size(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} kB"


class _Rate(ProgressColumn):
    """Images a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f} images/s")


@contextmanager
def _image_bar() -> Iterator[Callable[[int, int], None]]:
    """A function to tell how many images of how many are done; no bar without a terminal."""
    console = Console(stderr=True)
    columns = (
        *(TextColumn("images"), BarColumn(), MofNCompleteColumn()),
        *(_Rate(), TimeRemainingColumn()),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        tasks: list[TaskID] = []

        def tell(done: int, total: int) -> None:
            if not tasks:  # begun at the first that are kept
                tasks.append(bar.add_task("images", total=total, completed=done))
            bar.update(tasks[0], completed=done)

        yield tell
