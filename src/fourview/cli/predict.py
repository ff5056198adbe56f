"""`fourview predict`: the breast-level networks over a store's exams."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview import NOT_A_DEVICE
from fourview.cli.terminal import show, stoppable
from fourview.io.names import shown

if TYPE_CHECKING:
    from fourview.dataset.predicting.results import PredictResult


def predict(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", help="Prepared views, as `fourview prepare` made.")
    ],
    weights: Annotated[
        list[Path], typer.Option(help="Breast-level weights; several are an ensemble.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for results, or one to go on with.")
    ],
    patch_weights: Annotated[
        Path | None,
        typer.Option(help="Whose heatmaps are read, where the store has those of several."),
    ] = None,
    heatmaps: Annotated[
        str,
        typer.Option(
            metavar="KEY",
            help="Which of the store's heatmaps are read: their folder's name in STORE/heatmaps, "
            "or how it begins.",
        ),
    ] = "",
    recipe: Annotated[
        str | None,
        typer.Option(help="A named recipe or a TOML file. None: the one that came with weights."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe."),
    ] = None,
    exams: Annotated[
        Path | None, typer.Option(help="Only the exams of this text file, one a line.")
    ] = None,
    splits: Annotated[
        Path | None, typer.Option(help="splits.csv; only the exams of its --split.")
    ] = None,
    split: Annotated[str, typer.Option(help="training, validation or test.")] = "",
    passes: Annotated[
        int | None, typer.Option(help="Random windows that are averaged (recipe: 10).")
    ] = None,
    jitter: Annotated[
        bool | None,
        typer.Option(
            "--jitter/--no-jitter",
            help="Draw the windows at random, or read one at the optimal centre (recipe: jitter).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 0,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda or cuda:1; auto takes a GPU where there is one.")
    ] = "auto",
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Also write hidden.npz, for `fourview represent`."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as JSON instead of a line.")
    ] = False,
) -> None:
    """Predict a data set's exams: the same numbers as `fourview screen` gives, from its store.

    Weights that read heatmaps need those of `fourview heatmaps`. A run that was stopped goes on
    where it was.

    [bold]Examples[/bold]

    fourview predict store/ --weights model.safetensors -o predictions/

    fourview predict store/ --weights a.safetensors --weights b.safetensors --splits splits.csv
    --split test -o predictions/
    """
    with stoppable():
        from fourview.cli.rate_bar import RateBar
        from fourview.dataset.predicting.chosen_exams import ExamChoice
        from fourview.dataset.predicting.predict import (
            predict_store,  # torch: not before it is needed
        )
        from fourview.inference.ensemble import ReadingOptions

        options = ReadingOptions(
            weights=tuple(weights),
            patch_weights=patch_weights,
            heatmaps=heatmaps,
            device=device,
            passes=passes,
            jitter=jitter,
            seed=seed,
            recipe=recipe,
            settings=tuple(settings or ()),
            hidden=hidden,
        )
        choice = ExamChoice(exams=exams, splits=splits, split=split)
        with RateBar("exams") as bar:
            result = predict_store(
                store,
                out,
                choice,
                options,
                clock=time.perf_counter,
                made=datetime.now().astimezone().isoformat(timespec="seconds"),
                on_note=bar.note,
                on_progress=bar.at,
            )
    _tell(result, out, as_json)
    raise typer.Exit(result.exit_code)


def _tell(result: PredictResult, out: Path, as_json: bool) -> None:
    lines = []
    for one in result.refused:
        lines.append(f"refused: exam {one.name}: {one.reason}")
        if one.hint:
            lines.append(f"  hint: {one.hint}")
    count = len(result.exams)
    now = count - result.done_before
    told = f"{count} exam{'' if count == 1 else 's'} predicted: {now} now on {result.device}, "
    told += f"{result.done_before} before"
    if result.refused:
        told += f"; {len(result.refused)} refused"
    lines.append(told)
    if not result.exams:
        lines.append("error: no exam could be predicted")
    lines.append(NOT_A_DEVICE)
    print("\n".join(map(shown, lines)), file=sys.stderr)
    if not as_json:
        show(f"{out / 'predictions.csv'}")
        return
    values = {
        "predictions": str(out / "predictions.csv"),
        "exams": len(result.exams),
        "predicted": now,
        "done_before": result.done_before,
        "refused": [
            {"exam": one.name, "reason": one.reason, "hint": one.hint} for one in result.refused
        ],
        "notices": list(result.notices),
        "seconds": {stage: round(took, 3) for stage, took in result.seconds.items()},
    }
    show(json.dumps(values, indent=1, ensure_ascii=False))
