"""A page as PDF, for files and e-mails: what stands on the page, laid out for A4."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib import resources

from PIL import ImageFile

MISSING = "weasyprint, which makes them, is not installed: pip install 'fourview[pdf]'"
NO_LIBRARIES = (
    "weasyprint finds no Pango: on Debian and Ubuntu apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
)


@dataclass(frozen=True)
class Pdf:
    """A document, or why there is none."""

    data: bytes | None
    why_not: str = ""
    """For a sentence that begins with 'no PDF was written: '."""


def pdf_of(html: str) -> Pdf:
    """One of this package's pages as PDF. The same page gives the same bytes, without any date.

    Nothing is fetched: pictures stand in the page itself. Where weasyprint or its libraries are
    absent there is no document, and that is no error: the page says the same.
    """
    fills_up = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        from weasyprint import HTML  # slow to import, and seldom needed
        from weasyprint.urls import URLFetcher
    except ImportError:
        return Pdf(None, MISSING)
    except OSError:
        return Pdf(None, NO_LIBRARIES)
    finally:  # weasyprint tells Pillow, for the whole process, to read pictures that are cut off
        ImageFile.LOAD_TRUNCATED_IMAGES = fills_up
    fetch = URLFetcher(allowed_protocols=("data",))
    heard = _Errors()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(heard)
    try:
        data = HTML(string=_on_paper(html), url_fetcher=fetch).write_pdf()
    finally:
        logger.removeHandler(heard)
    if heard.texts:  # a picture that is left out would not be missed
        return Pdf(None, f"weasyprint cannot draw the page: {heard.texts[0][:200]}")
    return Pdf(data)


def _on_paper(html: str) -> str:
    """The page with styles for paper after its own: given beside it they would count as a reader's
    and yield to them."""
    style = (resources.files("fourview.report") / "templates" / "pdf.css").read_text("utf-8")
    return html.replace("</head>", f"<style>{style}</style></head>", 1)


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
