"""`fourview describe`: what a data set is, on one page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fourview.cli.terminal import show, stoppable

MOST_LINES = 50


def describe(
    exams: Annotated[Path, typer.Argument(metavar="EXAMS", help="The exam table, exams.csv.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The page; its numbers go to the .json beside it.")
    ] = Path("describe.html"),
    labels: Annotated[Path | None, typer.Option(help="labels.csv.")] = None,
    splits: Annotated[
        Path | None, typer.Option(help="splits.csv: every number is told by split too.")
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="findings.csv; its masks are drawn on the sheet.")
    ] = None,
    sample: Annotated[
        int, typer.Option(help="Exams whose images are read, for grey values and sheet.", min=0)
    ] = 24,
    seed: Annotated[int, typer.Option(help="Which exams these are.")] = 0,
    recipe: Annotated[
        str, typer.Option(help="How images are prepared: a named recipe or a TOML file.")
    ] = "paper",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe."),
    ] = None,
    image_root: Annotated[
        Path | None, typer.Option(help="Where paths of the table start (default: its folder).")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes that read images.", min=1)] = 1,
) -> None:
    """Describe a data set on one page: tables in numbers, a sample of images prepared.

    The contact sheet shows what numbers hide: crops that lose the breast,
    windows that do not fit, masks in the wrong place.

    [bold]Examples[/bold]

    fourview describe exams.csv --labels labels.csv --splits splits.csv -o describe.html

    fourview describe exams.csv --sample 100 --jobs 8 --set scale=0.1
    """
    with stoppable():
        from fourview.cli.bars import counted_bar
        from fourview.core.recipe import recipe_with
        from fourview.dataset.describing.describe import DescribeOptions, describe_data_set
        from fourview.io.recipes import named_recipe

        options = DescribeOptions(
            labels=labels,
            splits=splits,
            findings=findings,
            sample=sample,
            seed=seed,
            recipe=recipe_with(named_recipe(recipe), settings or ()),
            image_root=image_root,
            jobs=jobs,
        )
        with counted_bar("images") as on_progress:
            result = describe_data_set(exams, out, options, on_progress=on_progress)
    show(str(out))
    whole = result.description.whole
    lines = [f"warning: {text}" for text in result.description.warnings]
    lines += [f"refused: {text}" for text in result.refused[:MOST_LINES]]
    if len(result.refused) > MOST_LINES:
        lines.append(f"refused: {len(result.refused) - MOST_LINES} more; the page tells all")
    lines.append(
        f"{whole.exams} exams, {result.description.used} images; "
        f"{result.images_seen} images of {result.exams_seen} exams looked at"
    )
    print("\n".join(lines), file=sys.stderr)
    raise typer.Exit(result.exit_code)
