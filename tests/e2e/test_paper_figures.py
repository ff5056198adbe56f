"""All tables and figures of the paper by one command, as examples/paper_figures.sh makes them, of
simulated models on a few synthetic exams."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper_figures.sh"
LISTED = (
    "Table 1", "Table S1", "Table S2", "Table S3", "Table S4", "Table S6",
    "Malignant against benign", "Twenty models", "Figure 6", "Figure 7", "Figure 8", "Figure 9",
    "Figure S1", "Figure S2",
    "Figure S3", "Figures S4 to S6", "Figures S7 to S9", "Figures S10 to S12",
)  # fmt: skip


def made(out: Path, exams: int) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", EXAMPLE, out, str(exams)],
        env={**os.environ, "PATH": path, "PYTHON": sys.executable},
        text=True,
        capture_output=True,
        check=False,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_one_command_makes_every_table_and_figure_of_the_paper(tmp_path: Path) -> None:
    ran = made(tmp_path, 30)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    page = (tmp_path / "index.html").read_text()
    for name in LISTED:
        assert name in ran.stdout
        assert f"<h2>{name}</h2>" in page
    told = {row["row"]: row for row in rows(tmp_path / "kinds" / "table-S4.csv")}
    assert told["image-and-heatmaps (all variants)"]["networks"] == "20"
    beginnings = {row["row"] for row in rows(tmp_path / "kinds" / "table-S6.csv")}
    assert {"image-only (pretrained)", "image-only (random)"} < beginnings
    for name in ("main/evaluation", "kinds/evaluation", "readers/reader-study"):
        assert "SIMULATED" in (tmp_path / f"{name}.html").read_text(), name
    assert json.loads((tmp_path / "main" / "evaluation.json").read_text())["localisation-hits"]
    (tmp_path / "main" / "figures" / "correlations.png").write_bytes(b"")
    again = made(tmp_path, 30)
    assert again.returncode == 1
    assert "Figure S1: main/figures/correlations.png is an empty picture" in again.stderr
    assert "==" not in again.stderr  # every step was done
