"""The leak check: exam table, splits and, where wanted, every image's pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourview.cohort.leaks import ImageKey, Leak, alike_patients, shared_images, split_leaks
from fourview.core.errors import FourviewError, TableError
from fourview.core.records import ExamRecord, ImageRecord, Problem
from fourview.dataset.image_jobs import Progress, each_image, no_progress
from fourview.dataset.tables import ExamSet, read_at, read_exam_set
from fourview.io.exams import Refused
from fourview.io.image_identity import PixelIdentity, file_identity, pixel_identity
from fourview.io.listed_image import listed_name, read_listed
from fourview.io.split_table import read_split_table


@dataclass(frozen=True)
class LeakReport:
    """What a leak check came to."""

    exams: int
    images: int
    pixels_read: int
    """Images whose pixels were compared."""
    leaks: tuple[Leak, ...]
    notes: tuple[str, ...] = ()
    """What is odd and no leak."""
    problems: tuple[Problem, ...] = ()
    """Rows and exams of exams.csv that could not be checked."""
    unread: tuple[Refused, ...] = ()
    """Images whose pixels could not be compared."""

    @property
    def exit_code(self) -> int:
        if self.leaks:
            return 1
        return 3 if self.problems or self.unread else 0

    def to_dict(self, *, show_patients: bool = False) -> dict[str, Any]:
        return {
            "exams": self.exams,
            "images": self.images,
            "pixels_read": self.pixels_read,
            "leaks": [
                {
                    "kind": leak.kind,
                    "exams": [{"exam": exam, "split": split} for exam, split in leak.exams],
                    "about": leak.about,
                    **({"patient": leak.patient} if show_patients and leak.patient else {}),
                }
                for leak in self.leaks
            ],
            "notes": list(self.notes),
            "problems": [str(problem) for problem in self.problems],
            "unread": [{"image": one.name, "reason": one.reason} for one in self.unread],
        }


def check_splits(
    exams: Path,
    splits: Path,
    *,
    pixels: bool = False,
    image_root: Path | None = None,
    jobs: int = 1,
    on_progress: Progress = no_progress,
) -> LeakReport:
    """Look for patients, exams and images in two splits, and for exams in none.

    Args:
        pixels: also read every image, and compare pixels: an image under another name, in another
            format or mirrored is the same image.
        image_root: where relative paths start; the table's folder if None.
    Raises:
        TableError: a table cannot be read, or they are of different exams.
    """
    return check_exam_set(
        read_exam_set(exams),
        splits,
        pixels=pixels,
        image_root=image_root,
        jobs=jobs,
        on_progress=on_progress,
    )


def check_exam_set(
    exam_set: ExamSet,
    splits: Path,
    *,
    pixels: bool = False,
    image_root: Path | None = None,
    jobs: int = 1,
    on_progress: Progress = no_progress,
) -> LeakReport:
    """As `check_splits`, of an exam table that was read already."""
    records = read_at(splits, read_split_table)
    names = {exam.name for exam in exam_set.exams}
    if not names & {record.exam for record in records}:
        raise TableError(
            f"{splits.name}: is of {len({record.exam for record in records})} other exams; "
            f"none of the {len(names)} of {exam_set.table.path.name} is in it",
            hint="are both tables of one data set?",
        )
    split_of = {record.exam: record.split for record in records}
    images = _images(exam_set, image_root)
    by_file = [ImageKey(exam.name, _called(one), file_identity(path)) for exam, one, path in images]
    files = shared_images(by_file, split_of, "same file")
    leaks = [*split_leaks(exam_set.exams, records), *files.leaks]
    notes = [leak.line() for leak in alike_patients(exam_set.exams, records)]
    notes += _within(files.within, "a file")
    keys: list[ImageKey] = []
    unread: list[Refused] = []
    if pixels:
        items = [(one, path) for _, one, path in images]
        identities = each_image(_identity, items, jobs=jobs, on_progress=on_progress)
        for (exam, one, _), found in zip(images, identities, strict=True):
            if isinstance(found, Refused):
                unread.append(found)
            else:
                keys.append(ImageKey(exam.name, _called(one), found.digest, found.mirrored))
        # one that is the same file too has been told of
        told = {leak.exams for leak in files.leaks}
        shared = shared_images(keys, split_of, "same pixels")
        leaks += [leak for leak in shared.leaks if leak.exams not in told]
        notes += _within([one for one in shared.within if one not in files.within], "an image")
    return LeakReport(
        exams=len(exam_set.exams),
        images=len(images),
        pixels_read=len(keys),
        leaks=tuple(leaks),
        notes=tuple(notes),
        problems=exam_set.problems,
        unread=tuple(unread),
    )


def _images(
    exam_set: ExamSet, image_root: Path | None
) -> list[tuple[ExamRecord, ImageRecord, Path]]:
    return [
        (exam, image, exam_set.table.image_path(image, image_root=image_root))
        for exam in exam_set.exams
        for image in exam.images
    ]


def _identity(item: tuple[ImageRecord, Path]) -> PixelIdentity | Refused:
    image, path = item
    try:
        return pixel_identity(read_listed(image, path))
    except (FourviewError, OSError) as error:
        return Refused.because(error, listed_name(image), path)


def _called(image: ImageRecord) -> str:
    return image.view.value if image.view else listed_name(image)


def _within(groups: Sequence[tuple[str, ...]], what: str) -> list[str]:
    if not groups:
        return []
    first = ", ".join(groups[0][:8])
    more = f", and {len(groups) - 1} more" if len(groups) > 1 else ""
    return [f"exams of one split share {what}: {first}{more}"]
