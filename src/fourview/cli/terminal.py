"""What a shell expects of a program: UTF-8, readers that leave early, and Ctrl-C."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


def use_utf8() -> None:
    """Results are UTF-8 wherever they go; what is no text in a file's name is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def show(text: str) -> None:
    """Print lines to stdout. A reader that has had enough, as `head` may, is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # what is still buffered must go somewhere, or Python would complain at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C inside ends the program with a line and its exit code."""
    try:
        yield
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        raise typer.Exit(130) from None
