"""The house keeps itself: imports run down the floors, files stay small, help stays fast."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "fourview"
MAX_LINES = 350

FLOORS = {
    "core": 1,
    "imaging": 2,
    "phantom": 2,
    "cohort": 2,
    "nn": 2,
    "io": 2,
    "evaluation": 2,
    "report": 2,
    "inference": 3,
    "training": 4,
    "screening": 4,
    "synthesis": 4,
    "dataset": 4,
    "study": 4,
    "representation": 4,
    "performance": 4,
    "weights": 4,
    "released_weights": 4,
    "imagenet_weights": 4,
    "service": 4,
    "cli": 5,
    "__main__": 6,  # the door: `python -m fourview`
}
"""Room (a folder or module directly in `fourview`) to floor. A new room needs a line here."""

WITHOUT_TORCH = ("core", "imaging", "phantom", "cohort", "evaluation", "report")


def imports(path: Path, src: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a file imports, wherever in the file it stands.

    `from a import b` gives `a.b`: whether `b` is a module or a name in one is for the caller.
    """
    package = ("fourview", *path.relative_to(src).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*up, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def room_of(path: Path, src: Path) -> str:
    """The room that a file belongs to; `__init__` for `fourview/__init__.py` itself."""
    return path.relative_to(src).parts[0].removesuffix(".py")


def imported_room(name: str, src: Path) -> str | None:
    """The room of ours that a dotted name leads to; None for others' and for `fourview.__version__`
    and its like."""
    parts = name.split(".")
    if parts[0] != "fourview" or len(parts) == 1:
        return None
    room = parts[1]
    is_room = room in FLOORS or (src / room).is_dir() or (src / f"{room}.py").is_file()
    return room if is_room or room == "*" else None


def wrong_imports(src: Path) -> list[str]:
    """Every import that does not run to a lower floor, as `file:line -> name`."""
    wrong = []
    for path in sorted(src.rglob("*.py")):
        here = room_of(path, src)
        for line, name in imports(path, src):
            there = imported_room(name, src)
            if there is None or there == here:
                continue
            # `__init__` has no floor: it imports nothing of ours. Rooms without a floor may not be.
            if FLOORS.get(there, 99) >= FLOORS.get(here, 0):
                wrong.append(f"{path.relative_to(src).as_posix()}:{line} -> {name}")
    return wrong


def test_imports_run_down() -> None:
    assert wrong_imports(SRC) == []


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path, SRC) for path in SRC.rglob("*.py")} - {"__init__"}
    assert sorted(rooms - set(FLOORS)) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("io/planted.py", "import fourview.cli.app"),
        ("io/planted.py", "import fourview.inference as up"),
        ("io/planted.py", "from fourview.inference.predict import predict"),
        ("io/planted.py", "from fourview import inference"),
        ("io/planted.py", "from .. import inference"),
        ("io/planted.py", "from ..inference import predict"),
        ("io/planted.py", "def late():\n    from fourview.inference import predict"),
        ("io/planted.py", "from fourview.nn import resnet22  # beside"),
        ("io/deep/planted.py", "from ...nn import resnet22"),
        ("screening.py", "from fourview.weights import import_weights  # beside"),
        ("screening.py", "from . import weights"),
        ("core/planted.py", "from fourview.io import png"),
        ("io/planted.py", "from fourview import *"),
        ("__init__.py", "from fourview.core.views import View"),
        ("__init__.py", "from .core import views"),
        ("unheard_of.py", "from fourview.core import views"),
        ("cli/planted.py", "import fourview.unheard_of"),
    ],
)
def test_a_planted_wrong_import_is_caught(tmp_path: Path, file: str, text: str) -> None:
    """The check can fail: each way of writing an import up, beside, or to nowhere is seen."""
    (tmp_path / "unheard_of.py").touch()
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    assert len(wrong_imports(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("io/planted.py", "from fourview.core.views import View"),
        ("io/planted.py", "from . import png"),
        ("io/planted.py", "from .png import read"),
        ("io/planted.py", "from fourview import NOT_A_DEVICE, __version__"),
        ("io/planted.py", "import fourview"),
        ("cli/planted.py", "def run():\n    from fourview.screening import screen"),
        ("__init__.py", "import sys"),
    ],
)
def test_a_right_import_is_let_through(tmp_path: Path, file: str, text: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    assert wrong_imports(tmp_path) == []


def test_core_imports_numpy_and_the_standard_library_only() -> None:
    allowed = {"fourview", "numpy", *sys.stdlib_module_names}
    foreign = [
        f"{path.relative_to(SRC).as_posix()}:{line} -> {name}"
        for path in (SRC / "core").rglob("*.py")
        for line, name in imports(path, SRC)
        if name.split(".")[0] not in allowed
    ]
    assert foreign == []


def test_torch_stays_out_of_the_rooms_that_do_not_compute_with_it() -> None:
    torch = [
        f"{path.relative_to(SRC).as_posix()}:{line}"
        for path in SRC.rglob("*.py")
        if room_of(path, SRC) in WITHOUT_TORCH
        for line, name in imports(path, SRC)
        if name.split(".")[0] == "torch" or name.startswith("safetensors.torch")
    ]
    assert torch == []


def test_no_module_is_a_drawer() -> None:
    """A name says what is inside; `utils` says that nobody knew."""
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [path for path in SRC.rglob("*") if path.stem.strip("_") in drawers] == []


def test_files_stay_small() -> None:
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in SRC.rglob("*.py")}
    assert {p.relative_to(SRC).as_posix(): n for p, n in lines.items() if n > MAX_LINES} == {}


def run_python(code: str) -> str:
    """What a fresh interpreter prints that runs `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_does_not_import_torch() -> None:
    assert run_python("import sys, fourview; print('torch' in sys.modules)").strip() == "False"


HELP_OF_EVERY_COMMAND = """
import contextlib, io, sys
import typer
from fourview.cli.app import app

def walk(command, words):
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, [*words, name])

command = typer.main.get_command(app)
for words in walk(command, []):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            command.main([*words, "--help"], prog_name="fourview")
        except SystemExit as stop:
            assert not stop.code, (words, stop.code)
    assert "Usage" in said.getvalue(), words
    print(" ".join(["fourview", *words]), "torch" in sys.modules)
"""


@pytest.mark.skipif(
    importlib.util.find_spec("fourview.cli.app") is None, reason="there is no command line yet"
)
def test_no_help_imports_torch() -> None:
    lines = run_python(HELP_OF_EVERY_COMMAND).splitlines()
    assert lines
    assert [line for line in lines if not line.endswith(" False")] == []
