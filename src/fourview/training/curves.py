"""Figure S13 from the logs of trainings: one network's curves, or those of an ensemble."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourview.core.train_recipe import ExamSection, TrainRecipe
from fourview.io.run_folder import RunFolder, write_curves
from fourview.report.curves import Curve, Moment, Panel, curve_pictures

Log = Sequence[Mapping[str, Any]]

_AUCS = {
    "cancer": {"malignant": "malignant", "benign": "benign"},
    "birads": {f"birads_{value}": f"BI-RADS {value}" for value in (0, 1, 2)},
    "patch": {"malignant": "malignant", "benign": "benign"},
}
"""By task, the log's numbers after `training_` and `validation_`, and what they are of."""
_AUC = {
    "cancer": "AUC, mean over heads and sides",
    "birads": "AUC against the other two classes",
    "patch": "AUC against the other patches",
}
_LOSS = {
    "cancer": "cross-entropy, mean over labels (nats)",
    "birads": "cross-entropy (nats)",
    "patch": "weighted cross-entropy (nats)",
}


@dataclass(frozen=True)
class Ran:
    """A network's training so far."""

    variant: str
    seed: int
    log: Log


def best_epoch(log: Log) -> int | None:
    """The first epoch with the highest `score`; None where there is no score."""
    best, found = -math.inf, None
    for entry in log:
        if entry["score"] > best:
            best, found = entry["score"], int(entry["epoch"])
    return found


def draw_run(run: RunFolder, recipe: TrainRecipe, *, selected: int | None = None) -> None:
    """Draw a run's `curves.png` and `curves.svg`, if an epoch is done.

    Args:
        selected: the epoch whose weights heatmaps are made with, of the patch training.
    """
    log = run.read_log()
    if not log:
        return
    title = _title(recipe, recipe.train.variant)
    best = best_epoch(log)
    if best is not None:
        score = next(entry["score"] for entry in log if entry["epoch"] == best)
        title += f": best epoch {best} of {log[-1]['epoch']}, score {score:.3f}"
    moments = [Moment(selected, f"epoch {selected}, selected by heatmaps")] if selected else []
    panels = run_panels(recipe.train.task, log)
    write_curves(run.path, *curve_pictures(title, panels, moments, note=_note(recipe)))


def draw_ensemble(folder: Path, recipe: TrainRecipe, runs: Sequence[Ran]) -> None:
    """Draw the curves of several networks over each other into their common folder."""
    variants = {ran.variant for ran in runs}
    variant = variants.pop() if len(variants) == 1 else ""
    title = f"{_title(recipe, variant)}: {len(runs)} networks"
    panels = ensemble_panels(recipe.train.task, runs)
    write_curves(folder, *curve_pictures(title, panels, note=_note(recipe)))


def run_panels(task: str, log: Log) -> list[Panel]:
    """The AUCs in one panel, a colour each; the loss in another."""
    best = best_epoch(log)
    aucs = [
        curve
        for key, name in _AUCS[task].items()
        for curve in _pair(log, f"training_{key}", f"validation_{key}", name, best)
    ]
    losses = _pair(log, "loss", "validation_loss", "", best)
    return [Panel("AUC", _AUC[task], aucs), Panel("Loss", _LOSS[task], losses, is_auc=False)]


def ensemble_panels(task: str, runs: Sequence[Ran]) -> list[Panel]:
    """A panel a finding and one for the loss; a colour a seed, or a variant where they differ."""
    several = len({ran.variant for ran in runs}) > 1

    def of_all(training: str, validation: str) -> list[Curve]:
        return [
            curve
            for ran in runs
            for name in [ran.variant if several else f"seed {ran.seed}"]
            for curve in _pair(ran.log, training, validation, name, best_epoch(ran.log))
        ]

    aucs = [
        Panel(f"AUC, {name}", _AUC[task], of_all(f"training_{key}", f"validation_{key}"))
        for key, name in _AUCS[task].items()
    ]
    return [*aucs, Panel("Loss", _LOSS[task], of_all("loss", "validation_loss"), is_auc=False)]


def _pair(log: Log, training: str, validation: str, name: str, best: int | None) -> list[Curve]:
    """The curve of training and that of validation, the last of which the best epoch is marked on;
    what no entry holds is left out."""
    there = [key for key in (training, validation) if any(key in entry for entry in log)]
    return [
        Curve(
            name=name,
            training=key == training,
            epochs=[int(entry["epoch"]) for entry in log],
            values=[float(entry.get(key, math.nan)) for entry in log],
            best=best if key == there[-1] else None,
        )
        for key in there
    ]


def _title(recipe: TrainRecipe, variant: str) -> str:
    if recipe.train.task == "patch":
        return "Patch classifier"
    what = "BI-RADS pretraining" if recipe.train.task == "birads" else "Breast-level model"
    return ", ".join([what, recipe.train.inputs.replace("-", " "), *filter(None, [variant])])


def _note(recipe: TrainRecipe) -> str:
    """What the curves are computed on."""
    if recipe.train.task == "patch":
        return (
            "Training: the epoch's patches, as they are learnt from.\n"
            "Validation: the same patches after each epoch, as many of each class."
        )
    return (
        f"Training: {_exams(recipe.exams)}, as they are learnt from.\n"
        "Validation: every exam of the split, after the epoch."
    )


def _exams(section: ExamSection) -> str:
    if section.per_epoch == "all":
        return "every exam of the split"
    others = "as many" if section.others == 1 else f"{section.others:g} times as many"
    return f"the epoch's exams, all biopsied ones and {others} others"
