# ruff: noqa: T201 (a script that prints)
"""What the chain trained on phantoms does on the exams that it never saw.

    python examples/phantom_figures.py RUN

RUN is a folder that `train_on_phantoms.sh` made. Prints three figures, each with its interval from
2,000 draws of patients, and writes them to RUN/figures.json: how well breasts are told apart by the
maximum of their malignant heatmaps, how often that maximum lies in the lesion, and what heatmaps
add to a network that sees the image alone. No number of a synthetic population says anything of
patients.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fourview.core.views import Laterality
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import Resampled, resample
from fourview.evaluation.localisation import peak
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
SIDES = {Laterality.LEFT: "left", Laterality.RIGHT: "right"}
Map = NDArray[np.float32]


class Breast(NamedTuple):
    """A breast of a held-out exam, what is in it, and what was said of it."""

    exam: str
    patient: str
    laterality: Laterality
    malignant: bool
    """A biopsy within 120 days showed cancer."""
    visible: bool
    """And it was drawn."""
    empty: bool
    """No finding of any kind, biopsied or not."""
    highest: float
    """Of its malignant heatmaps."""
    predicted: tuple[float, ...]
    """Malignant, by each of INPUTS."""


class Lesion(NamedTuple):
    """The malignant findings of one image."""

    patient: str
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
            breasts.append(
                Breast(
                    exam=exam,
                    patient=truth["patient"],
                    laterality=side,
                    malignant=bool(cancers),
                    visible=any(not one["occult"] for one in cancers),
                    empty=not kinds,
                    highest=max(float(one.max()) for one in maps),
                    predicted=tuple(one[exam, side] for one in said),
                )
            )
            lesions += list(found_lesions(run, exam, truth["patient"], images, maps))
    return breasts, lesions


def malignant_heatmap(image: StoredView, heatmaps: StoredHeatmaps) -> Map:
    grid = heatmaps.read(image.exam, image.image, of=image.sha256)
    return heatmaps_of(grid, image.shape).malignant


def found_lesions(
    run: Path, exam: str, patient: str, images: Sequence[StoredView], maps: Sequence[Map]
) -> Iterator[Lesion]:
    for image, heatmap in zip(images, maps, strict=True):
        path = run / "phantoms" / "exams" / exam / "masks" / f"{image.image}.png"
        if not path.exists():  # nothing was biopsied that shows in it
            continue
        red = place_mask(read_mask(path), image.placement) == MALIGNANT
        place = peak(heatmap)
        if red.any() and place is not None:
            yield Lesion(patient, bool(red[place.row, place.column]), float(red.mean()))


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


def hit_rate(lesions: Sequence[Lesion]) -> Figure:
    """The share of images with a visible cancer whose malignant heatmap points at it."""
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
    return Figure("malignant heatmap's maximum in the lesion", found, of)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of train_on_phantoms.sh")
    run = parser.parse_args().run
    breasts, lesions = held_out(run)
    by_maximum = "by the malignant heatmaps' maximum, visible malignant against"
    figures = [
        *compared(
            f"{by_maximum} no finding",
            breasts,
            lambda one: one.visible,
            lambda one: one.empty,
            lambda one: (one.highest,),
        ),
        *compared(
            f"{by_maximum} all others",
            breasts,
            lambda one: one.visible,
            lambda one: not one.visible,
            lambda one: (one.highest,),
        ),
        hit_rate(lesions),
        *compared(
            "malignant AUC",
            breasts,
            lambda one: one.malignant,
            lambda one: not one.malignant,
            lambda one: one.predicted,
        ),
    ]
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
