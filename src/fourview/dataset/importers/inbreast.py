"""INbreast: full-field digital exams with BI-RADS and exact outlines, without pathology."""

from __future__ import annotations

import math
import re
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.records import ImageRecord
from fourview.dataset.importers.cells import birads_of, density_of, finding_type, side_of, view_of
from fourview.dataset.importers.nouns import Assessed, Importer, Progress, PublicSet, Region
from fourview.dataset.importers.source import Source, counted
from fourview.io.annotations.shapes import Shape
from fourview.io.cells import date_cell
from fourview.io.foreign_table import utf8_or_latin1
from fourview.io.names import shown
from fourview.io.osirix import read_osirix_regions
from fourview.io.table import Row

_WHERE = "the authors, by request (the former site is closed); copies circulate"
_TITLE = "INbreast"
_COLUMNS = {
    "side": ("Laterality",),
    "view": ("View",),
    "month": ("Acquisition date",),
    "name": ("File Name",),
    "density": ("ACR",),
    "birads": ("Bi-Rads",),
}
_FILE = re.compile(r"(\d+)_([0-9a-f]+)_MG_([LR])_(CC|ML|MLO)_", flags=re.IGNORECASE)
_POINT_PX = 1.0
"""Radius of the disc for an outline of fewer than three points, as single calcifications have."""


def read_inbreast(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams (a patient's month each), assessments and outlines."""
    source = Source(folder, _TITLE, _WHERE)
    table = source.table("INbreast.csv")
    # the notes, which are not read, are Portuguese; a Windows spreadsheet's CSV is often not UTF-8
    encoding = utf8_or_latin1(table)
    rows = source.rows(table, _COLUMNS, optional=("month", "density"), encoding=encoding)
    files = _files(folder)
    outlines = {path.stem: path for path in sorted((folder / "AllXML").glob("*.xml"))}
    images: dict[str, ImageRecord] = {}
    regions: list[Region] = []
    assessed: dict[tuple[str, str, str], Assessed] = {}
    for row in counted(rows, on_progress):
        name = row.get("name").removesuffix(".0")
        if not name.isdecimal():
            continue  # the notes under the table
        if name in images:
            source.problem(row.place, f"the image {name} stands there twice; it counts once")
            continue
        try:
            image = _image(row, name, files.get(name), source)
            images[name] = image
            side = side_of(row.get("side"), "Laterality")
            if image.is_used and (birads := birads_of(row.get("birads"))):
                key = (image.exam, side.value, birads)
                assessed[key] = Assessed(exam=image.exam, laterality=side, birads=birads)
            if image.is_used and name in outlines:
                regions += _regions(image, outlines[name], row, source)
        except TableError as error:
            source.refuse(row.place, error)
    for name in sorted(files.keys() - images.keys()):
        source.problem(files[name].name, f"not in {table.name}: left out")
    return PublicSet(
        images=tuple(images.values()),
        tables=tuple(source.tables),
        assessments=tuple(assessed.values()),
        regions=tuple(regions),
        problems=source.told(),
    )


def _files(folder: Path) -> dict[str, Path]:
    """The image files by their number."""
    found: dict[str, Path] = {}
    for place in ("AllDICOMs", "ALL-IMGS", ""):
        for path in sorted((folder / place).glob("*")):
            if _FILE.match(path.name) and path.suffix.lower() in (".dcm", ".png", ".tif", ".tiff"):
                found.setdefault(path.name.split("_")[0], path)
    return found


def _image(row: Row, name: str, path: Path | None, source: Source) -> ImageRecord:
    side = side_of(row.get("side"), "Laterality")
    month = row.get("month").removesuffix(".0")
    found = _FILE.match(path.name) if path else None
    # the table's own patient column was blanked; the file's name has a code instead
    patient = found[2].lower() if found else f"unknown-{name}"
    if found and found[3].upper() != side.value:
        raise TableError(
            f"image {name} is {side.value} in the table, and {found[3]} by its file's name",
            hint="one of the two is wrong: it is left out",
        )
    position = "MLO" if row.get("view").upper() in ("ML", "MLO") else row.get("view")
    if month and not re.fullmatch(r"\d{6}", month):
        date_cell(month, "Acquisition date")
    return source.image(
        path,
        place=row.place,
        expected=f"AllDICOMs/{name}_…_ANON.dcm",
        exam=f"{patient}-{month}" if month else patient,
        patient=patient,
        view=view_of(side, position),
        density=density_of(row.get("density")),
        other={"acquisition_month": month, "inbreast_file": name},
    )


def _regions(image: ImageRecord, path: Path, row: Row, source: Source) -> list[Region]:
    try:
        found = read_osirix_regions(path)
    except TableError as error:
        source.refuse(path.name, error)
        return []
    regions = []
    for number, (name, points) in enumerate(found, start=1):
        finding = f"{path.stem}-{number}"
        if "pectoral" in name.casefold():
            continue
        if len(set(points)) >= 3:
            shape = Shape("polygon", points)
        elif points:
            x, y = (math.fsum(values) / len(points) for values in zip(*points, strict=True))
            shape = Shape("circle", ((x, y),), _POINT_PX)
        else:
            source.warn(path.name, f"outline {number} ({shown(name)!r}) has no points: left out")
            continue
        kind = finding_type(name)
        birads = birads_of(row.get("birads"))
        regions.append(Region(image=image, finding=finding, type=kind, shape=shape, birads=birads))
    return regions


INBREAST = Importer(
    name="inbreast",
    title=_TITLE,
    read=read_inbreast,
    licence="research only, by agreement with the authors",
    where=_WHERE,
    citation="Moreira I. C. et al., INbreast: toward a full-field digital mammographic database. "
    "Academic Radiology 19, 236-248 (2012)",
    size="115 exams, 410 digital images; 0.07 mm a pixel, 14 bit",
    meaning="No labels.csv: the set has BI-RADS categories of images (assessments.csv), and no "
    "pathology but for remarks. Others count BI-RADS 4 to 6 as malignant; that is a guess.",
    lacks=("pathology by breast", "days (only year and month)", "ages", "patients' numbers"),
    traps=(
        "the table is a spreadsheet (INbreast.xls): save it as INbreast.csv",
        "the category is the image's, not the finding's: regions.csv repeats it",
        "MLO views are called ML in the files' names",
        "an exam here is all images of one patient in one month",
    ),
)
