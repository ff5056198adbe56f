"""VinDr-Mammo: full-field digital exams with BI-RADS by breast and boxes, without pathology."""

from __future__ import annotations

import ast
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import ImageRecord
from fourview.dataset.importers.cells import (
    age_of,
    birads_of,
    density_of,
    finding_type,
    side_of,
    view_of,
)
from fourview.dataset.importers.nouns import Assessed, Importer, Progress, PublicSet, Region
from fourview.dataset.importers.source import Source, counted
from fourview.io.annotations.shapes import Shape
from fourview.io.cells import number_cell, whole_cell
from fourview.io.names import shown
from fourview.io.table import Row

_WHERE = "https://doi.org/10.13026/br2v-7517 (PhysioNet: an account and its data use agreement)"
_TITLE = "VinDr-Mammo"
_IMAGE_COLUMNS = {
    "exam": ("study_id",),
    "image": ("image_id",),
    "side": ("laterality",),
    "view": ("view_position",),
    "rows": ("height",),
    "columns": ("width",),
    "birads": ("breast_birads",),
    "density": ("breast_density",),
    "split": ("split",),
}
_BOX = ("xmin", "ymin", "xmax", "ymax")
_FINDING_COLUMNS = {
    "image": ("image_id",),
    "categories": ("finding_categories",),
    "birads": ("finding_birads",),
    **{name: (name,) for name in _BOX},
}
_ABOUT_COLUMNS = {
    "image": ("SOP Instance UID", "image_id"),
    "age": ("Patient's Age",),
    "maker": ("Manufacturer",),
}
_MOST_PIXELS = 100_000
_EXTENSIONS = (".dicom", ".dcm", ".png")


def read_vindr_mammo(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams, assessments by breast, and boxes."""
    source = Source(folder, _TITLE, _WHERE)
    table = source.table("breast-level_annotations.csv")
    about = _about(source)
    images: dict[str, ImageRecord] = {}
    assessed: dict[tuple[str, str, str], Assessed] = {}
    rows = source.rows(table, _IMAGE_COLUMNS, optional=("rows", "columns", "density", "split"))
    for row in counted(rows, on_progress):
        name = row.get("image")
        if name in images:
            source.problem(row.place, f"the image {shown(name)} stands there twice: it counts once")
            continue
        try:
            image = images[name] = _image(row, source, about.get(name))
            birads = birads_of(row.get("birads"))
        except TableError as error:
            source.refuse(row.place, error)
            continue
        if image.is_used and birads:
            side = side_of(row.get("side"))
            one = Assessed(exam=image.exam, laterality=side, birads=birads)
            assessed.setdefault((image.exam, side.value, birads), one)
    findings = source.table_or_none("finding_annotations.csv")
    if findings is None:
        source.warn(folder.name, "no finding_annotations.csv: no boxes", f"from {source.where}")
    return PublicSet(
        images=tuple(images.values()),
        tables=tuple(source.tables),
        assessments=tuple(assessed.values()),
        regions=None if findings is None else tuple(_regions(findings, images, source)),
        problems=source.told(),
    )


def _image(row: Row, source: Source, about: Row | None) -> ImageRecord:
    exam, name = row.get("exam"), row.get("image")
    at = Path("images") / exam / name
    found = [source.folder / at.parent / f"{name}{extension}" for extension in _EXTENSIONS]
    return source.image(
        next((path for path in found if path.is_file()), None),
        place=row.place,
        expected=f"{at.as_posix()}.dicom",
        exam=exam,
        patient=exam,  # the set does not tell which exams are of one patient
        view=view_of(side_of(row.get("side")), row.get("view")),
        density=density_of(row.get("density")),
        rows=whole_cell(row.get("rows"), "height", least=1, most=_MOST_PIXELS),
        columns=whole_cell(row.get("columns"), "width", least=1, most=_MOST_PIXELS),
        age=age_of(about.get("age")) if about else None,
        manufacturer=shown(about.get("maker")) if about else "",
        other={"vindr_split": row.get("split")},
    )


def _about(source: Source) -> dict[str, Row]:
    """What metadata.csv tells of each image; nothing without it."""
    path = source.table_or_none("metadata.csv")
    if path is None:
        return {}
    rows = source.rows(path, _ABOUT_COLUMNS, optional=("age", "maker"))
    return {row.get("image"): row for row in rows}


def _regions(path: Path, images: dict[str, ImageRecord], source: Source) -> list[Region]:
    regions: list[Region] = []
    count: dict[str, int] = {}
    for row in source.rows(path, _FINDING_COLUMNS):
        if not any(row.get(name) for name in _BOX):
            continue  # `No Finding`
        name = row.get("image")
        image = images.get(name)
        if image is None:
            source.problem(row.place, f"the image {shown(name)} is in no other table: left out")
            continue
        if not image.is_used:
            continue
        try:
            box, birads = _box(row), birads_of(row.get("birads"))
        except TableError as error:
            source.refuse(row.place, error)
            continue
        count[name] = count.get(name, 0) + 1
        finding = f"{image.view.value if image.view else name}-{count[name]}"
        kinds = dict.fromkeys(map(finding_type, _categories(row.get("categories"))))
        kind = "; ".join(kinds)
        regions.append(Region(image=image, finding=finding, type=kind, shape=box, birads=birads))
    return regions


def _box(row: Row) -> Shape:
    found = [
        number_cell(row.get(name), name, least=-_MOST_PIXELS, most=_MOST_PIXELS) for name in _BOX
    ]
    numbers = [number for number in found if number is not None]
    if len(numbers) < len(_BOX):
        raise TableError(f"{', '.join(_BOX)}: some are empty", hint="a box has all four")
    left, top, right, bottom = numbers
    if right <= left or bottom <= top:
        raise TableError(f"the box from {left:g},{top:g} to {right:g},{bottom:g} has no area")
    return Shape("box", ((left, top), (right, bottom)))


def _categories(text: str) -> list[str]:
    """The words of `['Mass', 'Skin Retraction']`."""
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        found = None
    return [str(one) for one in found] if isinstance(found, list) else [text]


VINDR_MAMMO = Importer(
    name="vindr-mammo",
    title=_TITLE,
    read=read_vindr_mammo,
    licence="PhysioNet Restricted Health Data License 1.5.0; no sharing",
    where=_WHERE,
    citation="Nguyen H. T. et al., VinDr-Mammo: a large-scale benchmark dataset for computer-aided "
    "diagnosis in full-field digital mammography. Scientific Data 10, 277 (2023)",
    size="5,000 exams, 20,000 digital images of four views",
    meaning="No labels.csv: the set has BI-RADS 1 to 5 by breast (assessments.csv), agreed by two "
    "readers, and no pathology. Others count 4 and 5 as malignant; that is a guess.",
    lacks=("pathology", "patients (an exam passes for one)", "dates", "boxes of benign findings"),
    traps=(
        "no patient is told: two exams of one woman cannot be kept in one part of a split",
        "only findings that need a follow-up have boxes: the rest of an image is not all normal",
        "the set's own split (column vindr_split) is training and test, without validation",
    ),
)
