"""The numbers of localisation as flat rows: of CSV tables, JSON, and the page.

A number that is not defined is NaN, and the row's remark says why.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HitRow:
    """How often the maximum of an image's heatmap lies on what the heatmap is to show."""

    heatmap: str
    """`malignant` or `benign`: the heatmap, and the lesions that it is held against."""
    by: str
    """`all`, `class` or `type`: images all of whose lesions of the finding are of one."""
    group: str
    images: int
    """With at least one lesion of the finding, and none whose place is not known."""
    patients: int
    points_nowhere: int
    """Of these, with a heatmap that has one value everywhere. They are not asked."""
    hits: int
    rate: float
    """Hits among the images asked."""
    low: float
    high: float
    by_chance: float
    """What a place drawn evenly from each crop would hit: the mean share that is lesion."""
    by_chance_on_breast: float
    """The same of each crop's pixels above 0."""
    remark: str


@dataclass(frozen=True, kw_only=True)
class OverlapRow:
    """How a heatmap at or above a threshold covers the lesions: means over images."""

    heatmap: str
    by: str
    group: str
    threshold: float
    images: int
    marking_nothing: int
    """Of these, with no pixel at or above the threshold: their overlap is 0."""
    iou: float
    iou_low: float
    iou_high: float
    dice: float
    dice_low: float
    dice_high: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class FrocRow:
    """Lesions found where so many false marks an image are allowed."""

    heatmap: str
    by: str
    group: str
    false_marks: float
    """Allowed, an image: over all images, with lesions and without."""
    images: int
    lesions: int
    sensitivity: float
    low: float
    high: float
    remark: str


@dataclass(frozen=True, kw_only=True)
class FrocPointRow:
    """A point of a FROC curve, of all lesions."""

    heatmap: str
    threshold: float
    """Marks at least this high count."""
    false_marks: float
    sensitivity: float


@dataclass(frozen=True, kw_only=True)
class LesionCountRow:
    """What findings there are, and what became of them; one finding in two images counts twice."""

    finding: str
    pathology: str
    type: str
    lesions: int
    """Marked in an image that was looked at."""
    findings: int
    """That these lesions are: more where several share a mask and cannot be told apart."""
    outside_crop: int
    """Of the lesions: no pixel is in the prepared view. They count as missed."""
    occult: int
    """Not to be seen in the image."""
    unplaced: int
    """Seen, and nobody knows where."""
