"""`fourview plan-study`: how many readers and cases a study takes, from a pilot's table."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fourview.cli.reader_study import Covariance, Measured
from fourview.cli.terminal import show, stoppable


class Analysed(StrEnum):
    """To what the planned study's result is to extend."""

    RRRC = "RRRC"
    FRRC = "FRRC"
    RRFC = "RRFC"


def plan_study(
    pilot: Annotated[
        Path,
        typer.Argument(
            metavar="PILOT",
            help="The pilot's table: a row a rating with two treatments; or a column a reader, "
            "with --model.",
        ),
    ],
    effect: Annotated[
        float | None,
        typer.Option(
            help="The smallest difference of the means that matters. [default with --margin: 0]",
            show_default=False,
        ),
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Plan for non-inferiority with this margin.")
    ] = None,
    power: Annotated[float, typer.Option(help="That is wanted.", min=0.01, max=0.9999)] = 0.8,
    readers: Annotated[
        list[int] | None, typer.Option(help="So many readers; again for others.", min=1)
    ] = None,
    cases: Annotated[
        list[int] | None, typer.Option(help="So many cases; again for others.", min=2)
    ] = None,
    analysis: Annotated[
        Analysed,
        typer.Option(
            help="RRRC: other readers and patients; FRRC: these readers; RRFC: these cases."
        ),
    ] = Analysed.RRRC,
    alpha: Annotated[
        float | None,
        typer.Option(
            help="Of the two-sided test, or of the one-sided one with --margin. "
            "[default: 0.05; 0.025 with --margin]",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="COLUMN|PREDICTIONS",
            help="Plan for readers against their hybrids with this model.",
        ),
    ] = "",
    weight: Annotated[
        float, typer.Option(help="λ of hybrids: λ·reader + (1−λ)·model.", min=0.0, max=1.0)
    ] = 0.5,
    measure: Annotated[
        Measured, typer.Option(help="What is averaged over readers.")
    ] = Measured.AUC,
    covariance: Annotated[
        Covariance | None,
        typer.Option(
            help="Of the measure over cases. [default: delong; for average precision jackknife]",
            show_default=False,
        ),
    ] = None,
    independent: Annotated[
        bool,
        typer.Option("--independent", help="Count breasts of a patient as independent cases."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder for plan.html, .json, .csv.")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="With --out: the page as PDF, too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON instead of a table.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap's draws.", min=0)] = 0,
    draws: Annotated[int, typer.Option(help="Of the bootstrap.", min=2)] = 2000,
) -> None:
    """Plan a reader study: readers and cases for a wanted power, from a pilot's variation.

    With --readers: how many cases each takes. With --cases: how many readers. With both: the power
    of each pair. With neither: the cases for 4 to 20 readers.

    [bold]Examples[/bold]

    fourview plan-study pilot.csv --effect 0.05

    fourview plan-study pilot.csv --effect 0.05 --readers 8 --readers 12 --power 0.9 -o plan/

    fourview plan-study readers.csv --model AI_POM --margin 0.05 --cases 400
    """
    with stoppable():
        from fourview.study.options import StudyOptions
        from fourview.study.plan_options import PlanOptions
        from fourview.study.plan_run import plan_study as plan
        from fourview.study.plan_run import table_of

        result = plan(
            pilot,
            out,
            PlanOptions(
                effect=effect,
                margin=margin,
                wanted=power,
                readers=tuple(readers or ()),
                cases=tuple(cases or ()),
                analysis=analysis.value,
                alpha=alpha,
            ),
            StudyOptions(
                model=model,
                reader_weight=weight,
                measure=measure.value,
                covariance=covariance.value if covariance else None,
                independent=independent,
                seed=seed,
                draws=draws,
            ),
            pdf=pdf,
        )
    show(json.dumps(result.numbers, indent=1) if as_json else "\n".join(table_of(result.plan)))
    lines = [f"warning: {text}" for text in result.warnings]
    print("\n".join([*lines, *([str(result.page)] if result.page else [])]), file=sys.stderr)
