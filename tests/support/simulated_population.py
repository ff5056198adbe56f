"""A screening population and models whose skill is known: tables and prediction files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from fourview.core.prediction import ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.views import Finding, Label, Laterality, View
from fourview.io.finding_table import COLUMNS as FINDING_COLUMNS
from fourview.io.results import prediction_to_dict, write_json, write_predictions_csv

TYPES = ("mass", "calcification", "asymmetry")
BRANCHES = {
    "view-wise": ("CC", "MLO"),
    "image-wise": tuple(view.value for view in View),
    "breast-wise": ("left", "right"),
    "joint": ("joint",),
}


@dataclass(frozen=True)
class SimulatedExam:
    """One exam, whose truth everybody may know here."""

    name: str
    patient: str
    labels: Mapping[Label, bool]
    biopsied: bool
    age: int
    density: str
    manufacturer: str


def simulated_exams(n: int, *, seed: int = 0, share: float = 0.3) -> list[SimulatedExam]:
    """Exams of which every third patient has two.

    Args:
        share: Of the exams, how many are biopsied.
    """
    rng = np.random.default_rng(seed)
    exams = []
    for i in range(n):
        biopsied = bool(rng.random() < share)
        found = dict.fromkeys(Label, False)
        if biopsied:
            side = rng.choice([one.value for one in Laterality])
            malignant, benign = ((1, 0), (0, 1), (0, 1), (1, 1), (0, 0))[rng.integers(5)]
            for label in Label:
                if label.laterality.value == side:
                    is_malignant = label.finding is Finding.MALIGNANT
                    found[label] = bool(malignant if is_malignant else benign)
        exams.append(
            SimulatedExam(
                name=f"e{i:04d}",
                patient=f"secret{i - i % 3 if i % 3 == 1 else i}",
                labels=found,
                biopsied=biopsied,
                age=int(rng.integers(38, 82)),
                density=str(rng.choice(list("aabbbcccd"))),
                manufacturer=("Acme", "Beta")[int(rng.random() < 0.3)],
            )
        )
    return exams


def write_truth(folder: Path, exams: Iterable[SimulatedExam], **split_of: str) -> None:
    """labels.csv, exams.csv and findings.csv; splits.csv where the split of an exam is given."""
    exams = list(exams)
    _write(
        folder / "labels.csv",
        [
            {"exam": one.name, **{label.value: int(one.labels[label]) for label in Label},
             "biopsied": int(one.biopsied)}
            for one in exams
        ],
    )  # fmt: skip
    _write(
        folder / "exams.csv",
        [
            {"exam": one.name, "patient": one.patient, "view": view.value,
             "path": f"{one.name}-{view.value}.png", "age": one.age, "density": one.density,
             "manufacturer": one.manufacturer, "site": "north" if one.age % 2 else "south"}
            for one in exams
            for view in View
        ],
    )  # fmt: skip
    _write(
        folder / "findings.csv",
        [
            {"exam": one.name, "view": f"{label.laterality.value}-{position}",
             "finding": label.finding.value, "class": label.finding.value,
             "type": TYPES[number % 3], "occult": int(number % 4 == 3), "mask": ""}
            for number, one in enumerate(exams)
            for label in Label if one.labels[label]
            for position in ("CC", "MLO")
        ],
        FINDING_COLUMNS,
    )  # fmt: skip
    if split_of:
        _write(
            folder / "splits.csv",
            [{"exam": name, "patient": "", "split": split} for name, split in split_of.items()],
        )


def predictions(
    exams: Sequence[SimulatedExam],
    *,
    skill: float,
    variant: str = "view-wise",
    networks: int = 1,
    seed: int = 1,
) -> list[ExamPrediction]:
    """What networks of one skill say: log-odds rise by `skill` with a finding of the class, and by
    a half of it with one of the other class."""
    rng = np.random.default_rng([seed, 77])
    found = []
    for one in exams:
        shared = {label: _log_odds(one, label, skill) + rng.normal(0, 0.8) for label in Label}
        models = tuple(
            ModelPrediction(
                f"net{k}",
                tuple(
                    PassPrediction(
                        {
                            branch: {
                                label: float(np.float32(expit(shared[label] + rng.normal(0, 0.6))))
                                for label in Label if _speaks(branch, label)
                            }
                            for branch in BRANCHES[variant]
                        },
                        {},
                    )
                    for _ in range(2)
                ),
            )
            for k in range(networks)
        )  # fmt: skip
        found.append(ExamPrediction(one.name, models))
    return found


def _log_odds(exam: SimulatedExam, label: Label, skill: float) -> float:
    other = next(one for one in Label if one.laterality is label.laterality and one is not label)
    return -2.5 + skill * exam.labels[label] + skill / 2 * exam.labels[other]


def _speaks(branch: str, label: Label) -> bool:
    if branch in ("left", "right"):
        return branch[0].upper() == label.laterality.value
    return branch[:2] not in ("L-", "R-") or branch[0] == label.laterality.value


def write_run(
    folder: Path,
    said: Sequence[ExamPrediction],
    *,
    inputs: str = "image",
    variant: str = "view-wise",
    begun_with: str = "the columns of weights birads",
    notices: Sequence[str] = (),
) -> Path:
    """predictions.csv, predictions.json and run.json, as `fourview predict` leaves them."""
    write_predictions_csv(folder / "predictions.csv", said)
    write_json(
        folder / "predictions.json",
        {"about": "", "notices": list(notices), "exams": [prediction_to_dict(one) for one in said]},
    )
    weights = [
        {"name": model.weights, "architecture": "breast_model", "inputs": inputs,
         "variant": variant, "provenance": {"begun_with": begun_with}}
        for model in said[0].models
    ]  # fmt: skip
    write_json(folder / "run.json", {"weights": weights})
    return folder


def _write(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
