"""`fourview screen`: exams in, predictions, heatmaps and a report out."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview import NOT_A_DEVICE
from fourview.cli.terminal import show, stoppable
from fourview.core.errors import RecipeError
from fourview.core.views import Label, View

if TYPE_CHECKING:
    from fourview.screening import ScreeningResult


def screen(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Folders, DICOM, PNG or TIFF files, a zip, a manifest (.csv, .parquet), or a "
            "released exam list (.pkl).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for results.")],
    weights: Annotated[
        list[Path] | None,
        typer.Option(
            help="Breast-level weights; several are an ensemble. None: freshly initialised ones, "
            "whose numbers mean nothing."
        ),
    ] = None,
    patch_weights: Annotated[
        Path | None, typer.Option(help="The patch classifier's weights, which heatmaps come from.")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="A named recipe or a TOML file. None: the one that came with weights."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe."),
    ] = None,
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
    jobs: Annotated[int, typer.Option(help="Exams read ahead from disk.")] = 2,
    batch_size: Annotated[int, typer.Option(help="Patches read at once.", min=1)] = 16,
    exam_by: Annotated[
        str,
        typer.Option(
            help="What makes files one exam: study (DICOM study; equal name before the view), "
            "folder, or manifest."
        ),
    ] = "study",
    view: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VIEW", help="The view of a file, as in a.png=L-CC."),
    ] = None,
    image_root: Annotated[
        Path | None, typer.Option(help="Where the paths of a manifest or exam list start.")
    ] = None,
    hidden: Annotated[bool, typer.Option("--hidden", help="Also write hidden.npz.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print predictions.json instead of a table.")
    ] = False,
) -> None:
    """Estimate the probability of benign and malignant findings in each breast.

    [bold]Examples[/bold]

    fourview screen exams/ -o results/ --weights model.safetensors --patch-weights patch.safetensors

    fourview screen exam.zip -o results/ --exam-by folder --passes 1 --no-jitter

    fourview screen left.png right.png -o results/ --view left.png=L-CC --view right.png=R-CC
    """
    options_views = dict(_view(text) for text in view or ())
    with stoppable():
        from fourview.cli.progress import ConsoleTalk
        from fourview.screening import ScreeningOptions
        from fourview.screening import screen as run  # torch: not before it is needed

        options = ScreeningOptions(
            weights=tuple(weights or ()),
            patch_weights=patch_weights,
            device=device,
            passes=passes,
            jitter=jitter,
            seed=seed,
            jobs=jobs,
            batch_size=batch_size,
            recipe=recipe,
            settings=tuple(settings or ()),
            exam_by=exam_by,
            views=options_views,
            image_root=image_root,
            hidden=hidden,
        )
        with ConsoleTalk() as talk:
            result = run(
                paths,
                out,
                options,
                clock=time.perf_counter,
                made=datetime.now().astimezone().isoformat(timespec="seconds"),
                talk=talk,
            )
    if as_json:
        show((out / "predictions.json").read_text(encoding="utf-8").rstrip("\n"))
    else:
        show(_table(result))
    _tell(result, out)
    raise typer.Exit(result.exit_code)


def _view(text: str) -> tuple[str, View]:
    name, _, value = text.rpartition("=")
    known = [view.value for view in View]
    if not name or value not in known:
        raise RecipeError(
            f"--view {text!r} names no file and view", hint=f"NAME=VIEW with {', '.join(known)}"
        )
    return name, View(value)


def _table(result: ScreeningResult) -> str:
    lines = ["\t".join(["exam", *(label.value for label in Label)])]
    for prediction in result.predictions:
        values = prediction.probabilities
        cells = ["not read" if (v := values[label]) is None else f"{v:.4f}" for label in Label]
        lines.append("\t".join([prediction.exam, *cells]))
    return "\n".join(lines)


FEW_FILES = 40
"""Up to so many, each file is named with what it is; of more, predictions.json tells."""


def _tell(result: ScreeningResult, out: Path) -> None:
    read = {prediction.exam for prediction in result.predictions}
    lines = [
        f"found: {image.source}: {image.view.value}, {image.header.kind}"
        for exam, image in result.files
        if exam in read and len(result.files) <= FEW_FILES
    ]
    for aside in result.set_aside:
        lines.append(f"set aside: {aside.path}: {aside.kind}: {aside.reason}")
        if aside.hint:
            lines.append(f"  hint: {aside.hint}")
    for one in result.refused:
        what = "exam" if one.is_exam else "file"
        lines.append(f"refused: {what} {one.name}: {one.reason}")
        if one.hint:
            lines.append(f"  hint: {one.hint}")
        if one.is_exam:
            lines += [
                f"  {image.source}: {image.view.value}, {image.header.kind}"
                for exam, image in result.files
                if exam == one.name
            ]
    told = {one.reason for one in result.set_aside} | {one.reason for one in result.refused}
    lines += [
        f"warning: {prediction.exam}: {warning}"
        for prediction in result.predictions
        for warning in prediction.warnings
        if not any(reason in warning for reason in told)
    ]
    if not result.predictions:
        lines.append("error: no exam could be read")
        if not (result.refused or result.set_aside or result.interrupted):
            lines.append(
                "hint: nothing that may be an image was found; DICOM, PNG and TIFF files are read, "
                "of which the name tells the view as in exam7_L-CC.png, or the header"
            )
    lines += [*result.notices, f"report: {out / 'report.html'}", NOT_A_DEVICE]
    print("\n".join(lines), file=sys.stderr)
