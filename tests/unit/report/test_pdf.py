"""A page as PDF: its text is the page's, nothing is fetched, and it can be done without."""

from __future__ import annotations

import builtins
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fourview.report.pdf import Pdf, pdf_of
from fourview.report.study_page import NumberTable, StudyPage, study_page


def page_of(rows: int = 3) -> str:
    table = NumberTable(
        title="Over readers",
        header=("reader", "AUC"),
        rows=[(f"reader {number}", f"{0.7 + number / 1000:.3f}") for number in range(rows)],
    )
    return study_page(
        StudyPage(
            title="readers.csv",
            facts=(("14", "readers"),),
            warnings=("one is missing",),
            tables=(table,),
            figures=(),
            methods=("Ties count as one half.",),
            sources=("A paper.",),
            version="0.0",
        )
    )


def made(html: str) -> bytes:
    """The PDF; the test is skipped where this machine has no weasyprint."""
    pdf = pdf_of(html)
    if pdf.data is None:
        pytest.skip(pdf.why_not)
    return pdf.data


def text_of(data: bytes, path: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("there is no pdftotext (poppler-utils)")
    path.write_bytes(data)
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def test_a_pdf_says_what_the_page_says_on_every_sheet(tmp_path: Path) -> None:
    text = text_of(made(page_of(rows=120)), tmp_path / "page.pdf")
    assert "one is missing" in text
    assert "Ties count as one half." in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert [f"reader {number} {0.7 + number / 1000:.3f}" in lines for number in range(120)] == [
        True
    ] * 120
    sheets = [sheet for sheet in text.split("\f") if sheet.strip()]
    assert len(sheets) > 1
    for number, sheet in enumerate(sheets, start=1):
        assert "Research software, not a medical device." in sheet
        assert f"{number}/{len(sheets)}" in sheet.replace(" ", "")
        assert "AUC" in sheet or "Methods" in sheet  # a table's header is said again


def test_the_same_page_gives_the_same_bytes() -> None:
    first = made(page_of())
    assert first.startswith(b"%PDF-")
    assert made(page_of()) == first
    assert b"CreationDate" not in first


@pytest.mark.parametrize("address", ["http://localhost/a.png", "file:///etc/hostname", "a.png"])
def test_nothing_is_fetched_and_a_picture_that_is_left_out_is_told(address: str) -> None:
    made(page_of())
    pdf = pdf_of(page_of().replace("<main>", f'<main><img src="{address}">'))
    assert pdf.data is None
    assert "cannot draw the page" in pdf.why_not
    assert address in pdf.why_not


def test_without_weasyprint_there_is_no_pdf_and_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf = pdf_of(page_of())
    assert pdf.data is None
    assert "pip install 'fourview[pdf]'" in pdf.why_not


def test_without_pango_there_is_no_pdf_and_its_packages_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    pdf = pdf_of(page_of())
    monkeypatch.undo()
    assert pdf == Pdf(None, pdf.why_not)
    assert "apt-get install libpango-1.0-0" in pdf.why_not


def test_making_one_does_not_let_cut_pictures_pass_elsewhere() -> None:
    """weasyprint, when it is imported, tells Pillow to fill up what is cut off."""
    code = (
        "from PIL import ImageFile; from fourview.report.pdf import pdf_of; "
        "made = pdf_of('<html><head></head><body>x</body></html>'); "
        "print(made.data is not None, ImageFile.LOAD_TRUNCATED_IMAGES)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    made, fills_up = ran.stdout.split()
    if made == "False":
        pytest.skip("no PDF can be made here")
    assert fills_up == "False"
