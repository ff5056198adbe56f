"""The tables of mini-MIAS: Info.txt as published, or lesions.csv with manifest.csv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fourview.core.errors import TableError
from fourview.core.views import Laterality
from fourview.dataset.importers.source import Source
from fourview.io.cells import number_cell
from fourview.io.names import shown
from fourview.io.table import Row

FILM_ROWS = 1024
"""Of every film: Info.txt counts y from the bottom of an image of 1024 rows."""
_LINE = re.compile(r"(mdb\d+)(?![\w*/.-])(.*)", flags=re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_NO_LESION = ("NORM", "")
_SIDES = {side.value: side for side in Laterality}


@dataclass(frozen=True)
class Lesion:
    """A lesion as a table tells it, in pixels from the top left."""

    place: str
    abnormality: str
    severity: str
    """`B` or `M`; anything else is no class."""
    row: float | None = None
    column: float | None = None
    radius: float | None = None


@dataclass
class Film:
    """One image, and what the tables tell of it."""

    name: str
    """Its file's name without the extension: `mdb001`."""
    place: str
    patient: str
    laterality: Laterality
    tissue: str = ""
    lesions: list[Lesion] = field(default_factory=list)
    is_unclear: bool = False
    """Whether a row about its lesions could not be read: its labels are not known then."""

    @property
    def exam(self) -> str:
        return self.patient


def films_of_info(path: Path, source: Source) -> dict[str, Film]:
    """The films of Info.txt by name: `mdb001 G CIRC B 535 425 197`, x and y of the centre from the
    bottom left, radius."""
    source.tables.append(path.name)
    films: dict[str, Film] = {}
    text = path.read_text(encoding="latin-1")  # any byte is a sign; the lines that count are ASCII
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LINE.match(line.strip())
        if not found or not found[2].split():
            continue
        place, words = f"{path.name}, line {number}", found[2].split()
        film = _film(found[1].lower(), place, films)
        film.tissue = words[0].upper()
        try:
            lesion = _lesion_of_line(words[1:], place)
        except TableError as error:
            film.is_unclear = True
            source.refuse(place, error)
            continue
        _add(lesion, film, source)
    if not films:
        raise TableError(
            f"{path.name}: no line as 'mdb001 G CIRC B 535 425 197' in it",
            hint=f"take it from {source.where}",
        )
    return films


def films_of_csv(source: Source, files: Mapping[str, Path]) -> dict[str, Film]:
    """The films of manifest.csv, where there is one, and of lesions.csv; a film that stands only in
    `files` (a name to its image) has no lesion."""
    lesions = source.table("lesions.csv", "Info.txt")
    manifest = source.table_or_none("manifest.csv")
    films: dict[str, Film] = {}
    if manifest is not None:
        _read_manifest(manifest, films, source)
    else:
        for name, path in files.items():
            if _NUMBER.search(name):
                _film(name, path.name, films)
    columns = {
        "image": ("image",),
        "abnormality": ("abnormality",),
        "severity": ("severity",),
        "x": ("x",),
        "top": ("y_top_left",),
        "bottom": ("y_bottom_left_origin", "y"),
        "radius": ("radius",),
    }
    for row in source.rows(lesions, columns, optional=("top", "bottom", "abnormality")):
        name = Path(row.get("image")).stem
        if not _NUMBER.search(name):
            source.problem(row.place, f"the image is {shown(name)!r}; expected one as mdb001.png")
            continue
        film = films.get(name) or _film(name, row.place, films)
        try:
            _add(_lesion_of_row(row), film, source)
        except TableError as error:
            film.is_unclear = True
            source.refuse(row.place, error)
    for row in source.broken:
        if (name := Path(row.get("image")).stem) in films:
            films[name].is_unclear = True
    return films


def _read_manifest(path: Path, films: dict[str, Film], source: Source) -> None:
    columns = {name: (name,) for name in ("image", "patient", "laterality", "tissue")}
    for row in source.rows(path, columns, optional=("patient", "laterality", "tissue")):
        name = Path(row.get("image")).stem
        if name in films:
            source.problem(row.place, f"the image {shown(name)} stands there twice")
            continue
        if not _NUMBER.search(name):
            source.problem(row.place, f"the image is {shown(name)!r}; expected one as mdb001.png")
            continue
        film = _film(name, row.place, films)
        film.patient = row.get("patient") or film.patient
        film.laterality = _SIDES.get(row.get("laterality").upper()[:1], film.laterality)
        film.tissue = row.get("tissue")


def _film(name: str, place: str, films: dict[str, Film]) -> Film:
    """The film of a name; a new one where it is not known yet.

    Films are pairs of one patient, the odd number first. By the set's own words the even number is
    the left breast.
    """
    if name not in films:
        number = int(_NUMBER.findall(name)[-1])
        first = number - 1 + number % 2
        patient = f"mdb{first:03d}-{first + 1:03d}"
        side = Laterality.RIGHT if number % 2 else Laterality.LEFT
        films[name] = Film(name, place, patient, side)
    return films[name]


def _add(lesion: Lesion | None, film: Film, source: Source) -> None:
    if lesion is None:
        return
    told = (lesion.abnormality, lesion.severity, lesion.row, lesion.column, lesion.radius)
    for other in film.lesions:
        if told == (other.abnormality, other.severity, other.row, other.column, other.radius):
            source.warn(lesion.place, f"the same lesion as in {other.place}; it counts once")
            return
    film.lesions.append(lesion)


def _lesion_of_line(words: list[str], place: str) -> Lesion | None:
    """`CIRC B 535 425 197`; None for `NORM`. Without numbers the lesion has no place."""
    kind, rest = (words[0].upper() if words else ""), words[1:]
    if kind in _NO_LESION and not rest:
        return None
    severity = rest[0].upper() if rest else ""
    numbers = rest[1:]
    if len(numbers) == 3 and all(_NUMBER.fullmatch(one) for one in numbers):
        x, y, radius = map(float, numbers)
        return Lesion(place, kind, severity, FILM_ROWS - 1 - y, x, radius)
    if numbers and not numbers[0].startswith("*"):
        raise TableError(
            f"{' '.join(map(shown, numbers))!r} is no place of a lesion",
            hint="expected x, y and radius, or a note as *NOTE 3*",
        )
    return Lesion(place, kind, severity)


def _lesion_of_row(row: Row) -> Lesion | None:
    kind, severity = row.get("abnormality").upper(), row.get("severity").upper()
    if kind == "NORM" and not severity:
        return None
    column = number_cell(row.get("x"), "x", least=-1e5, most=1e5)
    radius = number_cell(row.get("radius"), "radius", least=0, most=1e5)
    top = number_cell(row.get("top"), "y_top_left", least=-1e5, most=1e5)
    bottom = number_cell(row.get("bottom"), "y from the bottom", least=-1e5, most=1e5)
    if top is None and bottom is not None:
        top = FILM_ROWS - 1 - bottom
    if None in (column, radius, top):
        column = radius = top = None
    return Lesion(row.place, kind, severity, top, column, radius)
