"""Finished exams of a prediction run, a JSON line each, so that a run that was stopped goes on."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import OutputError
from fourview.core.geometry import Box
from fourview.core.prediction import DrawnWindow, ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.views import Label, View
from fourview.io.alone import hold
from fourview.io.atomic import cannot_write

Activations = NDArray[np.float32]

JOURNAL = "predictions.jsonl"
_FORMAT = 1


class PredictionJournal:
    """The journal in a folder, begun or gone on with; nobody else may write it meanwhile.

    A line that was cut short is forgotten, with all after it.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Goes on with the journal of the same predictions, or begins one.

        Args:
            about: all that moves a number, as plain values.

        Raises:
            OutputError: it is of other predictions, another run is writing it, or it cannot be
                written.
        """
        self.path = folder / JOURNAL
        self._lines: dict[str, tuple[list[Any], int, int]] = {}
        wanted = json.loads(json.dumps({"fourview predictions": _FORMAT, **about}))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise cannot_write(folder, error) from error
        try:
            hold(
                self._file,
                f"{folder}: another run is writing these predictions",
                hint="wait for it, or give another folder",
            )
            good = self._load(wanted)
            self._file.truncate(good)
            if not good:
                self._write(wanted)
        except OSError as error:
            self._file.close()
            raise cannot_write(self.path, error) from error
        except OutputError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._lines)

    def has(self, exam: str, pixels: list[Any]) -> bool:
        """Whether the exam was finished, of the same pixels."""
        return exam in self._lines and self._lines[exam][0] == pixels

    def add(
        self,
        exam: Mapping[str, Any],
        pixels: list[Any],
        hidden: tuple[Activations, Activations] | None = None,
    ) -> None:
        """Keep a finished exam.

        Args:
            exam: as `predictions.json` tells it.
            pixels: by which its images are told from others of the same names.
            hidden: activations of the columns and of the first fully connected layer, if they are
                to be kept, too.

        Raises:
            OutputError: the disk is full, or the folder cannot be written to.
        """
        start = self._file.seek(0, 2)
        try:
            kept = {} if hidden is None else {"hidden": [_packed(one) for one in hidden]}
            end = start + self._write({"pixels": pixels, "exam": exam, **kept})
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._lines[str(exam["exam"])] = (pixels, start, end)

    def read(self, exam: str) -> dict[str, Any]:
        """A finished exam, as it was added."""
        found: dict[str, Any] = self._line(exam)["exam"]
        return found

    def read_hidden(self, exam: str) -> tuple[Activations, Activations]:
        """A finished exam's activations, as they were added, bit for bit."""
        columns, fc = map(_unpacked, self._line(exam)["hidden"])
        return columns, fc

    def _line(self, exam: str) -> dict[str, Any]:
        _, start, end = self._lines[exam]
        self._file.seek(start)
        line: dict[str, Any] = json.loads(self._file.read(end - start))
        return line

    def _write(self, values: Mapping[str, Any]) -> int:
        line = json.dumps(values, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        left = memoryview(line)
        while left:
            left = left[self._file.write(left) :]
        return len(line)

    def _load(self, wanted: Mapping[str, Any]) -> int:
        """Reads what is there, and tells up to which byte it is sound."""
        self._file.seek(0)
        good = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break  # a run was killed while it wrote
                try:
                    found = json.loads(line)
                    if number == 0:
                        self._check(found, wanted)
                    else:
                        span = (found["pixels"], good, good + len(line))
                        self._lines[str(found["exam"]["exam"])] = span
                except (ValueError, KeyError, TypeError):
                    if number == 0:
                        raise OutputError(
                            f"{self.path}: no journal of predictions, or a damaged one",
                            hint="give another folder, or delete it to begin anew",
                        ) from None
                    break
                good += len(line)
        return good

    def _check(self, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        if differing := _differing(found, wanted):
            raise OutputError(
                f"{self.path.parent}: holds other predictions: {'; '.join(differing[:3])}",
                hint="give another folder with -o, or the same values to go on with those",
            )


def _packed(values: Activations) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _unpacked(text: str) -> Activations:
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32)


def _differing(found: Any, wanted: Any, where: str = "") -> list[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return [
            told
            for key in dict.fromkeys([*wanted, *found])
            for told in _differing(found.get(key), wanted.get(key), f"{where}.{key}".lstrip("."))
        ]
    return [] if found == wanted else [f"{where} is {found!r} there, and {wanted!r} here"]


def prediction_from_dict(values: Mapping[str, Any]) -> ExamPrediction:
    """What `results.prediction_to_dict` told, number for number."""
    return ExamPrediction(
        exam=values["exam"],
        models=tuple(
            ModelPrediction(model["weights"], tuple(map(_pass, model["passes"])))
            for model in values["models"]
        ),
        missing=tuple(View(view) for view in values["missing"]),
        warnings=tuple(values["warnings"]),
    )


def _pass(values: Mapping[str, Any]) -> PassPrediction:
    branches = {
        name: {Label(label): value for label, value in said.items()}
        for name, said in values["branches"].items()
    }
    return PassPrediction(
        branches, {View(view): _window(drawn) for view, drawn in values["windows"].items()}
    )


def _window(drawn: Mapping[str, Any]) -> DrawnWindow:
    rows, columns = drawn["padded_shape"]
    located, box = Box(**drawn["located"]), Box(**drawn["box"])
    return DrawnWindow(drawn["source"], (rows, columns), located, box)
