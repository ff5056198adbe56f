"""Which images the patch classifier learns from: segmented ones, and those of negative exams (SI,
'Details of the auxiliary patch-level classifier')."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.errors import FourviewError, TrainingError
from fourview.core.records import OK, ExamLabels, FindingRecord
from fourview.core.views import View
from fourview.core.weights import PATCH_CLASSES
from fourview.imaging.marks import BENIGN, HIGH_RISK, MALIGNANT, Marks
from fourview.imaging.mask_alignment import place_mask
from fourview.io.masks import VALUES, merged, read_mask
from fourview.io.store import Store, StoredView
from fourview.io.store.reading import read_index
from fourview.io.store.view import read_sidecar
from fourview.training.read_ahead import read_ahead

NEGATIVES_PER_SEGMENTED = 7000 / 6758
"""Images without segmentation that are counted for areas (SI, 'Training and architecture')."""


@dataclass(frozen=True, eq=False)
class SegmentedImage:
    """An image in which something is marked."""

    view: StoredView
    marks: Marks

    @property
    def parts(self) -> tuple[float, float]:
        """The parts of the image that are marked malignant, and benign (green or yellow)."""
        areas, pixels = self.marks.areas, self.view.shape[0] * self.view.shape[1]
        benign = areas.get(BENIGN, 0) + areas.get(HIGH_RISK, 0)
        return areas.get(MALIGNANT, 0) / pixels, benign / pixels


@dataclass(frozen=True)
class NegativeImage:
    """An image of an exam that is negative in all four labels. There are many: each is small."""

    exam: str
    image: str
    pixels: int


@dataclass(frozen=True, eq=False)
class PatchImages:
    """The images of a split, by what they offer."""

    store: Store
    segmented: tuple[SegmentedImage, ...]
    negative: tuple[NegativeImage, ...]

    def of(self, wanted: str) -> Sequence[SegmentedImage] | Sequence[NegativeImage]:
        """Those that may hold patches of a class."""
        if wanted == "negative":
            return self.negative
        if wanted == "outside":
            return self.segmented
        values = (MALIGNANT,) if wanted == "malignant" else (BENIGN, HIGH_RISK)
        return [one for one in self.segmented if one.marks.bounds(values)]

    def view(self, image: SegmentedImage | NegativeImage) -> StoredView:
        """An image's view; a negative one's sidecar is read now."""
        if isinstance(image, SegmentedImage):
            return image.view
        return read_sidecar(self.store.folder, self.store.kind.key, image.exam, image.image)

    def areas(self, *, seed: int) -> dict[str, float]:
        """By class, the area that an epoch's patches may be shared out by.

        `malignant`, `benign` and `outside` are the sums, over the segmented images, of the parts
        that are marked so or not at all; `negative` is the area of as many images drawn from the
        others as the paper drew (7,000 to 6,758), in mean areas of a segmented image.
        """
        parts = np.array([image.parts for image in self.segmented])
        malignant, benign = parts.sum(axis=0).tolist()
        mean = np.mean([image.view.shape[0] * image.view.shape[1] for image in self.segmented])
        n = min(len(self.negative), round(NEGATIVES_PER_SEGMENTED * len(self.segmented)))
        drawn = Chance(seed, "patch areas").sample(len(self.negative), n)
        return {
            "malignant": malignant,
            "benign": benign,
            "outside": len(self.segmented) - malignant - benign,
            "negative": sum(self.negative[i].pixels for i in drawn) / float(mean),
        }

    def digest(self) -> str:
        """A hash of which images these are, and of what is marked in them."""
        told = hashlib.sha256(self.store.kind.key.encode())
        for one in self.segmented:
            told.update(f"\0{one.view.exam}/{one.view.image}".encode())
            for part in one.marks.parts:
                told.update(repr(part.box).encode() + part.values.tobytes())
        for other in self.negative:
            told.update(f"\0{other.exam}/{other.image}".encode())
        return told.hexdigest()


@dataclass(frozen=True, eq=False)
class PatchData:
    """The images of the training and the validation split."""

    training: PatchImages
    validation: PatchImages
    notes: tuple[str, ...]
    """What is left out, in words."""


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
    positive exams those without a mask, among them those of which the finding is occult.

    Args:
        mask_folder: where findings' masks are relative to.
        splits: each exam's `training`, `validation` or `test`; others are not read.

    Raises:
        TrainingError: a finding's exam is in no split, a mask is missing, or fits its image not.
        ImageError: a mask or a sidecar is damaged.
    """
    used = {name: split for name, split in splits.items() if split in ("training", "validation")}
    _check_exams(findings, splits, mask_folder)
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
    if missing := len(set(used) - set(index)):
        notes["exams of the splits that are not in the store"] += missing
    training, validation = (
        PatchImages(store, tuple(segmented[split]), tuple(negative[split]))
        for split in ("training", "validation")
    )
    told = tuple(f"left out: {n} {what}" for what, n in sorted(notes.items()))
    return PatchData(training, validation, told)


def _check_exams(
    findings: Sequence[FindingRecord], splits: Mapping[str, str], mask_folder: Path
) -> None:
    strange = [one for one in findings if one.exam not in splits]
    if strange:
        exams = len({one.exam for one in strange})
        raise TrainingError(
            f"{_place(strange[0])}exam {strange[0].exam} has a finding and is in no split"
            + (f"; so are {exams - 1} more" if exams > 1 else ""),
            hint="findings and splits must be of the same exams",
        )
    lost = [
        one
        for one in findings
        if one.mask and splits[one.exam] != "test" and not (mask_folder / one.mask).is_file()
    ]
    if lost:
        more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise TrainingError(
            f"{_place(lost[0])}no mask {lost[0].mask} of exam {lost[0].exam}{more}",
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
    for finding in findings:
        if finding.mask and finding.exam in used:
            by_exam[finding.exam].append(finding)
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
            yield view, tuple(masks[name])


def image_of(finding: FindingRecord, images: Sequence[StoredView]) -> StoredView | None:
    """The image of a view that a finding is in: by its path, by the file's name, by its number.

    Args:
        images: the exam's images of the finding's view.
    """
    if finding.path:
        same = [one for one in images if one.source == finding.path]
        name = PurePosixPath(finding.path.replace("\\", "/")).name
        named = same or [one for one in images if PurePosixPath(one.source).name == name]
        return named[0] if len(named) == 1 else None
    written = finding.image or finding.view.value
    called = [one for one in images if PurePosixPath(one.source).stem == written]
    if len(called) == 1:
        return called[0]
    name = _numbered(finding.view, written)
    return next((one for one in images if one.image == name), None)


def _numbered(view: View, written: str) -> str:
    """The store's name of the image that a table calls `L-CC` or `L-CC-2`."""
    number = re.search(r"[-_ ]([0-9]+)$", written)
    n = int(number[1]) if number else 1
    return view.value if n == 1 else f"{view.value}_{n}"


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


def check_images(data: PatchData, wanted: Sequence[str] = PATCH_CLASSES) -> None:
    """Refuse data of which a split has no image for a class.

    Raises:
        TrainingError: naming split and class.
    """
    for split, images in (("training", data.training), ("validation", data.validation)):
        for name in wanted:
            if images.of(name):
                continue
            told = "; ".join(data.notes)
            raise TrainingError(
                f"the {split} split has no image that a {name} patch can be drawn from: it has "
                f"{len(images.segmented)} segmented images and {len(images.negative)} of negative "
                f"exams" + (f" ({told})" if told else ""),
                hint="split anew, or take more exams",
            )
