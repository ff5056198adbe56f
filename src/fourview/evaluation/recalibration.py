"""Turning scores into probabilities, for a stated prevalence.

J. C. Platt, Advances in Large Margin Classifiers (1999) 61: a logistic curve. B. Zadrozny,
C. Elkan, KDD 2002: isotonic regression. M. Saerens, P. Latinne, C. Decaestecker, Neural Computation
14 (2002) 21: other prevalences, by the odds.

Fit on other patients than those that are judged. A recalibration is a few numbers: `to_json` gives
them, `from_json` takes them back, and called with new scores it gives probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression
from scipy.special import expit

from fourview.core.errors import TableError
from fourview.evaluation.checks import Bools, Floats, scores_and_truth
from fourview.evaluation.logistic import fit_line, log_odds


@dataclass(frozen=True)
class Platt:
    """probability = 1 / (1 + exp(-(intercept + slope · x)))."""

    slope: float
    """Above 0: a higher score is never a lower probability."""
    intercept: float
    of: Literal["log-odds", "score"]
    """What x is: the log-odds of a score from 0 to 1, or the score itself."""
    prevalence: float
    """The share of cases that its probabilities are for."""

    def __call__(self, scores: ArrayLike) -> Floats:
        """Probabilities, of the scores' shape; NaN for NaN.

        For log-odds, scores of 0 and 1 stay 0 and 1. Raises TableError where they need to be from 0
        to 1 and are not.
        """
        x = np.asarray(scores, dtype=np.float64)
        if self.of == "log-odds":
            ends = (x == 0) | (x == 1)
            x = np.where(ends, np.where(x == 1, np.inf, -np.inf), log_odds(np.where(ends, 0.5, x)))
        return np.asarray(expit(self.intercept + self.slope * x), dtype=np.float64)

    def at_prevalence(self, prevalence: float) -> Platt:
        """The same for breasts with another share of cases."""
        by = _log_odds(prevalence) - _log_odds(self.prevalence)
        return replace(self, intercept=self.intercept + by, prevalence=prevalence)


@dataclass(frozen=True)
class Isotonic:
    """Straight lines between points that rise; beyond them the end's probability.

    Its ends may be exactly 0 and 1: the fitting set's lowest scores had no case. That is no
    certainty about another set.
    """

    scores: tuple[float, ...]
    """Rising."""
    probabilities: tuple[float, ...]
    """At each score; never falling."""
    prevalence: float
    """The share of cases that its probabilities are for."""

    def __call__(self, scores: ArrayLike) -> Floats:
        """Probabilities, of the scores' shape; NaN for NaN."""
        x = np.asarray(scores, dtype=np.float64)
        return np.asarray(np.interp(x, self.scores, self.probabilities), dtype=np.float64)

    def at_prevalence(self, prevalence: float) -> Isotonic:
        """The same for breasts with another share of cases."""
        shifted = shift_prevalence(self.probabilities, found=self.prevalence, stated=prevalence)
        return replace(self, probabilities=tuple(shifted.tolist()), prevalence=prevalence)


Recalibration = Platt | Isotonic


def fit_platt(
    scores: ArrayLike,
    truth: ArrayLike,
    *,
    of: Literal["log-odds", "score"] = "log-odds",
    clip: float = 0.0,
) -> Platt:
    """A logistic curve of highest likelihood, with Platt's targets.

    Those are (cases + 1) / (cases + 2) and 1 / (others + 2) in place of 1 and 0: the curve stays
    finite where a threshold parts the kinds perfectly. On log-odds a score that is right already
    is left nearly as it is.

    Args:
        scores: `(N,)`; from 0 to 1 for `log-odds`.
        truth: `(N,)` of 0 and 1.
        clip: For log-odds, as `log_odds`; in the fit only.
    Returns:
        For the prevalence of these breasts; see `at_prevalence`.
    Raises:
        TableError: one kind only, a NaN or constant score, or one that is lower in cases.
        ValueError: the shapes differ.
    """
    values, cases = _fit_for(scores, truth)
    x = log_odds(values, clip=clip) if of == "log-odds" else values
    if not np.isfinite(x).all():
        raise TableError(
            "a score is infinite", hint="give finite scores, or probabilities as log-odds"
        )
    n_cases = int(cases.sum())
    n_others = len(cases) - n_cases
    line = fit_line(x, np.where(cases, (n_cases + 1) / (n_cases + 2), 1 / (n_others + 2)))
    if line is None:
        raise TableError("no curve fits these scores", hint="look at them: are they numbers?")
    if line.slope <= 0:
        raise _turned()
    return Platt(line.slope, line.intercept, of, n_cases / len(cases))


def fit_isotonic(scores: ArrayLike, truth: ArrayLike) -> Isotonic:
    """The rising steps nearest to the truth by squares, joined by straight lines.

    Args:
        scores: `(N,)`, of any scale; equal scores get one probability.
        truth: `(N,)` of 0 and 1.
    Returns:
        For the prevalence of these breasts; see `at_prevalence`.
    Raises:
        TableError, ValueError: as `fit_platt`.
    """
    values, cases = _fit_for(scores, truth)
    levels, level, n = np.unique(values, return_inverse=True, return_counts=True)
    if not np.isfinite(levels).all():
        raise TableError("a score is infinite", hint="give finite scores, or their ranks")
    fitted = np.clip(isotonic_regression(np.bincount(level, cases) / n, weights=n).x, 0, 1)
    if fitted[0] == fitted[-1]:
        raise _turned()
    # Within a step only its two ends say anything.
    step = np.diff(fitted) != 0
    kept = np.append(True, step) | np.append(step, True)
    return Isotonic(tuple(levels[kept].tolist()), tuple(fitted[kept].tolist()), float(cases.mean()))


def shift_prevalence(probabilities: ArrayLike, *, found: float, stated: float) -> Floats:
    """Probabilities for another share of cases: the odds times the ratio of the two prior odds.

    It holds where the scores of cases, and of others, are spread alike in both populations.

    Args:
        probabilities: Of any shape, from 0 to 1; 0, 1 and NaN stay.
        found: The share of cases that they are for, between 0 and 1.
        stated: The share wanted, between 0 and 1.
    Raises:
        TableError: one lies outside 0 to 1.
        ValueError: a prevalence is not between 0 and 1.
    """
    factor = math.exp(_log_odds(stated) - _log_odds(found))
    p = np.asarray(probabilities, dtype=np.float64)
    ends = (p == 0) | (p == 1)
    shifted = expit(log_odds(np.where(ends, 0.5, p)) + math.log(factor))
    return np.asarray(np.where(ends, p, shifted), dtype=np.float64)


def to_json(recalibration: Recalibration) -> dict[str, Any]:
    """Its numbers and its kind, for `json.dumps`."""
    return {"kind": type(recalibration).__name__.lower(), **asdict(recalibration)}


def from_json(written: Mapping[str, Any]) -> Recalibration:
    """What `to_json` gave, back.

    Raises:
        TableError: it is none, or falls somewhere.
    """
    kinds = {"platt": Platt, "isotonic": Isotonic}
    kind = written.get("kind")
    fields = {name: value for name, value in written.items() if name != "kind"}
    hint = "write one with `to_json`"
    if kind not in kinds:
        raise TableError(f"no recalibration is of the kind {kind!r}", hint=hint)
    try:
        if kind == "isotonic":
            found: Recalibration = Isotonic(
                tuple(float(s) for s in fields["scores"]),
                tuple(float(p) for p in fields["probabilities"]),
                float(fields["prevalence"]),
            )
        else:
            found = Platt(
                float(fields["slope"]),
                float(fields["intercept"]),
                fields["of"],
                float(fields["prevalence"]),
            )
    except (KeyError, TypeError, ValueError) as error:
        raise TableError(f"a recalibration lacks or garbles {error}", hint=hint) from error
    _refuse_falling(found, hint)
    return found


def _refuse_falling(found: Recalibration, hint: str) -> None:
    if isinstance(found, Platt):
        right = found.slope > 0 and math.isfinite(found.slope + found.intercept)
        right = right and found.of in ("log-odds", "score")
    else:
        s, p = np.asarray(found.scores), np.asarray(found.probabilities)
        right = len(s) == len(p) > 1 and bool((np.diff(s) > 0).all() and (np.diff(p) >= 0).all())
        right = right and bool(p[0] >= 0 and p[-1] <= 1)
    if not right or not 0 < found.prevalence < 1:
        raise TableError("a recalibration's numbers do not rise or are out of range", hint=hint)


def _fit_for(scores: ArrayLike, truth: ArrayLike) -> tuple[Floats, Bools]:
    values, cases = scores_and_truth(scores, truth)
    if values.ndim != 1:
        raise ValueError(f"scores have the shape {values.shape}, the truth {cases.shape}")
    unread = int(np.isnan(values).sum())
    if unread:
        raise TableError(f"{unread} breasts have no score", hint="leave out what was not read")
    if not cases.any() or cases.all():
        raise TableError(
            f"all {len(cases)} breasts are of one kind",
            hint="a recalibration is fitted on cases and others",
        )
    if values.min() == values.max():
        raise TableError(
            f"every breast has the score {values[0]:g}", hint="a constant score orders nothing"
        )
    return values, cases


def _turned() -> TableError:
    return TableError(
        "cases do not score higher than others here",
        hint="is it the score of another label, or one where low means suspicious?",
    )


def _log_odds(prevalence: float) -> float:
    if not 0 < prevalence < 1:
        raise ValueError(f"a prevalence lies between 0 and 1, not {prevalence}")
    return math.log(prevalence / (1 - prevalence))
