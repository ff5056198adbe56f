"""What may be chosen of the picture of a network's activations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import RecipeError
from fourview.evaluation.representation import Metric

MOST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class ScoreSource:
    """Where the exams' scores are from: exactly one of readers, predictions, and labels alone."""

    readers: Path | None = None
    """A table of a reader study: the mean over readers, then over the exam's breasts."""
    predictions: Path | None = None
    """The mean of both breasts' malignant predictions."""
    labels: Path | None = None
    """A table with a row an exam. Alone it is the score; beside another, the truth."""
    column: str = ""
    """Of `labels`: numbers; without it, 1 where a breast has a malignant finding, else 0."""

    def __post_init__(self) -> None:
        if self.readers and self.predictions:
            raise RecipeError(
                "scores of readers and of predictions; a point has one colour",
                hint="give one of them, and make the other picture in another folder",
            )
        if not (self.readers or self.predictions or self.labels):
            raise RecipeError(
                "no score to colour the exams by",
                hint="give --readers readers.csv, --predictions FILE or --labels labels.csv",
            )
        if self.column and (not self.labels or self.readers or self.predictions):
            raise RecipeError(
                f"the column {self.column!r} is of --labels as the score",
                hint="give --labels FILE --column NAME, and no readers or predictions",
            )


@dataclass(frozen=True, kw_only=True)
class RepresentationOptions:
    """How the picture is made, and its numbers."""

    neighbours: int = 15
    """Of an exam: UMAP's, and those whose scores are compared with its own."""
    min_distance: float = 0.1
    """Between points of the picture."""
    metric: Metric = "euclidean"
    """Of activations; the paper's is the Euclidean distance."""
    seed: int = 0
    splits: Path | None = None
    """splits.csv: which exams there are of a split, and whose they are."""
    split: str = ""
    draws: int = 2000
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("number of neighbours", self.neighbours, 2, 1000),
            ("least distance", self.min_distance, 0.0, 1.0),
            ("seed", self.seed, 0, MOST_SEED),
            ("number of draws", self.draws, 2, 1_000_000),
            ("level", self.level, 0.5, 0.999),
        ):
            if not least <= value <= most:
                raise RecipeError(f"the {name} is {value:g}; expected {least:g} to {most:g}")
        if self.split and not self.splits:
            raise RecipeError(
                f"the split {self.split!r} is of no table", hint="give --splits splits.csv, too"
            )
