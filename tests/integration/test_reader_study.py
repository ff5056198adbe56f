"""`fourview reader-study`: its numbers are those of `evaluation`, and what it refuses."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.ratings import Ratings, ratings_of
from fourview.evaluation.mrmc import obuchowski_rockette
from fourview.evaluation.mrmc_model import model_against_readers
from fourview.evaluation.reader_study import (
    hybrid_sweep,
    hybrids_and_readers,
    reader_scores,
    spread,
)
from support.command import fourview

READERS = ("ReaderA", "ReaderB", "ReaderC")
FEW = ("--draws", "40", "--sweep", "3")


def study(*, n: int = 60) -> tuple[Ratings, np.ndarray]:
    """Two breasts a patient, every fifth with the disease; three readers and a model."""
    rng = np.random.default_rng(7)
    truth = (np.arange(n) % 5 == 0).astype(float)
    shown = truth + rng.normal(0, 0.7, n)
    values = np.clip(0.4 + 0.25 * (shown + rng.normal(0, 0.8, (3, n))), 0, 1).round(2)
    model = np.clip(0.4 + 0.25 * (shown + rng.normal(0, 0.6, n)), 0, 1).round(3)
    cases = [f"p{i // 2}-{'LR'[i % 2]}" for i in range(n)]
    patients = [case[:-2] for case in cases]
    return ratings_of(values, truth, readers=READERS, cases=cases, patients=patients,
                      modalities=["readers"]), model  # fmt: skip


def write_wide(path: Path, ratings: Ratings, model: np.ndarray) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case_ID", "side", "label", *ratings.readers, "AI_POM"])
        for i, case in enumerate(ratings.cases):
            patient, side = case.split("-")
            row = ratings.values[0, :, i]
            writer.writerow([patient, side, int(ratings.truth[i]), *row, model[i]])
    return path


def numbers(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "reader-study.json").read_text())
    return found


def cells(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ratings, np.ndarray]:
    folder = tmp_path_factory.mktemp("study")
    ratings, model = study()
    table = write_wide(folder / "readers.csv", ratings, model)
    done = fourview("reader-study", table, "--model", "AI_POM", "--margin", "0.1",
                    "-o", folder / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    assert done.out == f"{folder / 'out' / 'reader-study.html'}\n"
    return folder / "out", ratings, model


def test_every_file_is_there(ran: tuple[Path, Ratings, np.ndarray]) -> None:
    out = ran[0]
    tables = "components curves differences ensembles hybrids margins readers summary sweep tests"
    figures = [f"figures/{name}.{end}" for name in ("by-weight", "curves", "ensembles")
               for end in ("png", "svg")]  # fmt: skip
    expected = [f"{name}.csv" for name in tables.split()] + figures
    expected += ["reader-study.html", "reader-study.json"]
    found = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    assert sorted(found) == sorted(expected)
    assert (out / "figures" / "curves.png").read_bytes().startswith(b"\x89PNG")
    page = (out / "reader-study.html").read_text()
    assert "http:" not in page.replace("http://www.w3.org", "")
    assert "p17" not in page  # no patient is named


def test_readers_are_as_evaluation_has_them(ran: tuple[Path, Ratings, np.ndarray]) -> None:
    out, ratings, _ = ran
    found = numbers(out)["readers"]
    for row, score in zip(found, reader_scores(ratings), strict=False):
        assert row["name"] == score.reader
        assert (row["auc"], row["average_precision"]) == (score.auc, score.average_precision)
        assert (row["auc_low"], row["auc_high"]) == (score.auc_interval.low,
                                                     score.auc_interval.high)  # fmt: skip
        assert row["average_precision_low"] < score.average_precision
    assert [row["kind"] for row in found] == ["reader"] * 3 + ["model"]
    of_auc = spread([score.auc for score in reader_scores(ratings)])
    summary = numbers(out)["summary"][0]
    assert (summary["mean"], summary["sd"], summary["greatest"]) == (
        of_auc.mean, of_auc.sd, of_auc.high,
    )  # fmt: skip
    assert [float(row["auc"]) for row in cells(out, "readers")] == [row["auc"] for row in found]


def test_tests_are_as_evaluation_has_them(ran: tuple[Path, Ratings, np.ndarray]) -> None:
    out, ratings, model = ran
    mrmc = obuchowski_rockette(hybrids_and_readers(ratings, model, name="AI_POM"))
    against = model_against_readers(ratings, model, name="AI_POM").difference
    found = [row for row in numbers(out)["tests"] if row["measure"] == "auc"]
    for row in found[:3]:
        test = mrmc.tests[row["analysis"]]
        value = test.differences[0].estimate
        assert (row["difference"], row["low"], row["p"]) == pytest.approx(
            (value.value, value.interval.low, test.p)
        )
        assert row["f"] == test.f
    for row in found[3:]:
        value = against.by[row["analysis"]]
        assert (row["difference"], row["low"], row["p"]) == (
            value.value, value.interval.low, value.p(),
        )  # fmt: skip
    assert [row["analysis"] for row in found] == ["RRRC", "FRRC", "RRFC"] * 2
    assert [row["df"] for row in found if row["analysis"] == "FRRC"] == ["inf", "inf"]


def test_hybrids_by_weight_are_as_evaluation_has_them(
    ran: tuple[Path, Ratings, np.ndarray],
) -> None:
    out, ratings, model = ran
    sweep = hybrid_sweep(ratings, model, reader_weights=[0, 0.5, 1])
    found = numbers(out)["sweep"]
    assert [row["auc"] for row in found] == sweep.values["auc"].ravel().tolist()
    half = [row["hybrid"] for row in numbers(out)["hybrids"] if row["measure"] == "auc"]
    assert half == sweep.values["auc"][:, 1].tolist()


def test_the_same_call_gives_the_same_bytes_and_takes_away_what_is_no_more(
    ran: tuple[Path, Ratings, np.ndarray], tmp_path: Path
) -> None:
    ratings, model = study()
    table = write_wide(tmp_path / "readers.csv", ratings, model)
    first = fourview("reader-study", table, "-o", tmp_path / "a", *FEW, "--model", "AI_POM",
                     "--margin", "0.1")  # fmt: skip
    assert first.code == 0
    for path in ran[0].rglob("*.*"):
        assert (tmp_path / "a" / path.relative_to(ran[0])).read_bytes() == path.read_bytes()
    assert fourview("reader-study", table, "-o", tmp_path / "a", *FEW).code == 0
    left = {path.name for path in (tmp_path / "a").rglob("*.*")}
    assert not left & {"hybrids.csv", "margins.csv", "ensembles.png", "by-weight.svg"}


def test_modalities_of_a_long_table_are_compared(tmp_path: Path) -> None:
    ratings, model = study()
    rows = ["reader,treatment,case,truth,rating"]
    for i, case in enumerate(ratings.cases):
        for j, reader in enumerate(READERS):
            own, truth = ratings.values[0, j, i], int(ratings.truth[i])
            rows.append(f"{reader},alone,{case},{truth},{own}")
            rows.append(f"{reader},aided,{case},{truth},{own + model[i]}")
    (tmp_path / "long.csv").write_text("\n".join(rows))
    done = fourview("reader-study", tmp_path / "long.csv", "--margin", "0.05",
                    "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    found = numbers(tmp_path / "out")
    assert found["modalities"] == ["alone", "aided"]
    back = [(row["new"], row["old"]) for row in found["margins"][:2]]
    assert back == [("alone", "aided"), ("aided", "alone")]
    one, other = found["margins"][:2]
    assert one["difference"] == -other["difference"]
    assert one["p_non_inferior"] > other["p_non_inferior"]


def test_one_reader_has_numbers_but_says_nothing_of_other_readers(tmp_path: Path) -> None:
    ratings, model = study()
    table = write_wide(tmp_path / "readers.csv", ratings, model)
    done = fourview("reader-study", table, "--reader", "ReaderB", "--model", "AI_POM",
                    "-o", tmp_path / "out", *FEW)  # fmt: skip
    assert done.code == 0, done.err
    found = {row["analysis"]: row for row in numbers(tmp_path / "out")["tests"][:3]}
    assert found["FRRC"]["p"] is not None
    assert found["RRRC"]["p"] is None
    assert found["RRRC"]["low"] is None
    assert "one reader" in found["RRRC"]["remark"]
    assert all(row["mean_low"] is None for row in numbers(tmp_path / "out")["summary"])
    assert "not defined" in (tmp_path / "out" / "reader-study.html").read_text()


def test_birads_categories_are_not_mixed_with_a_model(tmp_path: Path) -> None:
    ratings, model = study()
    lines = ["case,label,ReaderA,ReaderB,AI_POM"]
    for i, case in enumerate(ratings.cases):
        a, b = (str(int(1 + 4 * value)).replace("3", "0") for value in ratings.values[0, :2, i])
        lines.append(f"{case},{int(ratings.truth[i])},{a},{b},{model[i]}")
    (tmp_path / "birads.csv").write_text("\n".join(lines))
    call = ("reader-study", tmp_path / "birads.csv", "--birads", "--model", "AI_POM",
            "-o", tmp_path / "out", *FEW)  # fmt: skip
    refused = fourview(*call)
    assert refused.code == 1
    assert "BI-RADS 0 has no place" in refused.err
    done = fourview(*call, "--zero-above", "2")
    assert done.code == 0, done.err
    assert "BI-RADS categories are no probabilities" in done.err
    found = numbers(tmp_path / "out")
    assert found["hybrids"] == []
    assert len(found["tests"]) == 3


def write_predictions(folder: Path, ratings: Ratings, model: np.ndarray, *, last: int = 60) -> Path:
    """As a run writes them, the exams from the last to the first; the benign ones are noise."""
    lines = ["exam,left_benign,right_benign,left_malignant,right_malignant"]
    for i in reversed(range(0, last, 2)):
        exam = ratings.cases[i].split("-")[0]
        right = model[i + 1] if i + 1 < last else ""
        lines.append(f"{exam},0.9,0.8,{model[i]},{right}")
    folder.mkdir()
    (folder / "predictions.csv").write_text("\n".join([*lines, "other,0,0,0,0"]))
    return folder


def test_predictions_on_disk_are_a_model_as_a_column_is(
    ran: tuple[Path, Ratings, np.ndarray], tmp_path: Path
) -> None:
    out, ratings, model = ran
    table = write_wide(tmp_path / "readers.csv", ratings, np.zeros(60))
    results = write_predictions(tmp_path / "results", ratings, model)
    for number, path in enumerate((results, results / "predictions.csv")):
        done = fourview("reader-study", table, "--model", path, "--margin", "0.1",
                        "-o", tmp_path / f"out{number}", *FEW)  # fmt: skip
        assert done.code == 0, done.err
        assert "warning" not in done.err
        found = numbers(tmp_path / f"out{number}")
        assert found["options"]["model"] == "model"
        assert found["options"]["model_from"] == "predictions.csv"
        as_column = json.dumps(numbers(out)["tests"]).replace("AI_POM", "model")
        assert json.dumps(found["tests"]) == as_column
        page = (tmp_path / f"out{number}" / "reader-study.html").read_text()
        assert "malignant predictions in predictions.csv" in page


def test_cases_without_a_prediction_are_counted_and_left_out(tmp_path: Path) -> None:
    ratings, model = study()
    table = write_wide(tmp_path / "readers.csv", ratings, model)
    results = write_predictions(tmp_path / "results", ratings, model, last=51)
    done = fourview("reader-study", table, "--model", results, "-o", tmp_path / "out", *FEW)
    assert done.code == 0, done.err
    assert "warning: 9 of 60 cases have no prediction in predictions.csv" in done.err
    lacking = model.copy()
    lacking[51:] = np.nan
    against = model_against_readers(ratings, lacking).difference.by["RRRC"]
    row = next(row for row in numbers(tmp_path / "out")["tests"] if row["first"] == "model")
    assert (row["difference"], row["low"]) == (against.value, against.interval.low)


def test_a_column_goes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, model = study()
    write_wide(tmp_path / "readers.csv", ratings, model)
    write_predictions(tmp_path / "AI_POM", ratings, 1 - model)
    monkeypatch.chdir(tmp_path)
    done = fourview("reader-study", "readers.csv", "--model", "AI_POM", "-o", "out", *FEW)
    assert done.code == 0, done.err
    assert numbers(tmp_path / "out")["options"]["model_from"] == ""


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("elsewhere/", "elsewhere/: no such file or folder, and no column of t.csv"),
        ("predictions.json", "predictions.json: no such file or folder"),
        ("none.csv", "none of the 1 exams in none.csv is a case of t.csv"),
        ("whole.csv", "has no column of sides, and predictions are of breasts"),
    ],
)
def test_predictions_that_do_not_fit_the_table_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, says: str
) -> None:
    ratings, scores = study()
    text = write_wide(tmp_path / "t.csv", ratings, scores).read_text()
    if model == "whole.csv":
        lines = [line.split(",") for line in text.splitlines()]
        text = "\n".join(",".join([*cells[:1], *cells[2:]]) for cells in lines[::2])
        (tmp_path / "t.csv").write_text("case_ID" + text.removeprefix("case_ID"))
    header = "exam,left_benign,right_benign,left_malignant,right_malignant\n"
    (tmp_path / "none.csv").write_text(f"{header}q7,0,0,0,0\n")
    (tmp_path / "whole.csv").write_text(f"{header}p0,0,0,0,0\n")
    monkeypatch.chdir(tmp_path)
    done = fourview("reader-study", "t.csv", "--model", model, "-o", "out", *FEW)
    assert done.code == 1
    assert says in done.err


def test_a_pdf_is_written_where_it_is_asked_for_and_done_without_where_it_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, model = study()
    call = ("reader-study", write_wide(tmp_path / "readers.csv", ratings, model),
            "-o", tmp_path / "out", *FEW)  # fmt: skip
    document = tmp_path / "out" / "reader-study.pdf"
    done = fourview(*call, "--pdf")
    assert done.code == 0, done.err
    assert document.is_file() != ("no PDF was written" in done.err)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    done = fourview(*call, "--pdf")
    assert done.code == 0, done.err
    assert "warning: no PDF was written: weasyprint" in done.err
    assert not document.exists()  # that of the earlier run is gone
    assert (tmp_path / "out" / "reader-study.html").is_file()


@pytest.mark.parametrize(
    ("change", "options", "code", "says"),
    [
        ({}, ["--model", "AI_none"], 1, "no column 'AI_none'"),
        ({}, ["--reader", "ReaderZ"], 1, "no column 'ReaderZ'"),
        ({"truth": np.zeros(60, dtype=bool)}, [], 1, "none of the 60 cases is with the disease"),
        ({"truth": np.ones(60, dtype=bool)}, [], 1, "none of the 60 cases is without it"),
        ({"scale": 100.0}, ["--model", "AI_POM"], 1, "lie outside 0 to 1"),
        ({"model": np.nan}, ["--model", "AI_POM"], 1, "has no score of any case"),
        ({}, ["--margin", "2"], 2, "the margin is 2"),
        ({}, ["--covariance", "delong", "--measure", "average-precision"], 1,
         "delong gives the covariance of AUCs"),
    ],
)  # fmt: skip
def test_what_cannot_be_analysed_is_refused(
    tmp_path: Path, change: dict[str, Any], options: list[str], code: int, says: str
) -> None:
    ratings, model = study()
    truth = change.get("truth", ratings.truth)
    values = ratings.values * change.get("scale", 1.0)
    changed = ratings_of(values, truth, readers=READERS, cases=ratings.cases)
    text = write_wide(tmp_path / "t.csv", changed, model * change.get("model", 1.0)).read_text()
    (tmp_path / "t.csv").write_text(text.replace("nan", ""))
    done = fourview("reader-study", tmp_path / "t.csv", *options, "-o", tmp_path / "out", *FEW)
    assert done.code == code
    assert done.err.startswith("error: ")
    assert says in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
