"""The images that patches are drawn from, by what they offer (SI, 'Details of the auxiliary
patch-level classifier')."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fourview.core.chance import Chance
from fourview.core.errors import TrainingError
from fourview.core.weights import PATCH_CLASSES
from fourview.imaging.marks import BENIGN, HIGH_RISK, MALIGNANT, Marks
from fourview.io.store import Store, StoredView
from fourview.io.store.view import read_sidecar

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


@dataclass(frozen=True, slots=True)
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


def check_images(data: PatchData, wanted: Sequence[str] = PATCH_CLASSES) -> None:
    """Refuse data of which a split has no image for a class that is wanted.

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
                hint="split anew, or take more exams"
                + (f"; patches.{name}=0 trains without" if name in ("outside", "negative") else ""),
            )
