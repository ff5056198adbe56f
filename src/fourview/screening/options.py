"""What may be chosen of a screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fourview.core.errors import RecipeError
from fourview.core.views import View
from fourview.inference.ensemble import ReadingOptions
from fourview.io.exams import EXAM_BY


@dataclass(frozen=True, kw_only=True)
class ScreeningOptions(ReadingOptions):
    """The choices of `fourview screen`; None leaves a choice to the weights' recipe."""

    jobs: int = 1
    """Exams read from disk ahead of the one that the networks read."""
    exam_by: str = "study"
    views: Mapping[str, View] = field(default_factory=dict)
    """The view of a file, by its name."""
    image_root: Path | None = None
    """Where the paths of a manifest or exam list start."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.jobs < 1:
            raise RecipeError(f"--jobs is {self.jobs}; it must be at least 1")
        if self.exam_by not in EXAM_BY:
            raise RecipeError(f"--exam-by is {self.exam_by!r}; it may be {', '.join(EXAM_BY)}")
