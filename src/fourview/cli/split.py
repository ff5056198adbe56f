"""`fourview split`: splits by patient, and the check that nothing leaks between them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fourview.cli.split_talk import show_check, show_splits, tell_leaks
from fourview.cli.terminal import stoppable
from fourview.core.errors import RecipeError


def split(
    exams: Annotated[Path, typer.Argument(metavar="EXAMS", help="The exam table, exams.csv.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The table to write, splits.csv.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="labels.csv, by which a random split is stratified.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="SPLITS", help="Write nothing: check these splits for leaks."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="random, or time: the test set is the most recent (default: the recipe's)."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 0,
    recipe: Annotated[str, typer.Option(help="A named recipe or a TOML file.")] = "paper",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: split.test=0.1."),
    ] = None,
    patient_is_exam: Annotated[
        bool,
        typer.Option(
            "--patient-is-exam", help="Each exam without a patient is of a patient of its own."
        ),
    ] = False,
    pixels: Annotated[
        bool,
        typer.Option("--pixels", help="Also read every image: the same, or mirrored, is a leak."),
    ] = False,
    image_root: Annotated[
        Path | None, typer.Option(help="Where paths of the table start (default: its folder).")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes that read images.", min=1)] = 1,
    show_patients: Annotated[
        bool, typer.Option("--show-patients", help="Name the patients that leak.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all as JSON.")] = False,
) -> None:
    """Split exams into training, validation and test set, no patient in two of them.

    The parts are the NYU data set's: 81.4, 12.4 and 6.2 % of all exams.

    After writing, and at any time with --check, splits are checked for leaks.
    Each leak is told in a line, and the exit code is 1.

    [bold]Examples[/bold]

    fourview split exams.csv --labels labels.csv -o splits.csv

    fourview split exams.csv -o splits.csv --by time --set split.training=0.7
    --set split.validation=0.15 --set split.test=0.15

    fourview split exams.csv --check splits.csv --pixels --jobs 8
    """
    if (out is None) == (check is None):
        raise RecipeError(
            "give -o SPLITS to write splits, or --check SPLITS to check those that are there"
        )
    with stoppable():
        from fourview.cli.bars import counted_bar

        with counted_bar("images") as on_progress:
            if check is not None:
                from fourview.dataset.splitting.leaks import check_splits

                _refuse_choices(labels, by, settings, patient_is_exam)
                report = check_splits(
                    exams,
                    check,
                    pixels=pixels,
                    image_root=image_root,
                    jobs=jobs,
                    on_progress=on_progress,
                )
            else:
                from fourview.dataset.splitting.split import SplitOptions, split_data_set
                from fourview.io.recipes import named_data_recipe

                assert out is not None
                result = split_data_set(
                    exams,
                    out,
                    named_data_recipe(recipe, settings or ()),
                    labels=labels,
                    options=SplitOptions(
                        by=by,
                        seed=seed,
                        exam_is_patient=patient_is_exam,
                        pixels=pixels,
                        image_root=image_root,
                        jobs=jobs,
                    ),
                    on_progress=on_progress,
                )
                report = result.check
    if check is None:
        show_splits(result, as_json=as_json, show_patients=show_patients)
    else:
        show_check(report, as_json=as_json, show_patients=show_patients)
    tell_leaks(report, show_patients=show_patients, written=out)
    raise typer.Exit(report.exit_code)


def _refuse_choices(
    labels: Path | None, by: str | None, settings: list[str] | None, patient_is_exam: bool
) -> None:
    """What is only of use in making splits would be taken for heeded."""
    given = {
        "--labels": labels is not None,
        "--by": by is not None,
        "--set": bool(settings),
        "--patient-is-exam": patient_is_exam,
    }
    if wrong := [option for option, is_given in given.items() if is_given]:
        raise RecipeError(f"--check takes splits as they are; {', '.join(wrong)} makes no sense")
