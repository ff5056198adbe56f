"""Intervals of what recalling would find, by drawing patients; thresholds chosen anew in each draw.

A threshold that was chosen on the breasts it is judged on is uncertain too: where it stands for a
sensitivity, each draw finds its own. As `bootstrap.resample` with a statistic, but for all rules
and rates at once, without a breast being copied.

Percentiles are of no use near 0 or 1: 38 of 39 cases found gave 0.92 to 1. The draws say how much a
rate varies, hence how many independent breasts it is worth, and Wilson's interval is of so many
(effective sample size: E. L. Korn, B. I. Graubard, Survey Methodology 24 (1998) 193).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from fourview.evaluation.bootstrap import patient_draws
from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes, scores_and_truth
from fourview.evaluation.interval import Interval, wilson_of_share
from fourview.evaluation.operating_points import (
    OperatingPoint,
    Rate,
    at_recall_rate,
    at_sensitivity,
    at_specificity,
    at_threshold,
)
from fourview.evaluation.resampled import MOST_UNDEFINED, Resampled, Scale

RATES: tuple[Rate, ...] = ("sensitivity", "specificity", "ppv", "npv", "recall_rate")
_CELLS = 4_000_000


@dataclass(frozen=True)
class Rule:
    """How a threshold is found."""

    what: Literal["threshold", "sensitivity", "specificity", "recall rate"]
    value: float

    def __str__(self) -> str:
        sign = {"threshold": "", "recall rate": " at most"}.get(self.what, " at least")
        return f"{self.what}{sign} {self.value:g}"

    @property
    def is_chosen_here(self) -> bool:
        """Whether the breasts themselves choose the threshold."""
        return self.what != "threshold"

    def point(self, scores: ArrayLike, truth: ArrayLike) -> OperatingPoint:
        """What it finds on these breasts.

        Raises:
            TableError, ValueError: as the functions of `operating_points`.
        """
        of = {
            "threshold": at_threshold,
            "sensitivity": at_sensitivity,
            "specificity": at_specificity,
            "recall rate": at_recall_rate,
        }[self.what]
        return of(scores, truth, self.value)


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnRate(Resampled):
    """A rate with what it was in each draw."""

    breasts: int
    """Of which it is a share; so many patients have them."""
    patients: int

    def interval(
        self,
        *,
        level: float = 0.95,
        scale: Scale | None = None,
        most_undefined: float = MOST_UNDEFINED,
    ) -> Interval:
        """Wilson's interval of the effective number of breasts; of `Resampled`, where a scale is
        named.

        The effective number is that of independent breasts whose share would vary as the draws do,
        and never more than there are: where a threshold was chosen for the rate itself, the draws
        say only how well it was met. If all draws gave the same, each patient counts as one.
        Not defined where a greater share of draws does not define it, or it is of one patient.
        """
        known = self.replicates[~np.isnan(self.replicates)]
        too_many = self.undefined > most_undefined * len(self.replicates)
        if scale or np.isnan(self.value) or too_many or len(known) < 2 or self.patients < 2:
            return super().interval(level=level, scale=scale, most_undefined=most_undefined)
        variance = float(known.var(ddof=1))
        at_ends = self.value in (0, 1) or variance == 0
        worth = self.patients if at_ends else self.value * (1 - self.value) / variance
        said = (
            f"{self.undefined} of {len(self.replicates)} draws left out" if self.undefined else ""
        )
        found = wilson_of_share(self.value, min(worth, self.breasts), level=level)
        return replace(found, remark=said)


def operating_draws(
    scores: ArrayLike,
    truth: ArrayLike,
    patients: Sequence[Hashable],
    rules: Sequence[Rule],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
) -> list[Mapping[Rate, DrawnRate]]:
    """Each rule's rates over draws of as many patients, with replacement.

    Args:
        scores: `(N,)`, without NaN.
        truth: `(N,)` of 0 and 1.
        patients: The patient of each breast.
    Raises:
        TableError, ValueError: as the rules' own functions; no breast or draw.
    """
    values, cases = scores_and_truth(scores, truth)
    points = [rule.point(values, cases) for rule in rules]
    codes, n_patients = patient_codes(patients, len(cases))
    if not n_patients or draws < 1:
        raise ValueError(f"{draws} draws of {n_patients} patients")
    found = np.empty((len(rules), len(RATES), draws))
    at = 0
    levels = np.unique(values)[::-1]
    of_cases = _table(values[cases], codes[cases], levels, n_patients)
    of_others = _table(values[~cases], codes[~cases], levels, n_patients)
    step = max(1, _CELLS // len(levels))
    for counts in patient_draws(n_patients, draws, rng):
        for start in range(0, len(counts), step):
            weights = counts[start : start + step].T.astype(np.float64)
            true, false = (np.cumsum(table @ weights, axis=0) for table in (of_cases, of_others))
            here = slice(at, at := at + weights.shape[1])
            for k, rule in enumerate(rules):
                found[k, :, here] = _rates(true, false, _called(rule, levels, true, false))
    return [
        {
            rate: DrawnRate(
                getattr(point, rate),
                found[k, r],
                breasts=int(of.sum()),
                patients=len(np.unique(codes[of])),
            )
            for r, (rate, of) in enumerate(_shares_of(values >= point.threshold, cases).items())
        }
        for k, point in enumerate(points)
    ]


def _shares_of(recalled: Bools, cases: Bools) -> dict[Rate, Bools]:
    """Which breasts each rate, in the order of RATES, is a share of."""
    of = (cases, ~cases, recalled, ~recalled, np.ones_like(cases))
    return dict(zip(RATES, of, strict=True))


def _table(values: Floats, codes: Ints, falling: Floats, n_patients: int) -> csr_array:
    """How many breasts each patient has at each level, `(levels, patients)`."""
    rows = len(falling) - 1 - np.searchsorted(falling[::-1], values)
    return csr_array((np.ones(len(values)), (rows, codes)), shape=(len(falling), n_patients))


def _called(rule: Rule, falling: Floats, true: Floats, false: Floats) -> Ints:
    """How many of the falling levels are recalled in each draw, `(draws,)`; -1: not defined."""
    all_true, all_false = true[-1], false[-1]
    if rule.what == "threshold":
        n = int((falling >= rule.value).sum())
        return np.full(true.shape[1], n, dtype=np.int64)
    if rule.what == "sensitivity":
        reached = _share(true, all_true) >= rule.value
        return np.where(all_true > 0, reached.argmax(axis=0) + 1, -1)
    if rule.what == "specificity":
        fits = (_share(all_false - false, all_false) >= rule.value).sum(axis=0)
        return np.where(all_false > 0, fits, -1)
    return np.asarray(
        (_share(true + false, all_true + all_false) <= rule.value).sum(axis=0), dtype=np.int64
    )


def _rates(true: Floats, false: Floats, called: Ints) -> Floats:
    """`(RATES, draws)`; NaN of nothing."""
    draws = np.arange(true.shape[1])
    some: Bools = called > 0
    last = np.where(some, called - 1, 0)
    tp = np.where(some, true[last, draws], 0.0)
    fp = np.where(some, false[last, draws], 0.0)
    cases, others = true[-1], false[-1]
    n = cases + others
    rates = np.stack(
        [
            _share(tp, cases),
            _share(others - fp, others),
            _share(tp, tp + fp),
            _share(others - fp, n - tp - fp),
            _share(tp + fp, n),
        ]
    )
    rates[:, called < 0] = np.nan
    return rates


def _share(part: Floats, whole: Floats) -> Floats:
    result = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=result, where=np.broadcast_to(whole > 0, result.shape))
    return result
