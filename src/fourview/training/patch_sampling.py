"""Patches drawn from a store: which image, where in it, and what the network reads of it (SI,
'Sampling the patches').

A patch depends on the seed, the epoch, its class and its number alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.errors import TrainingError
from fourview.core.recipe import Recipe
from fourview.core.train_recipe import PatchSection
from fourview.core.weights import PATCH_CLASSES
from fourview.imaging.intensity import SD_FLOOR
from fourview.imaging.lesion_patches import Patch, SampledPatch, cut_patch, sample_patch
from fourview.io.store import StoredView
from fourview.training.patch_images import NegativeImage, PatchImages, SegmentedImage

VALIDATION = -1
"""The epoch that validation patches are of."""
_IMAGES = 100
"""So many images are tried before a class is given up."""


@dataclass(frozen=True)
class PatchKind:
    """How large patches are, in a store's pixels."""

    sizes_px: tuple[float, float]
    most_degrees: float
    output_px: int
    least_marked: float = 0.0

    @classmethod
    def of(cls, patches: PatchSection, images: Recipe) -> PatchKind:
        """The paper's sizes times the scale; the network's input is the recipe's patch."""
        return cls(
            (patches.least_px * images.scale, patches.most_px * images.scale),
            patches.most_degrees,
            images.scaled().heatmaps.patch_px,
            patches.least_marked,
        )


@dataclass(frozen=True, eq=False)
class FoundPatch:
    """A patch, and the image it was found in."""

    view: StoredView
    patch: Patch
    image: SegmentedImage | NegativeImage


@dataclass(frozen=True, eq=False)
class PatchSource:
    """Draws the patches of one split."""

    images: PatchImages
    kind: PatchKind
    seed: int
    _by_class: dict[str, Sequence[SegmentedImage] | Sequence[NegativeImage]] = field(init=False)

    def __post_init__(self) -> None:
        found = {name: self.images.of(name) for name in PATCH_CLASSES}
        object.__setattr__(self, "_by_class", found)

    def draw(self, epoch: int, wanted: str, number: int) -> FoundPatch:
        """Where a patch is: the image uniform among those that offer the class, then centre, size
        and angle; where an image holds none, another is drawn.

        Raises:
            TrainingError: none was found in many images.
            ImageError: a file is missing or damaged.
        """
        return self._sampled(epoch, wanted, number)[0]

    def read(self, epoch: int, wanted: str, number: int) -> tuple[FoundPatch, NDArray[np.float32]]:
        """A patch, and `(p, p)` of its standardised pixels."""
        found, sampled = self._sampled(epoch, wanted, number)
        return found, self._cut(found.view, sampled.patch, sampled)

    def read_again(self, found: FoundPatch) -> NDArray[np.float32]:
        """`(p, p)`, the pixels of a patch that was drawn before."""
        box = found.patch.surroundings(found.view.shape)
        again = SampledPatch(found.patch, box, found.view.window(box))
        return self._cut(found.view, found.patch, again)

    def _sampled(self, epoch: int, wanted: str, number: int) -> tuple[FoundPatch, SampledPatch]:
        draws = Chance(self.seed, "patch", str(epoch), wanted, str(number))
        images = self._by_class[wanted]
        for _ in range(_IMAGES):
            image = images[draws.image(len(images))]
            view = self.images.view(image)
            sampled = sample_patch(
                view.shape,
                view.window,
                image.marks if isinstance(image, SegmentedImage) else None,
                wanted,
                draws,
                sizes_px=self.kind.sizes_px,
                most_degrees=self.kind.most_degrees,
                least_marked=self.kind.least_marked,
                mean=view.mean,
            )
            if sampled is not None:
                return FoundPatch(view, sampled.patch, image), sampled
        least, most = self.kind.sizes_px
        raise TrainingError(
            f"no {wanted} patch was found in {_IMAGES} draws of {len(images)} images, the last "
            f"exam {view.exam}, {view.image}, of {view.shape[0]} x {view.shape[1]} pixels; patches "
            f"have {least:g} to {most:g}",
            hint="are the images of the scale that the store's recipe tells?",
        )

    def _cut(self, view: StoredView, patch: Patch, sampled: SampledPatch) -> NDArray[np.float32]:
        box = sampled.box
        return cut_patch(
            standardised_by(sampled.pixels, view),
            patch,
            output_px=self.kind.output_px,
            origin=(box.top, box.left),
        )


def standardised_by(pixels: NDArray[np.uint16], view: StoredView) -> NDArray[np.float32]:
    """A part of an image as it is in the whole image standardised for patches (heatmap making)."""
    values = pixels.astype(np.float64)
    values -= view.mean
    values /= max(view.sd, SD_FLOOR)
    return values.astype(np.float32)
