"""EMBED: exams over years with findings, pathology and its dates, and boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from fourview.core.errors import TableError
from fourview.core.records import SET_ASIDE, ImageRecord, Pathology
from fourview.core.views import Laterality
from fourview.dataset.importers.cells import (
    NOT_A_SCREENING_VIEW,
    age_of,
    density_of,
    plain_number,
    side_of,
    view_of,
)
from fourview.dataset.importers.nouns import (
    Assessed,
    BiopsyRow,
    Importer,
    Progress,
    PublicSet,
    Region,
)
from fourview.dataset.importers.source import Source
from fourview.io.annotations.shapes import Shape
from fourview.io.cells import date_cell
from fourview.io.foreign_table import count_lines
from fourview.io.names import shown
from fourview.io.result_words import CODES
from fourview.io.table import Row

_WHERE = "https://registry.opendata.aws/emory-breast-imaging-dataset-embed/ (sign its agreement)"
_TITLE = "EMBED (Emory Breast Imaging Dataset), open data"
_BELOW = ("", "tables")
_CLINICAL = {
    "patient": ("empi_anon",),
    "exam": ("acc_anon",),
    "description": ("desc",),
    "density": ("tissueden",),
    "assessment": ("asses",),
    "side": ("side",),
    "age": ("age_at_study",),
    "biopsy side": ("bside",),
    "severity": ("path_severity",),
    "biopsy date": ("procdate_anon",),
}
_METADATA = {
    "patient": ("empi_anon",),
    "exam": ("acc_anon",),
    "path": ("anon_dicom_path",),
    "date": ("study_date_anon",),
    "kind": ("FinalImageType",),
    "side": ("ImageLateralityFinal",),
    "view": ("ViewPosition",),
    "special": ("spot_mag",),
    "maker": ("Manufacturer",),
    "boxes": ("ROI_coords",),
}
_BIRADS = dict(zip("ANBPSMK", "0123456", strict=True))
"""Column `asses` of the clinical table, by the set's README."""
_NAMES = {frozenset({pathology}): pathology.value for pathology in Pathology}
_RESULTS = {code: _NAMES.get(results, "none") for code, results in CODES["embed"].items()}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class _Clinical:
    """What the clinical table tells of exams and patients."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    assessed: dict[tuple[str, str, str], Assessed] = field(default_factory=dict)
    biopsies: dict[BiopsyRow, None] = field(default_factory=dict)


class _Paths:
    """Where images are: their tables name a path on the publisher's machine, of which the last
    parts are the same here."""

    def __init__(self, folder: Path) -> None:
        self.roots = (folder, folder / "images")
        self.way: tuple[Path, int] | None = None

    def find(self, written: str) -> Path | None:
        parts = PurePosixPath(written.replace("\\", "/")).parts
        if self.way is not None:
            path = self.way[0].joinpath(*parts[-self.way[1] :])
            return path if path.is_file() else None
        for root in self.roots:
            for n in (4, 3, 2, 1):  # cohort, patient, study, file
                if ".." not in parts[-n:] and (path := root.joinpath(*parts[-n:])).is_file():
                    self.way = (root, n)
                    return path
        return None


def read_embed(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams, biopsies with their dates, assessments by breast, and boxes.

    Labels are left to `fourview label`, which matches biopsies with exams by days.
    """
    source = Source(folder, _TITLE, _WHERE)
    names = ("EMBED_OpenData_clinical.csv", "EMBED_OpenData_clinical_reduced.csv")
    clinical = _clinical(source.table(*names, below=_BELOW), source)
    names = ("EMBED_OpenData_metadata.csv", "EMBED_OpenData_metadata_reduced.csv")
    table = source.table(*names, below=_BELOW)
    paths = _Paths(folder)
    images: dict[str, ImageRecord] = {}
    regions: list[Region] = []
    optional = ("special", "maker", "boxes")
    lines = count_lines(table) - 1
    for row in source.rows(table, _METADATA, optional=optional):
        if row.get("path") in images:
            source.problem(row.place, "the image stands there twice: it counts once")
            continue
        try:
            image = images[row.get("path")] = _image(row, clinical, paths, source)
            regions += _regions(image, row)
        except TableError as error:
            source.refuse(row.place, error)
        if on_progress:
            on_progress(len(images), lines)
    used = {image.exam for image in images.values() if image.is_used}
    if unknown := len(used - clinical.told.keys()):
        text = f"{unknown} of {len(used)} exams are not in the clinical table"
        source.warn(table.name, text, "nothing is told of their biopsies: leave them out")
    return PublicSet(
        images=tuple(images.values()),
        tables=tuple(source.tables),
        biopsies=tuple(clinical.biopsies),
        assessments=tuple(one for one in clinical.assessed.values() if one.exam in used),
        regions=tuple(regions),
        problems=source.told(),
    )


def _clinical(path: Path, source: Source) -> _Clinical:
    found = _Clinical()
    optional = ("age", "biopsy side", "description", "density")
    for row in source.rows(path, _CLINICAL, optional=optional):
        exam, patient = plain_number(row.get("exam")), plain_number(row.get("patient"))
        told = {
            "age": age_of(row.get("age").split(".")[0]),
            "density": density_of(row.get("density")),
            "description": row.get("description"),
        }
        found.told.setdefault(exam, told)
        try:
            _assess(row, exam, found)
        except TableError as error:
            source.refuse(row.place, error)
        if row.get("severity"):
            found.biopsies.setdefault(_biopsy(row, patient))
    return found


def _assess(row: Row, exam: str, found: _Clinical) -> None:
    letter = row.get("assessment").upper()
    if not letter or letter == "X":
        return
    if letter not in _BIRADS:
        raise TableError(
            f"asses is {shown(letter)!r}; expected one of {', '.join(_BIRADS)}",
            hint="the row's BI-RADS category is left out",
        )
    sides = [side for side in Laterality if row.get("side").upper() in ("", "B", side.value)]
    for side in sides:
        one = Assessed(exam=exam, laterality=side, birads=_BIRADS[letter])
        found.assessed.setdefault((exam, side.value, one.birads), one)


def _biopsy(row: Row, patient: str) -> BiopsyRow:
    """A biopsy as the table tells it: what is unclear is left unclear, for `fourview label`."""
    code = row.get("severity").removesuffix(".0")
    day = row.get("biopsy date").removesuffix(" 00:00:00")
    side = row.get("biopsy side") or row.get("side")
    return BiopsyRow(patient, day, side.upper(), _RESULTS.get(code, code))


def _image(row: Row, clinical: _Clinical, paths: _Paths, source: Source) -> ImageRecord:
    exam, patient = plain_number(row.get("exam")), plain_number(row.get("patient"))
    told = dict(clinical.told.get(exam, {}))
    kind, side = row.get("kind"), row.get("side")
    view = view_of(side_of(side), row.get("view")) if side else None
    reason = ""
    if kind.upper() != "2D":
        reason = f"not a 2D mammogram: {shown(kind)}"
    elif row.get("special").removesuffix(".0") == "1":
        reason = "a spot compression or magnification view"
    elif view is None:
        reason = f"{NOT_A_SCREENING_VIEW}: {shown(row.get('view')) or 'no view told'}"
    aside: dict[str, Any] = {"status": SET_ASIDE, "reason": reason} if reason else {}
    day: date | None = date_cell(row.get("date"), "study_date_anon")
    written = row.get("path")
    return source.image(
        paths.find(written),
        place=row.place,
        expected="/".join(PurePosixPath(written).parts[-4:]),
        exam=exam,
        patient=patient,
        study_date=day,
        view=view,
        age=told.get("age"),
        density=told.get("density", ""),
        manufacturer=shown(row.get("maker")),
        other={"study_description": shown(told.get("description", ""))},
        **aside,
    )


def _regions(image: ImageRecord, row: Row) -> list[Region]:
    """The boxes of `[[ymin, xmin, ymax, xmax], ...]`."""
    numbers = [float(number) for number in _NUMBER.findall(row.get("boxes"))]
    if not image.is_used or not numbers:
        return []
    if len(numbers) % 4:
        raise TableError(f"ROI_coords holds {len(numbers)} numbers; a box has 4")
    regions = []
    for n in range(0, len(numbers), 4):
        top, left, bottom, right = numbers[n : n + 4]
        if bottom <= top or right <= left:
            raise TableError(f"ROI_coords: the box {numbers[n : n + 4]} has no area")
        shape = Shape("box", ((left, top), (right, bottom)))
        view = image.view.value if image.view else ""
        regions.append(Region(image=image, finding=f"{view}-{n // 4 + 1}", type="", shape=shape))
    return regions


EMBED = Importer(
    name="embed",
    title=_TITLE,
    read=read_embed,
    licence="Emory's research use agreement: personal, non-commercial research; no sharing, no "
    "public weights trained on it without permission",
    where=_WHERE,
    citation="Jeong J. J. et al., The EMory BrEast imaging Dataset (EMBED). Radiology: Artificial "
    "Intelligence 5, e220047 (2023)",
    size="22,382 patients, 76,373 exams, 480,323 images (the open 20 %)",
    meaning="No labels.csv yet: biopsies.csv has each result with its day and side, and "
    "`fourview label` matches them with exams. path_severity 0 and 1 are malignant, 2 and 3 "
    "high-risk benign, 4 benign, 5 none; 6 (not of the breast) stays 6, for --result 6=CLASS.",
    lacks=("a finding's box by itself: boxes belong to an image, not to a row of findings",),
    traps=(
        "28 % of the exams are diagnostic: column study_description tells",
        "C-views (2D computed from tomosynthesis) and spot views are set aside",
        "a biopsy's day is procdate_anon; days are shifted, alike for all of a patient's tables",
        "boxes were found in screenshots: those of match_level 2 are less sure",
    ),
)
