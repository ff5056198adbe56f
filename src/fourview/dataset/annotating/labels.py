"""Findings held against labels: where they disagree, and which breasts are occult."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fourview.core.records import ExamLabels, FindingRecord, Pathology, Problem
from fourview.core.views import Finding, Label, Laterality, View
from fourview.dataset.annotating.images import AnnotatedImage, AnnotatedImages

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
    refused: set[tuple[str, View | None]],
) -> Iterator[tuple[AnnotatedImage, FindingRecord]]:
    """A row for each image of a breast that is labelled and has no finding: its lesion was biopsied
    and could not be seen (Wu et al. 2019, Data: such images are mammographically occult).

    A breast of which an annotation was refused gets none, as something is marked there.
    """
    marked = {(finding.exam, finding.view.laterality) for finding in findings}
    for exam, view in refused:
        marked |= {(exam, side) for side in ([view.laterality] if view else Laterality)}
    for image in images.all:
        side, told = image.view.laterality, labels.get(image.exam)
        if told is None or (image.exam, side) in marked:
            continue
        for label in (Label(f"{_SIDES[side]}_{kind}") for kind in ("malignant", "benign")):
            if told.values[label]:
                yield (
                    image,
                    FindingRecord(
                        exam=image.exam,
                        view=image.view,
                        finding=label.value,
                        pathology=Pathology(label.finding.value),
                        occult=True,
                        path=image.path_if_needed,
                        image=image.name,
                    ),
                )
