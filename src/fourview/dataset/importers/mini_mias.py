"""mini-MIAS: films of one view, lesions as circles.

Two layouts are read: the published one (Info.txt beside mdb001.pgm, ...), and one with lesions.csv
(and manifest.csv, where there is one) beside a folder `images`. Which images there are decides
nothing: any subset, and other numbers, are read alike.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fourview.core.errors import FourviewError
from fourview.core.records import REFUSED, ImageRecord, Pathology
from fourview.core.views import View
from fourview.dataset.importers.breast_labels import BreastLabels
from fourview.dataset.importers.drawing import header_of
from fourview.dataset.importers.mini_mias_tables import Film, films_of_csv, films_of_info
from fourview.dataset.importers.nouns import Importer, Mark, Progress, PublicSet
from fourview.dataset.importers.source import Source
from fourview.io.annotations.shapes import Shape
from fourview.io.names import natural_key, shown

PIXEL_MM = 0.2
_WHERE = "http://peipa.essex.ac.uk/info/mias.html (free download; accept Licence.txt)"
_TITLE = "mini-MIAS (Mammographic Image Analysis Society)"
_TYPES = {
    "CALC": "calcification",
    "CIRC": "mass",
    "SPIC": "mass",
    "MISC": "mass",
    "ARCH": "distortion",
    "ASYM": "asymmetry",
}
_CLASSES = {"B": Pathology.BENIGN, "M": Pathology.MALIGNANT}
_EXTENSIONS = (".pgm", ".png", ".tif", ".tiff")


def read_mini_mias(folder: Path, on_progress: Progress | None = None) -> PublicSet:
    """The films with their labels and lesions. Each film is the MLO view of one breast."""
    source = Source(folder, _TITLE, _WHERE)
    files = _files(folder)
    if (info := source.table_or_none("Info.txt", "info.txt", "INFO.TXT")) is not None:
        films = films_of_info(info, source)
    else:
        films = films_of_csv(source, files)
    images: list[ImageRecord] = []
    marks: list[Mark] = []
    labels = BreastLabels()
    names = sorted(films, key=natural_key)
    for done, name in enumerate(names, start=1):
        film = films[name]
        image = _image(film, files.get(name), source)
        images.append(image)
        if on_progress:
            on_progress(done, len(names))
        if not image.is_used:
            continue
        labels.known(film.exam)
        here = _marks(film, image, source)
        for mark in here:
            labels.add(film.exam, film.laterality, mark.pathology)
        marks += here
        if film.is_unclear or len(here) < len(film.lesions):
            labels.doubt(film.exam)
    strangers = (name for name in files.keys() - films.keys() if name.startswith("mdb"))
    for name in sorted(strangers, key=natural_key):
        source.problem(files[name].name, f"not in {', '.join(source.tables)}: left out")
    return PublicSet(
        images=tuple(images),
        tables=tuple(source.tables),
        labels=labels.rows({image.exam for image in images if image.is_used}),
        marks=tuple(marks),
        problems=source.told(),
    )


def _files(folder: Path) -> dict[str, Path]:
    """The image files by name, in the folder or one below it."""
    places = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    found: dict[str, Path] = {}
    for place in places:
        for path in sorted(place.iterdir()):
            if path.suffix.lower() in _EXTENSIONS:
                found.setdefault(path.stem, path)
    return found


def _image(film: Film, path: Path | None, source: Source) -> ImageRecord:
    other = {"tissue": film.tissue} if film.tissue else {}
    told = {
        "exam": film.exam,
        "patient": film.patient,
        "view": View.of(film.laterality, "MLO"),
        "pixel_spacing_mm": (PIXEL_MM, PIXEL_MM),
        "other": other,
    }
    image = source.image(path, place=film.place, expected=f"{film.name}.pgm or .png", **told)
    if path is None or not image.is_used:
        return image
    try:
        header = header_of(path)
    except (FourviewError, OSError) as error:
        source.problem(film.place, f"the image cannot be read: {error}")
        return replace(image, status=REFUSED, reason=str(error))
    return replace(image, rows=header.rows, columns=header.columns)


def _marks(film: Film, image: ImageRecord, source: Source) -> list[Mark]:
    """Its lesions; one of no known class is a problem and left out."""
    marks = []
    for number, lesion in enumerate(film.lesions, start=1):
        pathology = _CLASSES.get(lesion.severity)
        if pathology is None:
            text = f"the severity is {shown(lesion.severity)!r}; expected B or M"
            source.problem(lesion.place, text, "without it the exam has no labels")
            continue
        place = None
        if lesion.row is not None and lesion.column is not None and lesion.radius is not None:
            place = Shape("circle", ((lesion.column, lesion.row),), lesion.radius)
        marks.append(
            Mark(
                image=image,
                finding=f"{film.name}-{number}",
                pathology=pathology,
                type=_TYPES.get(lesion.abnormality, lesion.abnormality.lower()),
                shape=place,
            )
        )
    return marks


MINI_MIAS = Importer(
    name="mini-mias",
    title=_TITLE,
    read=read_mini_mias,
    licence="research only; may not be rented, leased or sold; cite it (its Licence.txt)",
    where=_WHERE,
    citation="Suckling J. et al., The Mammographic Image Analysis Society Digital Mammogram "
    "Database. Exerpta Medica, International Congress Series 1069, 375-378 (1994)",
    size="322 MLO films of 161 patients; 1024x1024 pixels of 0.2 mm, 8 bit",
    meaning="A breast is malignant or benign as the set's list gives its lesions' severity (M, B). "
    "The list does not say that a biopsy proved it, nor when.",
    lacks=("dates", "ages", "CC views", "BI-RADS", "density by BI-RADS (it has tissue F, G, D)"),
    traps=(
        "film, 8 bit, 0.2 mm a pixel (reduced from 0.05): out of the domain of digital weights",
        "y counts from the bottom in Info.txt",
        "some lesions have a class and no place (*NOTE 3*): what lies there is not marked",
        "by the list even numbers are left breasts, and the anatomy lies so; but wherever a film's "
        "marker can be read it is mirrored, and says R in even and L in odd numbers: the films "
        "were scanned from behind, so the names of the sides may be exchanged throughout",
        "white labels, tape and scratches stand beside the breast, and the background is not 0",
    ),
)
