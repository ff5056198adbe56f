"""The `fourview` command: each command parses, calls one function, and prints."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fourview import NOT_A_DEVICE, __version__
from fourview.cli.describe import describe
from fourview.cli.evaluate import evaluate
from fourview.cli.heatmaps import heatmaps
from fourview.cli.index import index
from fourview.cli.label import label
from fourview.cli.phantom import phantom
from fourview.cli.plan_study import plan_study
from fourview.cli.predict import predict
from fourview.cli.prepare import prepare
from fourview.cli.reader_study import reader_study
from fourview.cli.represent import represent
from fourview.cli.screen import screen
from fourview.cli.split import split
from fourview.cli.terminal import use_utf8
from fourview.cli.train import train
from fourview.cli.weights import weights
from fourview.core.errors import ExamError, FourviewError, RecipeError
from fourview.io.names import shown

app = typer.Typer(
    name="fourview",
    help="Reads four-view screening mammograms with neural networks.\n\n"
    "Exams in as DICOM or PNG; for each breast the probability of a malignant and of a benign "
    f"finding out, with heatmaps of where.\n\n{NOT_A_DEVICE}",
    epilog="Example: fourview screen exams/ -o results/ --weights FILE.safetensors",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(screen)
app.command()(index)
app.command()(label)
app.command()(split)
app.command()(prepare)
app.command()(describe)
app.command()(heatmaps)
app.command()(predict)
app.command()(evaluate)
app.command(name="reader-study")(reader_study)
app.command(name="plan-study")(plan_study)
app.command()(represent)
app.command()(phantom)
app.add_typer(train, name="train")
app.add_typer(weights, name="weights")


_WRONG_CALL = (RecipeError, ExamError)
"""An exam's own faults stand in the results; an ExamError that comes here is about the paths."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"fourview {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line; errors are told in one line with a way out, never as a traceback."""
    use_utf8()
    try:
        app(standalone_mode=True)
    except FourviewError as error:
        print(f"error: {shown(error.problem)}", file=sys.stderr)
        if error.hint:
            print(f"hint: {shown(error.hint)}", file=sys.stderr)
        sys.exit(2 if isinstance(error, _WRONG_CALL) else 1)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
