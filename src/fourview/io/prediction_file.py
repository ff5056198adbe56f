"""Predictions on disk, read: predictions.csv, or predictions.json with networks and branches."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourview.core.errors import TableError
from fourview.core.model_kind import ModelKind
from fourview.core.prediction import mean_by_label
from fourview.core.views import Label
from fourview.io.cells import number_cell
from fourview.io.names import shown
from fourview.io.prediction_text import EXAMS, parts_of_predictions
from fourview.io.table import Row, read_rows

Probabilities = Mapping[Label, float]
"""Of the four labels, in [0, 1]; NaN for a breast that was not read."""

JSON, CSV, RUN = "predictions.json", "predictions.csv", "run.json"
_AS_WRITTEN = "give predictions.json or predictions.csv as fourview wrote it, or their folder"
_APART = 1e-6
"""How far a mean may be from that of its parts: more than rounding, less than any difference."""


@dataclass(frozen=True, eq=False)
class NetworkPredictions:
    """What one network said, the mean over its passes."""

    weights: str
    """Their name; empty where the file tells none."""
    kind: ModelKind
    exams: Mapping[str, Probabilities]
    branches: Mapping[str, Mapping[str, Probabilities]]
    """By branch (`CC`, `L-MLO`, `left`), by exam; nothing where the file tells none."""


@dataclass(frozen=True, eq=False)
class PredictionFile:
    """The predictions of one run."""

    path: Path
    exams: Mapping[str, Probabilities]
    """In the file's order: the mean over its networks."""
    networks: tuple[NetworkPredictions, ...]
    """At least one; a table of four probabilities is taken for one network's."""
    notices: tuple[str, ...] = ()
    """What the run said of itself: that its weights know nothing, say."""


def read_predictions(path: Path) -> PredictionFile:
    """The predictions in a file, or in a folder that holds predictions.json or predictions.csv.

    What networks are is read from the run.json beside predictions.json.

    Raises:
        TableError: there is no such file; an exam stands in it twice; a number is no probability;
            a mean is not that of its parts.
    """
    path = _file(path)
    if path.suffix.lower() != ".json":
        return _of_table(path)
    return _of_json(path)


def _file(path: Path) -> Path:
    if path.is_dir():
        for name in (JSON, CSV):
            if (path / name).is_file():
                return path / name
        raise TableError(f"{path}: a folder without {JSON} or {CSV}", hint=_AS_WRITTEN)
    if not path.exists():
        raise TableError(f"{path}: no such file or folder", hint="check the path")
    if path.suffix.lower() not in (".json", ".csv", ".parquet"):
        raise TableError(f"{path}: neither JSON nor CSV by its name", hint=_AS_WRITTEN)
    return path


def _of_table(path: Path) -> PredictionFile:
    exams: dict[str, Probabilities] = {}
    for row in read_rows(path, required=("exam", *(label.value for label in Label))):
        if row.problem:
            raise TableError(f"{row.place}: the row {row.problem}")
        _add(exams, row.get("exam"), _of_row(row), row.place)
    _refuse_nothing(path, exams)
    return PredictionFile(path, exams, (NetworkPredictions("", ModelKind(), exams, {}),))


def _of_row(row: Row) -> Probabilities:
    found = {}
    for label in Label:
        try:
            value = number_cell(row.get(label.value), label.value, least=0, most=1)
        except TableError as error:
            raise TableError(
                f"{row.place}: {error.problem}",
                hint="a probability; empty where the breast was not read",
            ) from error
        found[label] = math.nan if value is None else value
    return found


def _of_json(path: Path) -> PredictionFile:
    exams: dict[str, Probabilities] = {}
    told: list[_Network] = []
    notices: list[str] = []
    for key, value in parts_of_predictions(path):
        if key == "notices" and isinstance(value, list):
            notices += map(str, value)
        elif key == EXAMS:
            _read_exam(path, value, exams, told)
    _refuse_nothing(path, exams)
    if not told:
        return PredictionFile(
            path, exams, (NetworkPredictions("", ModelKind(), exams, {}),), tuple(notices)
        )
    kinds, remark = _kinds(path.parent / RUN, [one.weights for one in told])
    networks = tuple(
        NetworkPredictions(one.weights, kind, one.exams, one.branches)
        for one, kind in zip(told, kinds, strict=True)
    )
    return PredictionFile(path, exams, networks, (*notices, *remark))


class _Network:
    def __init__(self, weights: str) -> None:
        self.weights = weights
        self.exams: dict[str, Probabilities] = {}
        self.branches: dict[str, dict[str, Probabilities]] = {}


def _read_exam(
    path: Path, value: Any, exams: dict[str, Probabilities], told: list[_Network]
) -> None:
    name = value.get("exam") if isinstance(value, dict) else None
    place = f"{path.name}, exam {shown(str(name))}"
    try:
        mean = _probabilities(value["probabilities"], place)
        _add(exams, str(name), mean, place)
        models = value.get("models", [])
        names = [str(model["weights"]) for model in models]
        if len(exams) == 1:
            told += map(_Network, names)
        if names != [one.weights for one in told]:
            raise TableError(
                f"{place}: is of the networks {', '.join(names) or 'none'}; those before of "
                f"{', '.join(one.weights for one in told) or 'none'}",
                hint="one file is of the same networks throughout",
            )
        for network, model in zip(told, models, strict=True):
            _read_network(network, model, str(name), f"{place}, {network.weights}")
        if told:
            _refuse_apart(mean, [one.exams[str(name)] for one in told], place, "networks")
    except (KeyError, TypeError, AttributeError) as error:
        raise TableError(
            f"{place}: not as fourview writes an exam ({type(error).__name__}: {error})",
            hint=_AS_WRITTEN,
        ) from error


def _read_network(network: _Network, model: Any, exam: str, place: str) -> None:
    network.exams[exam] = _probabilities(model["probabilities"], place)
    passes = model.get("passes", [])
    by_branch: dict[str, list[Probabilities]] = {}
    for one in passes:
        for branch, said in one["branches"].items():
            by_branch.setdefault(branch, []).append(_probabilities(said, f"{place}, {branch}"))
    if any(len(said) != len(passes) for said in by_branch.values()):
        raise TableError(f"{place}: a branch speaks in some passes only", hint=_AS_WRITTEN)
    means = {branch: _mean(said) for branch, said in by_branch.items()}
    for branch, mean in means.items():
        network.branches.setdefault(branch, {})[exam] = mean
    if means:
        _refuse_apart(network.exams[exam], list(means.values()), place, "branches")


def _probabilities(told: Any, place: str) -> Probabilities:
    found = {}
    for label in Label:
        value = told.get(label.value)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1
        ):
            raise TableError(
                f"{place}: {label.value} is {shown(str(value))}; expected a number, 0 to 1",
                hint="null where the breast was not read",
            )
        found[label] = math.nan if value is None else float(value)
    return found


def _mean(parts: Sequence[Probabilities]) -> Probabilities:
    known: list[Mapping[Label, float | None]] = [
        {label: None if math.isnan(value) else value for label, value in part.items()}
        for part in parts
    ]
    return {
        label: math.nan if value is None else value for label, value in mean_by_label(known).items()
    }


def _refuse_apart(
    mean: Probabilities, parts: Sequence[Probabilities], place: str, what: str
) -> None:
    for label, value in _mean(parts).items():
        told = mean[label]
        if math.isnan(told) != math.isnan(value) or abs(told - value) > _APART:
            raise TableError(
                f"{place}: {label.value} is {told:g}, and the mean of its {what} {value:g}",
                hint="the file was changed, or is of another version: predict again",
            )


def _add(exams: dict[str, Probabilities], name: str, said: Probabilities, place: str) -> None:
    if not name or name == "None":
        raise TableError(f"{place}: the exam is empty")
    if name in exams:
        raise TableError(
            f"{place}: the exam {shown(name)!r} stands there twice",
            hint="an exam counted twice makes every interval too narrow",
        )
    exams[name] = said


def _refuse_nothing(path: Path, exams: Mapping[str, Probabilities]) -> None:
    if not exams:
        raise TableError(f"{path.name}: holds no exam's predictions", hint=_AS_WRITTEN)


def _kinds(run: Path, weights: Sequence[str]) -> tuple[list[ModelKind], tuple[str, ...]]:
    """The networks' kinds as run.json tells them, in its order; what to say where it does not."""
    nothing = [ModelKind() for _ in weights]
    if not run.is_file():
        return nothing, ()
    try:
        told = json.loads(run.read_text(encoding="utf-8"))["weights"]
        breast = [one for one in told if one["architecture"] == "breast_model"]
        if [one["name"] for one in breast] == list(weights):
            return [_kind(one) for one in breast], ()
    except (OSError, ValueError, KeyError, TypeError):
        pass
    said = f"{run.parent.name}/{run.name} does not tell of the networks in {JSON} beside it"
    return nothing, (said,)


def _kind(told: Mapping[str, Any]) -> ModelKind:
    begun = str((told.get("provenance") or {}).get("begun_with", ""))
    return ModelKind(str(told["inputs"]), str(told["variant"]), next(_beginning(begun), ""))


def _beginning(begun_with: str) -> Iterator[str]:
    """In the words of a training: fine-tuned weights tell neither."""
    if begun_with.startswith("weights drawn at random"):
        yield "random"
    if begun_with.startswith("the columns of "):
        yield "pretrained"
