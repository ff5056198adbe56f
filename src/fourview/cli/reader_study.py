"""`fourview reader-study`: readers, a model, and both together, with tests."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fourview.cli.terminal import show, stoppable


class Measured(StrEnum):
    """What `--covariance` is of."""

    AUC = "auc"
    AVERAGE_PRECISION = "average-precision"


class Covariance(StrEnum):
    """How the measure varies over cases."""

    DELONG = "delong"
    JACKKNIFE = "jackknife"
    BOOTSTRAP = "bootstrap"
    UNBIASED = "unbiased"


def reader_study(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE",
            help="A column a reader (case_ID,side,label,Reader01_POM,…), or a row a rating "
            "(reader,treatment,case,truth,rating).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for results.")],
    model: Annotated[
        str,
        typer.Option(
            metavar="COLUMN|PREDICTIONS",
            help="A model's scores: a column, or predictions.json, .csv or their folder, joined "
            "by exam (case_ID) and side.",
        ),
    ] = "",
    readers: Annotated[
        list[str] | None,
        typer.Option("--reader", help="A reader's column or name, once for each; default: all."),
    ] = None,
    weight: Annotated[
        float, typer.Option(help="λ of hybrids: λ·reader + (1−λ)·model.", min=0.0, max=1.0)
    ] = 0.5,
    sweep: Annotated[
        int, typer.Option(help="How many λ from 0 to 1 hybrids are measured at.", min=2, max=1001)
    ] = 21,
    measure: Annotated[
        Measured, typer.Option(help="The tests are of the AUC; this adds average precision.")
    ] = Measured.AUC,
    covariance: Annotated[
        Covariance | None,
        typer.Option(
            help="Of the measure over cases. [default: delong; for average precision jackknife]",
            show_default=False,
        ),
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="For non-inferiority, chosen before the study: 0.05.")
    ] = None,
    level: Annotated[float, typer.Option(help="Of intervals.", min=0.5, max=0.999)] = 0.95,
    birads: Annotated[
        bool, typer.Option("--birads", help="The readers gave BI-RADS categories.")
    ] = False,
    zero_above: Annotated[
        str | None,
        typer.Option(metavar="CATEGORY", help="Where BI-RADS 0 stands: just above this one."),
    ] = None,
    independent: Annotated[
        bool,
        typer.Option("--independent", help="Count breasts of a patient as independent cases."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap's draws.", min=0)] = 0,
    draws: Annotated[int, typer.Option(help="Of the bootstrap.", min=2)] = 2000,
    pdf: Annotated[bool, typer.Option("--pdf", help="The page as PDF, too.")] = False,
) -> None:
    """Analyse a reader study: AUC and average precision of readers, model, hybrids, ensembles.

    With intervals, and with the Obuchowski-Rockette tests for random readers and cases.
    Writes CSV and JSON with every number, figures as SVG and PNG, and one page with the
    methods in words.

    [bold]Examples[/bold]

    fourview reader-study readers.csv --model AI_POM -o study/

    fourview reader-study readers.csv --model results/ -o study/ --pdf

    fourview reader-study long.csv --margin 0.05 -o study/

    fourview reader-study readers.csv --birads --zero-above 3 -o study/
    """  # fmt: skip
    with stoppable():
        from fourview.study.options import StudyOptions
        from fourview.study.run import reader_study as analyse_and_write
        from fourview.study.run import words_of

        options = StudyOptions(
            model=model,
            readers=tuple(readers or ()),
            birads=birads,
            zero_above=zero_above,
            measure=measure.value,
            covariance=covariance.value if covariance else None,
            reader_weight=weight,
            sweep=sweep,
            margin=margin,
            independent=independent,
            seed=seed,
            draws=draws,
            level=level,
        )
        result = analyse_and_write(table, out, options, pdf=pdf)
    show(str(result.page))
    lines = [f"warning: {text}" for text in result.study.remarks]
    if result.no_pdf:
        lines.append(f"warning: no PDF was written: {result.no_pdf}")
    print("\n".join([*lines, *words_of(result)]), file=sys.stderr)
