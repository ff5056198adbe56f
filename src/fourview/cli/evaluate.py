"""`fourview evaluate`: how well models do on a population, with intervals."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview import NOT_A_DEVICE
from fourview.cli.terminal import show, stoppable
from fourview.io.names import shown

if TYPE_CHECKING:
    from fourview.performance.run import EvaluationResult


class Biopsied(StrEnum):
    """What the biopsied population consists of."""

    EXAMS = "exams"
    BREASTS = "breasts"


def evaluate(
    predictions: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]PATH…",
            help="predictions.json or .csv, or the folder that holds one. Several paths of one "
            "NAME are its seeds. A NAME may tell the kind: image-only/view-wise/pretrained.",
        ),
    ],
    labels: Annotated[Path, typer.Option(help="labels.csv: a row an exam.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for results.")],
    exams: Annotated[
        Path | None,
        typer.Option(help="exams.csv, for patients, ages, densities and other columns."),
    ] = None,
    splits: Annotated[
        Path | None, typer.Option(help="splits.csv; only the exams of its --split.")
    ] = None,
    split: Annotated[str, typer.Option(help="training, validation or test.")] = "",
    findings: Annotated[
        Path | None, typer.Option(help="findings.csv, for the types of findings.")
    ] = None,
    readers: Annotated[
        Path | None,
        typer.Option(help="A reader study's table: its exams are a population of their own."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Also by the groups of this column of exams.csv, beside age, density and "
            "manufacturer; once for each.",
        ),
    ] = None,
    biopsied: Annotated[
        Biopsied,
        typer.Option(
            help="The biopsied population: both breasts of biopsied exams, as in the paper, or "
            "only the breasts with a finding."
        ),
    ] = Biopsied.EXAMS,
    threshold: Annotated[
        list[float] | None, typer.Option(help="Recall breasts of at least this probability.")
    ] = None,
    sensitivity: Annotated[
        list[float] | None, typer.Option(help="Recall so that this share of cases is found.")
    ] = None,
    specificity: Annotated[
        list[float] | None, typer.Option(help="Recall so that this share of others is left alone.")
    ] = None,
    recall_rate: Annotated[
        list[float] | None,
        typer.Option(
            help="Recall at most this share of breasts. Each of these four may be given several "
            "times. [default: sensitivity 0.9, specificity 0.9, recall rate 0.1]"
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            help="The share of breasts with a malignant finding where the model shall be used, "
            "for predictive values and decision curves: 0.005."
        ),
    ] = None,
    recalibration: Annotated[
        Path | None,
        typer.Option(
            metavar="recalibrations.json",
            help="Recalibrate as an evaluation of other exams found; without it by "
            "cross-fitting over patients.",
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            help="Prepared views, with heatmaps if there are any: shows where the first model was "
            "wrong, and with --findings whether heatmaps show the lesions."
        ),
    ] = None,
    patch_weights: Annotated[
        str,
        typer.Option(
            metavar="SHA256", help="Whose heatmaps of the store, where it has those of several."
        ),
    ] = "",
    heatmaps: Annotated[
        str,
        typer.Option(
            metavar="KEY",
            help="Which of the store's heatmaps: their folder's name in STORE/heatmaps, or how it "
            "begins.",
        ),
    ] = "",
    errors_of: Annotated[
        str, typer.Option(metavar="NAME", help="The model whose errors are shown.")
    ] = "",
    errors: Annotated[
        int, typer.Option(help="How many breasts of each kind of error.", min=0, max=50)
    ] = 3,
    folds: Annotated[int, typer.Option(help="Of cross-fitting.", min=2)] = 5,
    level: Annotated[float, typer.Option(help="Of intervals.", min=0.5, max=0.999)] = 0.95,
    seed: Annotated[int, typer.Option(help="Of the bootstrap's draws and folds.", min=0)] = 0,
    draws: Annotated[int, typer.Option(help="Of the bootstrap.", min=2)] = 2000,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the page as PDF, too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print where the results are as JSON.")
    ] = False,
) -> None:
    """Evaluate models on a population: AUC, average precision, recalls, calibration, subgroups.

    With intervals by patient and tests between models. Writes CSV and JSON with
    every number, the paper's tables, figures as SVG and PNG, and one page with the
    methods in words.

    [bold]Examples[/bold]

    fourview evaluate predictions/ --labels labels.csv --exams exams.csv -o evaluation/

    fourview evaluate ours=seed1/ ours=seed2/ theirs=other.csv --labels labels.csv
    --exams exams.csv --splits splits.csv --split test -o evaluation/

    fourview evaluate predictions/ --labels labels.csv --exams exams.csv
    --findings findings.csv --store store/ -o evaluation/

    fourview evaluate image-only=a/ image-and-heatmaps=b/ --labels labels.csv
    --exams exams.csv --by manufacturer --threshold 0.1 --prevalence 0.005 -o evaluation/

    [bold]Exit codes[/bold]

    0 done, 1 nothing could be evaluated, 2 wrong call, 3 done, but exams or
    breasts were left out, 130 stopped by Ctrl-C.
    """  # fmt: skip
    with stoppable():
        from fourview.cli.rate_bar import RateBar
        from fourview.evaluation.operating_draws import Rule
        from fourview.performance.images.image_side import ImageOptions
        from fourview.performance.options import EvaluationOptions, EvaluationTables
        from fourview.performance.run import evaluate as evaluate_and_write

        rules = (
            *(Rule("threshold", value) for value in threshold or ()),
            *(Rule("sensitivity", value) for value in sensitivity or ()),
            *(Rule("specificity", value) for value in specificity or ()),
            *(Rule("recall rate", value) for value in recall_rate or ()),
        )
        tables = EvaluationTables(
            labels=labels, exams=exams, splits=splits, split=split, findings=findings,
            readers=readers,
        )  # fmt: skip
        options = EvaluationOptions(
            by=tuple(by or ()),
            biopsied=biopsied.value,
            rules=rules or EvaluationOptions().rules,
            prevalence=prevalence,
            recalibration=recalibration,
            folds=folds,
            seed=seed,
            draws=draws,
            level=level,
        )
        images = None
        if store is not None:
            images = ImageOptions(
                store=store,
                patch_weights=patch_weights,
                heatmaps=heatmaps,
                errors_of=errors_of,
                errors=errors,
            )
        with RateBar("steps") as bar:
            result = evaluate_and_write(
                predictions, out, tables, options, images, pdf=pdf, on_progress=bar.at
            )
    _tell(result, out, as_json)
    raise typer.Exit(result.exit_code)


def _tell(result: EvaluationResult, out: Path, as_json: bool) -> None:
    from fourview.performance.run import NUMBERS, words_of

    found = result.evaluation
    warnings = [*found.warnings, *result.images.warnings]
    lines = [f"warning: {text}" for text in warnings]
    lines += [f"left out: {text}" for text in found.judged.left_out]
    lines += words_of(result)
    if result.no_pdf:
        lines.append(f"no PDF was written: {result.no_pdf}")
    print("\n".join(map(shown, [*lines, NOT_A_DEVICE])), file=sys.stderr)
    if not as_json:
        show(str(result.page))
        return
    row = found.populations[0]
    values = {
        "page": str(result.page),
        "numbers": str(out / NUMBERS),
        "models": [model.name for model in found.judged.models],
        "exams": row.exams,
        "breasts": row.breasts,
        "warnings": warnings,
        "left_out": list(found.judged.left_out),
    }
    show(json.dumps(values, indent=1, ensure_ascii=False))
