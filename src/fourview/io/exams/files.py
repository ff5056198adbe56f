"""The nouns of finding exams: files with their views, exams of files, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fourview.core.errors import FourviewError
from fourview.core.views import Facing, View
from fourview.io.header import ImageHeader
from fourview.io.names import shown
from fourview.io.raster import KINDS

NOT_AN_IMAGE = "not an image"
"""Why texts, tables, archives and programs beside the images are set aside."""


@dataclass(frozen=True)
class ImageFile:
    """A readable file of a known view, its pixels not read yet."""

    path: Path = field(repr=False)
    source: str
    """What it is called in results: its way from the folder, table or archive that was given."""
    view: View
    header: ImageHeader = field(repr=False, compare=False)
    facing: Facing | None = None
    """Told by a manifest or exam list; None leaves it to the file."""
    pixel_spacing_mm: tuple[float, float] | None = None
    """Told by a manifest; None leaves it to the file."""

    @property
    def is_dicom(self) -> bool:
        return self.header.kind not in KINDS


@dataclass(frozen=True)
class ExamFiles:
    """One exam: at least one image, in the order of views."""

    name: str
    images: tuple[ImageFile, ...]
    warnings: tuple[str, ...] = ()
    repeated: tuple[tuple[ImageFile, str], ...] = field(default=(), repr=False, compare=False)
    """Images that are left out because another one is the same, with that reason."""


@dataclass(frozen=True)
class Refused:
    """An exam, file or table that cannot be used: a fault, unlike a file set aside."""

    name: str
    reason: str
    hint: str = ""
    is_exam: bool = False
    """Whether a whole exam is lost, or one file, row or source."""
    exam: str = field(default="", compare=False)
    """The exam that the file would be of, where a list tells."""
    file: Path | None = field(default=None, repr=False, compare=False)
    """Where a refused image lies."""
    images: tuple[ImageFile, ...] = field(default=(), repr=False, compare=False)
    """Those of a refused exam, or what is known of a refused image."""

    @staticmethod
    def because(error: FourviewError | OSError, name: str, path: Path | None = None) -> Refused:
        """The error as told of `name`: not named twice, and the path on this machine left out."""
        if isinstance(error, FourviewError):
            problem, hint = error.problem, error.hint
        else:
            problem, hint = f"cannot be read: {error.strerror or error}", ""
        if path is not None:
            problem = problem.replace(str(path), name)
        for called in (name, path.name if path is not None else name):
            problem = problem.removeprefix(f"{called}: ")
        return Refused(name, shown(problem), hint)


@dataclass(frozen=True)
class SetAsideFile:
    """A file that is no image of a standard screening view. Not a fault."""

    path: str
    """What it is called in results."""
    kind: str
    reason: str
    hint: str = ""
    header: ImageHeader | None = field(default=None, repr=False, compare=False)
    exam: str = field(default="", compare=False)
    """The exam that the file would be of, where a list tells."""
    file: Path | None = field(default=None, repr=False, compare=False)
    """Where it lies."""

    @property
    def is_image(self) -> bool:
        """Whether it may be one: a picture or a DICOM object, and no text or table."""
        return self.file is not None and self.reason != NOT_AN_IMAGE


@dataclass(frozen=True)
class Found:
    """What was found: exams in natural order of their names, and everything that was left out."""

    exams: tuple[ExamFiles, ...] = ()
    refused: tuple[Refused, ...] = ()
    set_aside: tuple[SetAsideFile, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A file that may be an image, before it was opened; with what a list tells of it, if any."""

    path: Path
    source: str
    given: bool = False
    """Named by the caller or a list, so that being no image is a fault."""
    view: View | None = None
    exam: str | None = None
    """Told by a list; None leaves it to the header, or to file and folder names."""
    listing: Path | None = None
    """The manifest or exam list that tells it."""
    facing: Facing | None = None
    pixel_spacing_mm: tuple[float, float] | None = None


@dataclass
class Gathered:
    """Files that may be images, and what was already refused or set aside on the way."""

    candidates: list[Candidate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    set_aside: list[SetAsideFile] = field(default_factory=list)
    lost: list[tuple[Path, str, str]] = field(default_factory=list)
    """List, exam and reason of each image that a list names and that was refused."""

    def add(self, other: Gathered) -> None:
        self.candidates += other.candidates
        self.refused += other.refused
        self.set_aside += other.set_aside
        self.lost += other.lost
