from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.core.geometry import Box
from fourview.core.prediction import (
    DrawnWindow,
    ExamPrediction,
    ModelPrediction,
    PassPrediction,
)
from fourview.core.views import Label, View
from fourview.io.results import (
    prediction_to_dict,
    write_heatmap,
    write_hidden,
    write_json,
    write_predictions_csv,
    write_text,
)

NUMBERS = [0.1, 1 / 3, 1e-7, 0.99999994]


def prediction(exam: str = "a", numbers: list[float] = NUMBERS) -> ExamPrediction:
    """Numbers for as many labels as there are."""
    said = {label: float(np.float32(value)) for label, value in zip(Label, numbers, strict=False)}
    drawn = DrawnWindow("a.png", (20, 30), Box(1, 2, 3, 4), Box(0, 2, 3, 5))
    one = PassPrediction({"CC": said}, {View.L_CC: drawn})
    return ExamPrediction(exam, (ModelPrediction("w", (one,)),), (View.R_MLO,), ("careful",))


def test_the_csv_has_the_labels_in_their_order_and_all_digits_of_float32(tmp_path: Path) -> None:
    """Released pipeline, part 10: the columns' order."""
    write_predictions_csv(tmp_path / "p.csv", [prediction()])
    text = (tmp_path / "p.csv").read_bytes().decode()
    header, row = text.splitlines()
    assert header == "exam,left_benign,right_benign,left_malignant,right_malignant"
    assert text.endswith("\n")
    assert "\r" not in text
    values = np.array(row.split(",")[1:], dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(values, np.array(NUMBERS, np.float32))


def test_a_breast_that_was_not_read_is_empty(tmp_path: Path) -> None:
    write_predictions_csv(tmp_path / "p.csv", [prediction(numbers=[0.5])])
    assert (tmp_path / "p.csv").read_text().splitlines()[1] == "a,0.5,,,"
    assert prediction_to_dict(prediction(numbers=[0.5]))["probabilities"] == {
        "left_benign": 0.5,
        "right_benign": None,
        "left_malignant": None,
        "right_malignant": None,
    }


def test_exams_of_odd_names_stay_in_their_cell(tmp_path: Path) -> None:
    exams = ['a,b "c"', "ü-日本", "1.2.3"]
    write_predictions_csv(tmp_path / "p.csv", [prediction(exam) for exam in exams])
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as file:
        assert [row["exam"] for row in csv.DictReader(file)] == exams


def test_no_exams_are_a_header(tmp_path: Path) -> None:
    write_predictions_csv(tmp_path / "p.csv", [])
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 1


def test_a_prediction_is_told_with_all_its_parts() -> None:
    told = prediction_to_dict(prediction())
    assert told["exam"] == "a"
    assert (told["missing"], told["warnings"]) == (["R-MLO"], ["careful"])
    [model] = told["models"]
    [one] = model["passes"]
    assert model["weights"] == "w"
    assert one["branches"]["CC"] == told["probabilities"] == model["probabilities"]
    assert one["windows"] == {
        "L-CC": {
            "source": "a.png",
            "padded_shape": [20, 30],
            "located": {"top": 1, "bottom": 2, "left": 3, "right": 4},
            "box": {"top": 0, "bottom": 2, "left": 3, "right": 5},
        }
    }
    assert json.loads(json.dumps(told)) == told


def test_json_is_utf_8_and_knows_no_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": "ü", "a": [1, None]})
    content = (tmp_path / "a.json").read_bytes()
    assert "ü".encode() in content
    assert list(json.loads(content)) == ["b", "a"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert json.loads((tmp_path / "a.json").read_bytes())["b"] == "ü"


def test_a_file_name_that_is_no_utf_8_is_shown(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": "b\udcff"})
    write_text(tmp_path / "a.html", "b\udcff")
    for name in ("a.json", "a.html"):
        assert r"b\udcff" in (tmp_path / name).read_text(encoding="utf-8")


def test_a_heatmap_is_a_16_bit_png_of_which_65535_is_one(tmp_path: Path) -> None:
    heatmap = np.array([[0, 0.5, 1], [1 / 65535, -0.1, 1.1]], dtype=np.float32)
    write_heatmap(tmp_path / "a.png", heatmap)
    levels = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    assert levels.dtype == np.uint16
    assert levels.tolist() == [[0, 32768, 65535], [1, 0, 65535]]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_hidden_activations_are_a_row_an_exam(tmp_path: Path, n: int) -> None:
    rows = [np.full(1024, number, np.float32) for number in range(n)]
    exams = [f"exam {number}" for number in range(n)]
    write_hidden(tmp_path / "h.npz", exams, rows, [row + 10 for row in rows])
    with np.load(tmp_path / "h.npz", allow_pickle=False) as found:
        assert found["exam"].tolist() == exams
        assert found["columns"].shape == found["fc"].shape == (n, 1024)
        assert found["columns"][:, 5].tolist() == list(range(n))
        assert found["fc"][:, 5].tolist() == [10 + number for number in range(n)]
