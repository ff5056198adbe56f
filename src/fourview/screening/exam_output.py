"""One exam's results on disk: its heatmaps and its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fourview import __version__
from fourview.core.views import Facing, Finding, FourViews
from fourview.imaging.intensity import to_presentation
from fourview.imaging.placing import over_source
from fourview.inference.ensemble import LoadedEnsemble
from fourview.inference.exam import ExamReading, ReadImage
from fourview.inference.run_facts import recipes_to_dict, weights_to_dict
from fourview.io.results import box_to_dict, prediction_to_dict, write_heatmap, write_text
from fourview.report.page import ExamReport, ReportView, exam_page


def write_exam(
    folder: Path,
    reading: ExamReading,
    loaded: LoadedEnsemble,
    *,
    seconds: Mapping[str, float],
    made: str | None,
    index_link: str | None,
) -> str:
    """Write an exam's heatmaps and page into a folder.

    Heatmaps are over the source image's pixels: `<view>_malignant.png`, and for the second image of
    a view `<view>-2_malignant.png`.

    Returns:
        The page.
    """
    shown = FourViews.build(lambda view: _view(reading.images.of(view)))
    for view, images in reading.images.pairs():
        for number, image in enumerate(images, start=1):
            name = view.value if number == 1 else f"{view.value}-{number}"
            for finding, heatmap in _heatmaps(image).items():
                write_heatmap(folder / "heatmaps" / f"{name}_{finding.value}.png", heatmap)
    page = exam_page(
        ExamReport(
            prediction=reading.prediction,
            views=shown,
            recipe=recipes_to_dict(loaded.ensemble.members),
            weights=[weights_to_dict(one) for one in loaded.weights],
            notices=loaded.notices,
            seconds=seconds,
            version=__version__,
            made=made,
        ),
        index_link=index_link,
    )
    write_text(folder / "report.html", page)
    return page


def _heatmaps(image: ReadImage) -> dict[Finding, np.ndarray[Any, np.dtype[np.float32]]]:
    heatmaps = image.input.heatmaps
    if heatmaps is None:
        return {}
    placement = image.input.prepared.placement
    return {
        Finding.MALIGNANT: over_source(heatmaps.malignant, placement),
        Finding.BENIGN: over_source(heatmaps.benign, placement),
    }


def _view(images: tuple[ReadImage, ...]) -> ReportView | None:
    """The first image of a view as the page shows it: with its VOI LUT, if it has one.

    Its warnings are among the exam's.
    """
    if not images:
        return None
    first = images[0]
    mammogram, prepared = first.mammogram, first.input.prepared
    return ReportView(
        view=mammogram.view,
        pixels=to_presentation(mammogram.pixels, mammogram.grayscale, voi="first"),
        facing=Facing.LEFT if prepared.placement.flipped else Facing.RIGHT,
        heatmaps=_heatmaps(first) or None,
        source=mammogram.source,
        crop=None if prepared.placement.is_resampled else prepared.placement.crop,
    )


def reading_to_dict(reading: ExamReading) -> dict[str, Any]:
    """An exam's prediction with its images and how each was prepared, as plain values."""
    return {
        **prediction_to_dict(reading.prediction),
        "images": [
            _image_to_dict(image) for _, images in reading.images.pairs() for image in images
        ],
    }


def _image_to_dict(image: ReadImage) -> dict[str, Any]:
    mammogram, prepared = image.mammogram, image.input.prepared
    placement = prepared.placement
    return {
        "view": mammogram.view.value,
        "source": mammogram.source,
        "rows": placement.source_shape[0],
        "columns": placement.source_shape[1],
        "pixel_spacing_mm": mammogram.pixel_spacing_mm,
        "implant": mammogram.implant,
        "about": dict(mammogram.about),
        "resampled_shape": list(placement.resampled_shape),
        "crop": box_to_dict(placement.crop),
        "flipped": placement.flipped,
        "optimal_center": list(prepared.optimal_center),
        "warnings": list(prepared.warnings),
    }
