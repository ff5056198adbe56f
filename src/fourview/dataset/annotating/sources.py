"""Where pixel labels come from: tables, folders of masks, DICOM segmentations.

Each source is read as far as which image each annotation belongs to; no mask is opened here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from fourview.core.errors import FourviewError, ImageError, TableError
from fourview.core.records import Problem
from fourview.core.views import View
from fourview.dataset.annotating.images import AnnotatedImage, AnnotatedImages
from fourview.io.annotations.seg import is_seg, read_seg_header
from fourview.io.annotations.table import Annotation, read_annotation_table
from fourview.io.dicom import is_dicom
from fourview.io.names import natural_key, shown, source_name

_TABLE = "findings.csv"
_TABLES = (".csv", ".parquet")
_PICTURES = (".png", ".tif", ".tiff", ".bmp", ".gif", ".jpg", ".jpeg")


Refusal = tuple[str, View | None]
"""The exam and view of a refused annotation. An exam that the exam table does not have may be any
of its exams, written in another way; no view, any view."""


@dataclass(frozen=True)
class Claim:
    """An annotation, and the image that it belongs to."""

    image: AnnotatedImage
    annotation: Annotation
    seg_image: str = ""
    """Where a DICOM segmentation shows it: the SOP Instance UID of the image it was drawn on."""


@dataclass
class Claims:
    """What the sources hold, in their order."""

    claims: list[Claim] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    """Of each annotation that was refused: something is marked there."""


def gather(images: AnnotatedImages, sources: Sequence[Path]) -> Claims:
    """Every annotation of every source, with its image. What cannot be matched is a problem.

    Raises:
        TableError: a source is not there, or is a table that cannot be read as a whole.
    """
    gathered = Claims()
    for source in sources:
        table = source / _TABLE if source.is_dir() else source
        if table.is_file() and table.suffix.lower() in _TABLES:
            _from_table(table, images, gathered)
        elif source.is_dir():
            for file in _files(source):
                _from_file(file, source, images, gathered)
        elif source.is_file():
            _from_file(source, source.parent, images, gathered)
        else:
            raise TableError(f"{shown(str(source))}: there is no such file or folder")
    return gathered


def _files(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    seen = [p for p in files if not any(part.startswith(".") for part in _inner(p, folder).parts)]
    return sorted(seen, key=lambda path: natural_key(_inner(path, folder).as_posix()))


def _inner(path: Path, folder: Path) -> Path:
    return path.relative_to(folder)


def _from_table(path: Path, images: AnnotatedImages, gathered: Claims) -> None:
    table = read_annotation_table(path)
    gathered.problems += table.problems
    gathered.refused += [(images.names.meant(exam), view) for exam, view in table.refused]
    for row in table.rows:
        try:
            gathered.claims += _claims_of(row, images, path.parent)
        except FourviewError as error:
            gathered.problems.append(Problem(row.place, error.problem, error.hint))
            gathered.refused.append(_refusal(row, images, path.parent))


def _from_file(path: Path, root: Path, images: AnnotatedImages, gathered: Claims) -> None:
    """A mask or segmentation by itself; whatever else lies in a folder is passed over."""
    if path.resolve() in images.files:
        return
    name = source_name(path, root)
    row = Annotation(exam="", view=None, mask=path, place=name)
    try:
        if is_dicom(path):
            if is_seg(path):
                gathered.claims += _claims_of(row, images, root)
            else:
                gathered.problems.append(
                    Problem(name, "no DICOM Segmentation: passed over", level="warning")
                )
        elif path.suffix.lower() in _PICTURES:
            gathered.claims += _claims_of(row, images, root)
    except FourviewError as error:
        gathered.problems.append(Problem(name, error.problem, error.hint))
        gathered.refused.append(_refusal(row, images, root))


def _refusal(row: Annotation, images: AnnotatedImages, root: Path) -> Refusal:
    if row.exam or row.mask is None:
        return images.names.meant(row.exam), row.view
    exam, view = images.names.told_by(_way(row.mask, root))
    return exam, row.view or view


def _way(mask: Path, root: Path) -> PurePath:
    """From the source to a mask; as it is written where a table tells one of elsewhere."""
    return mask.relative_to(root) if mask.is_relative_to(root) else mask


def _claims_of(row: Annotation, images: AnnotatedImages, root: Path) -> Iterator[Claim]:
    mask = row.mask
    if mask is not None and not mask.is_file():
        raise TableError(
            f"the mask {shown(mask.name)!r} is not there",
            hint="paths of masks start at the table's folder",
        )
    seg = mask is not None and is_dicom(mask)
    if row.exam:
        image = images.named(row.exam, row.view, name=row.image, path=row.path)
        yield Claim(image, row, _drawn_on(mask, image) if seg and mask else "")
    elif seg and mask:
        yield from _of_seg(mask, row, images)
    elif mask:
        yield Claim(images.of_mask_file(_way(mask, root)), row)


def _of_seg(path: Path, row: Annotation, images: AnnotatedImages) -> Iterator[Claim]:
    """A segmentation's images, found by their SOP Instance UIDs."""
    header = read_seg_header(path)
    found = False
    for uid in header.images:
        same = images.of_uid(uid)
        if len(same) > 1:
            names = ", ".join(shown(image.record.path) for image in same[:4])
            raise TableError(
                f"it is of an image that is in the exam table {len(same)} times: {names}",
                hint="each SOP Instance UID may stand there once",
            )
        for image in same:
            found = True
            yield Claim(image, replace(row, exam=image.exam, view=image.view), uid)
    if not found:
        raise TableError(
            "it is of an image that is not in the exam table (by SOP Instance UID)",
            hint="if the images were given new UIDs, name exam and view in a table "
            "(exam,view,class,mask)",
        )


def _drawn_on(path: Path, image: AnnotatedImage) -> str:
    """Which image's frames of a segmentation belong to an image that a table names."""
    header = read_seg_header(path, source=path.name)
    if image.uid in header.images:
        return image.uid
    if image.uid or len(header.images) > 1:
        raise ImageError(
            f"{shown(path.name)}: a segmentation of another image (its Referenced SOP Instance UID "
            f"is not that of {image.exam} {image.name})",
            hint="name the exam and view that it was drawn on",
        )
    return header.images[0]  # a PNG has no UID; its size is compared like any mask's
