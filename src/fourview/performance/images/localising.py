"""Whether heatmaps show the lesions: maxima that hit, free-response ROC, overlap.

`fourview evaluate` calls this where it was given a store and a findings table:

    found = localise(store, findings, breasts)      # folders and files as given
    write the rows of found.hits, found.overlaps, found.froc, found.points, found.counts
    draw localisation_drawn(found) (localisation_drawn.py; None without a lesion)
    show found.notes, found.problems

Only images of the breasts in `breasts` are looked at, so splits and populations are the caller's.
An image with a finding whose place is not known (occult, or without a mask) is left out of all
numbers of that finding: a mark there is neither right nor wrong. Such findings are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourview.core.breasts import Breasts
from fourview.core.errors import ImageError, RecipeError, TableError
from fourview.core.records import Problem
from fourview.core.views import Finding, Laterality
from fourview.performance.images.localisation_numbers import (
    Numbers,
    count_rows,
    froc_rows,
    hit_rows,
    overlap_rows,
    point_rows,
)
from fourview.performance.images.localisation_rows import (
    FrocPointRow,
    FrocRow,
    HitRow,
    LesionCountRow,
    OverlapRow,
)
from fourview.performance.images.localised_images import LocalisedImage, localised
from fourview.performance.images.marked_images import FINDINGS, MarkedImage, MarkedImages
from fourview.performance.images.stored_maps import StoredMaps, stored_maps


@dataclass(frozen=True)
class LocalisingOptions:
    """How heatmaps are held against lesions."""

    threshold: float = 0.5
    """Of the overlap: pixels of at least this count as marked."""
    false_marks: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    """An image, at which sensitivities are told."""
    within_px: float = 0.0
    """Lets a maximum or mark pass that is no farther than this from a lesion, in the store's
    pixels."""
    draws: int = 2000
    """Of patients, for intervals."""
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """What was found."""

    heatmaps: str
    """Which heatmaps, in words."""
    options: LocalisingOptions
    images: int
    """Looked at."""
    patients: int
    hits: tuple[HitRow, ...]
    overlaps: tuple[OverlapRow, ...]
    froc: tuple[FrocRow, ...]
    points: tuple[FrocPointRow, ...]
    counts: tuple[LesionCountRow, ...]
    notes: tuple[str, ...]
    """What was left out, in words with numbers."""
    problems: tuple[Problem, ...]


def localise(
    store: Path,
    findings: Path,
    breasts: Breasts,
    *,
    patch_weights: str = "",
    heatmaps: str = "",
    options: LocalisingOptions | None = None,
    on_image: Callable[[str], None] = lambda _: None,
) -> Localisation:
    """The images of a population held against the heatmaps in a store.

    Args:
        store: a store's folder, with heatmaps.
        findings: findings.csv, with masks.
        patch_weights: SHA-256, or its first characters, of the patch classifier's weights, where
            the store has heatmaps of several.
        heatmaps: how the key of those begins that are meant, where several have these weights.
        on_image: told the exam of each image that is looked at.
    Raises:
        TableError: the store is not finished, has no heatmaps, or several sets of them; it has
            none of the exams; the findings table cannot be read.
        RecipeError: an option lies outside its range.
    """
    options = options or LocalisingOptions()
    _check(options)
    marked = MarkedImages.open(store, findings)
    maps = stored_maps(marked.store, patch_weights=patch_weights, key=heatmaps)
    if maps is None:
        raise TableError(
            f"{store}: has no heatmaps", hint=f"make them: fourview heatmaps {store} "
            "--patch-weights FILE",
        )  # fmt: skip
    patients = _patients(breasts, marked)
    notes: Counter[str] = Counter()
    seen: list[MarkedImage] = []
    looked: dict[Finding, list[LocalisedImage]] = {finding: [] for finding in FINDINGS}
    for image, patient in _images(marked, patients, notes):
        on_image(image.view.exam)
        try:
            outcomes = list(_outcomes(image, patient, marked, maps, options))
        except ImageError as error:
            marked.problems.append(
                Problem(f"exam {image.view.exam}", marked.told(error), error.hint)
            )
            notes["images left out: their mask or heatmap cannot be used"] += 1
            continue
        seen.append(image)
        for one in outcomes:
            looked[one.finding].append(one)
    if not seen:
        said = "; ".join(f"{n} {what}" for what, n in sorted(notes.items()))
        raise TableError(
            f"{store}: no image could be held against its heatmap" + (f": {said}" if said else ""),
            hint=str(marked.problems[-1]) if marked.problems else "",
        )
    return _found(seen, looked, marked, patients, maps, options, notes)


def _check(options: LocalisingOptions) -> None:
    if not 0 < options.threshold <= 1:
        raise RecipeError(
            f"the overlap's threshold is {options.threshold:g}; expected above 0 to 1"
        )
    if options.within_px < 0 or options.draws < 2 or any(f < 0 for f in options.false_marks):
        raise RecipeError(
            f"{options.within_px:g} px, {options.draws} draws, {options.false_marks} false marks; "
            "a distance and false marks are at least 0, draws at least 2"
        )


def _patients(breasts: Breasts, marked: MarkedImages) -> Mapping[tuple[str, Laterality], str]:
    """The patient of each breast, of exams that the store has."""
    there = {
        (exam, side): patient
        for exam, side, patient in zip(
            breasts.exams, breasts.lateralities, breasts.patients, strict=True
        )
        if exam in marked.store
    }
    if not there:
        raise TableError(
            f"{marked.store.folder}: has none of the {len(set(breasts.exams))} exams that are "
            "evaluated",
            hint="store, predictions and labels must be of the same exams, called the same",
        )
    for exam in marked.without_exam(tuple(dict.fromkeys(breasts.exams))):
        what = "has findings, and is not in the store"
        marked.problems.append(Problem(f"exam {exam}", what, "its images cannot be looked at"))
    return there


def _images(
    marked: MarkedImages, patients: Mapping[tuple[str, Laterality], str], notes: Counter[str]
) -> Iterator[tuple[MarkedImage, str]]:
    for exam in dict.fromkeys(exam for exam, _ in patients):
        try:
            images = list(marked.of_exam(exam))
        except ImageError as error:
            marked.problems.append(Problem(f"exam {exam}", marked.told(error), error.hint))
            notes["exams left out: damaged in the store"] += 1
            continue
        for image in images:
            patient = patients.get((exam, image.view.view.laterality))
            if patient is not None:
                yield image, patient


def _outcomes(
    image: MarkedImage,
    patient: str,
    marked: MarkedImages,
    maps: StoredMaps,
    options: LocalisingOptions,
) -> Iterator[LocalisedImage]:
    areas, heatmaps = marked.areas(image), maps.of(image.view)
    for finding in FINDINGS:
        if not image.hides(finding):
            yield localised(
                image,
                areas,
                finding,
                heatmaps.malignant if finding is Finding.MALIGNANT else heatmaps.benign,
                patient=patient,
                patch_px=maps.patch_px,
                threshold=options.threshold,
                within_px=options.within_px,
            )


def _found(
    seen: Sequence[MarkedImage],
    looked: Mapping[Finding, Sequence[LocalisedImage]],
    marked: MarkedImages,
    patients: Mapping[tuple[str, Laterality], str],
    maps: StoredMaps,
    options: LocalisingOptions,
    notes: Counter[str],
) -> Localisation:
    numbers = Numbers(
        draws=options.draws, seed=options.seed, level=options.level, threshold=options.threshold
    )
    for finding in FINDINGS:
        if hiding := sum(image.hides(finding) for image in seen):
            notes[f"images with a {finding.value} finding whose place is not known"] += hiding
    return Localisation(
        heatmaps=maps.told,
        options=options,
        images=len(seen),
        patients=len({patients[one.view.exam, one.view.view.laterality] for one in seen}),
        hits=tuple(row for f in FINDINGS for row in hit_rows(f, looked[f], numbers)),
        overlaps=tuple(row for f in FINDINGS for row in overlap_rows(f, looked[f], numbers)),
        froc=tuple(
            row for f in FINDINGS for row in froc_rows(f, looked[f], options.false_marks, numbers)
        ),
        points=tuple(row for f in FINDINGS for row in point_rows(f, looked[f])),
        counts=tuple(count_rows(FINDINGS, seen, looked)),
        notes=tuple(f"{n} {what}" for what, n in sorted(notes.items())),
        problems=tuple(marked.problems),
    )
