"""`fourview evaluate` on models' scores in the paper's public table gives the areas that are known
of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fourview.core.views import Label
from support.command import fourview

SIDES = {"L": "left", "R": "right"}
KNOWN = {"AI_DMVCNN_POM": (0.779, 0.167), "AI_GMIC_top5_POM": (0.881, 0.407)}
"""AUC and average precision over 1,440 breasts, as `test_public_reader_study` has them."""


def write(path: Path, rows: dict[str, dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["exam", *(label.value for label in Label)], restval="0")
        writer.writeheader()
        writer.writerows(rows.values())
    return path


def test_models_have_their_known_areas_on_the_reader_study(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public scores are not the ensemble of which the paper tells 0.876 and 0.318."""
    monkeypatch.setattr("fourview.performance.run.figures_of", lambda *_, **__: ())
    table = shared_data / "data" / "reader_study.csv"
    with table.open(newline="") as file:
        cells = list(csv.DictReader(file))
    truth: dict[str, dict[str, str]] = {}
    said: dict[str, dict[str, dict[str, str]]] = {model: {} for model in KNOWN}
    for row in cells:  # it tells nothing of benign findings
        exam, label = row["case_ID"], f"{SIDES[row['side']]}_malignant"
        truth.setdefault(exam, {"exam": exam})[label] = str(int(float(row["label"])))
        for model, exams in said.items():
            exams.setdefault(exam, {"exam": exam})[label] = row[model]
    labels = write(tmp_path / "labels.csv", truth)
    models = [f"{name}={write(tmp_path / f'{name}.csv', exams)}" for name, exams in said.items()]
    done = fourview("evaluate", *models, "--labels", labels, "--readers", table, "--draws", "50",
                    "-o", tmp_path / "out")  # fmt: skip
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    population = next(one for one in found["populations"] if one["population"] == "reader study")
    assert (population["exams"], population["breasts"], population["malignant"]) == (720, 1440, 61)
    areas = {
        row["model"]: (row["auc"], row["average_precision"])
        for row in found["scores"]
        if (row["population"], row["task"]) == ("reader study", "malignant")
    }
    for name, known in KNOWN.items():
        assert areas[name] == pytest.approx(known, abs=5e-4)
