"""`fourview represent`: whom it pictures, by which score, its numbers, and what it refuses.

UMAP takes seconds to compile, so that one test makes the real picture; the others lay the exams
out by two of their activations.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.evaluation.representation import agreement, nearest_others, trustworthiness
from fourview.io.results import write_hidden
from fourview.representation import analysis
from fourview.representation.embedding import Embedding, embed
from support.command import Ran, fourview

N = 41
FEW = ("--draws", "30", "--neighbours", "5")
MALIGNANT = np.arange(N) % 4 == 0


def activations() -> tuple[np.ndarray, np.ndarray]:
    """Exams with a malignant finding away from the others, in the columns further than in fc."""
    rng = np.random.default_rng(3)
    return tuple(
        (rng.normal(size=(N, 1024)) + shift * MALIGNANT[:, None]).astype(np.float32)
        for shift in (0.3, 0.15)
    )


def names() -> list[str]:
    return [f"exam{number}" for number in range(N)]


def write_exams(folder: Path, *, order: Sequence[int] = range(N), lacks: int | None = None) -> Path:
    columns, fc = activations()
    if lacks is not None:
        columns[lacks, :256] = np.nan
    exams = [names()[i] for i in order]
    write_hidden(folder / "hidden.npz", exams, columns[list(order)], fc[list(order)])
    return folder


def write_table(path: Path, header: str, rows: Sequence[Sequence[Any]]) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def ratings() -> np.ndarray:
    """`(N, 2 sides, 2 readers)`: the left breast of exams with a finding is suspicious."""
    rng = np.random.default_rng(5)
    return (rng.random((N, 2, 2)) * 0.4 + 0.5 * (MALIGNANT[:, None] * [1, 0])[:, :, None]).round(2)


def write_readers(path: Path, **changes: Any) -> Path:
    rows = [
        [name, side, int(MALIGNANT[i] and side == "L"), *ratings()[i, s]]
        for i, name in enumerate(names())
        for s, side in enumerate("LR")
    ]
    for row in rows:
        row[3:] = changes.get(f"{row[0]} {row[1]}", row[3:])
    return write_table(path, "case_ID,side,label,ReaderA,ReaderB", rows)


def write_labels(path: Path) -> Path:
    header = "exam,left_benign,right_benign,left_malignant,right_malignant,density"
    rows = [[name, 0, 1, 0, int(MALIGNANT[i]), i % 3] for i, name in enumerate(names())]
    rows[7][-1] = ""
    return write_table(path, header, rows)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def lay_out(points: np.ndarray, **_: Any) -> Embedding:
        return Embedding(points[:, :2].astype(np.float64), ("UMAP: as a test",))

    monkeypatch.setattr(analysis, "embed", lay_out)


def numbers(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "representation.json").read_text())
    return found


def points(out: Path) -> dict[str, dict[str, str]]:
    with (out / "representation.csv").open(newline="") as file:
        return {row["exam"]: row for row in csv.DictReader(file)}


def ran(tmp_path: Path, *options: str | Path, hidden: Path | None = None) -> Ran:
    folder = hidden or write_exams(tmp_path)
    return fourview("represent", folder, "-o", tmp_path / "out", *FEW, *options)


@pytest.mark.usefixtures("quick")
def test_scores_are_means_over_readers_then_breasts_and_numbers_are_those_of_evaluation(
    tmp_path: Path,
) -> None:
    readers = write_readers(tmp_path / "readers.csv", **{"exam2 L": [0.8, ""], "exam3 R": ["", ""]})
    done = ran(tmp_path, "--readers", readers)
    assert done.code == 0, done.err
    assert done.out == f"{tmp_path / 'out' / 'representation.html'}\n"
    assert "about a minute" in done.err
    found = points(tmp_path / "out")
    expected = ratings().mean(axis=2).mean(axis=1)
    expected[2] = (0.8 + ratings()[2, 1].mean()) / 2
    expected[3] = ratings()[3, 0].mean()
    assert [float(found[name]["score"]) for name in names()] == pytest.approx(expected.tolist())
    assert [int(found[name]["truth"]) for name in names()] == MALIGNANT.astype(int).tolist()
    said = numbers(tmp_path / "out")
    assert any("1 exams are scored by one breast" in text for text in said["warnings"])
    scores = np.array([float(found[name]["score"]) for name in names()])
    for number, kind in enumerate(("columns", "fc")):
        values = activations()[number]
        nearest = nearest_others(values, 5, patients=names())
        for what, (of, truth) in enumerate(
            (("readers' mean", scores), ("malignant finding", MALIGNANT.astype(float)))
        ):
            rng = np.random.default_rng([0, number, what])
            one = agreement(truth, nearest, names(), rng=rng, draws=30)
            row = said["neighbours"][2 * number + what]
            assert (row["activations"], row["of"]) == (kind, of)
            assert (row["value"], row["low"], row["p"]) == pytest.approx(
                (one.value, one.interval.low, one.p)
            )
        assert said["pictures"][number]["trustworthiness"] == pytest.approx(
            trustworthiness(values, values[:, :2].astype(np.float64), 5)
        )
    assert float(found["exam9"]["columns_neighbours_score"]) == pytest.approx(
        scores[nearest_others(activations()[0], 5, patients=names())[9]].mean()
    )


@pytest.mark.usefixtures("quick")
def test_the_page_says_how_it_was_made_and_names_no_patient(tmp_path: Path) -> None:
    splits = write_table(
        tmp_path / "splits.csv",
        "exam,patient,split",
        [[name, f"secret{i // 2}", "test" if i < 31 else "training"]
         for i, name in enumerate(names())],
    )  # fmt: skip
    hidden = write_exams(tmp_path, lacks=4)
    labels = write_labels(tmp_path / "labels.csv")
    options = ("--labels", labels, "--splits", splits, "--split", "test")
    done = ran(tmp_path, *options, hidden=hidden)
    assert done.code == 0, done.err
    said = numbers(tmp_path / "out")
    assert said["left_out"] == {"not in the split test": 10, "a view was not read": 1}
    assert (said["exams"], said["patients"]) == (30, 16)
    assert [row["p"] for row in said["neighbours"]] == [None, None]
    assert "several exams" in said["neighbours"][0]["remark"]
    page = (tmp_path / "out" / "representation.html").read_text()
    assert "nearest exams of other patients" in " ".join(page.split())
    assert "those of the split test" in page
    for path in (tmp_path / "out").iterdir():
        assert b"secret" not in path.read_bytes()


@pytest.mark.usefixtures("quick")
def test_predictions_are_averaged_over_breasts_and_said_to_be_of_the_activations(
    tmp_path: Path,
) -> None:
    rows = [[name, 0.1, 0.1, i / 100, "" if i == 1 else 0.2] for i, name in enumerate(names())]
    header = "exam,left_benign,right_benign,left_malignant,right_malignant"
    predictions = write_table(tmp_path / "predictions.csv", header, rows[1:])
    options = ("--predictions", predictions, "--labels", write_labels(tmp_path / "labels.csv"))
    done = ran(tmp_path, *options)
    assert done.code == 0, done.err
    found = points(tmp_path / "out")
    assert "exam0" not in found
    assert numbers(tmp_path / "out")["left_out"] == {"without a score": 1}
    assert float(found["exam1"]["score"]) == pytest.approx(0.01)
    assert float(found["exam9"]["score"]) == pytest.approx(0.145)
    assert [row["of"] for row in numbers(tmp_path / "out")["neighbours"]] == [
        "predicted malignancy", "malignant finding",
    ] * 2  # fmt: skip
    page = " ".join((tmp_path / "out" / "representation.html").read_text().split())
    assert "that neighbours share it is no finding" in page


@pytest.mark.usefixtures("quick")
def test_any_column_of_numbers_may_be_the_score(tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels.csv")
    done = ran(tmp_path, "--labels", labels, "--column", "density")
    assert done.code == 0, done.err
    found = points(tmp_path / "out")
    assert {row["score"] for row in found.values()} == {"0.0", "1.0", "2.0"}
    assert "exam7" not in found
    assert numbers(tmp_path / "out")["neighbours"][0]["measure"] == "spearman"


@pytest.mark.usefixtures("quick")
def test_the_order_of_the_exams_in_the_file_does_not_matter(tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels.csv")
    done = ran(tmp_path, "--labels", labels)
    assert done.code == 0, done.err
    other = tmp_path / "other"
    other.mkdir()
    done = ran(other, "--labels", labels, hidden=write_exams(other, order=range(N - 1, -1, -1)))
    assert done.code == 0, done.err
    for name in ("csv", "json", "svg", "png"):
        path = Path("out") / f"representation.{name}"
        assert (other / path).read_bytes() == (tmp_path / path).read_bytes()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ((), 2, "no score to colour the exams by"),
        (("--readers", "readers.csv", "--predictions", "p.csv"), 2, "a point has one colour"),
        (("--readers", "readers.csv", "--column", "x"), 2, "the column 'x'"),
        (("--labels", "labels.csv", "--split", "test"), 2, "the split 'test' is of no table"),
        (("--labels", "labels.csv", "--column", "age"), 1, "no column 'age'"),
        (("--labels", "labels.csv", "--neighbours", "21"), 1, "21 neighbours take 43 at least"),
        (("--labels", "few.csv"), 1, "2 of 41 exams can be pictured (39 without a score)"),
        (("--labels", "twice.csv", "--column", "score"), 1, "'exam1' stands there twice"),
        (("--labels", "words.csv", "--column", "score"), 1, "words.csv, line 3: score is 'high'"),
        (("--readers", "modalities.csv"), 1, "holds 2 modalities"),
        (("--labels", "labels.csv", "--splits", "splits.csv", "--split", "test"), 1,
         "no exam is in the split 'test'; found training"),
        (("--labels", "labels.csv", "--splits", "splits.csv"), 1, "40 of 41 exams have no patient"),
    ],
)  # fmt: skip
def test_what_cannot_be_pictured_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_readers(Path("readers.csv"))
    header = write_labels(Path("labels.csv")).read_text().split("\n")[0]
    write_table(Path("few.csv"), header, [["exam1", 0, 0, 0, 0, 1], ["exam2", 0, 0, 0, 1, 1]])
    write_table(Path("twice.csv"), "exam,score", [["exam1", 1], ["exam1", 2]])
    write_table(Path("words.csv"), "exam,score", [["exam1", 1], ["exam2", "high"]])
    long = [["A", way, f"exam{i}", i % 2, 0.5] for way in ("x", "y") for i in range(N)]
    write_table(Path("modalities.csv"), "reader,treatment,case,truth,rating", long)
    write_table(Path("splits.csv"), "exam,patient,split", [["exam1", "p", "training"]])
    done = ran(tmp_path, *options)
    assert done.code == code
    assert done.err.startswith("error: ")
    assert says in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("quick")
def test_a_network_that_gives_all_exams_the_same_is_refused(tmp_path: Path) -> None:
    columns, fc = activations()
    fc[:] = fc[0]
    write_hidden(tmp_path / "hidden.npz", names(), columns, fc)
    done = ran(tmp_path, "--labels", write_labels(tmp_path / "labels.csv"), hidden=tmp_path)
    assert done.code == 1
    assert "all 41 exams have the same activations (fc)" in done.err


def test_without_umap_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    done = ran(tmp_path, "--labels", write_labels(tmp_path / "labels.csv"))
    assert done.code == 2
    assert "pip install 'fourview[representation]'" in done.err


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed")
def test_umap_sets_exams_with_a_finding_apart_and_the_same_seed_gives_the_same_bytes(
    tmp_path: Path,
) -> None:
    """Main text, 'Visualization of the representation learned by the classifier'."""
    labels = write_labels(tmp_path / "labels.csv")
    done = ran(tmp_path, "--labels", labels)
    assert done.code == 0, done.err
    said = numbers(tmp_path / "out")
    assert {"umap-learn", "numba"} <= said["versions"].keys()
    assert said["neighbours"][0]["value"] > 0.9
    assert all(0.5 < one["trustworthiness"] < 1 for one in said["pictures"])
    found = points(tmp_path / "out")
    places = np.array([[float(found[name][f"columns_{at}"]) for at in "xy"] for name in names()])
    nearest = nearest_others(places, 3, patients=names())
    assert MALIGNANT[nearest[MALIGNANT]].mean() > 0.8
    again = tmp_path / "again"
    assert ran(tmp_path, "--labels", labels, "-o", again).code == 0
    for path in (tmp_path / "out").iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()
    other = embed(activations()[0], neighbours=5, min_distance=0.1, metric="cosine", seed=1)
    assert not np.allclose(other.places, places)
