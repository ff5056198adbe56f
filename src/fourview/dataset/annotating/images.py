"""The images of an exam table, found as annotations name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.errors import ImageError, TableError
from fourview.core.records import ImageRecord
from fourview.core.views import View
from fourview.dataset.annotating.exam_names import ExamNames
from fourview.io.annotations.seg import instance_uid
from fourview.io.dicom import is_dicom, read_dicom_header
from fourview.io.exam_table import ExamTable
from fourview.io.names import shown
from fourview.io.png import read_png_header


@dataclass(frozen=True, eq=False)
class AnnotatedImage:
    """An image of the exam table that a finding may lie in."""

    record: ImageRecord
    view: View
    file: Path
    name: str
    """Within its exam: `L-CC`; the second of a view, in the table's order, is `L-CC-2`."""
    has_siblings: bool
    """Whether the exam has other images of this view."""
    order: int
    """Where it stands in the exam table."""

    @property
    def exam(self) -> str:
        return self.record.exam

    @property
    def path_if_needed(self) -> str:
        """The path as the exam table writes it, where the view alone does not tell the image."""
        return self.record.path if self.has_siblings else ""

    @cached_property
    def size(self) -> tuple[int, int]:
        """Rows and columns: as the exam table tells, else the file's header.

        Raises:
            ImageError: the table does not tell, and the file cannot be read.
        """
        if self.record.rows and self.record.columns:
            return self.record.rows, self.record.columns
        try:
            header = (read_dicom_header if is_dicom(self.file) else read_png_header)(self.file)
        except OSError as error:
            raise ImageError(
                f"the image {shown(self.record.path)!r} ({self.record.place}) is not there, and "
                "the exam table does not tell its rows and columns",
                hint="mend its path in the exam table",
            ) from error
        return header.rows, header.columns

    @cached_property
    def uid(self) -> str:
        """SOP Instance UID; empty for other files than DICOM, and where it cannot be read."""
        try:
            return instance_uid(self.file) if is_dicom(self.file) else ""
        except ImageError:
            return ""


class AnnotatedImages:
    """The used images of an exam table, those whose view it tells.

    With the key of the table's pseudonyms, its exams are also found by their Study UIDs.
    """

    def __init__(self, table: ExamTable, pseudonyms: Pseudonyms | None = None) -> None:
        self.names = ExamNames((record.exam for record in table.images), pseudonyms)
        groups: dict[tuple[str, View], list[tuple[int, ImageRecord]]] = defaultdict(list)
        for order, record in enumerate(table.images):
            if record.is_used and record.view is not None:
                groups[record.exam, record.view].append((order, record))
        self._of_view = {
            (exam, view): [
                AnnotatedImage(
                    record=record,
                    view=view,
                    file=table.image_path(record),
                    name=view.value if number == 1 else f"{view.value}-{number}",
                    has_siblings=len(group) > 1,
                    order=order,
                )
                for number, (order, record) in enumerate(group, start=1)
            ]
            for (exam, view), group in groups.items()
        }
        self.all = sorted(
            (image for images in self._of_view.values() for image in images),
            key=lambda image: image.order,
        )
        self.exams = {image.exam for image in self.all}
        self.files = {image.file.resolve() for image in self.all}

    def of_exam(self, exam: str) -> list[AnnotatedImage]:
        """In the order of the views."""
        return [image for view in View for image in self._of_view.get((exam, view), ())]

    @cached_property
    def _of_uid(self) -> dict[str, list[AnnotatedImage]]:
        """Reads the header of every image, once, and only where a segmentation asks."""
        return _grouped((image.uid, image) for image in self.all if image.uid)

    @cached_property
    def _of_stem(self) -> dict[str, list[AnnotatedImage]]:
        return _grouped((stem, image) for image in self.all for stem in _stems(image))

    def named(self, exam: str, view: View | None, *, name: str, path: str) -> AnnotatedImage:
        """The image that a table's row names by exam and view, and by path where there are several.

        Args:
            name: the view's cell as written; `L-CC-2` is a file so called, or the second L-CC.
            path: as the exam table writes it, or the file's name; may be empty.
        Raises:
            TableError: there is no such image, or several.
        """
        exam = self.names.meant(exam)
        inside = self.of_exam(exam) if view is None else self._of_view.get((exam, view), [])
        if not inside:
            what = f"no image {view.value} of exam" if view and exam in self.exams else "no exam"
            raise TableError(
                f"{what} {shown(exam)!r} is used in the exam table",
                hint="exam and view must be those of exams.csv, with status ok",
            )
        if path:
            return _the_one(_at_path(inside, path), inside, f"path {shown(path)!r}")
        called = [image for image in inside if image.file.stem == name]
        if not called and not name[-1:].isdigit():
            called = inside
        called = called or [image for image in inside if image.name == name]
        return _the_one(called, inside, f"view {shown(name)!r}")

    def of_uid(self, uid: str) -> list[AnnotatedImage]:
        """The images with a SOP Instance UID: one, unless files are there twice."""
        return self._of_uid.get(uid, [])

    def of_mask_file(self, inside: PurePath) -> AnnotatedImage:
        """The image that a mask's file name tells: its own stem, with or without `_mask`, or
        `<exam>_<view>`; in a folder named after the exam also `L-CC`, `L-CC-2`.

        Args:
            inside: the file's way from the source that was given.
        Raises:
            TableError: it tells none, or several, or its folder is named after another exam.
        """
        folder = self.names.folder_of(inside)
        stem = next((one for one in self.names.stems_of(inside) if one in self._of_stem), "")
        called = self._of_stem.get(stem, [])
        if not called:
            raise TableError(
                "the mask's name tells none of the exam table's images",
                hint="call it <image>.png, <image>_mask.png or <exam>_<view>_mask.png, or list it "
                "in a table (exam,view,class,mask)",
            )
        hint = "call it <exam>_<view>_mask.png, or put it into a folder named as the exam"
        if folder in self.names:
            found = [image for image in called if image.exam == folder]
            if not found:
                what = "the mask's folder is named after an exam, its name tells another's image"
                raise TableError(what, hint=hint)
        else:
            found = [image for image in called if image.name != stem] or called
        if len(found) > 1:
            what = f"the mask's name may mean {len(found)} images of the exam table"
            raise TableError(what, hint=hint)
        [image] = found
        if image.name == stem and image.exam != folder and (folder or len(self.exams) > 1):
            # the only exam with such a view need not be the one that was meant
            what = "the mask's name tells a view, and nothing tells the exam"
            raise TableError(what, hint=hint)
        return image


def _grouped(
    named: Iterable[tuple[str, AnnotatedImage]],
) -> dict[str, list[AnnotatedImage]]:
    groups: dict[str, list[AnnotatedImage]] = defaultdict(list)
    for name, image in named:
        groups[name].append(image)
    return dict(groups)


def _stems(image: AnnotatedImage) -> set[str]:
    """What a mask of an image may be called."""
    whole = (f"{image.exam}{sign}{image.name}" for sign in "_-")
    return {image.file.stem, image.name, *whole}


def _at_path(images: Sequence[AnnotatedImage], path: str) -> list[AnnotatedImage]:
    same = [image for image in images if image.record.path == path]
    wanted = Path(path).name
    return same or [image for image in images if image.file.name == wanted]


def _the_one(
    found: Sequence[AnnotatedImage], inside: Sequence[AnnotatedImage], told: str
) -> AnnotatedImage:
    if len(found) == 1:
        return found[0]
    names = ", ".join(shown(image.record.path) for image in inside[:6])
    raise TableError(
        f"{told} may mean {len(found)} of the exam's images {names}"
        if found
        else f"{told} is none of the exam's images {names}",
        hint="tell which in a column path, as exams.csv writes it",
    )
