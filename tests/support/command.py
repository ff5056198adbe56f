"""The command line, run in this process, and what it left behind."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import cv2

from fourview.cli.app import main
from fourview.core.views import Label


@dataclass(frozen=True)
class Ran:
    """What a call of `fourview` came to."""

    code: int
    out: str
    err: str


def fourview(*arguments: str | Path) -> Ran:
    """Call the command line as a shell would, without a terminal."""
    argv = ["fourview", *map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with mock.patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    return Ran(code, out.getvalue(), err.getvalue())


def rows_of(folder: Path) -> dict[str, list[str]]:
    """Each exam's four numbers, as predictions.csv writes them."""
    text = (folder / "predictions.csv").read_text(encoding="utf-8")
    assert text.endswith("\n")
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["exam", *(label.value for label in Label)]
    assert all(len(row) == len(header) for row in rows)
    return {exam: numbers for exam, *numbers in rows}


def assert_whole(folder: Path) -> None:
    """Every file under its final name is whole, and there is none under another."""
    for path in sorted(folder.rglob("*")):
        assert not path.name.startswith("."), f"{path} was left behind"
        assert "partial" not in path.name, f"{path} was left behind"
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".png":
            assert path.read_bytes().endswith(b"IEND\xaeB`\x82"), f"{path} was cut short"
            assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED) is not None
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif path.name == "predictions.csv":
            rows_of(path.parent)
    if (folder / "predictions.csv").exists():
        for exam in rows_of(folder):
            assert (folder / "exams" / exam / "report.html").is_file()


def assert_written_nowhere(words: Iterable[str], folder: Path) -> None:
    """None of the words stands in a file, or in the name of one."""
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for word in words:
            assert word not in str(path.relative_to(folder)), f"{path} tells {word!r}"
            assert word.encode() not in content, f"{path} tells {word!r}"


_TOLD = re.compile(
    r"found: .+: |refused: (exam|file) .+: |set aside: .+: .+: |  |warning: |error: |hint: |"
    r"report: |"
    r"\d+ exams? found|weights .+ are read with another recipe than their own |"
    r"patch weights .+ read other patches than their own recipe's |Research software"
)


def assert_told(ran: Ran) -> None:
    """Nothing but the program's own lines: no traceback, no library's warning, no bar."""
    assert ran.err.endswith("\n")
    for line in ran.err.splitlines():
        assert _TOLD.match(line), ran.err
        assert line.isprintable(), ran.err
