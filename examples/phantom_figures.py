# ruff: noqa: T201 (a script that prints)
"""What the chain trained on phantoms does on the exams that it never saw.

    python examples/phantom_figures.py RUN

RUN is a folder that `train_on_phantoms.sh` made. Prints its figures, each with its interval from
2,000 draws of patients, and writes them to RUN/figures.json: how well breasts are told apart by the
maximum of their malignant heatmaps, how often that maximum lies in the lesion, and what heatmaps
add to a network that sees the image alone. Findings are drawn from below what anybody can see to
obvious: a visible one has a contrast-to-noise ratio of at least 1 (`truth.json`). No number of a
synthetic population says anything of patients.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fourview.core.views import Laterality
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.localisation import peak
from fourview.evaluation.resampled import Resampled
from fourview.imaging.marks import MALIGNANT
from fourview.imaging.mask_alignment import place_mask
from fourview.inference.heatmaps import heatmaps_of
from fourview.io.checkpoint import read_weights
from fourview.io.masks import read_mask
from fourview.io.results import write_json
from fourview.io.split_table import split_of_exams
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.io.store.view import StoredView

INPUTS = ("image-only", "image-and-heatmaps")
VISIBLE = 1.0
"""The contrast-to-noise ratio from which a finding is called visible: it stands out from the tissue
around it by more than that varies by itself. What is drawn may be far below it."""
SIDES = {Laterality.LEFT: "left", Laterality.RIGHT: "right"}
BANDS = (0.0, VISIBLE, 3.0, 10.0, float("inf"))
Map = NDArray[np.float32]


class Breast(NamedTuple):
    """A breast of a held-out exam, what is in it, and what was said of it."""

    exam: str
    patient: str
    laterality: Laterality
    malignant: bool
    """A biopsy within 120 days showed cancer."""
    drawn: bool
    """And something of it is in an image."""
    visible: bool
    """And it stands out from the tissue around it, in one image at least."""
    empty: bool
    """No finding of any kind, biopsied or not."""
    highest: float
    """Of its malignant heatmaps."""
    predicted: tuple[float, ...]
    """Malignant, by each of INPUTS."""


class Lesion(NamedTuple):
    """The malignant findings of one image."""

    patient: str
    types: frozenset[str]
    ratio: float
    """The highest contrast-to-noise ratio among them."""
    hit: bool
    """Whether the maximum of the image's malignant heatmap lies in one of them."""
    share: float
    """Of the image that is in them: what a place drawn at random would hit."""


def held_out(run: Path) -> tuple[list[Breast], list[Lesion]]:
    """The breasts of the test split, and the images of which something malignant is marked."""
    store = Store.open(run / "store")
    weights, _ = read_weights(run / "patch" / "selected.safetensors")
    heatmaps = StoredHeatmaps.only(store.folder, weights.recipe.scaled().heatmaps)
    truths = json.loads((run / "phantoms" / "truth.json").read_text(encoding="utf-8"))["exams"]
    exams = {one["name"]: one for one in (truths.values() if isinstance(truths, dict) else truths)}
    said = [predictions(run / "predictions" / name / "predictions.csv") for name in INPUTS]
    breasts, lesions = [], []
    splits = split_of_exams(run / "splits.csv")
    for exam in (name for name in store if splits[name] == "test"):
        truth, views = exams[exam], store.views(exam)
        for side in Laterality:
            images = [image for some in views for image in some if image.view.laterality is side]
            maps = [malignant_heatmap(image, heatmaps) for image in images]
            kinds = [one for one in truth["findings"] if one["laterality"] == side.value]
            cancers = [one for one in kinds if one["biopsied"] and one["kind"] == "malignant"]
            seen = [shown(truth, image, cancers) for image in images]
            breasts.append(
                Breast(
                    exam=exam,
                    patient=truth["patient"],
                    laterality=side,
                    malignant=bool(cancers),
                    drawn=any(one for one in seen),
                    visible=any(max(one.values()) >= VISIBLE for one in seen if one),
                    empty=not kinds,
                    highest=max(float(one.max()) for one in maps),
                    predicted=tuple(one[exam, side] for one in said),
                )
            )
            types = {one["name"]: one["type"] for one in cancers}
            for image, heatmap, ratios in zip(images, maps, seen, strict=True):
                marks = malignant_marks(run, image)
                if ratios and marks.any():
                    found_at = peak(heatmap)
                    lesions.append(
                        Lesion(
                            patient=truth["patient"],
                            types=frozenset(types[name] for name in ratios),
                            ratio=max(ratios.values()),
                            hit=found_at is not None and bool(marks[found_at.row, found_at.column]),
                            share=float(marks.mean()),
                        )
                    )
    return breasts, lesions


def shown(
    truth: Mapping[str, Any], image: StoredView, findings: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """The contrast-to-noise ratio of each finding that is drawn in an image."""
    places = truth["images"][PurePosixPath(image.source).stem]["findings"]
    found = {one["name"]: places.get(one["name"], {}) for one in findings}
    ratios = {name: place.get("contrast_to_noise") for name, place in found.items()}
    return {name: ratio for name, ratio in ratios.items() if ratio is not None}


def malignant_heatmap(image: StoredView, heatmaps: StoredHeatmaps) -> Map:
    grid = heatmaps.read(image.exam, image.image, of=image.sha256)
    return heatmaps_of(grid, image.shape).malignant


def malignant_marks(run: Path, image: StoredView) -> NDArray[np.bool_]:
    """Where something malignant is marked in a prepared image."""
    name = PurePosixPath(image.source).with_suffix(".png").name
    path = run / "phantoms" / "exams" / image.exam / "masks" / name
    if not path.exists():  # nothing was biopsied that shows in it
        return np.zeros(image.shape, dtype=np.bool_)
    marks: NDArray[np.bool_] = place_mask(read_mask(path), image.placement) == MALIGNANT
    return marks


def predictions(path: Path) -> dict[tuple[str, Laterality], float]:
    """The probability of malignancy of each breast."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            (row["exam"], side): float(row[f"{word}_malignant"])
            for row in csv.DictReader(file)
            for side, word in SIDES.items()
        }


class Figure(NamedTuple):
    """A number with its interval, and what it is of."""

    what: str
    found: Resampled
    of: str

    def __str__(self) -> str:
        return f"{self.what:64} {self.found.value:6.3f}   ({self.found.interval()})   {self.of}"

    def to_dict(self) -> Mapping[str, object]:
        interval = self.found.interval()
        return {
            "what": self.what,
            "value": None if np.isnan(self.found.value) else self.found.value,
            "interval": [interval.low, interval.high] if interval.defined else interval.remark,
            "of": self.of,
        }


def compared(
    what: str,
    breasts: Sequence[Breast],
    case: Callable[[Breast], bool],
    other: Callable[[Breast], bool],
    scores: Callable[[Breast], Sequence[float]],
) -> list[Figure]:
    """The AUC of some breasts against others by each score; of two, the difference too."""
    some = [one for one in breasts if case(one) or other(one)]
    truth = [case(one) for one in some]
    table = np.array([scores(one) for one in some]).T
    patients = [one.patient for one in some]
    found = resample(table, truth, patients, {"auc": auc}, rng=np.random.default_rng(0))["auc"]
    of = f"{sum(truth)} against {len(truth) - sum(truth)} breasts"
    if len(table) == 1:
        return [Figure(what, found.model(), of)]
    figures = [Figure(f"{what}: {name}", found.model(n), of) for n, name in enumerate(INPUTS)]
    return [*figures, Figure(f"{what}: what heatmaps add", found.difference(1, 0), of)]


def hit_rate(which: str, lesions: Sequence[Lesion]) -> Figure:
    """The share of images with a cancer whose malignant heatmap points at it."""
    hit = [float(one.hit) for one in lesions]
    found = resample(
        hit,
        [True] * len(hit),
        [one.patient for one in lesions],
        {"share": lambda values, _: float(values.mean())},
        rng=np.random.default_rng(0),
    )["share"].model()
    by_chance = np.mean([one.share for one in lesions])
    of = f"{len(lesions)} images; by chance {by_chance:.3f}"
    return Figure(f"malignant heatmap's maximum in the lesion: {which}", found, of)


def visible(breast: Breast) -> bool:
    return breast.visible


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of train_on_phantoms.sh")
    run = parser.parse_args().run
    breasts, lesions = held_out(run)
    by_maximum = "by the malignant heatmaps' maximum,"
    figures: list[Figure] = []
    for words, case, other in (
        ("visible malignant against no finding", visible, lambda one: one.empty),
        ("visible malignant against all others", visible, lambda one: not one.visible),
        ("drawn malignant against no finding", lambda one: one.drawn, lambda one: one.empty),
    ):
        figures += compared(
            f"{by_maximum} {words}", breasts, case, other, lambda one: (one.highest,)
        )
    seen = [one for one in lesions if one.ratio >= VISIBLE]
    shares = {"visible": seen, "drawn": lesions}
    for low, high in itertools.pairwise(BANDS):
        shares[f"contrast-to-noise {low:g} to {high:g}"] = [
            one for one in lesions if low <= one.ratio < high
        ]
    for kind in sorted({kind for one in seen for kind in one.types}):
        shares[f"visible, {kind}"] = [one for one in seen if kind in one.types]
    figures += [hit_rate(which, some) for which, some in shares.items() if some]
    figures += compared(
        "malignant AUC",
        breasts,
        lambda one: one.malignant,
        lambda one: not one.malignant,
        lambda one: one.predicted,
    )
    exams = len({one.exam for one in breasts})
    print(
        f"{exams} exams of {len({one.patient for one in breasts})} patients that no training saw;"
    )
    print("areas under the ROC curve, 95 % intervals by patient; a synthetic population\n")
    for figure in figures:
        print(figure)
    write_json(run / "figures.json", {"figures": [one.to_dict() for one in figures]})


if __name__ == "__main__":
    main()
