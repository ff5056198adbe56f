"""Results on disk: predictions as CSV and JSON, heatmaps as 16-bit PNG, hidden vectors."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import OutputError
from fourview.core.geometry import Box
from fourview.core.prediction import DrawnWindow, ExamPrediction, ModelPrediction
from fourview.core.views import Label
from fourview.io.atomic import write_file


def write_predictions_csv(path: Path, predictions: Sequence[ExamPrediction]) -> None:
    """An exam a row, the four labels in their one order, nine digits (all that float32 has).

    A breast that was not read is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["exam", *(label.value for label in Label)])
    for prediction in predictions:
        values = prediction.probabilities
        writer.writerow([prediction.exam, *(_nine_digits(values[label]) for label in Label)])
    write_file(path, text.getvalue().encode())


def _nine_digits(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"


def prediction_to_dict(prediction: ExamPrediction) -> dict[str, Any]:
    """An exam's prediction as plain values, with all its parts."""
    return {
        "exam": prediction.exam,
        "probabilities": _by_name(prediction.probabilities),
        "missing": [view.value for view in prediction.missing],
        "warnings": list(prediction.warnings),
        "models": [_model_to_dict(model) for model in prediction.models],
    }


def _model_to_dict(model: ModelPrediction) -> dict[str, Any]:
    return {
        "weights": model.weights,
        "probabilities": _by_name(model.mean),
        "passes": [
            {
                "branches": {name: _by_name(values) for name, values in one.branches.items()},
                "windows": {view.value: _window(drawn) for view, drawn in one.windows.items()},
            }
            for one in model.passes
        ],
    }


def _by_name(values: Mapping[Label, float | None] | Mapping[Label, float]) -> dict[str, Any]:
    return {label.value: value for label, value in values.items()}


def _window(drawn: DrawnWindow) -> dict[str, Any]:
    return {
        "source": drawn.source,
        "padded_shape": list(drawn.padded_shape),
        "located": box_to_dict(drawn.located),
        "box": box_to_dict(drawn.box),
    }


def box_to_dict(box: Box) -> dict[str, int]:
    """`top`, `bottom`, `left`, `right`: half-open, pixels."""
    return asdict(box)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Plain values as UTF-8 JSON, the same bytes for the same values."""
    text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    # A surrogate stands for a byte of a file name that is no UTF-8: shown, and no reason to fail.
    write_file(path, (text + "\n").encode(errors="backslashreplace"))


def json_cells(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A row's numbers for JSON: what is not defined (NaN) is null; infinity, which JSON lacks, a
    word; a tuple a list."""
    return {key: _json_cell(value) for key, value in cells.items()}


def _json_cell(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf"
    return list(value) if isinstance(value, tuple) else value


def write_text(path: Path, text: str) -> None:
    """A text as UTF-8."""
    write_file(path, text.encode(errors="backslashreplace"))


def write_heatmap(path: Path, heatmap: NDArray[np.float32]) -> None:
    """A heatmap as a 16-bit grey PNG: 65535 is probability 1."""
    levels = np.rint(np.clip(heatmap, 0, 1) * 65535).astype(np.uint16)
    done, data = cv2.imencode(".png", levels)
    if not done:
        raise OutputError(f"{path}: a heatmap of {heatmap.shape} could not be encoded as PNG")
    write_file(path, data.tobytes())


def write_hidden(
    path: Path,
    exams: Sequence[str],
    columns: Sequence[NDArray[np.float32]],
    fc: Sequence[NDArray[np.float32]],
) -> None:
    """`exam` (N,), `columns` (N, 1024), `fc` (N, 1024); NaN where something was not read."""
    data = io.BytesIO()
    shape = (len(exams), -1) if exams else (0, 1024)
    np.savez(
        data,
        exam=np.array(exams, dtype=np.str_),
        columns=np.array(columns, dtype=np.float32).reshape(shape),
        fc=np.array(fc, dtype=np.float32).reshape(shape),
    )
    write_file(path, data.getvalue())
