"""An exam from a store as networks read it, and what results tell of its images."""

from __future__ import annotations

from typing import Any

from fourview.core.views import FourViews
from fourview.inference.heatmaps import heatmaps_of
from fourview.inference.predict import ViewInput
from fourview.io.results import box_to_dict
from fourview.io.store import StoredView
from fourview.io.store.heatmaps import StoredHeatmaps

StoredViews = FourViews[tuple[StoredView, ...]]
Inputs = FourViews[tuple[ViewInput, ...]]


def read_inputs(views: StoredViews, heatmaps: StoredHeatmaps | None) -> Inputs:
    """The views' pixels, with their heatmaps where a network takes them.

    Raises:
        ImageError: a file is missing or damaged, or heatmaps are of other pixels.
    """

    def one(view: StoredView) -> ViewInput:
        if heatmaps is None:
            return ViewInput(view.prepared())
        grid = heatmaps.read(view.exam, view.image, of=view.sha256)
        return ViewInput(view.prepared(), heatmaps_of(grid, view.shape))

    return views.map(lambda images: tuple(map(one, images)))


def pixels_of(views: StoredViews) -> list[Any]:
    """By which an exam's images are told from others of the same names; plain values."""
    return [[view.image, view.sha256] for images in views for view in images]


def images_to_list(views: StoredViews) -> list[dict[str, Any]]:
    """How each image was prepared, as predictions.json tells it."""
    return [
        {
            "view": view.view.value,
            "source": view.source,
            "rows": view.placement.source_shape[0],
            "columns": view.placement.source_shape[1],
            "pixel_spacing_mm": view.pixel_spacing_mm,
            "resampled_shape": list(view.placement.resampled_shape),
            "crop": box_to_dict(view.placement.crop),
            "flipped": view.placement.flipped,
            "optimal_center": list(view.optimal_center),
            "warnings": list(view.warnings),
        }
        for images in views
        for view in images
    ]
