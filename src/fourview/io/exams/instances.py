"""One image in several files: DICOM objects of one SOP Instance UID."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable
from dataclasses import replace

from fourview.io.exams.files import ExamFiles, Found, ImageFile, Refused, SetAsideFile

CONFLICT = "keep the file that is right, or give it a SOP Instance UID of its own"


def each_instance_once(found: Found) -> Found:
    """The same exams, no SOP Instance UID (0008,0018) in two of their images.

    A UID names one object for ever (PS3.5, 9). Files of one UID and the same bytes are one image:
    the first is used, the others are set aside. Where the bytes differ, all of them are refused,
    also where only their headers do: which of them is right cannot be told, and one image in two
    exams or in two sets would spoil whatever is measured on them. An exam that is left without
    images is none.
    """
    by_uid: dict[str, list[tuple[str, ImageFile]]] = {}
    for exam in found.exams:
        for image in exam.images:
            if image.header.instance:
                by_uid.setdefault(image.header.instance, []).append((exam.name, image))
    refused: list[Refused] = []
    set_aside: list[SetAsideFile] = []
    gone: dict[int, str] = {}
    for files in by_uid.values():
        if len(files) == 1:
            continue
        (_, first), *others = files
        if all(_same(first, other) for _, other in others):
            for exam_name, other in others:
                reason = f"the same image as {first.source} (one SOP Instance UID, the same bytes)"
                set_aside.append(_aside(other, reason, exam_name))
                gone[id(other)] = f"{other.source} was set aside: {reason}"
        else:
            for exam_name, image in files:
                reason = _conflict(image, (other for _, other in files))
                refused.append(
                    Refused(
                        image.source,
                        reason,
                        CONFLICT,
                        exam=exam_name,
                        file=image.path,
                        images=(image,),
                    )
                )
                gone[id(image)] = f"{image.source} was refused: {reason}"
    if not gone:
        return found
    exams = (_without(exam, gone) for exam in found.exams)
    return Found(
        exams=tuple(exam for exam in exams if exam.images),
        refused=(*found.refused, *refused),
        set_aside=(*found.set_aside, *set_aside),
    )


def _same(one: ImageFile, other: ImageFile) -> bool:
    try:
        return filecmp.cmp(one.path, other.path, shallow=False)
    except OSError:
        return False


def _aside(image: ImageFile, reason: str, exam: str) -> SetAsideFile:
    kind, header = image.header.kind, image.header
    return SetAsideFile(
        image.source, kind, reason, header=replace(header, view=image.view), exam=exam,
        file=image.path,
    )  # fmt: skip


def _conflict(image: ImageFile, files: Iterable[ImageFile]) -> str:
    others = [other.source for other in files if other is not image]
    return f"{', '.join(others[:3])} has the same SOP Instance UID (0008,0018) and other bytes"


def _without(exam: ExamFiles, gone: dict[int, str]) -> ExamFiles:
    told = tuple(gone[id(image)] for image in exam.images if id(image) in gone)
    if not told:
        return exam
    images = tuple(image for image in exam.images if id(image) not in gone)
    return replace(exam, images=images, warnings=(*exam.warnings, *told))
