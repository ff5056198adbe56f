"""From an exam table's rows to the images that are to be prepared, each with a name in its exam."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PureWindowsPath

from fourview.core.errors import ImageError, TableError
from fourview.core.exam import Mammogram
from fourview.core.records import ImageRecord
from fourview.core.views import Facing, View
from fourview.io.checkpoint import file_sha256
from fourview.io.exam_table import ExamTable, read_exam_table
from fourview.io.exams.files import Candidate, ImageFile, Refused, SetAsideFile
from fourview.io.exams.header_reading import read_headers
from fourview.io.exams.reading import read_image
from fourview.io.header import ImageHeader
from fourview.io.names import shown, source_name
from fourview.io.view_names import view_from_name

_NO_VIEW = "its view is not known: neither the table, its header nor its name tells"


@dataclass(frozen=True)
class TableImage:
    """An image that an exam table names, of a known view; not opened yet."""

    number: int
    """Its row in the table, from 0."""
    exam: str
    image: str
    """What it is called in the store: its view, and from the second one of a view on a number."""
    view: View
    source: str
    path: Path = field(repr=False)
    facing: Facing | None = None
    pixel_spacing_mm: tuple[float, float] | None = None

    def read(self) -> Mammogram:
        """The mammogram; what the table tells of it wins over the file.

        Raises:
            ImageError: there is no such file, or it is no mammogram.
            OSError: it cannot be read.
        """
        self._check_file()
        header = _header(self._candidate())
        return read_image(
            ImageFile(self.path, self.source, self.view, header, self.facing, self.pixel_spacing_mm)
        )

    def source_digest(self) -> tuple[int, str]:
        """Size and SHA-256 of the file's bytes. Raises as `read`."""
        self._check_file()
        return self.path.stat().st_size, file_sha256(self.path)

    def _check_file(self) -> None:
        if not self.path.is_file():
            found = "a folder" if self.path.is_dir() else "no such file"
            hint = "relative paths start at the table's folder, or at --image-root"
            raise ImageError(f"{self.source}: {found}", hint=hint)

    def _candidate(self) -> Candidate:
        return Candidate(self.path, self.source, given=True, view=self.view, exam=self.exam)


@dataclass(frozen=True)
class TablePlan:
    """What an exam table asks for."""

    rows: tuple[ImageRecord, ...]
    exams: dict[str, tuple[TableImage, ...]]
    """Those of which a row is used; in the order of the table."""
    refused: dict[int, Refused]
    """By row number: those that cannot be prepared, known without reading the image."""
    unreadable_rows: tuple[Refused, ...]
    """Rows with an impossible cell."""


def planned(table_path: Path, *, image_root: Path | None = None) -> TablePlan:
    """The images of an exam table. Only files of which the table tells no view are opened.

    Raises:
        TableError: there is no such table, or it cannot be read.
    """
    table = _table(table_path)
    views = _views_not_told(table, image_root)
    exams: dict[str, list[TableImage]] = {}
    refused: dict[int, Refused] = {}
    named: Counter[tuple[str, View]] = Counter()
    places: dict[tuple[str, View, str], ImageRecord] = {}
    for number, row in enumerate(table.images):
        if not row.is_used:
            continue
        of_exam = exams.setdefault(row.exam, [])
        source, path = source_of(row.path), table.image_path(row, image_root=image_root)
        view = row.view or views[number]
        if isinstance(view, Refused):
            refused[number] = view
            continue
        place = (row.exam, view, os.path.normpath(path))
        if before := places.get(place):
            refused[number] = Refused(source, f"listed twice: it is already in {before.place}")
            continue
        places[place] = row
        named[row.exam, view] += 1
        of_exam.append(
            TableImage(
                number=number,
                exam=row.exam,
                image=_image_name(view, named[row.exam, view]),
                view=view,
                source=source,
                path=path,
                facing=row.facing,
                pixel_spacing_mm=row.pixel_spacing_mm,
            )
        )
    return TablePlan(
        rows=table.images,
        exams={exam: tuple(images) for exam, images in exams.items()},
        refused=refused,
        unreadable_rows=tuple(Refused(p.place, p.problem, p.hint) for p in table.problems),
    )


def source_of(written: str) -> str:
    """What an image is called in results: the path as written, but never an absolute one."""
    if PureWindowsPath(written).is_absolute():
        return shown(PureWindowsPath(written).name)
    path = PurePath(written)
    inside = not path.is_absolute() and ".." not in path.parts
    return source_name(path, PurePath() if inside else PurePath("/nowhere"))


def _image_name(view: View, number: int) -> str:
    return view.value if number == 1 else f"{view.value}_{number}"


def _table(path: Path) -> ExamTable:
    hint = "`fourview index FOLDER` makes an exam table; its least columns are exam,view,path"
    if not path.is_file():
        found = "a folder; a table of images was expected" if path.is_dir() else "no such file"
        raise TableError(f"{path}: {found}", hint=hint)
    try:
        return read_exam_table(path)
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror or error}") from error


def _views_not_told(table: ExamTable, image_root: Path | None) -> dict[int, View | Refused]:
    """By row number, the views of the used rows that tell none: from headers, else from names."""
    rows = [(n, row) for n, row in enumerate(table.images) if row.is_used and row.view is None]
    candidates = [
        Candidate(
            table.image_path(row, image_root=image_root), source_of(row.path), True, None, row.exam
        )
        for _, row in rows
    ]
    return {
        number: _view(candidate, outcome)
        for (number, _), candidate, outcome in zip(
            rows, candidates, read_headers(candidates), strict=True
        )
    }


def _view(candidate: Candidate, outcome: ImageHeader | Refused | SetAsideFile) -> View | Refused:
    if isinstance(outcome, SetAsideFile):
        return Refused(candidate.source, outcome.reason, outcome.hint)
    if isinstance(outcome, Refused):
        return outcome
    told = view_from_name(candidate.path.name)
    view = outcome.view or (told.view if told else None)
    hint = "give it in the table's column view"
    return view or Refused(candidate.source, _NO_VIEW, hint)


def _header(candidate: Candidate) -> ImageHeader:
    (outcome,) = read_headers([candidate])
    if isinstance(outcome, ImageHeader):
        return outcome
    raise ImageError(outcome.reason, hint=outcome.hint)
