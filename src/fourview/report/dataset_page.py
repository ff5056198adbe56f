"""A data set's report as one page: its numbers as tables with bars, and a contact sheet."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fourview.core.description import NO_SPLIT, Tally
from fourview.core.views import View
from fourview.report.contents import NOT_FOR_DIAGNOSIS
from fourview.report.dataset_contents import (
    DataSetReport,
    Edges,
    GreyValues,
    SheetExam,
    SheetImage,
)
from fourview.report.document import document

HANGING = (View.R_CC, View.L_CC, View.R_MLO, View.L_MLO)
MOST_LINES = 60
"""Of what was left out; describe.json has all of it."""
_NUMBER = re.compile(r"[0-9][0-9.]*")


@dataclass(frozen=True)
class _Picture:
    """A place on the sheet, with its drawing in the source image's pixels."""

    view: str
    image: SheetImage | None
    frame: str = ""
    """The drawing's viewBox: the image, and the window where it reaches beyond."""
    source: str = ""
    """The picture as an address: base64, so that nothing in it needs an escape."""
    arm: float = 0.0
    """Half the length of the centre's cross."""


def dataset_page(report: DataSetReport) -> str:
    """One self-contained HTML text, without any script."""
    description = report.description
    problems = description.problems
    hung = _hung(report)
    return document(
        "dataset.html",
        styles=("page.css", "dataset.css"),
        scripts=(),
        values={
            "report": report,
            "description": description,
            "disclaimer": NOT_FOR_DIAGNOSIS,
            "tallies": [_tally(tally, description.splits) for tally in description.tallies],
            "grey": [(one, _outline(one)) for one in report.grey],
            "sheet": [(exam, _pictures(exam, hung)) for exam in report.sheet],
            "not_hung": [view.value for view in HANGING if view not in hung],
            "has_marks": any(image.marks for _, _, image in _images(report)),
            "warned": _warned(report),
            "failed": _failed(report),
            "problems": problems[:MOST_LINES],
            "more_problems": max(0, len(problems) - MOST_LINES),
        },
    )


def _tally(
    tally: Tally, splits: Sequence[str]
) -> tuple[Tally, list[tuple[str, int, float, float, list[tuple[int, float | None]]]], list[str]]:
    """A tally, its rows (name, count, part, part of the greatest count, each split's count and
    part, None of nothing), and the splits: all of the data set, also those that have none of it."""
    elsewhere = [NO_SPLIT] if NO_SPLIT not in splits and tally.total_of(NO_SPLIT) else []
    shown = [*splits, *elsewhere]
    greatest = max((one.n for one in tally.counts), default=0) or 1
    told = [one for one in tally.counts if one.n and one.name != "not told"]
    rows = []
    for one in tally.counts:
        if not (told or one.n):
            continue  # nobody tells any of it: one row says so
        of_splits = [(one.by_split.get(split, 0), tally.total_of(split)) for split in shown]
        parts = [(n, 100 * n / total if total else None) for n, total in of_splits]
        part = 100 * one.n / (tally.total or 1)
        rows.append((one.name, one.n, part, 100 * one.n / greatest, parts))
    return tally, rows, shown


def _outline(grey: GreyValues) -> str:
    """The outline of a histogram as a path in a square of 100 by 100, from the lower left corner.

    Heights are square roots, so that both the peak and the rare values can be seen.
    """
    highest = max(grey.parts, default=0) or 1
    width = 100 / max(len(grey.parts), 1)
    steps = [
        f"V{100 - 100 * (part / highest) ** 0.5:.2f}H{width * number:.2f}"
        for number, part in enumerate(grey.parts, start=1)
    ]
    return f"M0,100{''.join(steps)}V100Z"


def _hung(report: DataSetReport) -> tuple[View, ...]:
    """The views to show, row by row: a row of which the sample has no image is left out."""
    there = {view.position for exam in report.sheet for view in exam.images if view}
    return tuple(view for view in HANGING if view.position in there)


def _pictures(exam: SheetExam, hung: Sequence[View]) -> list[_Picture]:
    """The views as they are hung, and an image of no view after them."""
    pictures = [_picture(view.value, exam.images.get(view)) for view in hung]
    if None in exam.images:
        pictures.append(_picture("view not told", exam.images[None]))
    return pictures


def _picture(name: str, image: SheetImage | None) -> _Picture:
    if image is None or image.jpeg is None:
        return _Picture(name, image)
    top, bottom, left, right = _united((0, image.rows, 0, image.columns), image.window)
    side = max(bottom - top, right - left)
    data = base64.b64encode(image.jpeg).decode("ascii")
    return _Picture(
        view=name,
        image=image,
        frame=f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}",
        source=f"data:image/jpeg;base64,{data}",
        arm=side / 36,
    )


def _united(one: Edges, other: Edges | None) -> Edges:
    if other is None:
        return one
    return (
        min(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        max(one[3], other[3]),
    )


def _failed(report: DataSetReport) -> list[tuple[str, str, str]]:
    """Exam, view and reason of each image of the sample that could not be read or cropped."""
    return [
        (exam.name, view.value if view else image.name, image.problem)
        for exam, view, image in _images(report)
        if image.problem
    ]


def _warned(report: DataSetReport) -> Mapping[str, list[str]]:
    """What images were warned of, each kind of warning with where it was; warnings that differ in
    numbers alone are one kind."""
    found: dict[str, list[str]] = {}
    for exam, view, image in _images(report):
        for warning in image.warnings:
            where = f"{exam.name} {view.value if view else image.name}"
            kind = _NUMBER.sub("…", warning.removeprefix(f"{image.name}: "))
            found.setdefault(kind, []).append(where)
    return found


def _images(report: DataSetReport) -> list[tuple[SheetExam, View | None, SheetImage]]:
    return [(exam, view, image) for exam in report.sheet for view, image in exam.images.items()]
