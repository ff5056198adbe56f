"""CBIS-DDSM: scanned films with a pathology and an outline of each abnormality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fourview.core.errors import FourviewError, TableError
from fourview.core.records import ImageRecord, Pathology
from fourview.core.views import Laterality
from fourview.dataset.importers.breast_labels import BreastLabels
from fourview.dataset.importers.cells import (
    birads_of,
    density_of,
    finding_type,
    side_of,
    view_of,
)
from fourview.dataset.importers.drawing import header_of
from fourview.dataset.importers.nouns import (
    Assessed,
    Importer,
    Mark,
    MaskFile,
    Progress,
    PublicSet,
)
from fourview.dataset.importers.source import Source, counted
from fourview.io.names import shown
from fourview.io.table import Row

_WHERE = "https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY (The Cancer Imaging Archive, free)"
_TITLE = "CBIS-DDSM (Curated Breast Imaging Subset of DDSM)"
_PARTS = {
    "mass_train": "mass_case_description_train_set.csv",
    "mass_test": "mass_case_description_test_set.csv",
    "calc_train": "calc_case_description_train_set.csv",
    "calc_test": "calc_case_description_test_set.csv",
}
_COLUMNS = {
    "patient": ("patient_id",),
    "density": ("breast_density", "breast density"),
    "side": ("left or right breast",),
    "view": ("image view",),
    "number": ("abnormality id",),
    "type": ("abnormality type",),
    "assessment": ("assessment",),
    "pathology": ("pathology",),
    "image": ("image file path",),
    "mask": ("ROI mask file path",),
    "crop": ("cropped image file path",),
}
_OPTIONAL = ("density", "assessment", "mask", "crop")
_CLASSES = {
    "MALIGNANT": Pathology.MALIGNANT,
    "BENIGN": Pathology.BENIGN,
    "BENIGN_WITHOUT_CALLBACK": Pathology.BENIGN,
}
_NO_BIOPSY = "BENIGN_WITHOUT_CALLBACK"
_EXTENSIONS = (".dcm", ".png", ".tif", ".tiff")


class _Import:
    """What has been read so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.roots = [
            root
            for pattern in ("", "CBIS-DDSM", "manifest-*/CBIS-DDSM")
            for root in ([source.folder] if not pattern else sorted(source.folder.glob(pattern)))
        ]
        self.images: dict[str, ImageRecord] = {}
        self.marks: dict[tuple[str, str], Mark] = {}
        self.labels = BreastLabels()
        self.assessed: dict[tuple[str, Laterality, str], Assessed] = {}

    def add(self, row: Row, part: str) -> None:
        """One row: an abnormality in one image."""
        exam, side = row.get("patient"), side_of(row.get("side"), "left or right breast")
        image = self._image(row, part, exam, side)
        if birads := birads_of(row.get("assessment")):
            key = (exam, side, birads)
            self.assessed.setdefault(key, Assessed(exam=exam, laterality=side, birads=birads))
        word = row.get("pathology").upper()
        if word not in _CLASSES:
            raise TableError(
                f"the pathology is {shown(row.get('pathology'))!r}; expected {', '.join(_CLASSES)}",
                hint="without it the exam has no labels",
            )
        self.labels.add(exam, side, _CLASSES[word], biopsied=word != _NO_BIOPSY)
        if not image.is_used:
            return
        kind = finding_type(row.get("type"))
        finding = f"{side.value}-{kind}-{row.get('number')}"
        if (image.path, finding) in self.marks:
            self.source.warn(row.place, f"{finding} of this image stands there twice: counts once")
            return
        file = self._mask(row, image)
        if file is None and row.get("mask"):
            self.source.missing(row.place, row.get("mask"))
        self.marks[image.path, finding] = Mark(
            image=image,
            finding=finding,
            pathology=_CLASSES[word],
            type=kind,
            shape=MaskFile(file) if file else None,
            is_told=file is None and bool(row.get("mask")),
        )

    def _image(self, row: Row, part: str, exam: str, side: Laterality) -> ImageRecord:
        cell = row.get("image")
        if cell not in self.images:
            self.images[cell] = self.source.image(
                next(self._candidates(cell), None),
                place=row.place,
                expected=cell,
                exam=exam,
                patient=exam,
                view=view_of(side, row.get("view")),
                density=density_of(row.get("density")),
                other={"cbis_part": part},
            )
        return self.images[cell]

    def _mask(self, row: Row, image: ImageRecord) -> Path | None:
        """The file that is as large as the image: tables of the set exchange mask and cut-out."""
        found: list[Path] = []
        for name in ("mask", "crop"):
            if row.get(name):
                found += [path for path in self._candidates(row.get(name)) if path not in found]
        try:
            whole = header_of(Path(image.path))
            for path in found:
                header = header_of(path)
                if (header.rows, header.columns) == (whole.rows, whole.columns):
                    return path
        except (FourviewError, OSError) as error:
            self.source.warn(row.place, f"a file of the outline cannot be read: {error}")
        return found[0] if found else None

    def _candidates(self, cell: str) -> Iterator[Path]:
        """The file that a cell names, as it stands or by the newer names of the download: then the
        case's folder is the same, and what lies in it has other names."""
        written = PurePosixPath(cell.replace("\\", "/").strip().strip('"'))
        if written.is_absolute() or ".." in written.parts or not written.parts:
            return
        for root in self.roots:
            for extension in dict.fromkeys((written.suffix, *_EXTENSIONS)):
                if (path := root / written.with_suffix(extension)).is_file():
                    yield path
                    return
        for root in self.roots:
            below = (root / written.parts[0]).rglob("*")
            files = [path for path in below if path.suffix.lower() in _EXTENSIONS]
            yield from sorted(files, key=lambda path: (-path.stat().st_size, path))


def read_cbis_ddsm(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The set's exams (a patient each), labels, assessments and outlines."""
    source = Source(folder, _TITLE, _WHERE)
    places = ("", "csv", "CBIS-DDSM")
    tables = {part: source.table_or_none(name, below=places) for part, name in _PARTS.items()}
    if not any(tables.values()):
        source.table(*_PARTS.values(), below=places)  # which tells what is missing
    found = _Import(source)
    rows: list[tuple[str, Row]] = []
    for part, path in tables.items():
        if path is None:
            text = f"no {_PARTS[part]}: this part of the set is not read"
            source.warn(folder.name, text, f"it comes from {source.where}")
            continue
        rows += [(part, row) for row in source.rows(path, _COLUMNS, optional=_OPTIONAL)]
    parts = [part for part, _ in rows]
    for part, row in zip(parts, counted((row for _, row in rows), on_progress), strict=True):
        try:
            found.add(row, part)
        except TableError as error:
            found.labels.doubt(row.get("patient"))
            source.refuse(row.place, error)
    for row in source.broken:
        found.labels.doubt(row.get("patient"))
    used = {image.exam for image in found.images.values() if image.is_used}
    return PublicSet(
        images=tuple(found.images.values()),
        tables=tuple(source.tables),
        labels=found.labels.rows(used),
        assessments=tuple(one for one in found.assessed.values() if one.exam in used),
        marks=tuple(found.marks.values()),
        problems=source.told(),
    )


CBIS_DDSM = Importer(
    name="cbis-ddsm",
    title=_TITLE,
    read=read_cbis_ddsm,
    licence="CC BY 3.0",
    where=_WHERE,
    citation="Lee R. S. et al., A curated mammography data set for use in computer-aided detection "
    "and diagnosis research. Scientific Data 4, 170177 (2017)",
    size="1,566 patients, 3,103 films with 3,568 abnormalities (1,644 cases), 164 GB",
    meaning="A breast is malignant or benign as the pathology of its abnormalities says. "
    "BENIGN_WITHOUT_CALLBACK counts as benign, and as not biopsied: it was benign by its look.",
    lacks=("dates", "ages", "normal exams", "films of breasts without an abnormality"),
    traps=(
        "scanned film, with borders and labels: out of the domain of digital weights",
        "films have no pixel spacing (several scanners, not told which): a recipe of scale 1 reads "
        "them, another only with the column pixel_spacing_mm filled in",
        "an exam mostly has one breast: the other one's labels are 0 because the set is silent",
        "the tables name the mask in the cut-out's column in places: what is as large as the film "
        "is taken; some masks are of no film's size, and are left out",
        "a patient may be in mass_train and in calc_test: the set's own parts (column cbis_part) "
        "are no split by patient over both",
        "a film with a mass and calcifications comes twice, as two files of one view",
    ),
)
