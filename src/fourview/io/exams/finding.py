"""Finding exams: from folders, files, archives, manifests and exam lists to files by exam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fourview.core.errors import ExamError
from fourview.core.views import View
from fourview.io.exams.checks import checked_exam
from fourview.io.exams.files import (
    Candidate,
    ExamFiles,
    Found,
    Gathered,
    ImageFile,
    Refused,
    SetAsideFile,
)
from fourview.io.exams.gathering import gather
from fourview.io.exams.grouping import Group, Key, exam_names, key_of, settle_nameless
from fourview.io.exams.header_reading import (
    HeaderReader,
    Outcome,
    Progress,
    name_it,
    read_headers,
)
from fourview.io.exams.zip_source import Sources
from fourview.io.header import ImageHeader
from fourview.io.names import natural_key, shown
from fourview.io.view_names import view_from_name

EXAM_BY = ("study", "folder", "manifest")


def find_exams(
    sources: Sources | Sequence[Path],
    *,
    exam_by: str = "study",
    views: Mapping[str, View] | None = None,
    image_root: Path | None = None,
    on_progress: Progress | None = None,
    read: HeaderReader = read_headers,
) -> Found:
    """The exams in any mixture of folders, files, manifests, exam lists and opened archives.

    Only headers are read, each once. Exams are in natural order of their names. Nothing stops at
    a bad file, table or exam: each is listed with its reason.

    Args:
        exam_by: `study`: DICOM files of one study are an exam, and PNG or TIFF files of one folder
            whose names are equal before the view; `folder`: all images of a folder are one;
            `manifest`: only manifests and exam lists are taken. Exams of a manifest or exam list
            are always as it says.
        views: the view of a file, by its name or its way from the path given; it wins over
            everything else.
        image_root: where the paths of manifests and exam lists start; their folder by default.
        on_progress: called with the number of headers read and of all.
        read: how headers are read, where that is not as usual.
    """
    if exam_by not in EXAM_BY:
        raise ExamError(f"exams are told by {exam_by!r}; it may be {', '.join(EXAM_BY)}")
    paths = sources.paths if isinstance(sources, Sources) else tuple(sources)
    gathered = gather(paths, lists_only=exam_by == "manifest", image_root=image_root)
    gathered.candidates = _with_views(gathered.candidates, views or {})
    outcomes = read(gathered.candidates, on_progress)
    groups = _grouped(gathered, outcomes, exam_by)
    exams, refused = _exams(groups)
    opened = sources.refused if isinstance(sources, Sources) else ()
    return Found(
        exams=tuple(sorted(exams, key=lambda exam: natural_key(exam.name))),
        refused=(*opened, *gathered.refused, *refused),
        set_aside=tuple(gathered.set_aside),
    )


def _with_views(candidates: Sequence[Candidate], views: Mapping[str, View]) -> list[Candidate]:
    used = set()
    found = []
    for candidate in candidates:
        for name in (candidate.source, candidate.path.name):
            if name in views:
                used.add(name)
                found.append(replace(candidate, view=views[name]))
                break
        else:
            found.append(candidate)
    if unused := [name for name in views if name not in used]:
        raise ExamError(
            f"a view is given for {', '.join(map(shown, unused))}, but no such file was found",
            hint="write the file's name, or its way from the folder given: a/0.png",
        )
    return found


def _grouped(gathered: Gathered, outcomes: Sequence[Outcome], exam_by: str) -> list[Group]:
    """The images by exam; what is no image goes to the gathered refusals and set-asides."""
    keys = [
        key_of(candidate, outcome if isinstance(outcome, ImageHeader) else None, exam_by)
        for candidate, outcome in zip(gathered.candidates, outcomes, strict=True)
    ]
    images = [
        key for key, outcome in zip(keys, outcomes, strict=True) if isinstance(outcome, ImageHeader)
    ]
    settled = settle_nameless(images)
    groups: dict[Key, Group] = {}

    def group(key: Key) -> Group:
        return groups.setdefault(key, Group(key))

    for listing, exam, reason in gathered.lost:
        key = key_of(Candidate(listing, "", exam=exam, listing=listing), None, exam_by)
        if key is not None:
            group(key).warnings.append(f"an image was refused: {reason}")
    for candidate, outcome, told in zip(gathered.candidates, outcomes, keys, strict=True):
        key = settled.get(told, told) if told is not None else None
        found = _image(candidate, outcome, exam_by) if isinstance(outcome, ImageHeader) else outcome
        if isinstance(found, Refused):
            gathered.refused.append(found)
            if key is not None:
                group(key).warnings.append(f"{found.name} was refused: {found.reason}")
        elif isinstance(found, SetAsideFile):
            gathered.set_aside.append(found)
            if key is not None and candidate.listing:
                group(key).warnings.append(f"{found.path} was set aside: {found.reason}")
        elif key is not None:
            group(key).images.append(found)
    return list(groups.values())


def _image(
    candidate: Candidate, header: ImageHeader, exam_by: str
) -> ImageFile | Refused | SetAsideFile:
    told = view_from_name(candidate.path.name)
    view = candidate.view or header.view or (told.view if told else None)
    if view is None:
        reason = "its view is not known: neither its header nor its name tells"
        hint = name_it(candidate.source)
        exam = candidate.exam or ""
        return SetAsideFile(
            candidate.source, header.kind, reason, hint, header, exam, candidate.path
        )
    image = ImageFile(
        path=candidate.path,
        source=candidate.source,
        view=view,
        header=header,
        facing=candidate.facing,
        pixel_spacing_mm=candidate.pixel_spacing_mm,
    )
    if image.is_dicom and not header.study and exam_by == "study" and not candidate.listing:
        return Refused(
            candidate.source,
            "its header has no Study Instance UID (0020,000D), which tells its exam",
            hint="files of one folder are one exam with: --exam-by folder",
            file=candidate.path,
            images=(image,),
        )
    return image


def _exams(groups: Sequence[Group]) -> tuple[list[ExamFiles], list[Refused]]:
    names = exam_names([group for group in groups if group.images])
    exams: list[ExamFiles] = []
    refused: list[Refused] = []
    fixed: set[str] = set()
    for group in groups:
        if not group.images:
            if group.is_listed:
                reason = f"none of its images can be read: {'; '.join(group.warnings)}"
                refused.append(Refused(group.base_name, reason, is_exam=True))
            continue
        name = names[group.key]
        try:
            if name in fixed:
                raise ExamError(
                    "stands in two manifests, or is a study beside one", hint="give them one by one"
                )
            if group.is_fixed:
                fixed.add(name)
            exams.append(checked_exam(name, group))
        except (ExamError, OSError) as error:
            told = Refused.because(error, shown(name))
            refused.append(replace(told, is_exam=True, images=tuple(group.images)))
    return exams, refused
