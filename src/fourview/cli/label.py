"""`fourview label`: labels of exams from biopsies, by the paper's rule."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview.cli.terminal import show, stoppable
from fourview.io.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourview.core.records import Problem

FIRST = 20
"""So many problems are told; problems.csv has them all."""


def label(
    exams: Annotated[Path, typer.Argument(metavar="EXAMS", help="The exam table, exams.csv.")],
    biopsies: Annotated[
        Path, typer.Option(help="The biopsy table: patient,date,laterality,result.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for what is written.")],
    assessments: Annotated[
        Path | None,
        typer.Option(help="BI-RADS: exam,birads or patient,date,birads, also with laterality."),
    ] = None,
    recipe: Annotated[str, typer.Option(help="A named recipe or a TOML file.")] = "paper",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: labels.last_day=90."),
    ] = None,
    result: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD=CLASS",
            help="What a result is called: CLASS is malignant, benign, high-risk or none.",
        ),
    ] = None,
    result_codes: Annotated[
        str | None, typer.Option(help="Results are a data set's numbers: embed (path_severity).")
    ] = None,
    annotations: Annotated[
        list[Path] | None,
        typer.Option(help="Pixel labels: a table, a folder of masks or of DICOM segmentations."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE",
            help="The exam table has pseudonyms made with this key; the other tables have not.",
        ),
    ] = None,
    keep_unclear: Annotated[
        bool,
        typer.Option(
            "--keep-unclear",
            help="Label exams also where a biopsy of theirs cannot be read, as if it were not "
            "there.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print label.json instead of a table.")
    ] = False,
) -> None:
    """Label each breast as malignant, benign, both or neither, from pathology.

    A biopsy 0 to 120 days after an exam tells its labels. Writes labels.csv, the flow count
    (flow.csv, flow.svg), label.json and problems.csv; with --annotations findings.csv and masks.
    An exam whose labels would be a guess has none: it is counted, listed with its reason, and the
    exit code is 3.

    [bold]Examples[/bold]

    fourview label exams.csv --biopsies biopsies.csv -o labels/

    fourview label exams.csv --biopsies pathology.csv --assessments birads.csv -o labels/
    --result "b2=benign" --result "b5=malignant" --set labels.last_day=180
    """
    with stoppable():
        from fourview.dataset.labelling.flow import flow_lines
        from fourview.dataset.labelling.label import LabelOptions, label_data_set
        from fourview.io.keyfile import read_key
        from fourview.io.recipes import named_data_recipe

        done = label_data_set(
            exams,
            biopsies,
            out,
            named_data_recipe(recipe, settings or ()),
            LabelOptions(
                assessments=assessments,
                words=tuple(result or ()),
                codes=result_codes,
                annotations=tuple(annotations or ()),
                key=None if key is None else read_key(key),
                keep_unclear=keep_unclear,
                today=date.today(),
            ),
        )
    if as_json:
        show((out / "label.json").read_text(encoding="utf-8").rstrip("\n"))
    else:
        show("\n".join(flow_lines(done.flow)))
    _tell(done.problems, out)
    if not done.labels:
        print("error: no exam could be labelled", file=sys.stderr)
    raise typer.Exit(done.exit_code)


def _tell(problems: Sequence[Problem], out: Path) -> None:
    """Errors first, each in a line."""
    ordered = sorted(problems, key=lambda one: one.level != "error")
    lines = [shown(f"{one.level}: {one}") for one in ordered[:FIRST]]
    if len(ordered) > FIRST:
        lines.append(f"… and {len(ordered) - FIRST:,} more in {out / 'problems.csv'}")
    lines.append(f"labels: {out / 'labels.csv'}")
    print("\n".join(lines), file=sys.stderr)
