"""`fourview prepare` killed at moments drawn at random ends, run again, in the same store."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fourview.io.store import Store
from support.small_exams import small_exam, write_exam_files

SOON_S = 60.0
SETTINGS = (
    *("crop.erosion_px=5", "crop.buffer_px=3", "window.cc=[160,120]", "window.mlo=[176,112]"),
    *("window.location_noise_px=6", "window.size_noise_px=6", "store.chunk_px=64"),
)
EXAMS = 16


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exams of four PNG files each."""
    data = tmp_path_factory.mktemp("data")
    for number in range(EXAMS):
        write_exam_files(data, small_exam(f"exam{number}", number))
    names = [path.stem for path in sorted(data.glob("*.png"))]
    rows = [f"{name.split('_')[0]},{name.split('_')[1]},{name}.png" for name in names]
    (data / "exams.csv").write_text("\n".join(["exam,view,path", *rows]) + "\n")
    return data / "exams.csv"


def started(table: Path, out: Path, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fourview", "prepare", table, "-o", out, "--jobs", jobs]
    command += [word for setting in SETTINGS for word in ("--set", setting)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        list(map(str, command)),
        stderr=subprocess.DEVNULL,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def views_in(out: Path) -> int:
    return len(list(out.glob("views/*/*.json")))


@pytest.fixture(scope="module")
def whole(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a run that nobody stopped."""
    out = tmp_path_factory.mktemp("whole") / "store"
    with started(table, out, 1) as running:
        assert running.wait(SOON_S) == 0
    return out


@pytest.mark.parametrize(("jobs", "kills"), [(1, 2), (2, 1)])
def test_a_run_killed_at_random_and_restarted_ends_in_the_same_bytes(
    jobs: int, kills: int, table: Path, whole: Path, tmp_path: Path
) -> None:
    rng, out, stopped = random.Random(jobs), tmp_path / "out", 0
    for _ in range(kills):
        before = views_in(out)
        until = before + rng.randrange(1, max(2, 2 * EXAMS - before))
        with started(table, out, jobs) as running:
            end = time.monotonic() + SOON_S
            while views_in(out) < until and running.poll() is None and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.02))
            running.send_signal(signal.SIGKILL)
            stopped += running.wait() == -signal.SIGKILL
    assert stopped, "every run was done before it was killed"
    assert views_in(out) > 0
    with started(table, out, jobs) as last:
        assert last.wait(SOON_S) == 0
    assert tree(out) == tree(whole)
    assert len(Store.open(out)) == EXAMS
