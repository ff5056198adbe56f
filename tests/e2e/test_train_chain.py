"""The whole chain of the paper by its commands, as examples/train_on_phantoms.sh calls them: from a
synthetic population to figures on exams of patients that no training saw. Here it only runs."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fourview.core.views import Label

INPUTS = ("image-only", "image-and-heatmaps")
EXAMPLE = Path(__file__).parents[2] / "examples" / "train_on_phantoms.sh"


def chain(out: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", EXAMPLE, out],
        env={**os.environ, "SIZE": "tiny", "PATH": path, "PYTHON": sys.executable},
        text=True,
        capture_output=True,
        check=False,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_the_example_trains_both_stages_and_tells_figures_of_held_out_exams(
    tmp_path: Path,
) -> None:
    ran = chain(tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "patch" / "patches.png").stat().st_size > 10_000
    selection = json.loads((tmp_path / "patch" / "selection.json").read_text())
    assert len(selection["candidates"]) == 2
    held_out = sorted(
        row["exam"] for row in rows(tmp_path / "splits.csv") if row["split"] == "test"
    )
    for inputs in INPUTS:
        assert (tmp_path / inputs / "best.safetensors").exists()
        predicted = rows(tmp_path / "predictions" / inputs / "predictions.csv")
        assert sorted(row["exam"] for row in predicted) == held_out
        assert all(0 < float(row[label.value]) < 1 for row in predicted for label in Label)
    figures = json.loads((tmp_path / "figures.json").read_text())["figures"]
    for figure in figures:  # of so few exams some are not defined, and then say so
        value, interval = figure["value"], figure["interval"]
        assert ("not defined" in interval) if value is None else (-1 < value <= 1)
    areas = {figure["what"]: figure["value"] for figure in figures}
    assert None not in [areas[f"malignant AUC: {inputs}"] for inputs in INPUTS]
    assert f"{len(held_out)} exams of" in ran.stdout
    again = chain(tmp_path)
    assert ran.stdout.endswith(again.stdout)
    assert "==" not in again.stderr  # every step was done
