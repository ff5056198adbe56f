"""What the pages are made from: frozen values, already free of anything personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import OutputError
from fourview.core.geometry import Box
from fourview.core.prediction import ExamPrediction
from fourview.core.views import Facing, Finding, FourViews, Label, View

NOT_FOR_DIAGNOSIS = "Research software, not a medical device: not for diagnosis or treatment."


@dataclass(frozen=True, eq=False)
class ReportView:
    """One image as the page shows it, in the source image's size and orientation."""

    view: View
    pixels: NDArray[np.uint16]
    """`(H, W)` grey values for display: bright is dense."""
    facing: Facing
    """Where the nipple points in `pixels`."""
    heatmaps: Mapping[Finding, NDArray[np.float32]] | None = None
    """`(H, W)` in [0, 1] over `pixels`, for each finding; None where none were made."""
    source: str = ""
    """What the image is called in results."""
    crop: Box | None = None
    """What was cut out and read, on `pixels`."""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint16 or self.pixels.ndim != 2 or not self.pixels.size:
            raise OutputError(
                f"{self.source}: pixels are {self.pixels.dtype} of shape {self.pixels.shape}; "
                "a page shows two-dimensional images of uint16"
            )
        for finding, heatmap in (self.heatmaps or {}).items():
            if heatmap.shape != self.pixels.shape:
                raise OutputError(
                    f"{self.source}: the {finding.value} heatmap is of shape {heatmap.shape}; "
                    f"its image is {self.pixels.shape}"
                )
            low, high = float(heatmap.min()), float(heatmap.max())
            # rounding of averages may pass the ends by a hair; NaN fails both comparisons
            if not (low >= -1e-3 and high <= 1 + 1e-3):
                raise OutputError(
                    f"{self.source}: the {finding.value} heatmap goes from {low} to {high}; "
                    "probabilities lie in [0, 1]"
                )

    @property
    def mirrored(self) -> bool:
        """Whether the display mirrors the pixels: a right breast's nipple points to the left."""
        return self.facing.value != outward(self.view).value


@dataclass(frozen=True, eq=False)
class ExamReport:
    """All that an exam's page says."""

    prediction: ExamPrediction
    views: FourViews[ReportView | None]
    """None where the exam has no image of a view."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    weights: Sequence[Mapping[str, Any]] = ()
    """For each network: name, hash, whether it was trained, licence, …"""
    notices: tuple[str, ...] = ()
    """What everybody must know before reading a number."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By stage."""
    version: str = ""
    made: str | None = None
    """When, as the caller puts it."""

    def __post_init__(self) -> None:
        for view, shown in self.views.pairs():
            if shown is not None and shown.view is not view:
                raise OutputError(
                    f"{shown.source}: an image of {shown.view.value} stands at {view.value}"
                )


@dataclass(frozen=True)
class IndexEntry:
    """An exam that was read: one row of the index."""

    exam: str
    folder: str
    """Its folder below `exams/`."""
    probabilities: Mapping[Label, float | None]
    missing: tuple[View, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # the link must lead into exams/, whatever an exam is called
        if self.folder in ("", ".", "..") or "/" in self.folder or "\0" in self.folder:
            raise OutputError(f"exam {self.exam}: {self.folder!r} is not the name of a folder")


@dataclass(frozen=True)
class LeftOut:
    """An exam or a file that was not read, and why."""

    name: str
    reason: str


def outward(view: View) -> Facing:
    """Where the nipple points on the screen: chest walls stand back to back in the middle."""
    return Facing.LEFT if view.value.startswith("R") else Facing.RIGHT
