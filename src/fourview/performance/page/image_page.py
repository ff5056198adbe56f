"""Localisation and errors as sections of an evaluation's page, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fourview.performance.images.error_choice import RULES
from fourview.performance.images.image_side import ImageSide
from fourview.performance.images.localising import Localisation
from fourview.performance.page.cells import number, remarks, with_interval
from fourview.report.drawing import DrawnFigure
from fourview.report.performance_page import PageSection
from fourview.report.study_page import NumberTable


def image_sections(side: ImageSide, *, level: float) -> Iterator[PageSection]:
    """Of the page: localisation, and errors."""
    if side.localisation is not None:
        yield _localisation(side.localisation, side.figures, level)
    if side.errors:
        yield _errors(side)


def _localisation(found: Localisation, figures: Sequence[DrawnFigure], level: float) -> PageSection:
    percent = f"{100 * level:g} %"
    hits = NumberTable(
        title="Does the heatmap's maximum lie on a lesion?",
        header=("heatmap", "by", "group", "images", f"hits ({percent})", "by chance",
                "by chance on the breast"),
        words=3,
        rows=[
            (row.heatmap, row.by, row.group, f"{row.images:,}",
             with_interval(row.rate, row.low, row.high), number(row.by_chance),
             number(row.by_chance_on_breast))
            for row in found.hits
        ],
        remarks=remarks((f"{row.heatmap}, {row.group}", row.remark) for row in found.hits),
    )  # fmt: skip
    froc = NumberTable(
        title="Lesions found, by false marks an image",
        header=("heatmap", "by", "group", "false marks", "lesions", f"sensitivity ({percent})"),
        words=3,
        rows=[
            (row.heatmap, row.by, row.group, f"{row.false_marks:g}", f"{row.lesions:,}",
             with_interval(row.sensitivity, row.low, row.high))
            for row in found.froc
        ],
        remarks=remarks((f"{row.heatmap}, {row.group}", row.remark) for row in found.froc),
    )  # fmt: skip
    overlaps = NumberTable(
        title="Overlap of heatmaps and lesions",
        header=("heatmap", "by", "group", "threshold", "images", f"IoU ({percent})",
                f"Dice ({percent})"),
        words=3,
        rows=[
            (row.heatmap, row.by, row.group, f"{row.threshold:g}", f"{row.images:,}",
             with_interval(row.iou, row.iou_low, row.iou_high),
             with_interval(row.dice, row.dice_low, row.dice_high))
            for row in found.overlaps
        ],
        remarks=remarks((f"{row.heatmap}, {row.group}", row.remark) for row in found.overlaps),
    )  # fmt: skip
    counts = NumberTable(
        title="Findings in images",
        header=("finding", "class", "type", "lesions", "findings", "outside the view", "occult",
                "not marked"),
        words=3,
        rows=[
            (row.finding, row.pathology, row.type,
             *(f"{n:,}" for n in (row.lesions, row.findings, row.outside_crop, row.occult,
                                  row.unplaced)))
            for row in found.counts
        ],
        remarks=[f"{text}." for text in found.notes],
    )  # fmt: skip
    return PageSection(
        title="Localisation",
        tables=[hits, froc, overlaps, counts],
        figures=[one for one in figures if one.name == "localisation"],
        note=f"{found.images:,} images of {found.patients:,} patients; {found.heatmaps}.",
    )


def _errors(side: ImageSide) -> PageSection:
    rules = "; ".join(f"{kind.value}: {words}" for kind, words in RULES.items())
    table = NumberTable(
        title="Breasts shown",
        header=("kind", "exam", "breast", "truly", "malignant", "benign", "readers' mean"),
        words=4,
        rows=[
            (
                f"{case.row.kind} {case.row.rank}",
                case.row.exam,
                case.row.laterality,
                " and ".join(
                    word
                    for word, is_so in (
                        ("malignant", case.row.truly_malignant),
                        ("benign", case.row.truly_benign),
                    )
                    if is_so
                )
                or "neither",
                number(case.row.malignant),
                number(case.row.benign),
                number(case.row.readers_mean) if case.row.readers else "",
            )
            for case in side.errors
        ],
        remarks=remarks(
            (f"{case.row.kind} {case.row.rank}", case.row.remark) for case in side.errors
        ),
    )
    return PageSection(
        title="Error analysis",
        tables=[table],
        figures=[case.figure for case in side.errors if case.figure],
        note=f"Of {side.model}; chosen by rule: {rules}. Laid out as Figures S4 to S12 of Wu et "
        "al.",
        as_pixels=True,
    )


def image_words(side: ImageSide) -> Iterator[str]:
    """The methods in words."""
    if side.localisation is not None:
        options = side.localisation.options
        marks = ", ".join(f"{one:g}" for one in options.false_marks)
        yield (
            f"Heatmaps ({side.localisation.heatmaps}) were held against the marked lesions in "
            f"{side.localisation.images} images: whether the maximum of an image's heatmap lies on "
            "a lesion of its class, beside the share that chance would hit; free-response ROC "
            f"curves with sensitivities at {marks} false marks an image; and the overlap of pixels "
            f"of at least {options.threshold:g} with the lesions. Images with a finding that is "
            "not marked were left out of the numbers of its class. Intervals are from "
            f"{options.draws} bootstrap draws of patients."
        )
    if side.errors:
        said = "; ".join(f"{kind.value}: {words}" for kind, words in RULES.items())
        yield f"Breasts of the error analysis (of {side.model}) were chosen by rule. {said}."
