"""Which images the patch classifier learns from: segmented ones, and those of negative exams (SI,
'Details of the auxiliary patch-level classifier'). Here they are found in a data set's tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import FourviewError, TrainingError
from fourview.core.records import OK, ExamLabels, FindingRecord
from fourview.core.views import View
from fourview.imaging.marks import Marks
from fourview.imaging.mask_alignment import place_mask
from fourview.io.masks import VALUES, merged, read_mask
from fourview.io.store import Store, StoredView
from fourview.io.store.finding_image import image_of
from fourview.io.store.reading import read_index
from fourview.training.patch_images import NegativeImage, PatchData, PatchImages, SegmentedImage
from fourview.training.read_ahead import read_ahead


def read_patch_data(
    store: Store,
    findings: Sequence[FindingRecord],
    mask_folder: Path,
    labels: Mapping[str, ExamLabels],
    splits: Mapping[str, str],
    *,
    workers: int = 2,
) -> PatchData:
    """The images that patches are drawn from, each mask read once and brought to its prepared view.

    Segmented is an image of which a mask marks something inside its crop; negative is every image
    of an exam that is negative in all four labels and has no finding. All others give no patch: of
    positive exams those without a mask, among them those of which the finding is occult. An image
    with one finding that is seen and another that is not is segmented.

    Args:
        mask_folder: where findings' masks are relative to.
        splits: each exam's `training`, `validation` or `test`; others are not read.

    Raises:
        TrainingError: a finding's exam is not there, a mask is missing, or does not fit its image.
        ImageError: a sidecar is damaged.
    """
    used = {name: split for name, split in splits.items() if split in ("training", "validation")}
    _check_exams(store, findings, splits)
    _check_masks(findings, used, mask_folder)
    index = _index(store, used)
    notes: Counter[str] = Counter()
    wanted = list(_masks_by_view(store, findings, used, notes))
    found = read_ahead(lambda one: _segmented(*one, mask_folder), wanted, workers=workers)
    segmented: dict[str, list[SegmentedImage]] = defaultdict(list)
    for (view, _), marks in zip(wanted, found, strict=True):
        if marks.parts:
            segmented[used[view.exam]].append(SegmentedImage(view, marks))
        else:
            notes["images of which the mask marks nothing inside the crop"] += 1
    marked = {finding.exam for finding in findings}
    negative: dict[str, list[NegativeImage]] = defaultdict(list)
    for name, images in index.items():
        if name not in labels:
            notes["exams without labels"] += 1
        elif not any(labels[name].values.values()) and name not in marked:
            negative[used[name]] += images
    if strange := len(set(labels) - set(splits)):
        notes["exams with labels that are in no split"] += strange
    if missing := len(set(used) - set(index)):
        notes["exams of the splits that are not in the store"] += missing
    training, validation = (
        PatchImages(store, tuple(segmented[split]), tuple(negative[split]))
        for split in ("training", "validation")
    )
    told = tuple(f"left out: {n} {what}" for what, n in sorted(notes.items()))
    return PatchData(training, validation, told)


def _check_exams(
    store: Store, findings: Sequence[FindingRecord], splits: Mapping[str, str]
) -> None:
    strange = [one for one in findings if one.exam not in splits and one.exam not in store]
    if strange:
        exams = len({one.exam for one in strange})
        raise TrainingError(
            f"{_place(strange[0])}exam {strange[0].exam} has a finding, and is in no split and not "
            "in the store" + (f"; so it is with {exams - 1} more" if exams > 1 else ""),
            hint="findings, store and splits must be of the same exams",
        )


def _check_masks(
    findings: Sequence[FindingRecord], used: Mapping[str, str], mask_folder: Path
) -> None:
    lost = [
        one
        for one in findings
        if one.mask and one.exam in used and not (mask_folder / one.mask).is_file()
    ]
    if lost:
        more = f", nor {len(lost) - 1} others" if len(lost) > 1 else ""
        raise TrainingError(
            f"{_place(lost[0])}exam {lost[0].exam}: mask {lost[0].mask} is not there{more}",
            hint="masks' paths are relative to the folder of the findings table",
        )


def _place(finding: FindingRecord) -> str:
    return f"{finding.place}: " if finding.place else ""


def _index(store: Store, used: Mapping[str, str]) -> dict[str, list[NegativeImage]]:
    """The images of the exams that are used, from the store's index: no sidecar is read."""
    found: dict[str, list[NegativeImage]] = {}
    for row in read_index(store.folder):
        if row["status"] == OK and row["exam"] in used:
            pixels = int(row["rows"]) * int(row["columns"])
            image = NegativeImage(row["exam"], row["image"], pixels)
            found.setdefault(row["exam"], []).append(image)
    return found


def _masks_by_view(
    store: Store,
    findings: Sequence[FindingRecord],
    used: Mapping[str, str],
    notes: Counter[str],
) -> Iterator[tuple[StoredView, tuple[str, ...]]]:
    """Each stored image that has masks, with their paths as written."""
    by_exam: dict[str, list[FindingRecord]] = defaultdict(list)
    unplaced: set[tuple[str, View]] = set()
    for finding in findings:
        if finding.mask and finding.exam in used:
            by_exam[finding.exam].append(finding)
        elif not finding.occult:
            unplaced.add((finding.exam, finding.view))
    for exam, some in by_exam.items():
        if exam not in store:
            notes["findings of images that are not in the store"] += len(some)
            continue
        views = store.views(exam)
        masks: dict[str, dict[str, None]] = defaultdict(dict)
        images = {}
        for finding in some:
            view = image_of(finding, views.of(finding.view))
            if view is None:
                notes["findings of images that are not in the store"] += 1
                continue
            images[view.image] = view
            masks[view.image][finding.mask] = None
        for name, view in images.items():
            if (exam, view.view) in unplaced:  # a patch outside the marks may hold it
                notes["images with a finding of which the place is not known"] += 1
            else:
                yield view, tuple(masks[name])


def _segmented(view: StoredView, masks: Sequence[str], mask_folder: Path) -> Marks:
    """What the masks of an image mark in its prepared view."""
    placed: list[NDArray[np.uint8]] = []
    for name in masks:
        try:
            placed.append(place_mask(read_mask(mask_folder / name), view.placement))
        except (FourviewError, ValueError) as error:
            raise TrainingError(
                f"exam {view.exam}, {view.image}: mask {name}: {error}",
                hint="a mask has the size of its source image, as the store was prepared from it",
            ) from error
    if len(placed) == 1:
        return Marks.of(placed[0])
    areas = [(what, one == value) for one in placed for what, value in VALUES.items()]
    return Marks.of(merged(view.shape, areas)[0])
