"""Findings held against labels: where they disagree, and which breasts are occult."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fourview.core.records import ExamLabels, FindingRecord, Pathology, Problem
from fourview.core.views import Finding, Label, Laterality, View
from fourview.dataset.annotating.images import AnnotatedImage, AnnotatedImages
from fourview.dataset.annotating.sources import Refusal

_SIDES = {Laterality.LEFT: "left", Laterality.RIGHT: "right"}


def disagreements(
    findings: Sequence[FindingRecord], labels: Mapping[str, ExamLabels]
) -> list[Problem]:
    """A warning for each breast with a finding of a class that its labels do not have."""
    warnings: dict[tuple[str, str], Problem] = {}
    for finding in findings:
        side = _SIDES[finding.view.laterality]
        kind = Finding.MALIGNANT if finding.pathology is Pathology.MALIGNANT else Finding.BENIGN
        told = labels.get(finding.exam)
        what = ""
        if told is None:
            side, what = "", "has findings, and no labels"
        elif not told.values[Label(f"{side}_{kind.value}")]:
            what = (
                f"a {kind.value} finding in the {side} breast, which is not labelled {kind.value}"
            )
        if what:
            key = (finding.exam, side + kind.value if side else "")
            hint = "is its biopsy missing, or is it none of this exam's?" if side else ""
            problem = Problem(f"exam {finding.exam}", what, hint, level="warning")
            warnings.setdefault(key, problem)
    return list(warnings.values())


def occult_findings(
    images: AnnotatedImages,
    findings: Sequence[FindingRecord],
    labels: Mapping[str, ExamLabels],
    refused: Sequence[Refusal],
) -> tuple[list[tuple[AnnotatedImage, FindingRecord]], list[Problem]]:
    """A row for each image of a breast that is labelled and has no finding: its lesion was biopsied
    and could not be seen (Wu et al. 2019, Data: such images are mammographically occult).

    A breast gets none where an annotation of it was refused, as something is marked there; nor
    where one of its side was refused whose exam is not in the exam table, as that may be any exam,
    written in another way. A warning tells how many breasts have no row for that.
    """
    marked = {(finding.exam, finding.view.laterality) for finding in findings}
    for exam, view in refused:
        marked |= {(exam, side) for side in _sides(view)}
    unmatched = [view for exam, view in refused if exam not in images.names]
    doubtful = {side for view in unmatched for side in _sides(view)}
    rows: list[tuple[AnnotatedImage, FindingRecord]] = []
    left_out: set[tuple[str, Laterality]] = set()
    for image in images.all:
        told, breast = labels.get(image.exam), (image.exam, image.view.laterality)
        if told is None or breast in marked:
            continue
        found = [(image, finding) for finding in _occult(image, told)]
        if image.view.laterality not in doubtful:
            rows += found
        elif found:
            left_out.add(breast)
    return rows, [_none_is_called_occult(len(unmatched), len(left_out))] if left_out else []


def _sides(view: View | None) -> Iterable[Laterality]:
    return [view.laterality] if view else Laterality


def _occult(image: AnnotatedImage, told: ExamLabels) -> Iterator[FindingRecord]:
    side = _SIDES[image.view.laterality]
    for label in (Label(f"{side}_{kind}") for kind in ("malignant", "benign")):
        if told.values[label]:
            yield FindingRecord(
                exam=image.exam,
                view=image.view,
                finding=label.value,
                pathology=Pathology(label.finding.value),
                occult=True,
                path=image.path_if_needed,
                image=image.name,
            )


def _none_is_called_occult(unmatched: int, breasts: int) -> Problem:
    return Problem(
        "annotations",
        f"{unmatched} refused, of exams that are not in the exam table: each may be of any exam, "
        f"so no occult rows are written for {breasts} labelled breast(s) without a finding",
        "name exams as exams.csv does, give the key where it has pseudonyms, and leave out what is "
        "of other exams",
        level="warning",
    )
