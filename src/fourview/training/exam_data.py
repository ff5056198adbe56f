"""Which exams a breast-level training reads, checked before any long work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fourview.core.errors import TrainingError
from fourview.core.recipe import Recipe, recipe_from_dict
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import TrainRecipe
from fourview.core.views import Label
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.training.exam_metrics import BIRADS
from fourview.training.exam_task import Exams

_NAMED = 5  # exams named in a message


@dataclass(frozen=True)
class LeftOut:
    """Exams of the splits that are not read, by reason."""

    reason: str
    exams: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(self.exams[:_NAMED])
        more = f" and {len(self.exams) - _NAMED} more" if len(self.exams) > _NAMED else ""
        return f"{len(self.exams)} exams are left out: {self.reason} ({named}{more})"


def recipe_of_store(store: Store, named: Recipe) -> Recipe:
    """How images are prepared and read: the store's preparation, all else as the recipe says."""
    return recipe_from_dict(store.recipe.preparation(), source=str(store.folder), base=named)


def exams_to_train(
    store: Store,
    heatmaps: StoredHeatmaps | None,
    labels: Mapping[str, ExamLabels],
    splits: Mapping[str, str],
    recipe: TrainRecipe,
    images: Recipe,
) -> tuple[Exams, list[LeftOut]]:
    """The exams of the training and validation splits that the network can read.

    Args:
        splits: each exam's `training`, `validation` or `test`.
        images: `recipe_of_store`.

    Raises:
        TrainingError: a label has no positive or no negative exam where one is needed; or nothing
            can be read.
    """
    wanted = [name for name, split in splits.items() if split in ("training", "validation")]
    reasons: dict[str, list[str]] = {}
    readable: dict[str, ExamLabels] = {}
    for name in wanted:
        if reason := _unreadable(name, store, heatmaps, labels, recipe):
            reasons.setdefault(reason, []).append(name)
        else:
            readable[name] = labels[name]
    if strange := [name for name in labels if name not in splits]:
        reasons["they have labels, and are in no split"] = strange
    exams = Exams(
        store=store,
        heatmaps=heatmaps,
        window=images.scaled().window,
        training={name: one for name, one in readable.items() if splits[name] == "training"},
        validation={name: one for name, one in readable.items() if splits[name] == "validation"},
    )
    left_out = [LeftOut(reason, tuple(names)) for reason, names in reasons.items()]
    _check(exams, recipe, left_out)
    return exams, left_out


def _unreadable(
    name: str,
    store: Store,
    heatmaps: StoredHeatmaps | None,
    labels: Mapping[str, ExamLabels],
    recipe: TrainRecipe,
) -> str:
    """Why an exam cannot be read; empty where it can."""
    if name not in labels:
        return "they have no labels"
    if recipe.train.task == "birads" and labels[name].birads is None:
        return "they have no BI-RADS class"
    if name not in store:
        return "they are not in the store"
    views = store.views(name)
    if not all(views):
        return "they lack one of the four views"
    if heatmaps is not None and not all(
        heatmaps.has(name, view.image) for images in views for view in images
    ):
        return "they have no heatmaps"
    return ""


def _check(exams: Exams, recipe: TrainRecipe, left_out: list[LeftOut]) -> None:
    told = "; ".join(map(str, left_out))
    for split, known in (("training", exams.training), ("validation", exams.validation)):
        if not known:
            raise TrainingError(
                f"the {split} split has no exam that can be read" + (f": {told}" if told else ""),
                hint="labels, splits and store must be of the same exams",
            )
        for what, found in _truths(known, recipe.train.task).items():
            if len(found) == 1:
                kind = "positive" if False in found else "negative"
                raise TrainingError(
                    f"the {split} split of {len(known)} exams has no {kind} one for {what}: its "
                    "AUC, by which the best epoch is chosen, does not exist",
                    hint="split anew, or take more exams",
                )
    if recipe.exams.per_epoch == "balanced" and not any(
        one.biopsied for one in exams.training.values()
    ):
        raise TrainingError(
            "no exam of the training split was biopsied; a balanced epoch would be empty",
            hint="--set exams.per_epoch=all reads every exam",
        )
    if len(exams.training) < recipe.train.accumulate:
        raise TrainingError(f"the training split has {len(exams.training)} exams, too few")


def _truths(known: Mapping[str, ExamLabels], task: str) -> dict[str, set[bool]]:
    """For each yes-or-no question of a task, the answers that there are."""
    if task == "birads":
        return {
            f"BI-RADS {value}": {one.birads == value for one in known.values()} for value in BIRADS
        }
    return {label.value: {one.values[label] for one in known.values()} for label in Label}
