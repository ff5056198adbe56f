"""A study as one page: its figures, its numbers in tables, and its methods in words."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from fourview.report.contents import NOT_FOR_DIAGNOSIS
from fourview.report.document import document


@dataclass(frozen=True, kw_only=True)
class NumberTable:
    """A table of cells that are texts already."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    """So many columns from the left are words; the others are numbers, set to the right."""
    note: str = ""
    remarks: Sequence[str] = ()
    """What is not defined, and why."""


@dataclass(frozen=True, kw_only=True)
class PageFigure:
    """A picture with what is said below it."""

    title: str
    caption: str
    svg: bytes


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """All that the page says."""

    title: str
    heading: str = "The reader study of"
    """Before the title."""
    facts: Sequence[tuple[str, str]]
    """Number and words: `14`, `readers`."""
    warnings: Sequence[str]
    tables: Sequence[NumberTable]
    figures: Sequence[PageFigure]
    methods: Sequence[str]
    """Paragraphs."""
    sources: Sequence[str]
    version: str = ""


def study_page(page: StudyPage) -> str:
    """One self-contained HTML text, without any script."""
    return document(
        "study.html",
        styles=("page.css", "study.css"),
        scripts=(),
        values={
            "page": page,
            "disclaimer": NOT_FOR_DIAGNOSIS,
            "figures": [(one, _address(one.svg)) for one in page.figures],
        },
    )


def _address(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"
