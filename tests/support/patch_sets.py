"""A small store with masks, for tests of the patch training: patches of 16 to 48 pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fourview.core.recipe import Recipe
from fourview.core.records import ExamLabels, FindingRecord, Pathology
from fourview.core.train_recipe import HardwareSection, PatchSection, TrainRecipe, TrainSection
from fourview.core.views import Label, View
from fourview.io.masks import VALUES, write_mask
from fourview.io.store import Store
from support.stores import write_store

IMAGES = Recipe(name="eighth", scale=0.125)
RECIPE = TrainRecipe(
    train=TrainSection(
        task="patch",
        batch_size=10,
        epochs=2,
        patience=0,
        learning_rate=1e-3,
        weight_decay=0,
        input_noise=0,
        checkpoint_every=1,
    ),
    patches=PatchSection(malignant=5, benign=5, outside=15, negative=15, validation=4),
    hardware=HardwareSection(workers=0),
)
MALIGNANT, BENIGN, HIGH_RISK = Pathology.MALIGNANT, Pathology.BENIGN, Pathology.HIGH_RISK
POSITIVE = {
    "mal": Label.LEFT_MALIGNANT,
    "ben": Label.LEFT_BENIGN,
    "yellow": Label.LEFT_BENIGN,
    "occult": Label.LEFT_MALIGNANT,
    "vmal": Label.LEFT_MALIGNANT,
    "vben": Label.LEFT_BENIGN,
}
SPLITS = {
    **dict.fromkeys(("mal", "ben", "yellow", "occult", "neg1", "neg2"), "training"),
    **dict.fromkeys(("vmal", "vben", "vneg"), "validation"),
}


@dataclass(frozen=True)
class PatchSet:
    """A data set for the patch training."""

    store: Store
    findings: tuple[FindingRecord, ...]
    masks: Path
    labels: dict[str, ExamLabels]
    splits: dict[str, str]


def write_patch_set(folder: Path) -> PatchSet:
    """Nine exams; findings in the left breast: seen in L-CC and L-MLO, or occult."""
    store = write_store(folder / "store", sorted(SPLITS), recipe=IMAGES)
    findings = []
    for exam, pathology in (
        *(("mal", MALIGNANT), ("ben", BENIGN), ("yellow", HIGH_RISK)),
        *(("vmal", MALIGNANT), ("vben", BENIGN)),
    ):
        for view in (View.L_CC, View.L_MLO):
            (image,) = store.views(exam).of(view)
            mask = np.zeros(image.shape, np.uint8)
            mask[50:62, 20:34] = VALUES[pathology]
            write_mask(folder / "masks" / exam / f"{view.value}.png", mask)
            findings.append(finding(exam, view, pathology, f"masks/{exam}/{view.value}.png"))
    findings += [finding("occult", view, MALIGNANT, "") for view in (View.L_CC, View.L_MLO)]
    return PatchSet(store, tuple(findings), folder, labels_of(SPLITS), dict(SPLITS))


def finding(exam: str, view: View, pathology: Pathology, mask: str) -> FindingRecord:
    return FindingRecord(
        exam=exam,
        view=view,
        finding="F1",
        pathology=pathology,
        occult=not mask,
        mask=mask,
        image=view.value,
    )


def labels_of(exams: Iterable[str]) -> dict[str, ExamLabels]:
    return {
        exam: ExamLabels(
            exam=exam,
            values={label: POSITIVE.get(exam) is label for label in Label},
            biopsied=exam in POSITIVE,
        )
        for exam in exams
    }


def recipe_with(**patches: object) -> TrainRecipe:
    return replace(RECIPE, patches=replace(RECIPE.patches, **patches))  # type: ignore[arg-type]
