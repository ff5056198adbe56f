"""What a data set is, in numbers: the nouns of its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

ALL = "all"
"""The summary of all exams."""
NO_SPLIT = "in no split"
"""Of exams that splits.csv does not have, where there is one."""


@dataclass(frozen=True, kw_only=True)
class SplitSummary:
    """Numbers of one split, or of `all`. What labels tell counts labelled exams only."""

    split: str
    exams: int
    patients: int
    """0 where no exam tells its patient."""
    labelled: int
    """Exams that have labels."""
    biopsied: int
    malignant: int
    """Breasts with a malignant finding."""
    benign: int
    """Breasts with a benign finding."""
    both: int
    """Breasts with both, counted among either."""
    first_date: date | None
    last_date: date | None

    def to_dict(self) -> dict[str, Any]:
        dates = {"first_date": self.first_date, "last_date": self.last_date}
        return asdict(self) | {key: day.isoformat() if day else None for key, day in dates.items()}


@dataclass(frozen=True)
class Count:
    """One row of a tally."""

    name: str
    n: int
    by_split: Mapping[str, int] = field(default_factory=dict)
    """Each split's part of `n`; empty where there are no splits."""


@dataclass(frozen=True)
class Tally:
    """How many of what: the counts of one column of a table, each thing counted once."""

    key: str
    title: str
    unit: str
    """What is counted: `exams`, `images`, `breasts`, `findings`."""
    counts: tuple[Count, ...]
    note: str = ""

    @property
    def total(self) -> int:
        return sum(one.n for one in self.counts)

    def total_of(self, split: str) -> int:
        """How many of them are of one split."""
        return sum(one.by_split.get(split, 0) for one in self.counts)


@dataclass(frozen=True, kw_only=True)
class Description:
    """A data set's tables in numbers. Nothing in it is of one patient alone but exams' names."""

    table: str
    """What the exam table is called."""
    images: int
    """Rows of it that could be read, used or not."""
    used: int
    summaries: tuple[SplitSummary, ...]
    """Of each split in its order, and of all exams."""
    tallies: tuple[Tally, ...]
    problems: tuple[str, ...] = ()
    """Rows and exams left out, each with its reason."""
    warnings: tuple[str, ...] = ()

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(one.split for one in self.summaries if one.split != ALL)

    @property
    def whole(self) -> SplitSummary:
        return self.summaries[-1]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as describe.json holds them."""
        return {
            "table": self.table,
            "images": self.images,
            "used": self.used,
            "summaries": [one.to_dict() for one in self.summaries],
            "tallies": {
                tally.key: {
                    "title": tally.title,
                    "unit": tally.unit,
                    "total": tally.total,
                    "counts": [asdict(one) for one in tally.counts],
                    "note": tally.note,
                }
                for tally in self.tallies
            },
            "problems": list(self.problems),
            "warnings": list(self.warnings),
        }
