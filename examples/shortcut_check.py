# ruff: noqa: T201 (a script that prints)
"""Do global statistics tell which synthetic breasts are malignant? They must not.

    python examples/shortcut_check.py --seeds 5 6 7 --malignant 215 --jobs 2

Draws, of each seed's population (every exam biopsied), CC and MLO of so many malignant breasts and
of twice as many others. Fits a logistic regression to the breasts' grey values, size, age and
density, in five folds by patient, and compares what it says in the fold held out with the label.
"planted" is a control: the picture's statistics and a number that cancers have one sd higher (0.76
alone). A histogram follows of the findings' local contrast-to-noise, in each view. The exit status
is 1 if any area under the ROC curve but the control's reaches 0.65.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from functools import partial
from multiprocessing import Pool
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fourview.core.grayscale import VoiWindow
from fourview.core.views import Laterality, View
from fourview.imaging.intensity import apply_voi
from fourview.phantom.plan import ExamPlan, FindingClass
from fourview.phantom.population import plan_population
from fourview.phantom.records import label_rows
from fourview.phantom.render import render_view

Values = NDArray[np.float64]
Seen = tuple[str, str, float]  # a finding's type, class, contrast-to-noise (nan: not drawn)
FOLDS, RESAMPLES, LIMIT = 5, 1000, 0.65
RIDGE = 10.0  # on standardised statistics; C = 0.1 in scikit-learn's words
BINS = (0.25, 0.5, 1, 2, 4)


class Breast(NamedTuple):
    """A breast of an exam, and what biopsies within 120 days showed of it."""

    seed: int
    exam: ExamPlan
    laterality: Laterality
    malignant: bool
    benign: bool


def chosen_breasts(seed: int, malignant: int) -> list[Breast]:
    """The first so many malignant breasts, and twice as many of the others up to there."""
    population = plan_population(10 * malignant, seed=seed, enrich=1.0)
    found: dict[bool, list[Breast]] = {True: [], False: []}
    for exam, labels in zip(population.exams, label_rows(population), strict=True):
        for laterality, side in ((Laterality.LEFT, "left"), (Laterality.RIGHT, "right")):
            cancer, benign = (bool(labels[f"{side}_{shown}"]) for shown in ("malignant", "benign"))
            found[cancer].append(Breast(seed, exam, laterality, cancer, benign))
        if len(found[True]) >= malignant:
            break
    kept = np.random.default_rng(seed).permutation(len(found[False]))[: 2 * malignant]
    return found[True] + [found[False][place] for place in kept.tolist()]


def measured(breast: Breast, scale: float) -> tuple[list[float], list[Seen]]:
    """The statistics of a breast's two views as presented, and its findings in them."""
    cv2.setNumThreads(1)
    statistics: list[float] = []
    seen: list[Seen] = []
    vendor = breast.exam.vendor
    for position in ("CC", "MLO"):
        image = render_view(breast.exam, View.of(breast.laterality, position), scale=scale)
        values, most = image.pixels.astype(np.float64), 2**vendor.bits - 1
        if vendor.photometric == "MONOCHROME1":
            values = most - values
        tissue = (values > vendor.background) & (values < most)  # labels are burnt in at the most
        shown = apply_voi(values, VoiWindow(*image.voi_window, vendor.voi))
        edges = cv2.Laplacian(shown, cv2.CV_64F)[tissue].std()
        area = tissue.sum() * image.pixel_spacing_mm**2
        statistics += [area, edges, *statistics_of(shown[tissue])]
        for finding in breast.exam.findings:
            if finding.laterality is breast.laterality:
                kind = "malignant" if finding.kind is FindingClass.MALIGNANT else "benign"
                ratio = image.contrast_to_noise.get(finding.name, np.nan)
                seen.append((finding.type.value, kind if finding.biopsied else "other", ratio))
    return statistics, seen


def statistics_of(values: Values) -> list[float]:
    """Mean, sd, skewness, percentiles, histogram."""
    mean, sd = values.mean(), values.std()
    percentiles = np.percentile(values, (1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100))
    histogram = np.histogram(values, 16, (0, 1))[0] / values.size
    return [mean, sd, ((values - mean) ** 3).mean() / sd**3, *percentiles, *histogram]


def held_out_logits(known: Values, truth: Values, fold: NDArray[np.intp]) -> Values:
    """For each breast the logit of the logistic regression fitted (Newton) to the other folds."""
    logits = np.zeros(len(truth))
    ridge = np.append(np.full(known.shape[1], RIDGE), 0.0)  # none on the intercept
    for held_out in range(FOLDS):
        train = fold != held_out
        centre, spread = known[train].mean(axis=0), known[train].std(axis=0) + 1e-9
        inputs = np.column_stack([np.clip((known - centre) / spread, -5, 5), np.ones(len(known))])
        x, weights = inputs[train], np.zeros(len(ridge))
        for _ in range(15):
            p = expit(x @ weights)
            curvature = (x.T * (p * (1 - p))) @ x + np.diag(ridge)
            weights += np.linalg.solve(curvature, x.T @ (truth[train] - p) - ridge * weights)
        logits[~train] = inputs[~train] @ weights
    return logits


def area_and_interval(known: Values, truth: Values, patient: NDArray[np.intp]) -> Values:
    """The area under the ROC curve, over pairs of one fold; and its 95 % interval, by patient."""
    rng = np.random.default_rng(0)
    patients = np.unique(patient, return_inverse=True)[1]
    n = patients.max() + 1
    fold = (rng.permutation(n) % FOLDS)[patients]
    logits = held_out_logits(known, truth, fold)
    yes, no = truth == 1, truth == 0
    pairs = (fold[yes, None] == fold[no]).astype(np.float32)
    won = pairs * (np.sign(logits[yes, None] - logits[no]) / 2 + 0.5).astype(np.float32)
    drawn = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), RESAMPLES)])
    weights = drawn[:, patients].astype(np.float32)
    one, whole = (((weights[:, yes] @ p) * weights[:, no]).sum(axis=1) for p in (won, pairs))
    return np.array([one[0] / whole[0], *np.percentile((one / whole)[1:], (2.5, 97.5))])


def print_areas(name: str, breasts: list[Breast], pictures: Values) -> float:
    """Prints the rows of some breasts; returns the largest area but the control's."""
    truth = np.array([float(breast.malignant) for breast in breasts])
    either = np.array([breast.malignant or breast.benign for breast in breasts])
    patient = np.unique([f"{b.seed} {b.exam.patient}" for b in breasts], return_inverse=True)[1]
    known = np.array([[b.exam.age, *(b.exam.density == d for d in "abcd")] for b in breasts], float)
    planted = truth + np.random.default_rng(0).normal(size=len(truth))
    sets = {"picture": [pictures], "age and density": [known], "all": [pictures, known]}
    sets["planted"] = [pictures, planted]
    largest = 0.0
    for which, columns in sets.items():
        values, cells = np.column_stack(columns), [name, which]
        for part in (np.ones(len(truth), bool), either):
            area, low, high = area_and_interval(values[part], truth[part], patient[part])
            cells.append(f"{area:.3f} ({low:.2f} – {high:.2f})")
            largest = largest if which == "planted" else max(largest, area)
        print("|", " | ".join(cells), "|")
    return largest


def print_contrasts(seen: list[Seen]) -> None:
    """Prints how many findings have which contrast-to-noise; "other" were not biopsied."""
    rows: dict[tuple[str, str], list[float]] = defaultdict(list)
    for type_, kind, ratio in seen:
        for row in ((type_, kind), ("~ all", kind), ("~ all", "~ all")):  # sorted last
            rows[row].append(ratio)
    print("\n| type | class | not drawn | <", " | – ".join(map(str, BINS)), f"| > {BINS[-1]} |")
    print("|---|---|---|" + "---|" * (len(BINS) + 1))
    for row, ratios in sorted(rows.items()):
        drawn = [ratio for ratio in ratios if np.isfinite(ratio)]
        counts = np.bincount(np.digitize(drawn, BINS), minlength=len(BINS) + 1).tolist()
        cells = [*(name.strip("~ ") for name in row), len(ratios) - len(drawn), *counts]
        print("|", " | ".join(map(str, cells)), "|")


def main() -> None:
    as_written = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    options.add_argument("--seeds", type=int, nargs="+", default=[5, 6, 7], metavar="SEED")
    options.add_argument("--malignant", type=int, default=215, help="breasts of each seed (215)")
    options.add_argument("--scale", type=float, default=0.1, help="of the images (0.1)")
    options.add_argument("--jobs", type=int, default=1, help="processes that draw (1)")
    chosen = options.parse_args()
    breasts = [b for seed in chosen.seeds for b in chosen_breasts(seed, chosen.malignant)]
    results = []
    with Pool(chosen.jobs) as pool:
        for result in pool.imap(partial(measured, scale=chosen.scale), breasts, chunksize=4):
            results.append(result)
            if len(results) % 100 == 0:
                print(f"{len(results)} of {len(breasts)} breasts drawn", file=sys.stderr)
    pictures = np.array([statistics for statistics, _ in results])
    print("| seed | features | malignant against all | against benign |\n|---|---|---|---|")
    largest = print_areas("pooled", breasts, pictures)
    for seed in chosen.seeds if len(chosen.seeds) > 1 else []:
        of_seed = [place for place, breast in enumerate(breasts) if breast.seed == seed]
        part = print_areas(str(seed), [breasts[place] for place in of_seed], pictures[of_seed])
        largest = max(largest, part)
    print_contrasts([finding for _, seen in results for finding in seen])
    benign = sum(b.benign and not b.malignant for b in breasts)
    print(
        f"\n{len(breasts)} breasts, {sum(b.malignant for b in breasts)} malignant, {benign} benign"
    )
    print(f"largest area {largest:.3f}, limit {LIMIT}")
    sys.exit(0 if largest < LIMIT else 1)


if __name__ == "__main__":
    main()
