"""Predictions of a run, read again: what is wrong with them is never passed on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fourview.core.errors import TableError
from fourview.core.model_kind import ModelKind
from fourview.core.prediction import ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.views import Label
from fourview.io.prediction_file import read_predictions
from fourview.io.results import prediction_to_dict, write_json, write_predictions_csv

HEADER = "exam,left_benign,right_benign,left_malignant,right_malignant"


def of_labels(*values: float) -> dict[Label, float]:
    return dict(zip(Label, values, strict=True))


def exam(name: str, shift: float = 0.0) -> ExamPrediction:
    """Two networks: one of two branches and two passes, one of a single joint branch."""
    passes = tuple(
        PassPrediction(
            {"CC": of_labels(0.1, 0.2, 0.3, 0.4 + by), "MLO": of_labels(0.3, 0.2, 0.1, shift)}, {}
        )
        for by in (0.0, 0.2)
    )
    joint = (PassPrediction({"joint": of_labels(0.6, 0.4, 0.2, 0.9)}, {}),)
    return ExamPrediction(name, (ModelPrediction("a", passes), ModelPrediction("b", joint)))


def written(folder: Path, *exams: ExamPrediction, **others: Any) -> Path:
    write_json(
        folder / "predictions.json", {"exams": [prediction_to_dict(one) for one in exams], **others}
    )
    return folder


def test_networks_and_branches_are_means_over_passes(tmp_path: Path) -> None:
    read = read_predictions(written(tmp_path, exam("1", 0.4), exam("2"), notices=["beware"]))
    assert list(read.exams) == ["1", "2"]
    assert read.notices == ("beware",)
    a, b = read.networks
    assert a.branches["CC"]["1"][Label.RIGHT_MALIGNANT] == pytest.approx(0.5)
    assert a.exams["1"][Label.RIGHT_MALIGNANT] == pytest.approx((0.5 + 0.4) / 2)
    assert b.branches.keys() == {"joint"}
    assert read.exams["1"][Label.RIGHT_MALIGNANT] == pytest.approx((0.45 + 0.9) / 2)


def test_json_and_csv_of_a_run_say_the_same(tmp_path: Path) -> None:
    exams = [exam("1", 0.123456789), exam("2", 0.7)]
    write_predictions_csv(tmp_path / "predictions.csv", exams)
    from_csv = read_predictions(tmp_path)
    from_json = read_predictions(written(tmp_path, *exams))
    assert from_csv.path.suffix == ".csv"
    assert from_json.path.suffix == ".json"
    for name, said in from_json.exams.items():
        assert from_csv.exams[name] == pytest.approx(said, abs=1e-9)


def test_a_breast_that_was_not_read_is_nan_and_no_number(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(f"{HEADER}\n1,,0.2,,0.4\n")
    said = read_predictions(tmp_path / "p.csv").exams["1"]
    assert math.isnan(said[Label.LEFT_MALIGNANT])
    assert said[Label.RIGHT_MALIGNANT] == 0.4
    one = PassPrediction({"R-CC": {Label.RIGHT_BENIGN: 0.2, Label.RIGHT_MALIGNANT: 0.4}}, {})
    alone = ExamPrediction("1", (ModelPrediction("a", (one,)),))
    network = read_predictions(written(tmp_path, alone)).networks[0]
    assert math.isnan(network.exams["1"][Label.LEFT_BENIGN])
    assert math.isnan(network.branches["R-CC"]["1"][Label.LEFT_BENIGN])


def run_json(*names: str) -> dict[str, Any]:
    def one(name: str, begun: str) -> dict[str, Any]:
        return {
            "name": name,
            "architecture": "breast_model",
            "inputs": "image",
            "variant": "view-wise",
            "provenance": {"begun_with": begun},
        }

    patch = {"name": "patch", "architecture": "patch_densenet121"}
    begun = ("weights drawn at random", "the columns of weights birads, fully connected layers …")
    return {"weights": [*map(one, names, begun), patch]}


def test_kinds_are_read_from_run_json(tmp_path: Path) -> None:
    written(tmp_path, exam("1"))
    write_json(tmp_path / "run.json", run_json("a", "b"))
    kinds = [one.kind for one in read_predictions(tmp_path).networks]
    assert kinds == [
        ModelKind("image", "view-wise", "random"),
        ModelKind("image", "view-wise", "pretrained"),
    ]


def test_a_run_json_of_other_weights_tells_nothing_and_that_is_said(tmp_path: Path) -> None:
    written(tmp_path, exam("1"))
    write_json(tmp_path / "run.json", run_json("b", "a"))
    read = read_predictions(tmp_path)
    assert [one.kind for one in read.networks] == [ModelKind(), ModelKind()]
    assert "does not tell of the networks" in read.notices[0]


def test_flat_json_is_one_network(tmp_path: Path) -> None:
    said = {label.value: 0.5 for label in Label}
    (tmp_path / "p.json").write_text(
        json.dumps({"exams": [{"exam": "1", "probabilities": said}], "about": "x"})
    )
    (network,) = read_predictions(tmp_path / "p.json").networks
    assert network.exams["1"] == of_labels(0.5, 0.5, 0.5, 0.5)
    assert network.branches == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,0.1,0.2,0.3,1.5", "right_malignant is '1.5'"),
        ("1,0.1,0.2,0.3,nan", "right_malignant is 'nan'"),
        ("1,0.1,0.2,0.3,inf", "right_malignant is 'inf'"),
        ("1,0.1,0.2,-0.1,0.3", "left_malignant is '-0.1'"),
        ("1,0.1,0.2,0.3,0.4\n1,0.1,0.2,0.3,0.4", "'1' stands there twice"),
        (",0.1,0.2,0.3,0.4", "the exam is empty"),
        ("1,0.1,0.2,0.3", "has 4 cells"),
        ("", "holds no exam"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "p.csv").write_text(f"{HEADER}\n{rows}\n")
    with pytest.raises(TableError, match=said):
        read_predictions(tmp_path / "p.csv")


def changed(change: Callable[[dict[str, Any]], Any]) -> str:
    values = {"exams": [prediction_to_dict(exam(name)) for name in "12"]}
    change(values)
    return json.dumps(values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[]", "not JSON"),
        ('{"exams": [{"exam": "1"', "cut short"),
        ('{"exams": []}', "holds no exam"),
        ('{"exams": [3]}', "not as fourview writes an exam"),
        ('{"exams": [{"exam": "1", "probabilities": {"left_benign": NaN}}]}', "NaN is no number"),
        ('{"exams": [{"exam": "1", "probabilities": {"left_benign": "0.5"}}]}', "is 0.5; expected"),
        ('{"exams": [], "x": 1,}', "a key|cut short"),
        (changed(lambda v: v["exams"].append(v["exams"][0])), "'1' stands there twice"),
        (changed(lambda v: v["exams"][1]["models"].pop()), "is of the networks a; those before"),
        (
            changed(lambda v: v["exams"][0]["probabilities"].update(left_benign=0.9)),
            "left_benign is 0.9, and the mean of its networks",
        ),
        (
            changed(
                lambda v: v["exams"][0]["models"][0]["passes"][0]["branches"]["CC"].update(
                    left_benign=0.9
                )
            ),
            "the mean of its branches",
        ),
        (
            changed(lambda v: v["exams"][0]["models"][0]["passes"][1]["branches"].pop("MLO")),
            "speaks in some passes only",
        ),
    ],
)
def test_wrong_json_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "predictions.json").write_text(text)
    with pytest.raises(TableError, match=said):
        read_predictions(tmp_path)


def test_what_is_no_prediction_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").touch()
    for path, said in ((tmp_path, "a folder without"), (tmp_path / "no", "no such file"),
                       (tmp_path / "x.txt", "neither JSON nor CSV")):  # fmt: skip
        with pytest.raises(TableError, match=said):
            read_predictions(path)
