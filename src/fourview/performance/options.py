"""What may be chosen of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import RecipeError
from fourview.core.records import SPLITS
from fourview.evaluation.operating_draws import Rule
from fourview.evaluation.populations import Unit


@dataclass(frozen=True, kw_only=True)
class EvaluationTables:
    """Where the truth is, and what is known of the exams."""

    labels: Path
    exams: Path | None = None
    splits: Path | None = None
    split: str = ""
    """Of `splits`: the one whose exams count."""
    findings: Path | None = None
    readers: Path | None = None
    """A reader study's table: its exams are the third population."""

    def __post_init__(self) -> None:
        if bool(self.split) != (self.splits is not None):
            given, missing = ("--split", "--splits") if self.split else ("--splits", "--split")
            raise RecipeError(f"{given} without {missing}", hint="--splits splits.csv --split test")
        if self.split and self.split not in SPLITS:
            raise RecipeError(f"--split is {self.split!r}; it may be {', '.join(SPLITS)}")


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """What may be chosen of an evaluation's numbers."""

    by: tuple[str, ...] = ()
    """Columns whose groups are measured apart, beside age, density and manufacturer."""
    biopsied: Unit = "exams"
    rules: tuple[Rule, ...] = (
        Rule("sensitivity", 0.9),
        Rule("specificity", 0.9),
        Rule("recall rate", 0.1),
    )
    """How the thresholds of recalls are found."""
    prevalence: float | None = None
    """The share of breasts with a malignant finding where the model shall be used."""
    recalibration: Path | None = None
    """Fits of another evaluation; None cross-fits over these patients."""
    folds: int = 5
    seed: int = 0
    draws: int = 2000
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("--level", self.level, 0.5, 0.999),
            ("--prevalence", 0.5 if self.prevalence is None else self.prevalence, 1e-6, 0.999999),
        ):
            if not least <= value <= most:
                raise RecipeError(f"{name} is {value:g}; expected {least:g} to {most:g}")
        if self.draws < 2 or self.folds < 2:
            raise RecipeError(
                f"{self.draws} draws and {self.folds} folds; 2 are the least of each",
                hint="2000 draws and 5 folds are usual",
            )
        for rule in self.rules:
            least = 1e-9 if rule.what == "sensitivity" else 0.0
            if not least <= rule.value <= 1:
                raise RecipeError(f"the {rule.what} is {rule.value:g}; expected 0 to 1")
