# ruff: noqa: T201 (a script that prints)
"""Simulates what the paper's models might say of a synthetic population. No network was trained.

    python examples/simulated_models.py RUN

RUN is a folder that `paper_figures.sh` is filling: phantoms/, labels/ and store/. Writes
RUN/simulated/: the predictions of eleven models of five networks each (predictions.json, run.json
and predictions.csv, as `fourview predict` leaves them), the activations of the first network of two
of them (hidden.npz), and a reader study composed as the paper's (readers.csv); and heatmaps into
the store. The models' skills were chosen so that their areas under the curve look like the paper's.
They prove nothing but that tables and figures can be made.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from simulated_heatmaps import VEIL, simulate_heatmaps, visibility
from simulated_kinds import KINDS, Kind

from fourview.core.prediction import ExamPrediction, ModelPrediction, PassPrediction
from fourview.core.views import Finding, Label, Laterality, View
from fourview.io.label_table import read_label_table
from fourview.io.results import prediction_to_dict, write_hidden, write_json, write_predictions_csv
from fourview.io.store import Store
from fourview.io.tables import write_table

NOTICE = "SIMULATED: no network read an image; these are random numbers around the known truth"
NETWORKS = 5
SEED = 2019
POSITIONS = ("CC", "MLO")
SIDES = tuple(Laterality)
FINDINGS = (Finding.MALIGNANT, Finding.BENIGN)
BRANCHES = {
    "view-wise": POSITIONS,
    "image-wise": tuple(view.value for view in View),
    "breast-wise": ("left", "right"),
    "joint": ("joint",),
}
WITH_HIDDEN = ("simulated-image-only", "simulated-image-and-heatmaps")
Array = NDArray[np.float64]


class Evidence:
    """What there is to be seen in N exams. Axes: exam, side, position, finding."""

    def __init__(
        self,
        truths: Mapping[str, Any],
        exams: tuple[str, ...],
        highest: Mapping[tuple[str, str], Mapping[Finding, float]],
    ) -> None:
        self.exams = exams
        self.densities = [str(truths[exam]["density"]) for exam in exams]
        self.image = np.array([list(_seen(truths[exam])) for exam in exams]).reshape(-1, 2, 2, 2)
        maps = np.array(
            [
                [
                    [
                        [highest[exam, f"{side.value}-{at}"][one] for one in FINDINGS]
                        for at in POSITIONS
                    ]
                    for side in SIDES
                ]
                for exam in exams
            ]
        )
        self.heatmaps = (maps - maps.mean(axis=(0, 1))) / maps.std(axis=(0, 1))


def _seen(truth: Mapping[str, Any]) -> Iterator[float]:
    """By side, position and finding: the impression of the image itself."""
    findings = {one["name"]: one for one in truth["findings"]}
    for side in SIDES:
        hidden = [one for one in truth["findings"] if one["biopsied"] and one["occult"]]
        for position in POSITIONS:
            # the breast of an occult finding is not quite like others (SI, 'Heatmaps-only model')
            seen = np.array([0.0, 0.7 * any(one["laterality"] == side.value for one in hidden)])
            for image in truth["images"].values():
                if image["view"] != f"{side.value}-{position}":
                    continue
                for name, place in image["findings"].items():
                    one = findings[name]
                    shows = visibility(place["contrast_to_noise"] or 0.0, truth["density"])
                    # what is benign looks malignant as far as it is irregular
                    like = 0.1 + 0.9 * one["irregularity"]
                    looks = (like, 1 - 0.6 * like)
                    if one["kind"] == "malignant":
                        looks = (0.4 + 0.6 * like, 0.6)
                    elif not one["biopsied"]:
                        looks = (0.4 * like, 0.5)
                    seen = np.maximum(seen, shows * np.array(looks))
            yield from seen


def odds_of(kind: Kind, evidence: Evidence, shared: Array, seed: int) -> Array:
    """Log-odds by network, exam, side, position and finding, `(5, N, 2, 2, 2)`.

    What misleads is shared by all models, by those of the same inputs, by the networks of one, or
    by the branches of a network; and by the two findings of a breast, less so where heatmaps tell
    them apart.

    Args:
        shared: `(N, 2, 1, 2)`, what misleads all models.
    """
    rng = np.random.default_rng([SEED, seed])
    of_inputs = np.random.default_rng([SEED, *kind.inputs.encode()])
    n = len(evidence.exams)
    veil = np.array([VEIL[one] for one in evidence.densities])[:, None, None, None]

    def errors(chance: np.random.Generator, *shape: int) -> Array:
        return _alike(chance.normal(size=(*shape, 2)), kind.alike)

    own = kind.own * (0.8 * errors(of_inputs, n, 2, 1) + 0.6 * errors(rng, n, 2, 1))
    networks = kind.network * errors(rng, NETWORKS, n, 2, 1)
    branches = np.array(kind.branch)[:, None] * errors(rng, NETWORKS, n, 2, 2)
    skill = np.array(kind.skill) * (1 + rng.normal(0, 0.03, (NETWORKS, 1, 1, 1, 2)))
    signal = skill * evidence.image + np.array(kind.from_heatmaps) * veil * evidence.heatmaps
    return np.array(kind.base) + signal + kind.misled * shared + own + networks + branches


def _alike(errors: Array, correlation: float) -> Array:
    """Errors of both findings (the last axis), which then correlate so much."""
    malignant = errors[..., 0]
    benign = correlation * malignant + np.sqrt(1 - correlation**2) * errors[..., 1]
    return np.stack([malignant, benign], axis=-1)


def predictions_of(
    name: str, kind: Kind, exams: tuple[str, ...], odds: Array
) -> list[ExamPrediction]:
    """The same as `fourview predict` tells it: networks, one pass each, branches."""
    said = expit(odds)
    return [
        ExamPrediction(
            exam,
            tuple(
                ModelPrediction(
                    f"{name}-{number + 1}",
                    (
                        PassPrediction(
                            {
                                branch: dict(_of_branch(branch, said[number, i]))
                                for branch in BRANCHES[kind.variant]
                            },
                            {},
                        ),
                    ),
                )
                for number in range(NETWORKS)
            ),
        )
        for i, exam in enumerate(exams)
    ]


def _of_branch(branch: str, said: Array) -> Iterator[tuple[Label, float]]:
    """Of the labels that a branch speaks of; one that joins CC and MLO gives their mean."""
    position = branch.rpartition("-")[2]
    for label in Label:
        if branch in ("left", "right") and branch[0].upper() != label.laterality.value:
            continue
        if branch[:2] in ("L-", "R-") and branch[0] != label.laterality.value:
            continue
        of = said[SIDES.index(label.laterality), :, FINDINGS.index(label.finding)]
        value = of[POSITIONS.index(position)] if position in POSITIONS else of.mean()
        yield label, float(np.float32(value))


def write_model(folder: Path, kind: Kind, said: list[ExamPrediction]) -> None:
    """predictions.csv, predictions.json and run.json, as `fourview predict` leaves them."""
    told = list(map(prediction_to_dict, said))
    write_predictions_csv(folder / "predictions.csv", said)
    write_json(folder / "predictions.json", {"about": NOTICE, "notices": [NOTICE], "exams": told})
    begun = "the columns of simulated weights" if kind.pretrained else "weights drawn at random"
    weights = [
        {
            "name": model.weights,
            "architecture": "breast_model",
            "inputs": kind.inputs,
            "variant": kind.variant,
            "provenance": {"begun_with": f"{begun}, simulated"},
        }
        for model in said[0].models
    ]
    write_json(folder / "run.json", {"about": NOTICE, "notices": [NOTICE], "weights": weights})


def write_activations(path: Path, kind: Kind, evidence: Evidence, odds: Array) -> None:
    """hidden.npz: what the network says is in its activations, under much else that exams differ
    by; in the first fully connected layer it is clearer than in the columns.

    Args:
        odds: `(N, 2, 2, 2)`, of the one network.
    """
    rng = np.random.default_rng([SEED, 77])
    n = len(evidence.exams)
    clear = 0.9 if kind.from_heatmaps[0] else 0.5
    density = np.array(["abcd".index(one) for one in evidence.densities]) - 1.5
    breast = rng.normal(size=(n, 3))
    columns = []
    for position in range(2):
        mixing = rng.normal(size=(8, 256)) / np.sqrt(8)
        for side in range(2):
            factors = np.column_stack(
                [clear * odds[:, side, position], density, breast, rng.normal(size=(n, 2))]
            )
            columns.append(np.maximum(factors @ mixing + rng.normal(0, 0.3, (n, 256)), 0))
    # L-CC, R-CC, L-MLO, R-MLO
    layers = []
    for position in range(2):
        joined = np.concatenate(columns[2 * position : 2 * position + 2], axis=1)
        said = odds[:, :, position].reshape(n, 4)
        mixing, own = rng.normal(size=(512, 512)) / 40, rng.normal(size=(4, 512)) / 2
        layers.append(np.maximum(joined @ mixing + clear * said @ own, 0))
    as_rows = [np.concatenate(parts, axis=1).astype(np.float32) for parts in (columns, layers)]
    write_hidden(path, evidence.exams, *(list(rows) for rows in as_rows))


def write_reader_study(run: Path, exams: tuple[str, ...], truths: Mapping[str, Any]) -> int:
    """360 biopsied exams at most, and as many others (the paper: 368 and 372); their number."""
    labels = read_label_table(run / "labels" / "labels.csv")
    rng = np.random.default_rng([SEED, 740])
    biopsied = [exam for exam in exams if labels[exam].biopsied]
    others = [exam for exam in exams if not labels[exam].biopsied]
    most = min(360, len(biopsied), len(others))
    chosen = {*rng.choice(biopsied, most, replace=False), *rng.choice(others, most, replace=False)}
    with (run / "phantoms" / "readers.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["case_ID"] in chosen]
    for row in rows:
        row["patient"] = truths[row["case_ID"]]["patient"]
    write_table(run / "simulated" / "readers.csv", list(rows[0]), rows)
    return len(chosen)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of paper_figures.sh")
    run = parser.parse_args().run
    truths = json.loads((run / "phantoms" / "truth.json").read_text(encoding="utf-8"))["exams"]
    store = Store.open(run / "store")
    evidence = Evidence(truths, tuple(store), simulate_heatmaps(store, truths, seed=SEED))
    rng = np.random.default_rng([SEED, 1])
    shared = _alike(rng.normal(size=(len(evidence.exams), 2, 1, 2)), 0.7)
    for number, (name, kind) in enumerate(KINDS.items(), start=2):
        odds = odds_of(kind, evidence, shared, number)
        folder = run / "simulated" / name
        write_model(folder, kind, predictions_of(name, kind, evidence.exams, odds))
        if name in WITH_HIDDEN:
            write_activations(folder / "hidden.npz", kind, evidence, odds[0])
    read = write_reader_study(run, evidence.exams, truths)
    print(f"simulated: {len(KINDS)} models of {NETWORKS} networks, {len(evidence.exams)} exams, "
          f"heatmaps of all their images, a reader study of {read} exams")  # fmt: skip


if __name__ == "__main__":
    main()
