"""Many files' headers, a few at a time, each read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fourview.core.errors import FourviewError, SetAside
from fourview.io.dicom import is_dicom, read_dicom_header
from fourview.io.exams.files import NOT_AN_IMAGE, Candidate, Refused, SetAsideFile
from fourview.io.header import ImageHeader
from fourview.io.names import shown
from fourview.io.png import is_png_or_tiff, read_png_header

_RASTER_EXTENSIONS = (".png", ".tif", ".tiff")
_DICOM_EXTENSIONS = (".dcm", ".dicom", ".dic", ".ima")
_SHORT = 4  # characters of a Patient ID that may stand in a number by chance
_WORKERS = 8  # reading headers waits for the disk, not for the processor

Outcome = ImageHeader | Refused | SetAsideFile
Progress = Callable[[int, int], None]
"""Told the number of files read and of all."""
HeaderReader = Callable[[Sequence[Candidate], Progress | None], list[Outcome]]
"""Reads what `read_headers` reads; it may do so in processes, or remember."""


def read_headers(
    candidates: Sequence[Candidate], on_progress: Progress | None = None
) -> list[Outcome]:
    """Each file's header, or why there is none, in the order of the files.

    Args:
        on_progress: called with the number of files read and of all.
    """
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for outcome in pool.map(read_one, candidates):
            outcomes.append(outcome)
            if on_progress:
                on_progress(len(outcomes), len(candidates))
    return outcomes


def read_one(candidate: Candidate) -> Outcome:
    """A file's header, or why there is none."""
    outcome = _outcome(candidate)
    if isinstance(outcome, ImageHeader):
        return outcome
    exam = candidate.exam or ""
    return replace(outcome, exam=exam, file=candidate.path)


def _outcome(candidate: Candidate) -> Outcome:
    try:
        header = _header(candidate)
    except SetAside as error:
        told = Refused.because(error, candidate.source, candidate.path)
        return SetAsideFile(candidate.source, "image", told.reason, told.hint)
    except (FourviewError, OSError) as error:
        return Refused.because(error, candidate.source, candidate.path)
    if header is None:
        if candidate.given:
            hint = "give a folder, a .zip, a manifest (.csv, .parquet) or an exam list (.pkl)"
            return Refused(candidate.source, "neither DICOM, PNG nor TIFF", hint)
        return SetAsideFile(candidate.source, "other file", NOT_AN_IMAGE)
    if _holds(header.patient, str(candidate.path)) or _holds(header.patient, header.study):
        header = replace(header, names_patient=True)
    if header.reason and not (candidate.view and header.may_be_named):
        hint = name_it(candidate.source) if header.may_be_named else ""
        return SetAsideFile(candidate.source, header.kind, shown(header.reason), hint, header)
    return header


def _holds(patient: str | None, text: str | None) -> bool:
    """Whether a text holds a Patient ID, a short one as a word of its own."""
    if not patient or not text or patient not in text:
        return False
    return len(patient) > _SHORT or patient in re.split(r"[^0-9A-Za-z]+", text)


def name_it(source: str) -> str:
    """The way out where a file's view is not known."""
    return f"name the view yourself: --view '{source}=L-CC', or in a manifest"


def _header(candidate: Candidate) -> ImageHeader | None:
    """The header by what the file holds, then by what its name promises; None for no image."""
    path, extension = candidate.path, candidate.path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(132)
    # first DICOM's mark: the 128 bytes before it may be another format's header
    if start[128:] == b"DICM":
        return read_dicom_header(path)
    if is_png_or_tiff(start) or extension in _RASTER_EXTENSIONS:
        return read_png_header(path, source=candidate.source)
    if extension in _DICOM_EXTENSIONS or is_dicom(path):
        return read_dicom_header(path)
    return None
