"""Whether images that are called one exam can be one."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence

from fourview.core.errors import ExamError
from fourview.core.views import View
from fourview.io.exams.files import ExamFiles, ImageFile
from fourview.io.exams.grouping import Group
from fourview.io.names import NAME_HINT, natural_key, wrong_exam_name
from fourview.io.view_names import view_from_name

_MANY = 4  # images of one view; more are seldom one screening exam


def checked_exam(name: str, group: Group) -> ExamFiles:
    """The group as an exam, each image once, with warnings of what is odd.

    Raises ExamError where the name cannot be one, the images of a study are of two patients, or
    two views are the same image. Warnings count patients and never name them.
    """
    if wrong := wrong_exam_name(name):
        raise ExamError(f"the exam's name {wrong}", hint=NAME_HINT)
    images, warnings = group.images, list(group.warnings)
    patients = len({image.header.patient for image in images if image.header.patient})
    if patients > 1 and group.is_study:
        raise ExamError(
            f"its images are of {patients} different patients (Patient ID, (0010,0020))",
            hint="one exam is of one patient: the archive's headers need mending",
        )
    if patients > 1:
        warnings.append(f"its images are of {patients} different patients, by their headers")
    studies = len({image.header.study for image in images if image.header.study})
    if studies > 1:
        warnings.append(f"its images are of {studies} different studies, by their headers")
    warnings += _differing_names(group)
    order = list(View)
    # a list's own order is kept within a view: its first image may be the one that is read
    images = sorted(images, key=lambda image: () if group.is_listed else natural_key(image.source))
    images = sorted(images, key=lambda image: order.index(image.view))
    images, repeated = _each_once(images)
    warnings += [reason for _, reason in repeated]
    for view in View:
        n = sum(image.view is view for image in images)
        if n > _MANY:
            warnings.append(f"{n} images of {view.value}: are they all of one exam?")
    return ExamFiles(name, tuple(images), tuple(warnings), tuple(repeated))


def _differing_names(group: Group) -> list[str]:
    told = [view_from_name(image.path.name) for image in group.images if not image.is_dicom]
    if group.key[0] == "folder" and len({name.exam for name in told if name}) > 1:
        return ["its files' names differ before the view: are they all of one exam?"]
    return []


def _each_once(
    images: Sequence[ImageFile],
) -> tuple[list[ImageFile], list[tuple[ImageFile, str]]]:
    """The images without repeated ones, and those that were left out with a warning for each."""
    kept: dict[int, list[ImageFile]] = {}  # by size: files of different sizes are not compared
    repeated: list[tuple[ImageFile, str]] = []
    for image in images:
        alike = kept.setdefault(image.path.stat().st_size, [])
        same = next((o for o in alike if filecmp.cmp(image.path, o.path, shallow=False)), None)
        if same is None:
            alike.append(image)
        elif same.view is not image.view:
            raise ExamError(
                f"{same.view.value} and {image.view.value} are the same image "
                f"({same.source}, {image.source})",
                hint="give each view its own image",
            )
        elif same.source == image.source:
            repeated.append((image, f"{image.source} is listed twice, and is read once"))
        else:
            told = f"{image.source} is the same as {same.source}, and is read once"
            repeated.append((image, told))
    once = {id(image) for alike in kept.values() for image in alike}
    return [image for image in images if id(image) in once], repeated
