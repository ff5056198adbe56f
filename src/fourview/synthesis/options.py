"""What may be chosen of a synthetic population."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fourview.core.errors import RecipeError

FORMATS = ("dicom", "png")


@dataclass(frozen=True, kw_only=True)
class SynthesisOptions:
    """The choices of `fourview phantom` that decide what is in the files."""

    n: int = 20
    """Exams."""
    seed: int = 0
    format: str = "dicom"
    scale: float = 1.0
    """The same patients with so many times fewer rows and columns."""
    enrich: float | None = None
    """The part of exams that are biopsied; the paper's 2.5 % if None."""
    cancers: float | None = None
    """The part of biopsied breasts that hold a cancer; the paper's 15.6 % if None."""

    def __post_init__(self) -> None:
        if self.n < 1:
            raise RecipeError(f"-n is {self.n}; a population has at least 1 exam")
        if self.seed < 0:
            raise RecipeError(f"--seed is {self.seed}; it must be at least 0")
        if self.format not in FORMATS:
            raise RecipeError(f"--format is {self.format!r}; it may be {', '.join(FORMATS)}")
        if not 0.02 <= self.scale <= 1:
            raise RecipeError(f"--scale is {self.scale}; it must be from 0.02 to 1")
        if self.enrich is not None and not 0 < self.enrich <= 1:
            raise RecipeError(f"--enrich is {self.enrich}; it must be above 0 and at most 1")
        if self.cancers is not None and not 0 < self.cancers < 1:
            raise RecipeError(f"--cancers is {self.cancers}; it must be above 0 and below 1")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
