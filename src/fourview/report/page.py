"""The pages people look at: an exam's four views with heatmaps, and an index of exams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fourview.core.views import Finding, Label, Laterality, View
from fourview.report.contents import (
    NOT_FOR_DIAGNOSIS,
    ExamReport,
    IndexEntry,
    LeftOut,
    ReportView,
    outward,
)
from fourview.report.document import data_block, document, path_in_link
from fourview.report.pixels import (
    FULL,
    Peak,
    Reduced,
    checksum,
    data_uri,
    first_window,
    peak_of,
    reduced_heatmap,
    reduced_image,
)
from fourview.report.scores import breast_scores, flat

__all__ = ["ExamReport", "IndexEntry", "LeftOut", "ReportView", "exam_page", "index_page"]

HANGING = (View.R_CC, View.L_CC, View.R_MLO, View.L_MLO)
"""Row by row, as radiologists hang them."""

_INDEX_ORDER = (
    Label.RIGHT_MALIGNANT,
    Label.RIGHT_BENIGN,
    Label.LEFT_MALIGNANT,
    Label.LEFT_BENIGN,
)


@dataclass(frozen=True, eq=False)
class _Cell:
    """A place on the page: a view, or the word that there is none."""

    view: View
    shown: ReportView | None
    image: Reduced | None
    peaks: Mapping[Finding, Peak | None]
    unread: bool

    @property
    def side(self) -> str:
        return outward(self.view).value


def exam_page(report: ExamReport, *, index_link: str | None = None) -> str:
    """One self-contained HTML text that shows an exam.

    Args:
        index_link: where the list of exams is, relative to this page; None for an exam alone.
    """
    cells = [_cell(report, view) for view in HANGING]
    right, left = (
        breast_scores(report.prediction, side) for side in (Laterality.RIGHT, Laterality.LEFT)
    )
    warnings = [(None, text) for text in report.prediction.warnings] + [
        (cell.view.value, text) for cell in cells if cell.shown for text in cell.shown.warnings
    ]
    return document(
        "exam.html",
        styles=("page.css", "exam.css"),
        scripts=("pixels.js", "geometry.js", "pointer.js", "controls.js", "exam.js"),
        values={
            "report": report,
            "disclaimer": NOT_FOR_DIAGNOSIS,
            "cells": cells,
            "right": right,
            "left": left,
            "findings": (Finding.MALIGNANT, Finding.BENIGN),
            "warnings": warnings,
            "about": flat(report.prediction.about),
            "recipe": flat(report.recipe),
            "weights": [(one, flat(one)) for one in report.weights],
            "index_link": index_link,
            "data": data_block(_data(cells)),
        },
    )


def index_page(
    entries: Sequence[IndexEntry],
    *,
    refused: Sequence[LeftOut] = (),
    set_aside: Sequence[LeftOut] = (),
    unreadable: Sequence[LeftOut] = (),
    notices: Sequence[str] = (),
    version: str = "",
    made: str | None = None,
) -> str:
    """One self-contained HTML text that lists exams, linking to `exams/<folder>/report.html`.

    Args:
        refused: exams that could not be read.
        set_aside: readable files that are no standard screening views.
        unreadable: files that could not be read as mammograms.
    """
    return document(
        "index.html",
        styles=("page.css", "index.css"),
        scripts=("index.js",),
        values={
            "disclaimer": NOT_FOR_DIAGNOSIS,
            "rows": [
                (entry, f"exams/{path_in_link(entry.folder)}/report.html") for entry in entries
            ],
            "labels": [(label, label.finding.value) for label in _INDEX_ORDER],
            "parts": (
                ("Exams refused", refused),
                ("Files that could not be read", unreadable),
                ("Files set aside", set_aside),
            ),
            "notices": notices,
            "version": version,
            "made": made,
        },
    )


def _cell(report: ExamReport, view: View) -> _Cell:
    shown = report.views.of(view)
    unread = view in report.prediction.missing
    if shown is None:
        return _Cell(view, None, None, {}, unread)
    peaks = {finding: peak_of(heatmap) for finding, heatmap in (shown.heatmaps or {}).items()}
    return _Cell(view, shown, reduced_image(shown.pixels), peaks, unread)


def _data(cells: Sequence[_Cell]) -> dict[str, Any]:
    """What the page's script needs of the images."""
    images = [cell.image.values for cell in cells if cell.image]
    level, width = first_window(images)
    return {
        "full": FULL,
        "level": level,
        "width": width,
        "top": max((int(image.max()) for image in images), default=1) or 1,
        "views": {cell.view.value: _view_data(cell) for cell in cells if cell.shown},
    }


def _view_data(cell: _Cell) -> dict[str, Any]:
    shown, image = cell.shown, cell.image
    if shown is None or image is None:
        raise ValueError(f"{cell.view.value} has no image")
    crop = shown.crop
    return {
        "rows": shown.pixels.shape[0],
        "columns": shown.pixels.shape[1],
        "outward": cell.side,
        "mirrored": shown.mirrored,
        "crop": [crop.top, crop.bottom, crop.left, crop.right] if crop else None,
        "image": _carried(image),
        "heatmaps": {
            finding.value: _carried(reduced_heatmap(heatmap, cell.peaks[finding]))
            | {"peak": _peak_data(cell.peaks[finding])}
            for finding, heatmap in (shown.heatmaps or {}).items()
        },
    }


def _carried(reduced: Reduced) -> dict[str, Any]:
    return {
        "factor": reduced.factor,
        "padded": list(reduced.padded),
        "sum": checksum(reduced.values),
        "png": data_uri(reduced.values),
    }


def _peak_data(peak: Peak | None) -> dict[str, Any] | None:
    return {"value": peak.value, "row": peak.row, "column": peak.column} if peak else None
