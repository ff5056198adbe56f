"""An imported set as fourview's own tables and masks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fourview.core.records import (
    FindingRecord,
    ImageRecord,
    Problem,
)
from fourview.core.views import View
from fourview.dataset.importers.drawing import drawn_mask
from fourview.dataset.importers.nouns import Assessed, Mark, PublicSet, Region
from fourview.io.annotations.shapes import CELLS
from fourview.io.atomic import write_file
from fourview.io.biopsies import COLUMNS as BIOPSY_COLUMNS
from fourview.io.exam_table import write_exam_table
from fourview.io.finding_table import write_finding_table
from fourview.io.label_table import write_label_table
from fourview.io.masks import write_mask
from fourview.io.names import natural_key
from fourview.io.tables import write_table

REGION_COLUMNS = ("exam", "view", "finding", "type", "birads", *CELLS)
Names = Mapping[str, str]
"""An image's path to its name within its exam: `L-CC`, `L-CC-2`."""


def in_order(images: Iterable[ImageRecord]) -> tuple[ImageRecord, ...]:
    """Images by exam and view; exam 10 after exam 9."""
    views = {view: place for place, view in enumerate(View)}
    return tuple(
        sorted(
            images,
            key=lambda image: (
                natural_key(image.exam),
                views[image.view] if image.view else len(views),
                natural_key(image.path),
            ),
        )
    )


def image_names(images: Iterable[ImageRecord]) -> dict[str, str]:
    """The name of each used image within its exam, repeats of a view numbered."""
    seen: dict[tuple[str, View], int] = defaultdict(int)
    names: dict[str, str] = {}
    for image in images:
        if image.view is None or not image.is_used:
            continue
        seen[image.exam, image.view] += 1
        n = seen[image.exam, image.view]
        names[image.path] = image.view.value + (f"-{n}" if n > 1 else "")
    return names


def write_tables(out: Path, found: PublicSet, names: Names) -> None:
    """Write exams.csv, and labels.csv, biopsies.csv, assessments.csv, regions.csv where known."""
    write_exam_table(out / "exams.csv", found.images)
    if found.labels is not None:
        write_label_table(out / "labels.csv", found.labels)
    if found.biopsies is not None:
        write_table(out / "biopsies.csv", BIOPSY_COLUMNS, map(asdict, found.biopsies))
    if found.assessments is not None:
        columns = ("exam", "laterality", "birads")
        write_table(out / "assessments.csv", columns, map(_assessment_cells, found.assessments))
    if found.regions is not None:
        cells = [_region_cells(one, names) for one in found.regions if one.image.path in names]
        write_table(out / "regions.csv", REGION_COLUMNS, cells)


def write_findings(
    out: Path, marks: Sequence[Mark], names: Names, problems: list[Problem]
) -> tuple[int, int]:
    """Write findings.csv and a mask for each image in which anything is marked.

    Returns:
        How many findings, and how many masks. A mark that cannot be drawn is a problem, and a
        finding without a mask; so is one of which the set does not tell the place.
    """
    of_image: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.image.path in names:
            of_image[mark.image.path].append(mark)
    repeated = {mark.image.exam for mark in marks if names.get(mark.image.path, "").count("-") > 1}
    findings: list[FindingRecord] = []
    masks = 0
    for path, here in of_image.items():
        image, name = here[0].image, names[path]
        mask, drawn = drawn_mask(here, problems)
        where = f"masks/{image.exam}/{name}.png"
        if mask is not None:
            write_mask(out / where, mask)
            masks += 1
        assert image.view is not None
        findings += [
            FindingRecord(
                exam=image.exam,
                view=image.view,
                finding=mark.finding,
                pathology=mark.pathology,
                type=mark.type,
                mask=where if mark in drawn else "",
                image=name,
                path=path if image.exam in repeated else "",
            )
            for mark in here
        ]
    write_finding_table(out / "findings.csv", findings)
    return len(findings), masks


def write_about(out: Path, about: Mapping[str, Any]) -> None:
    """Write about.json: what was read, how much, under what terms, and what the set lacks."""
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    write_file(out / "about.json", text.encode())


def _assessment_cells(assessed: Assessed) -> dict[str, str]:
    return {
        "exam": assessed.exam,
        "laterality": assessed.laterality.value,
        "birads": assessed.birads,
    }


def _region_cells(region: Region, names: Names) -> dict[str, str | int]:
    shape = region.shape
    cells: dict[str, str | int] = {
        "exam": region.image.exam,
        "view": names[region.image.path],
        "finding": region.finding,
        "type": region.type,
        "birads": region.birads,
        "shape": shape.kind,
    }
    if shape.kind == "circle":
        [(x, y)] = shape.points
        return cells | {"x": f"{x:g}", "y": f"{y:g}", "radius": f"{shape.radius:g}"}
    return cells | {"points": "; ".join(f"{x:g} {y:g}" for x, y in shape.points)}
