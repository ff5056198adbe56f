"""A population breast by breast: what each truly has, and what models said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fourview.core.ratings import refuse_twice
from fourview.core.views import Finding, Laterality

T = TypeVar("T")


@dataclass(frozen=True, eq=False, kw_only=True)
class Breasts:
    """The breasts of a population's exams, with their truth. N of them; usually two an exam."""

    exams: tuple[str, ...]
    """`(N,)`: the exam that each is of."""
    lateralities: tuple[Laterality, ...]
    patients: tuple[str, ...] = field(repr=False)
    """`(N,)`: whose they are. Breasts of one patient are not independent of each other."""
    benign: NDArray[np.bool_]
    """`(N,)`: a biopsy showed a benign finding."""
    malignant: NDArray[np.bool_]
    """`(N,)`: a biopsy showed a malignant finding. Both may hold."""
    biopsied: NDArray[np.bool_]
    """`(N,)`: the exam was followed by a biopsy, of this breast or of the other."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What tables tell of each, as written, `(N,)` a column: `age`, `density`, `manufacturer`, …;
    empty where it is not told."""

    def __post_init__(self) -> None:
        n = len(self.exams)
        lengths = {
            len(each)
            for each in (
                *(self.lateralities, self.patients, self.benign, self.malignant, self.biopsied),
                *self.columns.values(),
            )
        }
        if lengths - {n}:
            raise ValueError(f"{n} breasts, and columns of {sorted(lengths)} cells")
        refuse_twice("breast", self.names)

    def __len__(self) -> int:
        return len(self.exams)

    @property
    def names(self) -> tuple[str, ...]:
        """`exam L` and `exam R`, `(N,)`."""
        pairs = zip(self.exams, self.lateralities, strict=True)
        return tuple(f"{exam} {side.value}" for exam, side in pairs)

    def truth(self, finding: Finding) -> NDArray[np.bool_]:
        """Which breasts have the finding, `(N,)`."""
        return self.malignant if finding is Finding.MALIGNANT else self.benign

    def take(self, which: NDArray[np.bool_]) -> Breasts:
        """Those where `which` `(N,)` is true, in their order."""
        places = np.flatnonzero(which)
        return Breasts(
            exams=_at(self.exams, places),
            lateralities=_at(self.lateralities, places),
            patients=_at(self.patients, places),
            benign=self.benign[places],
            malignant=self.malignant[places],
            biopsied=self.biopsied[places],
            columns={name: _at(cells, places) for name, cells in self.columns.items()},
        )


@dataclass(frozen=True, eq=False)
class BreastScores:
    """What one model, or one branch of it, said of each breast of a population."""

    benign: NDArray[np.float64]
    """`(N,)`, in [0, 1]; NaN for a breast that was not read."""
    malignant: NDArray[np.float64]

    def of(self, finding: Finding) -> NDArray[np.float64]:
        """The probabilities of a finding, `(N,)`."""
        return self.malignant if finding is Finding.MALIGNANT else self.benign

    def take(self, which: NDArray[np.bool_]) -> BreastScores:
        """Those where `which` `(N,)` is true, in their order."""
        return BreastScores(self.benign[which], self.malignant[which])


def mean_scores(scores: list[BreastScores]) -> BreastScores:
    """An ensemble: the mean of what models said; NaN where one of them did not read the breast."""
    return BreastScores(
        np.mean([one.benign for one in scores], axis=0),
        np.mean([one.malignant for one in scores], axis=0),
    )


def _at(values: tuple[T, ...], places: NDArray[np.int64]) -> tuple[T, ...]:
    return tuple(values[int(place)] for place in places)
