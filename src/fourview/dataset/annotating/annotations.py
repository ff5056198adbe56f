"""Pixel labels of any kind to findings.csv and one mask an image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.cohort.pseudonyms import Pseudonyms
from fourview.core.errors import FourviewError
from fourview.core.records import ExamLabels, FindingRecord, Pathology, Problem
from fourview.core.views import Laterality
from fourview.dataset.annotating.images import AnnotatedImage, AnnotatedImages
from fourview.dataset.annotating.labels import disagreements, occult_findings
from fourview.dataset.annotating.marked_areas import Marks, areas_of
from fourview.dataset.annotating.mask_position import off_the_breast
from fourview.dataset.annotating.sources import Claim, Refusal, gather
from fourview.io.annotations.table import Annotation
from fourview.io.exam_table import ExamTable
from fourview.io.finding_table import write_finding_table
from fourview.io.masks import merged, write_mask

FINDINGS, MASKS = "findings.csv", "masks"
_TRACE = 0.01
"""Of what is marked in an image: more than this claimed by two classes is warned of."""


@dataclass(frozen=True)
class AnnotationResult:
    """What became of the annotations."""

    findings: tuple[FindingRecord, ...]
    """In the exam table's order; `mask` is relative to the output folder."""
    masks: tuple[Path, ...]
    """The masks that were written."""
    problems: tuple[Problem, ...]


def import_annotations(
    exams: ExamTable,
    sources: Sequence[Path],
    out: Path,
    *,
    labels: Mapping[str, ExamLabels] | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> AnnotationResult:
    """Bring pixel labels into fourview's form: `out/findings.csv`, `out/masks/<exam>/<image>.png`.

    Args:
        exams: the images; an annotation of none of its used images is a problem.
        sources: each a table (findings with masks, shapes, or both), a folder of masks or of DICOM
            segmentations, or one such file. A folder with a findings.csv is that table.
        labels: of the exams. With them, findings that disagree are warned of, and a breast that is
            labelled and has no finding gets an occult row for each of its images, unless an
            annotation was refused that may be of it.
        pseudonyms: of the exam table; annotations then may name exams by their Study UIDs.
    Returns:
        The findings, the masks, and what was refused or is doubtful; the other rows are written.
    Raises:
        TableError: a source is not there, or a table cannot be read as a whole.
        OutputError: something cannot be written.
    """
    images = AnnotatedImages(exams, pseudonyms)
    gathered = gather(images, sources)
    of_image: dict[AnnotatedImage, list[Claim]] = defaultdict(list)
    for claim in gathered.claims:
        of_image[claim.image].append(claim)
    rows: list[tuple[AnnotatedImage, FindingRecord]] = []
    masks: list[Path] = []
    problems, refused = list(gathered.problems), list(gathered.refused)
    for image in sorted(of_image, key=lambda image: image.order):
        marks = _read(image, of_image[image], problems, refused)
        if any(mark.area is not None for _, mark in marks):
            masks.append(_mask_path(image))
            mask = _one_mask(image, marks, problems)
            write_mask(out / masks[-1], mask)
            if doubt := off_the_breast(image, mask):
                problems.append(doubt)
        rows += [(image, record) for record in _records(image, marks)]
    if labels is not None:
        findings = [record for _, record in rows]
        problems += disagreements(findings, labels)
        occult, doubts = occult_findings(images, findings, labels, refused)
        rows += occult
        problems += doubts
    rows.sort(key=lambda row: row[0].order)
    findings = [record for _, record in rows]
    write_finding_table(out / FINDINGS, findings)
    return AnnotationResult(tuple(findings), tuple(out / path for path in masks), tuple(problems))


def _read(
    image: AnnotatedImage,
    claims: Iterable[Claim],
    problems: list[Problem],
    refused: list[Refusal],
) -> list[tuple[Annotation, Marks]]:
    """What the claims mark in their image; each that cannot be read is a problem."""
    named: list[tuple[Annotation, Marks]] = []
    others: dict[tuple[Path | None, Pathology], tuple[Annotation, Marks]] = {}
    for claim in claims:
        row = claim.annotation
        try:
            marks, warnings = areas_of(claim)
        except FourviewError as error:
            problems.append(Problem(row.place, error.problem, error.hint))
            refused.append((image.exam, image.view))
            continue
        problems += warnings
        for mark in marks:
            if mark.is_named:
                named.append((row, mark))
            else:
                others.setdefault((row.mask, mark.pathology), (row, mark))
    said = {(row.mask, mark.pathology) for row, mark in named}
    unsaid = [others[key] for key in others if key not in said]
    for row, mark in unsaid:
        what = f"its mask also marks {mark.pathology.value}, which no row names; the mask keeps it"
        problems.append(Problem(row.place, what, level="warning"))
    return named + unsaid


def _one_mask(
    image: AnnotatedImage, marks: Sequence[tuple[Annotation, Marks]], problems: list[Problem]
) -> NDArray[np.uint8]:
    areas = [(mark.pathology, mark.area) for _, mark in marks if mark.area is not None]
    mask, claimed_twice = merged(image.size, areas)
    if claimed_twice > _TRACE * np.count_nonzero(mask):
        what = f"findings of different classes overlap in {claimed_twice} pixels of {image.name}"
        hint = "a pixel of a mask has one class: malignant, else high-risk benign, else benign"
        problems.append(Problem(f"exam {image.exam}", what, hint, level="warning"))
    return mask


def _mask_path(image: AnnotatedImage) -> Path:
    return Path(MASKS, image.exam, f"{image.name}.png")


def _records(
    image: AnnotatedImage, marks: Iterable[tuple[Annotation, Marks]]
) -> Iterator[FindingRecord]:
    """A row for each finding; one without a name is called after its breast and class."""
    taken: set[str] = {row.finding for row, mark in marks if row.finding}
    for row, mark in marks:
        if not mark.is_named:
            continue
        yield FindingRecord(
            exam=image.exam,
            view=image.view,
            finding=row.finding or _free_name(image, mark.pathology, taken),
            pathology=mark.pathology,
            type=row.type,
            occult=row.occult,
            mask="" if mark.area is None else _mask_path(image).as_posix(),
            path=image.path_if_needed,
            image=image.name,
            place=row.place,
        )


def _free_name(image: AnnotatedImage, pathology: Pathology, taken: set[str]) -> str:
    side = "left" if image.view.laterality is Laterality.LEFT else "right"
    first = f"{side}_{pathology.value}"
    name = next(
        name
        for name in chain([first], (f"{first}_{number}" for number in count(2)))
        if name not in taken
    )
    taken.add(name)
    return name
