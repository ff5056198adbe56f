"""The nouns of the data's way: Mammogram, Exam, PreparedView, Heatmaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ExamError, ImageError
from fourview.core.geometry import Placement
from fourview.core.grayscale import Grayscale
from fourview.core.views import Facing, FourViews, View


@dataclass(frozen=True, eq=False)
class Mammogram:
    """One image of one view, its values as stored in the file."""

    pixels: NDArray[np.uint16]
    """`(H, W)`, as stored (a signed image shifted up, see `Grayscale`)."""
    view: View
    source: str
    """What the image is called in results: a file's name, never a patient's."""
    grayscale: Grayscale
    pixel_spacing_mm: tuple[float, float] | None = None
    """Between rows, between columns; None where the file does not tell."""
    facing: Facing | None = None
    """Where the nipple points, if the file or its exam list tells."""
    implant: bool = False
    about: Mapping[str, str] = field(default_factory=dict)
    """What else the file tells and results may carry: manufacturer, syntax, kind of object."""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint16 or self.pixels.ndim != 2:
            raise ImageError(
                f"{self.source}: pixels are {self.pixels.dtype} of shape {self.pixels.shape}; "
                "a mammogram is a two-dimensional image of uint16"
            )


@dataclass(frozen=True, eq=False)
class Exam:
    """The mammograms of one screening exam: for each view a tuple of images, possibly empty."""

    name: str
    views: FourViews[tuple[Mammogram, ...]]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for view, images in self.views.pairs():
            if wrong := [image.source for image in images if image.view is not view]:
                raise ExamError(f"exam {self.name}: {', '.join(wrong)} filed under {view.value}")

    @property
    def present(self) -> tuple[View, ...]:
        return tuple(view for view, images in self.views.pairs() if images)

    @property
    def missing(self) -> tuple[View, ...]:
        return tuple(view for view, images in self.views.pairs() if not images)


@dataclass(frozen=True, eq=False)
class PreparedView:
    """One mammogram cut to the breast, facing rightward: the chest wall at the left edge."""

    pixels: NDArray[np.uint16]
    """`(h, w)`: bright is dense, no-image pixels 0, not standardised."""
    view: View
    source: str
    placement: Placement
    """The way back to the source image's pixels."""
    optimal_center: tuple[int, int]
    """(row, column) on `pixels`, where the network's window is centred; may lie outside."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Heatmaps:
    """Where the patch classifier sees a finding, pixel by pixel of a prepared view.

    Both maps are `(h, w)` float32 in [0, 1], over `PreparedView.pixels`.
    """

    benign: NDArray[np.float32]
    malignant: NDArray[np.float32]
