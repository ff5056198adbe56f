"""Runs that cannot end as they should: no room, no right to write, Ctrl-C, a reader that left.

Whatever stops a run, what stands under a final name is whole, and predictions.csv lists it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from fourview.inference.networks import fresh_tensors
from fourview.screening import run
from support.bench import GOOD, Bench
from support.command import Ran, assert_told, assert_whole, fourview, rows_of
from support.small_exams import patch_info, small_exam, write_exam_files, write_small_weights

SOON_S = 60.0


def screen(bench: Bench, out: Path, *more: str | Path) -> Ran:
    return fourview("screen", bench.good, "-o", out, "--weights", bench.weights["view-wise"], *more)


def process(bench: Bench, out: Path, *more: str | Path) -> subprocess.Popen[str]:
    """`fourview screen` as a process of its own."""
    command = [sys.executable, "-m", "fourview", "screen", bench.good, "-o", out]
    command += ["--weights", bench.weights["view-wise"], *more]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Two exams, which come after the sound one of the bench."""
    for seed in (1, 2):
        write_exam_files(tmp_path / "others", small_exam(f"exam{seed}", seed))
    return tmp_path / "others"


# Where nothing can be written


@pytest.mark.parametrize("place", ["file", "file/out", "/proc/fourview"])
def test_a_folder_that_cannot_be_written_is_told_before_any_work(
    place: str, bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file")
    ran = screen(bench, tmp_path / place)
    assert ran.code == 1
    assert ran.err.startswith(f"error: {tmp_path / place}: cannot be written: ")
    assert ran.err.endswith("hint: give another folder, or make this one writable\n")
    assert len(ran.err.splitlines()) == 2
    assert ran.out == ""
    assert (tmp_path / "file").read_text() == "a file"


@pytest.fixture(scope="module")
def foreign_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A patch classifier's weights as the release has them."""
    path = tmp_path_factory.mktemp("foreign") / "patch.p"
    torch.save(fresh_tensors(patch_info(), 0), path)
    return path


def test_imported_weights_that_cannot_be_written_are_told(
    foreign_weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file")
    out = tmp_path / "file" / "x.safetensors"
    ran = fourview("weights", "import", foreign_weights, "-o", out)
    assert ran.code == 1
    assert ran.err.startswith(f"error: {out}: cannot be written: a file stands where a folder")
    assert_told(ran)


# Where there is no room


def full_for(monkeypatch: pytest.MonkeyPatch, is_full: Callable[[Path], bool]) -> None:
    """Let a disk be full for some paths, half-way through their bytes."""
    write = Path.write_bytes

    def write_some(path: Path, data: Any) -> int:
        if not is_full(path):
            return write(path, data)
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", write_some)


def test_a_disk_that_fills_up_keeps_the_exams_before(
    bench: Bench, others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_for(monkeypatch, lambda path: ".exam1." in str(path))
    ran = screen(bench, out := tmp_path / "out", others)
    assert ran.code == 1
    assert "exam1" in ran.err
    assert "report.html: the disk is full\nhint: make room, or give another folder\n" in ran.err
    assert_told(ran)
    assert_whole(out)
    assert rows_of(out) == {GOOD: bench.numbers["view-wise"]}
    assert [path.name for path in (out / "exams").iterdir()] == [GOOD]


def test_a_full_disk_leaves_no_half_of_imported_weights(
    foreign_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out := tmp_path / "out").mkdir()
    full_for(monkeypatch, lambda path: path.parent == out)
    ran = fourview("weights", "import", foreign_weights, "-o", out / "x.safetensors")
    assert ran.code == 1
    assert "x.safetensors: the disk is full\nhint: " in ran.err
    assert not list(out.iterdir())
    monkeypatch.undo()
    assert fourview("weights", "import", foreign_weights, "-o", out / "x.safetensors").code == 0
    assert [path.name for path in out.iterdir()] == ["x.safetensors"]


@pytest.mark.parametrize(
    "name", ["predictions.csv", "predictions.json", "report.html", "run.json", ""]
)
def test_a_full_disk_leaves_no_half_a_file(
    name: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_for(monkeypatch, lambda path: name in path.name)
    ran = screen(bench, out := tmp_path / "out")
    assert ran.code == 1
    assert ran.err.count("the disk is full\nhint: make room, or give another folder\n") == 1
    assert_told(ran)
    assert_whole(out)
    assert not (out / "run.json").exists()


def test_a_full_disk_leaves_an_earlier_run_as_it_was(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert screen(bench, out).code == 0
    before = contents(out)
    full_for(monkeypatch, lambda _: True)
    assert screen(bench, out, "--passes", "1").code == 1
    assert contents(out) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A real file system of so many kilobytes; skips where none may be mounted."""
    folder.mkdir()
    if os.geteuid() != 0 or not (mount := shutil.which("mount")):
        pytest.skip("only root mounts a small file system")
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "fourview-test", str(folder)]
    if subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_keeps_the_exams_before(
    bench: Bench, others: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 320) as out:  # for one exam and the tables
        ran = screen(bench, out, others)
        assert ran.code == 1
        assert ": the disk is full\nhint: make room, or give another folder\n" in ran.err
        assert_told(ran)
        assert_whole(out)
        assert rows_of(out) == {GOOD: bench.numbers["view-wise"]}


# Where somebody presses Ctrl-C


def test_ctrl_c_leaves_the_finished_exams_and_no_half_of_one(bench: Bench, tmp_path: Path) -> None:
    for seed in range(1, 9):
        write_exam_files(tmp_path / "more", small_exam(f"exam{seed}", seed))
    patch = write_small_weights(tmp_path / "patch.safetensors", patch_info())
    out = tmp_path / "out"
    slow = ["--patch-weights", patch, "--set", "heatmaps.stride_px=8"]
    with process(bench, out, tmp_path / "more", *slow) as running:
        wait_for(lambda: (out / "exams" / GOOD).is_dir(), running)
        time.sleep(0.2)  # well into the next exam's patches
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=SOON_S)
    assert running.returncode == 130
    assert told.count("exams were not read; what was finished is written.\n") == 1
    assert_told(Ran(130, "", without(told, "Stopped by Ctrl-C")))
    assert_whole(out)
    rows = rows_of(out)
    assert GOOD in rows
    assert len(rows) < 9
    assert {path.name for path in (out / "exams").iterdir()} == set(rows)
    assert json.loads((out / "run.json").read_text())["interrupted"] is True
    assert len(list((out / "exams" / GOOD / "heatmaps").iterdir())) == 8


def without(text: str, beginning: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith(beginning))


def wait_for(happened: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    end = time.monotonic() + SOON_S
    while not happened():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@pytest.mark.parametrize("step", ["load_ensemble", "find_exams", "write_summary"])
def test_ctrl_c_outside_the_exams_is_told_in_a_line(
    step: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, step, pressed)
    ran = screen(bench, out := tmp_path / "out")
    assert ran.code == 130
    assert without(ran.err, "1 exam found; the networks run on cpu") == "stopped by Ctrl-C\n"
    assert not (out / "predictions.csv").exists()
    assert_whole(out)


def test_ctrl_c_while_an_exam_is_written_leaves_nothing_of_it(
    bench: Bench, others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def pressed(path: Path, data: Any) -> int:
        if ".exam1." in str(path):
            write(path, data[:100])
            raise KeyboardInterrupt
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", pressed)
    ran = screen(bench, out := tmp_path / "out", others)
    assert ran.code == 130
    assert_whole(out)
    assert rows_of(out) == {GOOD: bench.numbers["view-wise"]}
    assert [path.name for path in (out / "exams").iterdir()] == [GOOD]


# Where something unforeseen happens


def test_an_unforeseen_error_costs_its_exam_alone_and_shows_no_path_of_this_machine(
    bench: Bench, others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = run.read

    def faulty(exam: Any, *arguments: Any, **options: Any) -> Any:
        if exam.name == "exam1":
            raise FileNotFoundError(errno.ENOENT, "No such file", str(tmp_path / "secret"))
        if exam.name == "exam2":
            raise MemoryError
        return read(exam, *arguments, **options)

    monkeypatch.setattr(run, "read", faulty)
    ran = screen(bench, out := tmp_path / "out", others)
    assert ran.code == 3
    assert "refused: exam exam1: unexpected FileNotFoundError: No such file\n" in ran.err
    assert "refused: exam exam2: its images, at this recipe's sizes, do not fit" in ran.err
    assert rows_of(out) == {GOOD: bench.numbers["view-wise"]}
    assert_whole(out)
    assert not any(str(tmp_path).encode() in content for content in contents(out).values())


# Who reads what it says


def test_results_for_machines_are_json_and_nothing_else(
    bench: Bench, others: Path, tmp_path: Path
) -> None:
    (others / "exam1_L-CC.png").write_bytes(b"")
    with process(bench, out := tmp_path / "out", others, "--json") as running:
        printed, told = running.communicate(timeout=SOON_S)
    assert running.returncode == 3
    assert printed == (out / "predictions.json").read_text(encoding="utf-8")
    assert [exam["exam"] for exam in json.loads(printed)["exams"]] == [GOOD, "exam2"]
    assert_told(Ran(3, printed, told))  # no bar, no colour
    listed = fourview("weights", "list", bench.weights["view-wise"].parent, "--json")
    assert len(json.loads(listed.out)) == 3


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reader_that_leaves_early_is_no_error(
    more: tuple[str, ...], bench: Bench, tmp_path: Path
) -> None:
    with process(bench, tmp_path / "out", *more) as running:
        assert running.stdout
        running.stdout.close()
        assert running.stderr
        told = running.stderr.read()
    assert running.returncode == 0
    assert_told(Ran(0, "", told))


def test_names_that_the_locale_lacks_are_printed_all_the_same(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_exam_files(tmp_path / "more", small_exam("exämple"))
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with process(bench, tmp_path / "out", tmp_path / "more") as running:
        assert running.stdout
        printed = running.stdout.buffer.read().decode()
    assert running.returncode == 0
    assert "\nexämple\t0." in printed


# Where an earlier run stands


def test_a_second_run_replaces_the_first(bench: Bench, others: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert screen(bench, out, others, "--hidden", "--seed", "1").code == 0
    first = rows_of(out)
    for path in others.glob("exam1_*"):
        path.write_bytes(b"")
    (others / "exam2_L-CC.png").unlink()
    (others / "exam2_R-MLO.png").unlink()
    ran = screen(bench, out, others)
    assert ran.code == 3
    assert_told(ran)
    assert_whole(out)
    assert rows_of(out) == {GOOD: bench.numbers["view-wise"]} != first
    assert not (out / "exams" / "exam2").exists(), "its old page would pass for a new one"
    assert not (out / "hidden.npz").exists()
