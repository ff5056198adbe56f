"""RSNA 2022 (Kaggle): screening exams of two sites, cancer and biopsy by breast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fourview.core.errors import TableError
from fourview.core.records import SET_ASIDE, ImageRecord, Pathology
from fourview.core.views import Laterality
from fourview.dataset.importers.breast_labels import BreastLabels
from fourview.dataset.importers.cells import (
    NOT_A_SCREENING_VIEW,
    age_of,
    birads_of,
    density_of,
    plain_number,
    side_of,
    view_of,
)
from fourview.dataset.importers.nouns import Assessed, Importer, Progress, PublicSet
from fourview.dataset.importers.source import Source, counted
from fourview.io.cells import whole_cell
from fourview.io.names import shown
from fourview.io.table import Row

_WHERE = "https://www.kaggle.com/competitions/rsna-breast-cancer-detection (accept its rules)"
_TITLE = "RSNA Screening Mammography Breast Cancer Detection (2022)"
_COLUMNS = {
    "patient": ("patient_id",),
    "image": ("image_id",),
    "side": ("laterality",),
    "view": ("view",),
    "age": ("age",),
    "cancer": ("cancer",),
    "biopsy": ("biopsy",),
    "birads": ("BIRADS",),
    "density": ("density",),
    "site": ("site_id",),
    "machine": ("machine_id",),
    "implant": ("implant",),
    "invasive": ("invasive",),
}
_OPTIONAL = ("age", "birads", "density", "site", "machine", "implant", "invasive")
_KEPT = ("site", "machine", "implant", "invasive")


def read_rsna(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams (a patient each), labels, and BI-RADS of the first site."""
    source = Source(folder, _TITLE, _WHERE)
    table = source.table("train.csv")
    images: dict[str, ImageRecord] = {}
    labels = BreastLabels()
    assessed: dict[tuple[str, str, str], Assessed] = {}
    for row in counted(source.rows(table, _COLUMNS, optional=_OPTIONAL), on_progress):
        exam, name = plain_number(row.get("patient")), plain_number(row.get("image"))
        if name in images:
            source.problem(row.place, f"the image {shown(name)} stands there twice: it counts once")
            continue
        try:
            side = side_of(row.get("side"))
            image = images[name] = _image(row, exam, name, side, source)
            _add_label(row, exam, side, labels)
            birads = birads_of(row.get("birads"))
        except TableError as error:
            labels.doubt(exam)
            source.refuse(row.place, error)
            continue
        if image.is_used and birads:
            one = Assessed(exam=exam, laterality=side, birads=birads)
            assessed.setdefault((exam, side.value, birads), one)
    for row in source.broken:
        labels.doubt(plain_number(row.get("patient")))
    return PublicSet(
        images=tuple(images.values()),
        tables=tuple(source.tables),
        labels=labels.rows({image.exam for image in images.values() if image.is_used}),
        assessments=tuple(assessed.values()),
        problems=source.told(),
    )


def _image(row: Row, exam: str, name: str, side: Laterality, source: Source) -> ImageRecord:
    found = [
        source.folder / place / exam / f"{name}{extension}"
        for place in ("train_images", "")
        for extension in (".dcm", ".png")
    ]
    view = view_of(side, row.get("view"))
    told: dict[str, Any] = {}
    if view is None:
        reason = f"{NOT_A_SCREENING_VIEW}: {shown(row.get('view'))}"
        told = {"status": SET_ASIDE, "reason": reason}
    return source.image(
        next((path for path in found if path.is_file()), None),
        place=row.place,
        expected=f"train_images/{exam}/{name}.dcm",
        exam=exam,
        patient=exam,
        view=view,
        age=age_of(row.get("age")),
        density=density_of(row.get("density")),
        other={f"rsna_{column}": row.get(column) for column in _KEPT if column in row.cells},
        **told,
    )


def _add_label(row: Row, exam: str, side: Laterality, labels: BreastLabels) -> None:
    """Cancer is malignant; a biopsy without cancer is benign; without a biopsy nothing is known to
    be there."""
    cancer = whole_cell(row.get("cancer"), "cancer", least=0, most=1)
    biopsy = whole_cell(row.get("biopsy"), "biopsy", least=0, most=1)
    if cancer is None or biopsy is None:
        raise TableError(
            f"{'cancer' if cancer is None else 'biopsy'} is empty; expected 0 or 1",
            hint="without it the exam has no labels",
        )
    labels.known(exam)
    if cancer:
        labels.add(exam, side, Pathology.MALIGNANT)
    elif biopsy:
        labels.add(exam, side, Pathology.BENIGN)


RSNA = Importer(
    name="rsna-2022",
    title=_TITLE,
    read=read_rsna,
    licence="the competition's rules: non-commercial and academic research, no sharing",
    where=_WHERE,
    citation="Carr C. et al., RSNA Screening Mammography Breast Cancer Detection. Kaggle (2022)",
    size="11,913 patients, 54,706 digital images of two sites (train.csv)",
    meaning="A breast is malignant where the set says cancer, benign where it was biopsied without "
    "cancer. The days between exam and biopsy are not told. The set does not say that both a "
    "malignant and a benign finding are in a breast.",
    lacks=("dates", "places of lesions", "labels of its test images", "pathology reports"),
    traps=(
        "BI-RADS and density are told by one of the two sites only",
        "the two sites differ in machines and in cancers: a model may learn the site (rsna_site)",
        "views beside CC and MLO (AT, LM, ML, LMO) are set aside; many exams repeat a view",
        "the pixel data are JPEG 2000 or JPEG Lossless, MONOCHROME1 among them",
    ),
)
