"""`fourview weights`: list, show, import and fetch weights."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fourview.core.errors import WeightsError

if TYPE_CHECKING:
    from fourview.core.weights import WeightsInfo

weights = typer.Typer(
    help="List, show, import and fetch weights.",
    epilog="Example: fourview weights import sample_image_model.p -o image.safetensors",
    no_args_is_help=True,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@weights.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Released .p files.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="NAME.safetensors, or a folder for several.")
    ],
) -> None:
    """Translate the released pipeline's weight files into fourview's format.

    [bold]Examples[/bold]

    fourview weights import sample_patch_model.p -o patch.safetensors

    fourview weights import models/*.p -o weights/
    """
    from fourview.weights import import_weights

    for path, info in import_weights(files, out):
        print(f"{path}\t{describe(info)}")


@weights.command()
def show(
    file: Annotated[Path, typer.Argument(help="A weights file.")], as_json: Json = False
) -> None:
    """Show what a weights file says of itself: network, recipe, provenance, licence.

    [bold]Example[/bold]

    fourview weights show image.safetensors
    """
    from fourview.io.checkpoint import read_weights_info

    values = json.loads(read_weights_info(file).to_json())
    if as_json:
        print(json.dumps(values, indent=1))
        return
    for key, value in _flat(values):
        print(f"{key}\t{value}")


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows = []
    for key, value in values.items():
        rows += (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
        )
    return rows


@weights.command("list")
def list_(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to look; by default where fetched weights are kept."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the weights files of a folder.

    [bold]Example[/bold]

    fourview weights list
    """
    from fourview.released_weights import weights_folder
    from fourview.weights import list_weights

    folder = folder or weights_folder()
    found = list_weights(folder)
    if as_json:
        rows = [
            {"file": str(path), "error": one.problem}
            if isinstance(one, WeightsError)
            else {"file": str(path), **json.loads(one.to_json())}
            for path, one in found
        ]
        print(json.dumps(rows, indent=1))
        return
    for path, one in found:
        text = f"cannot be read: {one.problem}" if isinstance(one, WeightsError) else describe(one)
        print(f"{path}\t{text}")
    if not found:
        print(f"no weights in {folder}; get some: fourview weights fetch released", file=sys.stderr)


def describe(info: WeightsInfo) -> str:
    """A line on a network."""
    parts = [info.architecture, info.variant, info.inputs, f"{info.arithmetic} arithmetic"]
    if not info.trained:
        parts.append("NOT TRAINED")
    return ", ".join(part for part in [*parts, info.licence] if part)


@weights.command()
def fetch(
    which: Annotated[
        str,
        typer.Argument(
            help="released: the five files of the paper's authors; imagenet: torchvision's "
            "DenseNet-121, which the patch training begins with."
        ),
    ],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept their licence without being asked.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where to keep them (~/.cache/fourview/weights)."),
    ] = None,
) -> None:
    """Download, verify and import weights that others published, after showing their licence.

    [bold]Example[/bold]

    fourview weights fetch released --accept-licence
    """
    from fourview.cli.bars import download_bars
    from fourview.released_weights import LICENCE_NOTICE, fetch_released, weights_folder
    from fourview.weights import import_weights

    if which == "imagenet":
        print(_fetched_imagenet(folder))
        return
    if which != "released":
        raise typer.BadParameter(f"{which!r} is not known; what can be fetched: released, imagenet")
    print(LICENCE_NOTICE, file=sys.stderr)
    if not accept_licence and not _agreed():
        raise WeightsError(
            "the licence was not accepted; nothing was downloaded",
            hint="accept it at the prompt, or with --accept-licence",
        )
    with download_bars() as on_progress:
        fetched = fetch_released(
            folder or weights_folder(),
            importer=partial(import_weights, licence="AGPL-3.0"),  # each file is verified first
            on_progress=on_progress,
        )
    for path in fetched:
        print(path)


def _fetched_imagenet(folder: Path | None) -> Path:
    from fourview.cli.bars import download_bars
    from fourview.imagenet_weights import LICENCE_NOTICE, fetch_imagenet
    from fourview.released_weights import weights_folder

    print(LICENCE_NOTICE, file=sys.stderr)
    with download_bars() as on_progress:
        return fetch_imagenet(folder or weights_folder(), on_progress=on_progress)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    return typer.confirm("Do you accept this licence?", default=False, err=True)
