"""`fourview represent`: exams as a network represents them, as a picture and in numbers."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fourview.cli.terminal import show, stoppable


class Metric(StrEnum):
    """The distance between exams' activations."""

    EUCLIDEAN = "euclidean"
    MANHATTAN = "manhattan"
    COSINE = "cosine"
    CORRELATION = "correlation"


def represent(
    hidden: Annotated[
        Path,
        typer.Argument(
            metavar="HIDDEN",
            help="hidden.npz, or the folder with it: of fourview screen or predict with --hidden.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for results.")],
    readers: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="Coloured by the mean over readers and both breasts, as in the paper; the case "
            "is the exam.",
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Coloured by the malignant predictions, the mean of both breasts: "
            "predictions.json, .csv, or their folder.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="labels.csv. Alone: coloured by malignant findings, or by --column; beside "
            "readers or predictions: the truth.",
        ),
    ] = None,
    column: Annotated[
        str, typer.Option(metavar="NAME", help="A column of --labels with numbers.")
    ] = "",
    splits: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="splits.csv: each exam's patient, and its split."),
    ] = None,
    split: Annotated[
        str, typer.Option(help="Only exams of this split: training, validation or test.")
    ] = "",
    neighbours: Annotated[
        int, typer.Option(help="Of an exam, in the picture's making and in the numbers.", min=2)
    ] = 15,
    min_distance: Annotated[
        float, typer.Option(help="Between points of the picture.", min=0.0, max=1.0)
    ] = 0.1,
    metric: Annotated[
        Metric, typer.Option(help="The distance between activations.")
    ] = Metric.EUCLIDEAN,
    level: Annotated[float, typer.Option(help="Of intervals.", min=0.5, max=0.999)] = 0.95,
    seed: Annotated[int, typer.Option(help="Of UMAP and of draws.", min=0)] = 0,
    draws: Annotated[int, typer.Option(help="Of the bootstrap, and deals.", min=2)] = 2000,
    pdf: Annotated[bool, typer.Option("--pdf", help="The page as PDF, too.")] = False,
) -> None:
    """Show which exams a network represents alike, and measure what neighbours share.

    Activations of the columns and of the first fully connected layer are laid out by UMAP, side by
    side. Writes coordinates as CSV, numbers as JSON, the figure as SVG and PNG, and one page with
    the methods in words.

    [bold]Examples[/bold]

    fourview predict store/ -o results/ --weights model.safetensors --hidden

    fourview represent results/ --readers readers.csv -o picture/

    fourview represent results/ --predictions results/ --labels labels.csv -o picture/

    fourview represent results/ --labels labels.csv --splits splits.csv --split test -o picture/
    """
    with stoppable():
        from fourview.representation.options import RepresentationOptions, ScoreSource
        from fourview.representation.run import represent as lay_out_and_write
        from fourview.representation.run import words_of

        result = lay_out_and_write(
            hidden,
            out,
            ScoreSource(readers=readers, predictions=predictions, labels=labels, column=column),
            RepresentationOptions(
                neighbours=neighbours,
                min_distance=min_distance,
                metric=metric.value,
                seed=seed,
                splits=splits,
                split=split,
                draws=draws,
                level=level,
            ),
            pdf=pdf,
            talk=lambda text: print(text, file=sys.stderr),
        )
    show(str(result.page))
    lines = [f"warning: {text}" for text in result.warnings]
    print("\n".join([*lines, *words_of(result)]), file=sys.stderr)
