"""`fourview phantom`: a synthetic screening population."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def phantom(
    out: Annotated[Path, typer.Argument(help="An empty or new folder, or one to complete.")],
    n: Annotated[int, typer.Option("-n", help="How many exams.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    image_format: Annotated[
        str, typer.Option("--format", help="dicom, or png with a manifest (exams.csv).")
    ] = "dicom",
    scale: Annotated[
        float, typer.Option(help="The same patients at lower resolution, 0.02 to 1.")
    ] = 1.0,
    enrich: Annotated[
        float | None, typer.Option(help="Part of exams that are biopsied (the paper's 0.025).")
    ] = None,
    cancers: Annotated[
        float | None,
        typer.Option(help="Part of biopsied breasts that hold a cancer (the paper's 0.156)."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes to draw in.", min=1)] = 1,
) -> None:
    """Make a synthetic screening population: images, masks, labels, pathology, assessments.

    No image is of a patient, and no number from it is a clinical claim.

    [bold]Examples[/bold]

    fourview phantom phantoms/ -n 20 --jobs 2

    fourview phantom small/ -n 200 --scale 0.1 --format png --enrich 0.5
    """
    from fourview.cli.bars import counted_bar
    from fourview.synthesis import SynthesisOptions, write_population

    options = SynthesisOptions(
        n=n, seed=seed, format=image_format, scale=scale, enrich=enrich, cancers=cancers
    )
    with counted_bar("exams") as on_progress:
        population = write_population(out, options, jobs=jobs, on_progress=on_progress)
    patients = len({exam.patient for exam in population.exams})
    print(f"{out / 'exams.csv'}")
    print(
        f"{len(population.exams)} synthetic exams of {patients} patients; screen them with: "
        f"fourview screen {out / 'exams.csv'} -o RESULTS",
        file=sys.stderr,
    )
