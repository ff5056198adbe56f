"""The report of a data set: numbers of its tables, and a sample of its images looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fourview import __version__
from fourview.cohort.description import Tables, described, sampled
from fourview.cohort.leaks import KINDS, split_leaks
from fourview.core.description import Description
from fourview.core.errors import RecipeError, TableError
from fourview.core.recipe import Recipe
from fourview.core.records import ExamLabels, ExamRecord, Problem
from fourview.core.views import Label, View
from fourview.dataset.describing.grey_values import grey_values
from fourview.dataset.describing.looking import ImageToLook, LookedAt, look_at
from fourview.dataset.describing.values import report_to_dict
from fourview.dataset.image_jobs import Progress, each_image, no_progress
from fourview.dataset.tables import ExamSet, read_at, read_exam_set, read_labels
from fourview.io.finding_table import FindingTable, read_finding_table
from fourview.io.results import write_json, write_text
from fourview.io.split_table import read_split_table, split_of_exams
from fourview.report.dataset_contents import DataSetReport, SheetExam, SheetImage
from fourview.report.dataset_page import dataset_page


@dataclass(frozen=True, kw_only=True)
class DescribeOptions:
    """What may be chosen of a data set's report."""

    labels: Path | None = None
    splits: Path | None = None
    findings: Path | None = None
    sample: int = 24
    """Exams whose images are read."""
    seed: int = 0
    """Which exams these are."""
    recipe: Recipe = field(default_factory=Recipe)
    """How their images are prepared."""
    image_root: Path | None = None
    jobs: int = 1


@dataclass(frozen=True)
class DescribeResult:
    """What was written, and what could not be read."""

    description: Description
    exams_seen: int
    images_seen: int
    refused: tuple[str, ...]
    """Rows, exams and images that could not be read or cropped, each with its reason."""

    @property
    def exit_code(self) -> int:
        return 3 if self.refused else 0


def describe_data_set(
    exams: Path,
    out: Path,
    options: DescribeOptions | None = None,
    *,
    on_progress: Progress = no_progress,
) -> DescribeResult:
    """Write the report as a page to `out`, and its numbers to the .json beside it.

    The same tables, images and options give the same bytes. An image that cannot be read is told
    of, and stops nothing.

    Raises:
        TableError: a table cannot be read, or is of other exams.
        OutputError: the report cannot be written.
    """
    options = options or DescribeOptions()
    numbers = out.with_suffix(".json")
    if numbers == out:
        raise RecipeError(f"{out.name}: the page and its numbers would be one file", hint=_AS_HTML)
    exam_set = read_exam_set(exams)
    tables, findings = _tables(exam_set, options)
    description = described(tables)
    chosen = sampled(exam_set.exams, options.sample, seed=options.seed)
    seen = _looked_at(chosen, exam_set, findings, options, on_progress)
    grey = grey_values(
        (exam.manufacturer or "manufacturer not told", one)
        for exam in chosen
        for one in seen[exam.name].values()
    )
    report = DataSetReport(
        description=description,
        grey=grey,
        sheet=[_sheet_exam(exam, seen[exam.name], tables) for exam in chosen],
        sampled_images=sum(len(images) for images in seen.values()),
        recipe=_in_words(options.recipe),
        version=__version__,
    )
    write_text(out, dataset_page(report))
    write_json(numbers, report_to_dict(report, seed=options.seed, recipe=options.recipe))
    return DescribeResult(
        description=description,
        exams_seen=len(chosen),
        images_seen=report.sampled_images,
        refused=(*description.problems, *_refused(report)),
    )


def _in_words(recipe: Recipe) -> str:
    """A recipe's name, with what is not as in the paper's."""
    changed = recipe.differences(Recipe())
    changed.pop("name", None)
    return ", ".join([recipe.name, *(f"{key} {mine}" for key, (mine, _) in changed.items())])


_AS_HTML = "give -o a name that ends in .html"


def _tables(exam_set: ExamSet, options: DescribeOptions) -> tuple[Tables, FindingTable | None]:
    names = {exam.name for exam in exam_set.exams}
    labels, warnings = read_labels(
        options.labels, exam_set.exams, taken_as="counted as having none"
    )
    problems: list[Problem] = [*exam_set.problems]
    split_of: dict[str, str] = {}
    if options.splits:
        split_of = _of_these(read_at(options.splits, split_of_exams), names, options.splits)
        warnings += _leaks(exam_set, options.splits)
        if missing := len(names) - len(split_of):
            warnings.append(f"{options.splits.name}: {missing} of {len(names)} exams in no split")
    findings = None
    if options.findings:
        findings = read_at(options.findings, read_finding_table)
        problems += findings.problems
        unknown = {one.exam for one in findings.findings} - names
        if unknown:
            n = len(unknown)
            warnings.append(f"{options.findings.name}: findings of {n} exams that are not used")
    warnings += _doubts(problems)
    tables = Tables(
        name=exam_set.table.path.name,
        images=exam_set.table.images,
        exams=exam_set.exams,
        labels=labels,
        split_of=split_of,
        findings=findings.findings if findings else (),
        problems=[one for one in problems if one.level == "error"],
        warnings=warnings,
    )
    return tables, findings


def _doubts(problems: Sequence[Problem]) -> list[str]:
    """The warnings among problems, each once, with the first place and how many more there are."""
    doubts = [one for one in problems if one.level == "warning"]
    first = {(one.problem, one.hint): one for one in reversed(doubts)}
    times = Counter((one.problem, one.hint) for one in doubts)
    return [
        f"{first[what]}" + (f"; so are {n - 1} more rows" if n > 1 else "")
        for what, n in times.items()
    ]


def _of_these(split_of: Mapping[str, str], names: set[str], path: Path) -> dict[str, str]:
    found = {exam: split for exam, split in split_of.items() if exam in names}
    if not found:
        raise TableError(
            f"{path.name}: is of {len(split_of)} other exams",
            hint="are both tables of one data set?",
        )
    return found


def _leaks(exam_set: ExamSet, path: Path) -> list[str]:
    """How many leaks the tables alone tell of; exams in no split are told of anyhow."""
    found = Counter(leak.kind for leak in split_leaks(exam_set.exams, read_split_table(path)))
    return [
        f"{path.name}: {n} {KINDS[kind]}; fourview split --check tells which"
        for kind, n in found.items()
        if kind != "exam in no split"
    ]


def _looked_at(
    chosen: Sequence[ExamRecord],
    exam_set: ExamSet,
    findings: FindingTable | None,
    options: DescribeOptions,
    on_progress: Progress,
) -> dict[str, dict[View | None, LookedAt]]:
    """The first image of each view of the chosen exams."""
    masks = _masks(findings)
    keys: list[tuple[str, View | None]] = []
    items = []
    for exam in chosen:
        first = {image.view: image for image in reversed(exam.images)}
        for image in exam.images:
            if first[image.view] is not image:
                continue
            keys.append((exam.name, image.view))
            path = exam_set.table.image_path(image, image_root=options.image_root)
            own = [
                mask
                for of_path in ("", image.path)
                for mask in masks.get((exam.name, image.view, of_path), ())
            ]
            items.append(ImageToLook(image, path, options.recipe, tuple(own)))
    seen: dict[str, dict[View | None, LookedAt]] = {exam.name: {} for exam in chosen}
    looked = each_image(look_at, items, jobs=options.jobs, on_progress=on_progress)
    for (exam_name, view), one in zip(keys, looked, strict=True):
        seen[exam_name][view] = one
    return seen


def _masks(findings: FindingTable | None) -> dict[tuple[str, View | None, str], list[Path]]:
    """The masks of each image, by exam, view and path; without a path those of the first one."""
    found: dict[tuple[str, View | None, str], list[Path]] = {}
    for one in findings.findings if findings else ():
        path = findings.mask_path(one) if findings else None
        if path is None or (one.image not in ("", one.view.value) and not one.path):
            continue
        own = found.setdefault((one.exam, one.view, one.path), [])
        if path not in own:  # findings of an image may share a mask
            own.append(path)
    return found


def _sheet_exam(
    exam: ExamRecord, seen: Mapping[View | None, LookedAt], tables: Tables
) -> SheetExam:
    images: dict[View | None, SheetImage] = {view: one.shown for view, one in seen.items()}
    return SheetExam(
        name=exam.name,
        facts=_facts(exam, tables),
        images=images,
        more=len(exam.images) - len(images),
    )


def _facts(exam: ExamRecord, tables: Tables) -> tuple[str, ...]:
    facts = [tables.split_of.get(exam.name, "in no split")] if tables.split_of else []
    if tables.labels:
        facts.append(_labels_in_words(tables.labels.get(exam.name)))
    if exam.age is not None:
        facts.append(f"age {exam.age:g}")
    if exam.density:
        facts.append(f"density {exam.density}")
    return (*facts, *([exam.manufacturer] if exam.manufacturer else []))


def _labels_in_words(labels: ExamLabels | None) -> str:
    if labels is None:
        return "no labels"
    found = [label.value.replace("_", " ") for label in Label if labels.values[label]]
    return ", ".join(found) or ("biopsied, neither" if labels.biopsied else "not biopsied")


def _refused(report: DataSetReport) -> list[str]:
    return [
        f"{exam.name}, {view.value if view else image.name}: {image.problem}"
        for exam in report.sheet
        for view, image in exam.images.items()
        if image.problem
    ]
