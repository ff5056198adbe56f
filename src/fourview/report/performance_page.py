"""An evaluation as one page: sections of tables and figures, and its methods in words."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fourview.report.contents import NOT_FOR_DIAGNOSIS
from fourview.report.document import document
from fourview.report.drawing import DrawnFigure
from fourview.report.study_page import NumberTable


@dataclass(frozen=True, kw_only=True)
class PageSection:
    """Tables and figures on one subject."""

    title: str
    tables: Sequence[NumberTable] = ()
    figures: Sequence[DrawnFigure] = ()
    note: str = ""
    as_pixels: bool = False
    """The figures are images: as PNG they are smaller."""

    @property
    def drawn(self) -> Iterator[tuple[DrawnFigure, str]]:
        """Each figure with its address."""
        for one in self.figures:
            kind, data = ("png", one.png) if self.as_pixels else ("svg+xml", one.svg)
            yield one, f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


@dataclass(frozen=True, kw_only=True)
class PerformancePage:
    """All that an evaluation's page says."""

    title: str
    facts: Sequence[tuple[str, str]]
    """Number and words: `1,480`, `breasts`."""
    warnings: Sequence[str]
    sections: Sequence[PageSection]
    methods: Sequence[str]
    """Paragraphs."""
    sources: Sequence[str]
    version: str = ""


def performance_page(page: PerformancePage) -> str:
    """One self-contained HTML text, without any script."""
    return document(
        "performance.html",
        styles=("page.css", "study.css", "performance.css"),
        scripts=(),
        values={"page": page, "disclaimer": NOT_FOR_DIAGNOSIS},
    )
