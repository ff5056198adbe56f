"""Rates, overlaps and FROC sensitivities of images, with intervals by drawing patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fourview.core.records import FindingRecord, Pathology
from fourview.core.views import Finding
from fourview.evaluation.bootstrap import resample
from fourview.evaluation.checks import Bools, Floats
from fourview.evaluation.froc import froc_of
from fourview.evaluation.froc_bootstrap import resample_sensitivity
from fourview.evaluation.interval import Interval
from fourview.performance.images.localisation_rows import (
    FrocPointRow,
    FrocRow,
    HitRow,
    LesionCountRow,
    OverlapRow,
)
from fourview.performance.images.localised_images import LocalisedImage, in_group
from fourview.performance.images.marked_images import CLASSES, NOT_TOLD, MarkedImage

_MOST_POINTS = 400
_FEW_PATIENTS = 10
"""Drawing fewer of them with replacement says little of others."""


@dataclass(frozen=True)
class Numbers:
    """How numbers are made."""

    draws: int
    seed: int
    level: float
    threshold: float
    """Of the overlap."""

    def mean(self, values: Sequence[float], patients: Sequence[str]) -> tuple[float, Interval]:
        """The mean with its interval; not defined for nothing."""
        if not values:
            return float("nan"), Interval.undefined("there is nothing to count", level=self.level)
        found = resample(
            values,
            np.ones(len(values)),
            patients,
            {"mean": _mean},
            rng=np.random.default_rng(self.seed),
            draws=self.draws,
        )["mean"].model()
        return found.value, found.interval(level=self.level)


def _mean(values: Floats, _: Bools) -> float:
    return float(values.mean())


def hit_rows(
    finding: Finding, images: Sequence[LocalisedImage], numbers: Numbers
) -> Iterator[HitRow]:
    """Of all images with a lesion, then by class and by type."""
    for by, group in _groups(finding, images):
        some = [one for one in images if one.has_only(by, group)]
        asked = [one for one in some if one.hit is not None]
        hits = [float(one.hit is True) for one in asked]
        rate, interval = numbers.mean(hits, [one.patient for one in asked])
        yield HitRow(
            heatmap=finding.value,
            by=by,
            group=group,
            images=len(some),
            patients=len({one.patient for one in some}),
            points_nowhere=len(some) - len(asked),
            hits=sum(one.hit is True for one in asked),
            rate=rate,
            low=interval.low,
            high=interval.high,
            by_chance=_mean_known([one.share for one in asked]),
            by_chance_on_breast=_mean_known([one.share_on_breast for one in asked]),
            remark=_remark(interval, {one.patient for one in asked}),
        )


def overlap_rows(
    finding: Finding, images: Sequence[LocalisedImage], numbers: Numbers
) -> Iterator[OverlapRow]:
    """Of all images with a lesion, then by class and by type. An image whose lesions the crop lost
    and whose map marks nothing has an overlap of 0."""
    for by, group in _groups(finding, images):
        some = [one for one in images if one.has_only(by, group)]
        patients = [one.patient for one in some]
        overlaps = [one.overlap for one in some if one.overlap is not None]
        iou, of_iou = numbers.mean([float(np.nan_to_num(one.iou)) for one in overlaps], patients)
        dice, of_dice = numbers.mean([float(np.nan_to_num(one.dice)) for one in overlaps], patients)
        yield OverlapRow(
            heatmap=finding.value,
            by=by,
            group=group,
            threshold=numbers.threshold,
            images=len(some),
            marking_nothing=sum(one.marks_nothing for one in some),
            iou=iou,
            iou_low=of_iou.low,
            iou_high=of_iou.high,
            dice=dice,
            dice_low=of_dice.low,
            dice_high=of_dice.high,
            remark=_remark(of_iou, set(patients)),
        )


def froc_rows(
    finding: Finding,
    images: Sequence[LocalisedImage],
    false_marks: Sequence[float],
    numbers: Numbers,
) -> Iterator[FrocRow]:
    """Sensitivities of all lesions, then of those of a class and of a type, at the same false marks
    on all images."""
    patients = [one.patient for one in images]
    for by, group in _groups(finding, images):
        judged = [one.judged_in(by, group) for one in images]
        with_lesion = {who for one, who in zip(judged, patients, strict=True) if one.found}
        found = resample_sensitivity(
            judged,
            patients,
            false_marks,
            rng=np.random.default_rng(numbers.seed),
            draws=numbers.draws,
        )
        for allowed, one in zip(false_marks, found, strict=True):
            interval = one.interval(level=numbers.level)
            yield FrocRow(
                heatmap=finding.value,
                by=by,
                group=group,
                false_marks=allowed,
                images=len(images),
                lesions=sum(len(image.found) for image in judged),
                sensitivity=one.value,
                low=interval.low,
                high=interval.high,
                remark=_remark(interval, with_lesion),
            )


def point_rows(finding: Finding, images: Sequence[LocalisedImage]) -> Iterator[FrocPointRow]:
    """The curve of all lesions: every point at which a lesion is found, and of a long curve some
    of the others."""
    if not any(one.lesions for one in images):
        return
    curve = froc_of([one.judged for one in images])
    step = -(-len(curve.thresholds) // _MOST_POINTS)
    rises = np.diff(curve.sensitivity, prepend=0.0) > 0
    kept = rises | (np.arange(len(rises)) % step == 0)
    kept[-1:] = True
    for at in np.flatnonzero(kept):
        yield FrocPointRow(
            heatmap=finding.value,
            threshold=float(curve.thresholds[at]),
            false_marks=float(curve.false_positives[at]),
            sensitivity=float(curve.sensitivity[at]),
        )


def count_rows(
    findings: Sequence[Finding],
    seen: Sequence[MarkedImage],
    looked: Mapping[Finding, Sequence[LocalisedImage]],
) -> Iterator[LesionCountRow]:
    """By class and type, what findings the images have and what became of them."""
    lesions = [lesion for image in seen for lesion in image.lesions]
    lost = Counter(
        (lesion.pathology, lesion.type)
        for finding in findings
        for one in looked[finding]
        for lesion, is_lost in zip(one.lesions, one.lost, strict=True)
        if is_lost
    )
    marked = Counter((one.pathology, one.type) for one in lesions)
    named: Counter[tuple[Pathology, str]] = Counter()
    for lesion in lesions:
        named[lesion.pathology, lesion.type] += len(lesion.findings)
    occult = Counter(_kind(row) for image in seen for row in image.occult)
    unplaced = Counter(_kind(row) for image in seen for row in image.unplaced)
    for finding in findings:
        for pathology in CLASSES[finding]:
            kinds = marked | occult | unplaced
            for type_ in sorted(kind for what, kind in kinds if what is pathology):
                key = (pathology, type_)
                yield LesionCountRow(
                    finding=finding.value,
                    pathology=pathology.value,
                    type=type_,
                    lesions=marked[key],
                    findings=named[key],
                    outside_crop=lost[key],
                    occult=occult[key],
                    unplaced=unplaced[key],
                )


def _kind(row: FindingRecord) -> tuple[Pathology, str]:
    return row.pathology, row.type or NOT_TOLD


def _groups(finding: Finding, images: Sequence[LocalisedImage]) -> Iterator[tuple[str, str]]:
    """`all`; each class, where the finding has several; each type, where any is told."""
    lesions = [lesion for one in images for lesion in one.lesions]
    if not lesions:
        return
    yield "all", ""
    if len(CLASSES[finding]) > 1:
        for pathology in CLASSES[finding]:
            if any(in_group(one, "class", pathology.value) for one in lesions):
                yield "class", pathology.value
    types = sorted({one.type for one in lesions})
    if types != [NOT_TOLD]:
        for type_ in types:
            yield "type", type_


def _remark(interval: Interval, patients: set[str]) -> str:
    """Of an interval, with how few patients it rests on."""
    few = f"of {len(patients)} patients alone" if 1 < len(patients) < _FEW_PATIENTS else ""
    return "; ".join(filter(None, [interval.remark, few]))


def _mean_known(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
