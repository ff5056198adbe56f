"""What may be chosen of a planned reader study."""

from __future__ import annotations

from dataclasses import dataclass

from fourview.core.errors import RecipeError
from fourview.evaluation.readers_mean import Analysis

USUAL_READERS = (4, 6, 8, 10, 15, 20)


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What the planned study is to find, and how."""

    effect: float | None = None
    """The true difference of the means over readers; 0 with a margin where nothing is said."""
    margin: float | None = None
    """For non-inferiority."""
    wanted: float = 0.8
    """The power."""
    readers: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()
    """With both, the power of each pair; with one, how many of the other it takes; with neither,
    the cases for usual numbers of readers."""
    analysis: Analysis = "RRRC"
    alpha: float | None = None
    """None for 0.05 of the two-sided test, 0.025 of the one-sided one with a margin."""

    def __post_init__(self) -> None:
        effect = self.true_effect
        for name, value, least, most in (
            ("effect", effect, -0.999, 0.999),
            ("margin", 0.5 if self.margin is None else self.margin, 1e-6, 0.999999),
            ("wanted power", self.wanted, 0.01, 0.9999),
            ("alpha", self.test_alpha, 1e-6, 0.5),
            ("number of readers", min(self.readers, default=2), self.least_readers, 1_000),
            ("number of readers", max(self.readers, default=2), self.least_readers, 1_000),
            ("number of cases", min(self.cases, default=2), 2, 1_000_000),
            ("number of cases", max(self.cases, default=2), 2, 1_000_000),
        ):
            if not least <= value <= most:
                raise RecipeError(f"the {name} is {value:g}; expected {least:g} to {most:g}")
        if self.margin is None and effect == 0:
            raise RecipeError(
                "the effect is 0, which no study finds",
                hint="give the smallest difference that matters, as --effect 0.05; or a --margin",
            )
        if self.margin is not None and effect <= -self.margin:
            raise RecipeError(
                f"the effect {effect:g} is no better than -{self.margin:g}: it is inferior",
                hint="give the difference that is expected, often 0",
            )

    @property
    def true_effect(self) -> float:
        return 0.0 if self.effect is None else self.effect

    @property
    def test_alpha(self) -> float:
        usual = 0.05 if self.margin is None else 0.025
        return usual if self.alpha is None else self.alpha

    @property
    def least_readers(self) -> int:
        return 1 if self.analysis == "FRRC" else 2
