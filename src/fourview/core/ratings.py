"""What readers said about cases: one rating a modality, reader and case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fourview.core.errors import TableError

_MOST_NAMES = 5


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings of the same or of different cases by readers in one modality or several.

    A case is what is rated once: a breast, or an exam. A modality is a way of reading: without
    and with a model, film and digital, reader and hybrid. Only the order of the ratings counts,
    so that probabilities, percentages and categories are all welcome.
    """

    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    cases: tuple[str, ...]
    patients: tuple[str, ...]
    """`(N,)`: whose case it is. Cases of one patient are not independent of each other."""
    truth: NDArray[np.bool_]
    """`(N,)`: True for a case with the disease."""
    values: NDArray[np.float64]
    """`(modalities, readers, N)`; NaN where the reader did not rate the case."""

    def __post_init__(self) -> None:
        shape = (len(self.modalities), len(self.readers), len(self.cases))
        if self.values.shape != shape or 0 in shape:
            raise ValueError(f"ratings have the shape {self.values.shape}; the names {shape}")
        if self.truth.shape != shape[2:] or len(self.patients) != shape[2]:
            raise ValueError(
                f"{shape[2]} cases, {len(self.truth)} truths, {len(self.patients)} patients"
            )
        for kind, names in (
            ("modality", self.modalities),
            ("reader", self.readers),
            ("case", self.cases),
        ):
            refuse_twice(kind, names)
        if np.isinf(self.values).any():
            where = self._first(np.isinf(self.values))
            raise TableError(
                f"an infinite rating: {where}", hint="leave the cell empty where there is none"
            )

    @property
    def is_complete(self) -> bool:
        """Whether every reader rated every case in every modality."""
        return not bool(np.isnan(self.values).any())

    def _first(self, wrong: NDArray[np.bool_]) -> str:
        modality, reader, case = np.argwhere(wrong)[0]
        return (
            f"modality {self.modalities[modality]!r}, reader {self.readers[reader]!r}, "
            f"case {self.cases[case]!r}"
        )


def ratings_of(
    values: ArrayLike,
    truth: ArrayLike,
    *,
    modalities: Sequence[str] | None = None,
    readers: Sequence[str] | None = None,
    cases: Sequence[str] | None = None,
    patients: Sequence[str] | None = None,
) -> Ratings:
    """Ratings from arrays; what is not named is numbered from 1.

    Args:
        values: `(modalities, readers, N)`, or `(readers, N)` for a single modality; NaN = missing.
        truth: `(N,)` of 0 and 1.
        patients: whose case each is; each case a patient of its own without it.

    Raises TableError for a truth that is neither 0 nor 1, a name that stands twice, and an
    infinite rating.
    """
    array = np.array(values, dtype=np.float64)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3:
        raise ValueError(f"ratings have {array.ndim} axes; expected modalities, readers, cases")
    labels = np.asarray(truth, dtype=np.float64)
    wrong = [str(value) for value in np.unique(labels) if value not in (0, 1)]
    if wrong:
        raise TableError(
            f"the truth of a case is {', '.join(wrong[:_MOST_NAMES])}; expected 0 or 1",
            hint="a case whose truth is not known cannot be analysed: leave it out",
        )
    for label, names in (("name", cases), ("patient", patients)):
        unnamed = sum(name is None or name != name or str(name) == "" for name in names or ())
        if unnamed:
            raise TableError(
                f"{unnamed} of {array.shape[2]} cases have no {label}",
                hint="cases of one patient count together, so each needs its own name and patient",
            )
    named = _numbered(cases, array.shape[2], "case")
    return Ratings(
        modalities=_numbered(modalities, array.shape[0], "modality"),
        readers=_numbered(readers, array.shape[1], "reader"),
        cases=named,
        patients=named if patients is None else tuple(map(str, patients)),
        truth=labels.astype(bool),
        values=array,
    )


def refuse_twice(kind: str, names: Iterable[str]) -> None:
    """Raise TableError where a name stands twice, with the names."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        shown = ", ".join(map(repr, twice[:_MOST_NAMES]))
        more = f" and {len(twice) - _MOST_NAMES} more" if len(twice) > _MOST_NAMES else ""
        raise TableError(
            f"the {kind} {shown}{more} stands there twice", hint=f"name each {kind} once"
        )


def _numbered(names: Sequence[str] | None, length: int, kind: str) -> tuple[str, ...]:
    if names is None:
        return tuple(f"{kind} {number}" for number in range(1, length + 1))
    return tuple(map(str, names))
