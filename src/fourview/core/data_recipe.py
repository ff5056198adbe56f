"""What is done to a data set, besides preparing its images: labelled, split, stored.

One TOML file may hold these sections beside those of `core.recipe`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fourview.core.errors import RecipeError

SPLIT_BY = ("random", "time")


@dataclass(frozen=True, kw_only=True)
class LabelRecipe:
    """From biopsies to labels (Wu et al. 2019, Data)."""

    first_day: int = 0
    """The first day, counted from the exam's, on which a biopsy tells its labels."""
    last_day: int = 120
    """The last such day."""
    high_risk: str = "benign"
    """What a high-risk benign result counts as: `benign`, or `none`."""


@dataclass(frozen=True, kw_only=True)
class SplitRecipe:
    """Parts of a data set, no patient in two of them."""

    by: str = "random"
    """`random`, stratified by label; `time`: the most recent exams are the test set."""
    training: float = 186_816 / 229_426
    """Parts of all exams; the NYU set's 81.4, 12.4 and 6.2 %."""
    validation: float = 28_462 / 229_426
    test: float = 14_148 / 229_426


@dataclass(frozen=True, kw_only=True)
class StoreRecipe:
    """How prepared views lie on disk."""

    compressed: bool = True
    """blosc2, about half the size; else plain arrays, windows of which are read faster."""
    chunk_px: int = 256
    """The side of a compressed chunk."""


@dataclass(frozen=True, kw_only=True)
class DataRecipe:
    """All that moves a data set's labels, splits and store, besides how an image is prepared."""

    labels: LabelRecipe = field(default_factory=LabelRecipe)
    split: SplitRecipe = field(default_factory=SplitRecipe)
    store: StoreRecipe = field(default_factory=StoreRecipe)

    def __post_init__(self) -> None:
        labels, split = self.labels, self.split
        if labels.first_day > labels.last_day:
            raise RecipeError(
                f"labels.first_day is {labels.first_day}, after labels.last_day, {labels.last_day}"
            )
        if labels.high_risk not in ("benign", "none"):
            raise RecipeError(f"labels.high_risk is {labels.high_risk!r}; it may be benign, none")
        if split.by not in SPLIT_BY:
            raise RecipeError(f"split.by is {split.by!r}; it may be {', '.join(SPLIT_BY)}")
        parts = (split.training, split.validation, split.test)
        if not all(0 <= part <= 1 for part in parts) or abs(sum(parts) - 1) > 1e-3:
            raise RecipeError(
                f"split.training, .validation and .test are {', '.join(f'{p:g}' for p in parts)}; "
                "they must be parts that sum to 1"
            )
        if self.store.chunk_px < 16:
            raise RecipeError(f"store.chunk_px is {self.store.chunk_px}; it must be at least 16")
