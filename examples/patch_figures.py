# ruff: noqa: T201 (a script that prints)
"""How well a patch classifier tells patches and breasts of held-out exams apart.

    python examples/patch_figures.py STORE --patch-weights patch/selected.safetensors \\
        --exams exams.csv --findings findings.csv --labels labels.csv --splits splits.csv

Patches are drawn as the paper draws them (SI, 'Sampling the patches'), 1,000 of each class: any
overlap with a lesion counts, whatever the weights were trained on. A breast's score is the highest
value of its heatmaps. Intervals are from 2,000 draws of patients.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from fourview.core.train_recipe import PatchSection
from fourview.core.views import Finding, Label
from fourview.core.weights import PATCH_CLASSES
from fourview.evaluation.auc import auc
from fourview.evaluation.bootstrap import resample
from fourview.inference.networks import PatchClassifier, patch_classifier
from fourview.io.checkpoint import read_weights
from fourview.io.exam_table import read_exam_table
from fourview.io.finding_table import read_finding_table
from fourview.io.label_table import read_label_table
from fourview.io.split_table import split_of_exams
from fourview.io.store import Store
from fourview.training.breast_maxima import breast_maxima
from fourview.training.patch_data import read_patch_data
from fourview.training.patch_sampling import PatchKind, PatchSource

LESIONS = (Finding.BENIGN, Finding.MALIGNANT)


def tell(
    what: str, scores: Sequence[float], truth: Sequence[bool], patients: Sequence[str]
) -> None:
    found = resample(scores, truth, patients, {"auc": auc}, rng=np.random.default_rng(0))
    one = found["auc"].model()
    counts = f"{sum(truth)} against {len(truth) - sum(truth)}"
    print(f"{what:44} {one.value:.3f}   ({one.interval()})   {counts}")


def tell_patches(
    source: PatchSource, classifier: PatchClassifier, patients: dict[str, str], per_class: int
) -> None:
    """Malignant, and benign, against the rest of the patches."""
    said, classes, of = [], [], []
    for name in (name for name in PATCH_CLASSES if source.images.of(name)):
        drawn = [source.read(0, name, number) for number in range(per_class)]
        pixels = torch.from_numpy(np.stack([one for _, one in drawn])[:, None])
        said += [classifier.probabilities(some) for some in pixels.split(64)]
        classes += [name] * per_class
        of += [patients[found.view.exam] for found, _ in drawn]
    table = torch.cat(said).numpy()
    for finding in reversed(LESIONS):
        truth = [name == finding.value for name in classes]
        scores = table[:, PATCH_CLASSES.index(finding.value)].tolist()
        tell(f"patches: {finding.value} against the rest", scores, truth, of)


def main() -> None:
    words = arguments()
    store, labels = Store.open(words.store), read_label_table(words.labels)
    images = read_exam_table(words.exams).images
    patients = {image.exam: image.patient for image in images}
    wanted = {
        exam: "validation" for exam, of in split_of_exams(words.splits).items() if of == words.split
    }
    info, tensors = read_weights(words.patch_weights)
    classifier = patch_classifier(info, tensors, torch.device(words.device))
    findings = [one for one in read_finding_table(words.findings).findings if one.exam in wanted]
    data = read_patch_data(store, findings, words.findings.parent, labels, wanted)
    kind = PatchKind.of(PatchSection(), info.recipe)
    tell_patches(
        PatchSource(data.validation, kind, words.seed), classifier, patients, words.patches
    )
    exams = [exam for exam in store if exam in wanted and exam in labels]
    maxima = breast_maxima(
        store, exams, words.patch_weights, seed=words.seed, device=classifier.device, batch_size=64
    )
    for place, finding in reversed(list(enumerate(LESIONS))):
        truth = [
            labels[exam].values[label]
            for exam, side in maxima
            for label in Label
            if label.laterality is side and label.finding is finding
        ]
        scores = [maxima[breast][place] for breast in maxima]
        what = f"breasts by {finding.value} heatmaps' maximum"
        tell(what, scores, truth, [patients[exam] for exam, _ in maxima])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path)
    for name in ("patch-weights", "exams", "findings", "labels", "splits"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--patches", type=int, default=1000, help="of each class")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
