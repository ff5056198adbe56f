"""From a data set's tables to numbers: who, with what, on which machine, in which split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fourview.cohort.split_summary import summaries, without_findings
from fourview.cohort.splits import draw
from fourview.cohort.tallying import NOT_TOLD, Counting
from fourview.core.description import Description, SplitSummary, Tally
from fourview.core.records import (
    OK,
    ExamLabels,
    ExamRecord,
    FindingRecord,
    ImageRecord,
    Problem,
)
from fourview.core.views import Finding, Laterality, View

_BIRADS = {0: "0, incomplete", 1: "1, negative", 2: "2, benign", None: NOT_TOLD}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A data set's tables; all but the images may be missing."""

    name: str
    images: Sequence[ImageRecord]
    exams: Sequence[ExamRecord]
    labels: Mapping[str, ExamLabels] = field(default_factory=dict)
    split_of: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[FindingRecord] = ()
    problems: Sequence[Problem] = ()
    warnings: Sequence[str] = ()


def described(tables: Tables) -> Description:
    """The numbers of a data set, each count also by split where there are splits."""
    found = summaries(tables.exams, tables.split_of, tables.labels)
    count = Counting(tables.split_of)
    return Description(
        table=tables.name,
        images=len(tables.images),
        used=sum(image.is_used for image in tables.images),
        summaries=found,
        tallies=(
            *(_of_labels(tables, count) if tables.labels else ()),
            *_of_exams(tables, count),
            *_of_images(tables, count),
            *(_of_findings(tables, count) if tables.findings else ()),
            *_left_out(tables, count),
        ),
        problems=tuple(map(str, tables.problems)),
        warnings=(*tables.warnings, *_of_summaries(found)),
    )


def sampled(exams: Sequence[ExamRecord], n: int, *, seed: int = 0) -> tuple[ExamRecord, ...]:
    """At most `n` exams, of each manufacturer in turn, so that the rare ones are seen too.

    Which ones hangs on the seed and the exams' names, and not on the order of rows.
    """
    by_maker: dict[str, list[ExamRecord]] = {}
    for exam in sorted(exams, key=lambda exam: (draw(seed, "sample", exam.name), exam.name)):
        by_maker.setdefault(exam.manufacturer, []).append(exam)
    queues = [by_maker[name] for name in sorted(by_maker)]
    chosen: list[ExamRecord] = []
    turn = 0
    while len(chosen) < n and any(turn < len(queue) for queue in queues):
        chosen += [queue[turn] for queue in queues if turn < len(queue)][: n - len(chosen)]
        turn += 1
    return tuple(sorted(chosen, key=lambda exam: exam.name))


def _of_labels(tables: Tables, count: Counting) -> tuple[Tally, ...]:
    breasts, biopsied, birads = [], [], []
    for exam in tables.exams:
        one = tables.labels.get(exam.name)
        biopsied.append(
            (
                "no labels" if one is None else "biopsied" if one.biopsied else "not biopsied",
                exam.name,
            )
        )
        if one is None:
            continue
        breasts += [(_found(one, side), exam.name) for side in Laterality]
        birads.append((_BIRADS[one.birads], exam.name))
    order = ["malignant only", "malignant and benign", "benign only", "neither"]
    return (
        count.tally("breasts", "Breasts by pathology", "breasts", breasts, order=order),
        count.tally("biopsied", "Biopsied", "exams", biopsied, order=["biopsied", "not biopsied"]),
        count.tally("birads", "BI-RADS", "exams", birads, order=list(_BIRADS.values())),
    )


def _found(labels: ExamLabels, side: Laterality) -> str:
    found = {
        label.finding
        for label, is_so in labels.values.items()
        if is_so and label.laterality is side
    }
    if found == set(Finding):
        return "malignant and benign"
    return f"{found.pop().value} only" if found else "neither"


def _of_exams(tables: Tables, count: Counting) -> tuple[Tally, ...]:
    exams = tables.exams
    decades = ["under 40", "40 to 49", "50 to 59", "60 to 69", "70 to 79", "80 and over", NOT_TOLD]
    return (
        count.tally(
            "age", "Age", "exams", ((_decade(e.age, decades), e.name) for e in exams), order=decades
        ),
        count.tally(
            "density",
            "Breast density",
            "exams",
            ((exam.density or NOT_TOLD, exam.name) for exam in exams),
            order=[*"abcd", NOT_TOLD],
            note="BI-RADS a (almost entirely fatty) to d (extremely dense)",
        ),
        count.tally(
            "manufacturer",
            "Manufacturer",
            "exams",
            ((exam.manufacturer or NOT_TOLD, exam.name) for exam in exams),
        ),
        count.tally(
            "missing_views",
            "Missing views",
            "exams",
            ((_missing(exam), exam.name) for exam in exams),
            note="views that the table does not tell count as missing"
            if any(image.view is None for exam in exams for image in exam.images)
            else "",
        ),
    )


def _decade(age: float | None, decades: Sequence[str]) -> str:
    if age is None:
        return NOT_TOLD
    return decades[min(max(int(age) // 10 - 3, 0), 5)]


def _missing(exam: ExamRecord) -> str:
    there = {image.view for image in exam.images}
    missing = [view.value for view in View if view not in there]
    return f"without {', '.join(missing)}" if missing else "all four views"


def _of_images(tables: Tables, count: Counting) -> tuple[Tally, ...]:
    used = [image for exam in tables.exams for image in exam.images]
    views = [view.value for view in View]
    return (
        count.tally(
            "view",
            "View",
            "images",
            ((image.view.value if image.view else NOT_TOLD, image.exam) for image in used),
            order=views,
        ),
        count.tally(
            "repeats",
            "Images of one view",
            "exams",
            ((_repeats(exam), exam.name) for exam in tables.exams),
            order=["at most one", "more than one"],
        ),
        count.tally(
            "size",
            "Image size (rows × columns)",
            "images",
            ((_size(image), image.exam) for image in used),
        ),
        count.tally(
            "spacing",
            "Pixel spacing",
            "images",
            ((_spacing(image), image.exam) for image in used),
        ),
    )


def _repeats(exam: ExamRecord) -> str:
    views = Counter(image.view for image in exam.images if image.view)
    return "more than one" if any(n > 1 for n in views.values()) else "at most one"


def _size(image: ImageRecord) -> str:
    return f"{image.rows} × {image.columns}" if image.rows and image.columns else NOT_TOLD


def _spacing(image: ImageRecord) -> str:
    if image.pixel_spacing_mm is None:
        return NOT_TOLD
    rows, columns = (f"{one:.4g}" for one in image.pixel_spacing_mm)
    return f"{rows} mm" if rows == columns else f"{rows} × {columns} mm"


def _of_findings(tables: Tables, count: Counting) -> tuple[Tally, ...]:
    names = {exam.name for exam in tables.exams}
    rows = [one for one in tables.findings if one.exam in names]
    findings = {(one.exam, one.finding): one for one in rows}.values()
    return (
        count.tally(
            "finding_class",
            "Findings by class",
            "findings",
            ((one.pathology.value.replace("_", "-"), one.exam) for one in findings),
        ),
        count.tally(
            "finding_type",
            "Findings by type",
            "findings",
            ((one.type or NOT_TOLD, one.exam) for one in findings),
        ),
        count.tally(
            "finding_shown",
            "Findings in images",
            "marks",
            ((_shown(one), one.exam) for one in rows),
            order=["marked", "occult"],
            note="each finding once for each image that it is told of",
        ),
    )


def _shown(finding: FindingRecord) -> str:
    return "marked" if finding.mask else "occult" if finding.occult else "place not known"


def _left_out(tables: Tables, count: Counting) -> tuple[Tally, ...]:
    aside = [image for image in tables.images if image.status != OK]
    if not aside:
        return ()
    named = ((f"{i.status}: {i.reason or 'no reason told'}", i.exam) for i in aside)
    return (count.tally("left_out", "Images not used", "images", named),)


def _of_summaries(found: Sequence[SplitSummary]) -> list[str]:
    whole = found[-1]
    warnings = without_findings(found)
    if not whole.patients:
        warnings.append("no exam tells its patient: whether splits leak cannot be known")
    return warnings
