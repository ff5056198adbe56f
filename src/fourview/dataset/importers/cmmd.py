"""CMMD: digital exams with a biopsied class of one or both breasts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from fourview.core.errors import FourviewError, SetAside, TableError
from fourview.core.records import REFUSED, SET_ASIDE, ImageRecord, Pathology
from fourview.dataset.importers.breast_labels import BreastLabels
from fourview.dataset.importers.cells import NOT_A_SCREENING_VIEW, age_of, side_of
from fourview.dataset.importers.drawing import header_of
from fourview.dataset.importers.nouns import Importer, Progress, PublicSet
from fourview.dataset.importers.source import Source
from fourview.io.names import natural_key, shown
from fourview.io.table import Row

_WHERE = "https://doi.org/10.7937/tcia.eqde-4b16 (The Cancer Imaging Archive, free)"
_TITLE = "CMMD (The Chinese Mammography Database)"
_COLUMNS = {
    "patient": ("ID1",),
    "side": ("LeftRight",),
    "age": ("Age",),
    "kind": ("abnormality",),
    "class": ("classification",),
    "subtype": ("subtype",),
}
_CLASSES = {"MALIGNANT": Pathology.MALIGNANT, "BENIGN": Pathology.BENIGN}
_PLACES = ("", "CMMD", "TheChineseMammographyDatabase/CMMD")


def read_cmmd(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams (a patient each) and labels; the views are told by the files' headers."""
    source = Source(folder, _TITLE, _WHERE)
    table = source.table(
        "CMMD_clinicaldata_revision.csv",
        "CMMD_clinicaldata_revision_CSV.csv",
        below=("", "..", "CMMD"),
    )
    labels = BreastLabels()
    of_patient: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows(table, _COLUMNS, optional=("age", "kind", "subtype")):
        of_patient[row.get("patient")].append(row)
        _add_label(row, labels, source)
    for row in source.broken:
        labels.doubt(row.get("patient"))
    folders = _folders(folder)
    images: list[ImageRecord] = []
    for done, (patient, rows) in enumerate(of_patient.items(), start=1):
        images += _images(patient, rows[0], folders.get(patient), source)
        if on_progress:
            on_progress(done, len(of_patient))
    for name in sorted(folders.keys() - of_patient.keys(), key=natural_key):
        source.problem(folders[name].name, f"not in {table.name}: left out")
    return PublicSet(
        images=tuple(images),
        tables=tuple(source.tables),
        labels=labels.rows({image.exam for image in images if image.is_used}),
        problems=source.told(),
    )


def _add_label(row: Row, labels: BreastLabels, source: Source) -> None:
    exam = row.get("patient")
    try:
        side = side_of(row.get("side"), "LeftRight")
        word = row.get("class").upper()
        if word not in _CLASSES:
            raise TableError(
                f"the classification is {shown(row.get('class'))!r}; expected Malignant or Benign",
                hint="without it the exam has no labels",
            )
        labels.add(exam, side, _CLASSES[word])
    except TableError as error:
        labels.doubt(exam)
        source.refuse(row.place, error)


def _folders(folder: Path) -> dict[str, Path]:
    """Each patient's folder: D1-0001, ..."""
    roots = [folder / place for place in _PLACES]
    roots += sorted(folder.glob("manifest-*/CMMD"))
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted(root.glob("D[12]-[0-9]*")):
            if path.is_dir():
                found.setdefault(path.name, path)
    return found


def _images(patient: str, row: Row, folder: Path | None, source: Source) -> list[ImageRecord]:
    told = {
        "exam": patient,
        "patient": patient,
        "age": age_of(row.get("age")),
        "other": {"abnormality": row.get("kind"), "subtype": row.get("subtype")},
    }
    extensions = (".dcm", ".png")
    files = sorted(
        (
            path
            for path in (folder.rglob("*") if folder else ())
            if path.suffix.lower() in extensions
        ),
        key=lambda path: natural_key(str(path)),
    )
    if not files:
        expected = f"CMMD/{patient}/…/1-1.dcm"
        return [source.image(None, place=row.place, expected=expected, **told)]
    images = []
    for path in files:
        name = path.relative_to(folder).as_posix() if folder else path.name
        image = source.image(path, place=f"{patient}/{name}", expected=name, **told)
        images.append(_with_header(image, path, source))
    return images


def _with_header(image: ImageRecord, path: Path, source: Source) -> ImageRecord:
    try:
        header = header_of(path)
    except SetAside as error:
        return replace(image, status=SET_ASIDE, reason=error.problem)
    except (FourviewError, OSError) as error:
        source.problem(image.place, f"the image cannot be read: {error}")
        return replace(image, status=REFUSED, reason=shown(str(error)))
    if header.view is None or header.reason:
        reason = header.reason or NOT_A_SCREENING_VIEW
        return replace(image, status=SET_ASIDE, reason=shown(reason))
    return replace(
        image,
        view=header.view,
        rows=header.rows,
        columns=header.columns,
        pixel_spacing_mm=header.pixel_spacing_mm,
        manufacturer=header.manufacturer,
    )


CMMD = Importer(
    name="cmmd",
    title=_TITLE,
    read=read_cmmd,
    licence="CC BY 4.0",
    where=_WHERE,
    citation="Cai H. et al., An online mammography database with biopsy confirmed types. "
    "Scientific Data 10, 123 (2023)",
    size="1,775 patients, 5,202 digital images, 8 bit; 22 GB",
    meaning="A breast is malignant or benign as its biopsy says. All patients were biopsied: "
    "there is no normal exam, so no specificity of screening can be had from it.",
    lacks=("dates", "BI-RADS", "density", "places of lesions", "normal exams"),
    traps=(
        "the clinical table is a spreadsheet: save it as CMMD_clinicaldata_revision.csv",
        "it lost its dates: no exam can be matched with a biopsy by days, nor split by time",
        "many exams have one breast; where both are there and one is in the table, the other's "
        "labels are 0 because the set is silent",
        "8 bits of a display, not the detector's 12 or 14: z-scores differ from other sets",
    ),
)
