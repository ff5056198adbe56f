"""`fourview evaluate --store`: what localisation and error analysis find stands in its results."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from fourview.core.records import Pathology
from fourview.core.views import Label, View
from support.command import Ran, fourview
from support.planted_heatmaps import FAR, OFF, ON, plant, row, write_findings
from support.stores import write_store

PATIENTS = {"a": "secret1", "b": "secret2", "c": "secret3"}
PLANTED = {
    ("a", "L-CC"): [("malignant", ON, 0.9)],
    ("a", "L-MLO"): [("malignant", OFF, 0.8)],
    ("c", "L-CC"): [("malignant", FAR, 0.95)],
}
HEADER = ",".join(["exam", *(label.value for label in Label)])


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three exams; a malignant finding in the left breast of the first."""
    folder = tmp_path_factory.mktemp("images")
    store = write_store(folder / "store", sorted(PATIENTS))
    plant(store, PLANTED)  # type: ignore[arg-type]
    findings = (row("a", view, Pathology.MALIGNANT) for view in (View.L_CC, View.L_MLO))
    write_findings(folder / "marks", store, list(findings))
    (folder / "labels.csv").write_text(f"{HEADER}\na,0,0,1,0\nb,0,1,0,0\nc,0,0,0,0\n")
    said = ("a,0.2,0.1,0.3,0.1", "b,0.2,0.6,0.1,0.4", "c,0.1,0.1,0.8,0.2")
    (folder / "model.csv").write_text("\n".join([HEADER, *said]))
    rows = [
        f"{exam},{PATIENTS[exam]},{view.value},{exam}.png" for exam in PATIENTS for view in View
    ]
    (folder / "exams.csv").write_text("\n".join(["exam,patient,view,path", *rows]))
    lines = [f"{exam},{side},{int(exam + side == 'aL')},0.5" for exam in PATIENTS for side in "LR"]
    (folder / "readers.csv").write_text("\n".join(["case_ID,side,label,ReaderA", *lines]))
    return folder


def evaluated(tables: Path, out: Path, *options: str | Path) -> Ran:
    return fourview(
        "evaluate", tables / "model.csv", "--labels", tables / "labels.csv", "--exams",
        tables / "exams.csv", "--store", tables / "store", "--draws", "40", "-o", out, *options,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the figures of numbers, which take most of the time."""
    monkeypatch.setattr("fourview.performance.run.figures_of", lambda *_, **__: ())


def numbers(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "evaluation.json").read_text())
    return found


def test_hits_and_errors_stand_in_tables_figures_and_page(tables: Path, tmp_path: Path) -> None:
    done = evaluated(
        tables, tmp_path, "--findings", next((tables / "marks").glob("*.csv")), "--readers",
        tables / "readers.csv", "--errors", "1",
    )  # fmt: skip
    assert done.code == 0, done.err
    whole = numbers(tmp_path)["localisation-hits"][0]
    assert (whole["heatmap"], whole["images"], whole["hits"]) == ("malignant", 2, 1)
    errors = numbers(tmp_path)["errors"]
    assert [(one["kind"], one["exam"], one["laterality"]) for one in errors] == [
        ("false positive", "c", "L"),
        ("false negative", "a", "L"),
        ("disagreement", "a", "R"),
    ]
    assert {one["readers_mean"] for one in errors} == {0.5}
    with (tmp_path / "errors.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {
        "localisation", "false-positive-1", "false-negative-1", "disagreement-1",
    }  # fmt: skip
    page = (tmp_path / "evaluation.html").read_text()
    assert page.count("data:image/png") == 3
    assert "free-response ROC" in page
    assert "secret" not in page


def test_without_findings_errors_are_shown_and_nothing_is_localised(
    tables: Path, tmp_path: Path
) -> None:
    done = evaluated(tables, tmp_path)
    assert done.code == 0, done.err
    assert "without a table of findings, lesions are neither shown nor localised" in done.err
    assert numbers(tmp_path)["localisation-hits"] == []
    assert len(numbers(tmp_path)["errors"]) == 4  # one malignant breast, so one false negative
    assert not (tmp_path / "localisation-hits.csv").exists()


def test_readers_who_gave_no_probabilities_are_left_out_of_panels_and_that_is_said(
    tables: Path, tmp_path: Path
) -> None:
    lines = ["case_ID,side,label,ReaderA", "a,L,1,5", "a,R,0,2"]
    (tmp_path / "birads.csv").write_text("\n".join(lines))
    done = evaluated(tables, tmp_path / "out", "--readers", tmp_path / "birads.csv")
    assert done.code == 0, done.err
    assert "the readers are not shown beside the model: birads.csv: ratings lie outside" in done.err
    assert {one["readers"] for one in numbers(tmp_path / "out")["errors"]} == {0}


def test_an_unknown_model_and_a_folder_that_is_no_store_are_refused(
    tables: Path, tmp_path: Path
) -> None:
    done = evaluated(tables, tmp_path / "out", "--errors-of", "theirs")
    assert (done.code, "no model is called 'theirs'" in done.err) == (2, True), done.err
    done = evaluated(tables, tmp_path / "out", "--store", tmp_path)
    assert done.code == 1, done.err
    assert done.err.startswith("error: ")
    assert not (tmp_path / "out").exists()
