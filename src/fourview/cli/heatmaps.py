"""`fourview heatmaps`: the patch classifier slid over every view of a store."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview.cli.terminal import show, stoppable
from fourview.io.names import shown

if TYPE_CHECKING:
    from fourview.dataset.predicting.heatmaps import HeatmapResult


def heatmaps(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", help="Prepared views, as `fourview prepare` made.")
    ],
    patch_weights: Annotated[Path, typer.Option(help="The patch classifier's weights.")],
    recipe: Annotated[
        str | None,
        typer.Option(help="A named recipe or a TOML file. None: the one that came with weights."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change one value: heatmaps.stride_px=128."
        ),
    ] = None,
    exams: Annotated[
        Path | None, typer.Option(help="Only the exams of this text file, one a line.")
    ] = None,
    splits: Annotated[
        Path | None, typer.Option(help="splits.csv; only the exams of its --split.")
    ] = None,
    split: Annotated[str, typer.Option(help="training, validation or test.")] = "",
    seed: Annotated[int, typer.Option(help="Where chance begins: which strides.")] = 0,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda or cuda:1; auto takes a GPU where there is one.")
    ] = "auto",
    batch_size: Annotated[int, typer.Option(help="Patches read at once.")] = 16,
    jobs: Annotated[int, typer.Option(help="Processes on this machine.")] = 1,
    stale_after: Annotated[
        float,
        typer.Option(
            metavar="MINUTES",
            help="Take over an exam that another machine began so long ago, and did not finish.",
        ),
    ] = 60,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as JSON instead of a line.")
    ] = False,
) -> None:
    """Make the heatmaps of a store's views, and keep them in it.

    Start it as often as you like, on as many machines as see the store: each takes exams that
    nobody has. A run that was stopped goes on where it was.

    [bold]Examples[/bold]

    fourview heatmaps store/ --patch-weights patch.safetensors --batch-size 128

    fourview heatmaps store/ --patch-weights patch.safetensors --splits splits.csv --split test

    fourview heatmaps store/ --patch-weights patch.safetensors --set heatmaps.stride_px=128 --jobs 8
    """
    with stoppable():
        from fourview.cli.rate_bar import RateBar
        from fourview.dataset.predicting.chosen_exams import ExamChoice
        from fourview.dataset.predicting.heatmaps import (  # torch: not before it is needed
            HeatmapOptions,
            make_store_heatmaps,
        )

        options = HeatmapOptions(
            patch_weights=patch_weights,
            recipe=recipe,
            settings=tuple(settings or ()),
            seed=seed,
            device=device,
            batch_size=batch_size,
            jobs=jobs,
            stale_after_min=stale_after,
        )
        choice = ExamChoice(exams=exams, splits=splits, split=split)
        with RateBar("patches") as bar:
            result = make_store_heatmaps(
                store,
                choice,
                options,
                clock=time.perf_counter,
                now=time.time,
                sleep=time.sleep,
                talk=bar,
            )
    _tell(result, store, as_json)
    raise typer.Exit(result.exit_code)


def _tell(result: HeatmapResult, store: Path, as_json: bool) -> None:
    lines = []
    for one in result.refused:
        lines.append(f"refused: {one.name}: {one.reason}")
        if one.hint:
            lines.append(f"  hint: {one.hint}")
    told = f"{result.made} images read now, {result.there_before} were there; "
    told += f"{result.patches} patches in {result.seconds:.1f} s on {result.device}"
    if result.patches:
        told += f", {result.seconds / result.patches:.4f} s a patch"
    if result.refused:
        told += f"; {len(result.refused)} refused"
    lines.append(told)
    if result.exit_code == 1:
        lines.append("error: no image could be read")
    print("\n".join(map(shown, lines)), file=sys.stderr)
    folder = store / result.folder
    if not as_json:
        show(f"{folder}")
        return
    values = {
        "folder": str(folder),
        "images": result.images,
        "made": result.made,
        "there_before": result.there_before,
        "patches": result.patches,
        "refused": [
            {"image": one.name, "reason": one.reason, "hint": one.hint} for one in result.refused
        ],
        "not_in_store": list(result.not_in_store),
        "device": result.device,
        "seconds": round(result.seconds, 3),
    }
    show(json.dumps(values, indent=1, ensure_ascii=False))
