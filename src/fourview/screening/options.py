"""What may be chosen of a screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fourview.core.errors import RecipeError
from fourview.core.views import View
from fourview.io.exams import EXAM_BY


@dataclass(frozen=True, kw_only=True)
class ScreeningOptions:
    """The choices of `fourview screen`; None leaves a choice to the weights' recipe."""

    weights: tuple[Path, ...] = ()
    """Breast-level weights, an ensemble if several; none: freshly initialised ones."""
    patch_weights: Path | None = None
    device: str = "auto"
    """`auto` takes a CUDA device where there is one."""
    passes: int | None = None
    jitter: bool | None = None
    seed: int = 0
    jobs: int = 1
    """Exams read from disk ahead of the one that the networks read."""
    batch_size: int = 16
    """Patches that the patch classifier reads at once."""
    recipe: str | None = None
    """A named recipe or a TOML file; None: the weights' own."""
    settings: tuple[str, ...] = ()
    """`section.key=value`, put into the recipe."""
    exam_by: str = "study"
    views: Mapping[str, View] = field(default_factory=dict)
    """The view of a file, by its name."""
    image_root: Path | None = None
    """Where the paths of a manifest or exam list start."""
    hidden: bool = False

    def __post_init__(self) -> None:
        for name, value in (("passes", self.passes), ("jobs", self.jobs)):
            if value is not None and value < 1:
                raise RecipeError(f"--{name} is {value}; it must be at least 1")
        if self.exam_by not in EXAM_BY:
            raise RecipeError(f"--exam-by is {self.exam_by!r}; it may be {', '.join(EXAM_BY)}")
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"--seed is {self.seed}; it must be from 0 to 4294967295")
