"""Breasts of which a model was wrongly sure, or that it and the readers saw differently, each with
its images, marked lesions and heatmaps (SI, 'Error analysis', Figures S4 to S12).

`fourview evaluate` calls this with one model's scores, where it was given a store:

    for case in error_panels(breasts, scores, store=store, findings=findings, readers=readers):
        write case.row into errors.csv, and case.figure (None: the row's remark says why)

`findings`, `readers` and the store's heatmaps may be absent: the lesions, the readers' line and the
heatmaps' columns are then left out, and `case.figure.caption` says so. `RULES` of error_choice.py
has the rules in words. Images are hung as radiologists hang them: a right breast faces left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.breasts import Breasts, BreastScores
from fourview.core.errors import FourviewError, ImageError
from fourview.core.views import Facing, Laterality, View
from fourview.evaluation.checks import Floats
from fourview.io.finding_table import FindingTable, read_finding_table
from fourview.io.store import Store
from fourview.performance.images.error_choice import ChosenBreast, choose_errors, readers_mean
from fourview.performance.images.marked_images import MarkedImage, MarkedImages
from fourview.performance.images.stored_maps import StoredMaps, stored_maps
from fourview.report.drawing import DrawnFigure
from fourview.report.error_panel import ErrorPanel, PanelImage, error_panel

_SIDES = {Laterality.LEFT: "left", Laterality.RIGHT: "right"}
_POSITIONS = ("CC", "MLO")


@dataclass(frozen=True, kw_only=True)
class ErrorRow:
    """A breast that is shown, and why. A number that there is not is NaN."""

    kind: str
    rank: int
    exam: str
    laterality: str
    truly_malignant: bool
    truly_benign: bool
    malignant: float
    """The model's score."""
    benign: float
    readers: int
    """Who rated it."""
    readers_mean: float
    readers_low: float
    readers_high: float
    remark: str
    """Why there is no panel, or what is missing in it."""


@dataclass(frozen=True)
class ErrorCase:
    """A breast that is shown."""

    row: ErrorRow
    figure: DrawnFigure | None


def error_panels(
    breasts: Breasts,
    scores: BreastScores,
    *,
    store: Path,
    findings: Path | None = None,
    readers: Floats | None = None,
    patch_weights: str = "",
    heatmaps: str = "",
    most: int = 3,
    threshold: float | None = None,
) -> Iterator[ErrorCase]:
    """False positives, false negatives and disagreements, each drawn when it is asked for.

    Args:
        readers: `(R, N)`: probabilities of malignancy, NaN where a reader did not rate the breast.
        patch_weights: SHA-256, or its first characters, of the patch classifier's weights, where
            the store has heatmaps of several.
        heatmaps: how the key of those begins that are meant, where several have these weights.
        most: of each kind.
        threshold: as `choose_errors`.
    Raises:
        TableError: the store is not finished or has several sets of heatmaps; the findings table
            cannot be read; a score or rating lies outside 0 to 1.
        RecipeError: `most` is below 0.
    """
    chosen = choose_errors(breasts, scores, readers=readers, most=most, threshold=threshold)
    opened = Store.open(store)
    table = FindingTable(store, ()) if findings is None else read_finding_table(findings)
    drawing = _Drawing(
        MarkedImages(opened, table),
        stored_maps(opened, patch_weights=patch_weights, key=heatmaps),
        has_findings=findings is not None,
    )
    for one in chosen:
        row = _row(one, breasts, scores, readers)
        try:
            yield drawing.case(row, breasts.lateralities[one.place])
        except FourviewError as error:
            yield ErrorCase(_remarked(row, f"not drawn: {drawing.marked.told(error)}"), None)


def _row(
    one: ChosenBreast, breasts: Breasts, scores: BreastScores, readers: Floats | None
) -> ErrorRow:
    rated = np.full(1, np.nan) if readers is None else readers[:, one.place]
    known = rated[~np.isnan(rated)]
    return ErrorRow(
        kind=one.kind.value,
        rank=one.rank,
        exam=breasts.exams[one.place],
        laterality=breasts.lateralities[one.place].value,
        truly_malignant=bool(breasts.malignant[one.place]),
        truly_benign=bool(breasts.benign[one.place]),
        malignant=float(scores.malignant[one.place]),
        benign=float(scores.benign[one.place]),
        readers=len(known),
        readers_mean=float(readers_mean(rated[:, None])[0]),
        readers_low=float(known.min(initial=np.inf)) if len(known) else float("nan"),
        readers_high=float(known.max(initial=-np.inf)) if len(known) else float("nan"),
        remark="",
    )


def _remarked(row: ErrorRow, *said: str) -> ErrorRow:
    return replace(row, remark="; ".join(filter(None, [row.remark, *said])))


@dataclass(frozen=True)
class _Drawing:
    """What panels are drawn from."""

    marked: MarkedImages
    maps: StoredMaps | None
    has_findings: bool

    def case(self, row: ErrorRow, side: Laterality) -> ErrorCase:
        """The breast with its panel. Raises FourviewError where its images cannot be read."""
        if row.exam not in self.marked.store:
            return ErrorCase(_remarked(row, "not drawn: its exam is not in the store"), None)
        known = list(self.marked.of_exam(row.exam))
        views = [View.of(side, position) for position in _POSITIONS]
        images = [image for view in views for image in known if image.view.view is view]
        if not images:
            return ErrorCase(_remarked(row, "not drawn: the store has no image of it"), None)
        drawn, remarks = [], []
        for image in images:
            one, said = self._image(image, mirrored=side is Laterality.RIGHT)
            drawn.append(one)
            remarks += said
        panel = ErrorPanel(
            title=f"{row.kind.capitalize()} {row.rank}: exam {row.exam}, {_SIDES[side]} breast",
            lines=_lines(row),
            images=drawn,
            facing=Facing.LEFT if side is Laterality.RIGHT else Facing.RIGHT,
        )
        png, svg = error_panel(panel)
        row = _remarked(row, *remarks)
        figure = DrawnFigure(
            name=f"{row.kind.replace(' ', '-')}-{row.rank}",
            title=panel.title,
            caption=" ".join([*(f"{line}." for line in _lines(row)), self._caption(drawn)]),
            png=png,
            svg=svg,
        )
        return ErrorCase(row, figure)

    def _image(self, image: MarkedImage, *, mirrored: bool) -> tuple[PanelImage, list[str]]:
        """An image as it is hung, and what is missing of it."""
        said, mask, heatmaps = [], None, None
        if self.has_findings:
            try:
                mask = self.marked.colours(image)
            except ImageError as error:
                said.append(self.marked.told(error))
        if self.maps is not None:
            try:
                heatmaps = self.maps.of(image.view)
            except ImageError as error:
                said.append(self.marked.told(error))
        hidden = [
            f"{len(rows)} {word} {'finding' if len(rows) == 1 else 'findings'}"
            for rows, word in ((image.occult, "occult"), (image.unplaced, "unmarked"))
            if rows
        ]
        return (
            PanelImage(
                name=image.view.image,
                pixels=_hung(image.view.pixels(), mirrored),
                mask=None if mask is None else _hung(mask, mirrored),
                benign=None if heatmaps is None else _hung(heatmaps.benign, mirrored),
                malignant=None if heatmaps is None else _hung(heatmaps.malignant, mirrored),
                remark=", ".join(hidden),
            ),
            said,
        )

    def _caption(self, images: list[PanelImage]) -> str:
        told = ["From left to right: the image"]
        if any(one.mask is not None for one in images):
            told.append("the same with marked lesions (malignant red, benign green, high-risk "
                        "benign yellow)")  # fmt: skip
        if any(one.benign is not None for one in images):
            told.append("the benign heatmap over it (green)")
            told.append("the malignant heatmap over it (red)")
        absent = []
        if not self.has_findings:
            absent.append("No findings table was given, so no lesions are shown.")
        if self.maps is None:
            absent.append("The store has no heatmaps.")
        return " ".join([", ".join(told) + ".", *absent])


def _hung(array: NDArray, mirrored: bool) -> NDArray:  # type: ignore[type-arg]
    """The store's views face rightward; a right breast is hung facing left."""
    return np.ascontiguousarray(array[:, ::-1]) if mirrored else array


def _lines(row: ErrorRow) -> list[str]:
    """Scores of the model and of the readers, and the truth."""
    found = [word for word, is_so in (
        ("malignant", row.truly_malignant), ("benign", row.truly_benign)
    ) if is_so]  # fmt: skip
    lines = [f"Model: malignant {row.malignant:.3f}, benign {row.benign:.3f}"]
    if row.readers:
        lines.append(
            f"Readers ({row.readers}): malignant {row.readers_mean:.3f} in the mean, "
            f"{row.readers_low:.2f} to {row.readers_high:.2f}"
        )
    lines.append("Truth: " + (" and ".join(found) or "no biopsy-proven finding"))
    return lines
