"""A store, a findings table and heatmaps of which every number is known: patches of 8 pixels side
by side, all of one low value but for those that are planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fourview.core.breasts import Breasts
from fourview.core.recipe import HeatmapRecipe
from fourview.core.records import FindingRecord, Pathology
from fourview.core.views import Laterality, View
from fourview.core.weights import PATCH_CLASSES
from fourview.io.finding_table import write_finding_table
from fourview.io.masks import VALUES, write_mask
from fourview.io.store import Store
from fourview.io.store.heatmaps import HeatmapKind, PatchGrid, StoredHeatmaps

PATCH = 8
FLOOR = 0.05
LESION = (slice(40, 56), slice(16, 32))
"""Rows and columns that `marked` marks, 256 pixels."""
ON, OFF, FAR = (40, 16), (80, 40), (8, 8)
"""Corners of patches: one on the lesion, two that are not."""

Planted = Mapping[tuple[str, str], Sequence[tuple[str, tuple[int, int], float]]]
"""By exam and image: `malignant` or `benign`, a patch's corner, its probability."""


def plant(
    store: Store, planted: Planted, *, weights: str = "a" * 64, seed: int = 0
) -> StoredHeatmaps:
    """Heatmaps of all images of a store."""
    recipe = HeatmapRecipe(patch_px=PATCH, stride_px=PATCH)
    kind = HeatmapKind(store.kind.key, weights, recipe, seed)
    heatmaps = StoredHeatmaps.begun(store.folder, kind)
    for exam in store:
        for images in store.views(exam):
            for view in images:
                rows, columns = (
                    np.append(np.arange(0, side - PATCH, PATCH), side - PATCH)
                    for side in view.shape
                )
                said = np.full((len(rows), len(columns), 4), FLOOR, np.float32)
                for finding, (row, column), value in planted.get((exam, view.image), ()):
                    at = list(rows).index(row), list(columns).index(column)
                    said[(*at, PATCH_CLASSES.index(finding))] = value
                grid = PatchGrid(rows, columns, said, PATCH)
                heatmaps.write(exam, view.image, grid, of=view.sha256)
    return heatmaps


def row(exam: str, view: View, pathology: Pathology, **more: object) -> FindingRecord:
    """A finding that is marked by its own mask, unless told otherwise."""
    known = {"mask": f"masks/{exam}-{view.value}.png", "type": "mass", "finding": "F1"}
    known |= more  # type: ignore[arg-type]
    return FindingRecord(exam=exam, view=view, pathology=pathology, **known)  # type: ignore[arg-type]


def write_findings(folder: Path, store: Store, findings: Iterable[FindingRecord]) -> Path:
    """findings.csv; masks that it names and that are not there yet mark `LESION`."""
    findings = list(findings)
    for one in findings:
        if one.mask and not (folder / one.mask).exists() and one.exam in store:
            (image,) = store.views(one.exam).of(one.view)
            mask = np.zeros(image.placement.source_shape, np.uint8)
            mask[LESION] = VALUES[one.pathology]
            write_mask(folder / one.mask, mask)
    write_finding_table(folder / "findings.csv", [replace(one, place="") for one in findings])
    return folder / "findings.csv"


def breasts_of(patients: Mapping[str, str], malignant: Iterable[str] = ()) -> Breasts:
    """Both breasts of exams, by exam and patient.

    Args:
        malignant: `exam L`, `exam R`.
    """
    pairs = [(exam, side) for exam in patients for side in Laterality]
    cases = np.array([f"{exam} {side.value}" in set(malignant) for exam, side in pairs])
    return Breasts(
        exams=tuple(exam for exam, _ in pairs),
        lateralities=tuple(side for _, side in pairs),
        patients=tuple(patients[exam] for exam, _ in pairs),
        benign=np.zeros(len(pairs), np.bool_),
        malignant=cases,
        biopsied=np.ones(len(pairs), np.bool_),
    )
