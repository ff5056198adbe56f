"""From a public data set's folder to fourview's tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fourview.core.errors import ExamError
from fourview.core.records import REFUSED, SET_ASIDE, Problem
from fourview.dataset.importers.catalogue import dataset_named
from fourview.dataset.importers.nouns import Importer, Progress
from fourview.dataset.importers.writing import (
    image_names,
    in_order,
    write_about,
    write_findings,
    write_tables,
)


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """How much an import brought, and what was wrong. 0 where the set has no such thing."""

    exams: int
    """With at least one image that is used."""
    images: int
    """Used ones; `refused` and `set_aside` are beside them."""
    labelled: int
    """Exams with a row in labels.csv."""
    findings: int
    """Rows of findings.csv, of known pathology."""
    masks: int
    """Mask files: one for each image in which something is marked."""
    regions: int = 0
    """Rows of regions.csv, of unknown pathology."""
    biopsies: int = 0
    assessments: int = 0
    refused: int = 0
    """Images that the tables name and that are not there."""
    set_aside: int = 0
    """Images that are no standard screening view."""
    problems: tuple[Problem, ...] = ()
    """Errors and warnings; the level tells which."""
    tables: tuple[str, ...] = ()
    """The set's tables that were read."""


def import_dataset(
    name: str, folder: Path, out: Path, *, on_progress: Progress | None = None
) -> ImportResult:
    """Read the public data set in `folder` by its own tables, and write fourview's to `out`.

    Nothing is copied: exams.csv names each image by its absolute path. A row that cannot be used
    is a problem and stops nothing; an image that is not there is a refused row of exams.csv.

    Args:
        name: of the set, as in DATASETS.
        on_progress: told how many images of how many were looked up.

    Raises:
        RecipeError: no set has this name.
        ExamError: there is no such folder.
        TableError: a table is missing, or cannot be read as a whole.
        OutputError: the results cannot be written.
    """
    importer = dataset_named(name)
    if not folder.is_dir():
        raise ExamError(
            f"{folder}: no such folder", hint=f"give the folder of {importer.title} as downloaded"
        )
    found = importer.read(folder, on_progress)
    found = replace(found, images=in_order(found.images))
    names = image_names(found.images)
    write_tables(out, found, names)
    problems = list(found.problems)
    findings = masks = 0
    if found.marks is not None:
        findings, masks = write_findings(out, found.marks, names, problems)
    statuses = [image.status for image in found.images]
    result = ImportResult(
        exams=len({image.exam for image in found.images if image.is_used}),
        images=sum(image.is_used for image in found.images),
        labelled=len(found.labels or ()),
        findings=findings,
        masks=masks,
        regions=sum(one.image.path in names for one in found.regions or ()),
        biopsies=len(found.biopsies or ()),
        assessments=len(found.assessments or ()),
        refused=statuses.count(REFUSED),
        set_aside=statuses.count(SET_ASIDE),
        problems=tuple(problems),
        tables=found.tables,
    )
    write_about(out, _about(importer, result))
    return result


def _about(importer: Importer, result: ImportResult) -> dict[str, Any]:
    counts = asdict(result)
    return {
        "data_set": importer.name,
        "title": importer.title,
        "citation": importer.citation,
        "licence": importer.licence,
        "where": importer.where,
        "size_as_published": importer.size,
        "what_the_labels_mean": importer.meaning,
        "what_the_set_lacks": list(importer.lacks),
        "known_traps": list(importer.traps),
        "tables_read": list(counts.pop("tables")),
        "problems": list(counts.pop("problems")),
        "counts": counts,
    }
