"""Intervals by drawing patients with replacement: all breasts of a patient come along.

B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 6, 12 (Student's t
with the draws' error) and 13 (percentile intervals); C. A. Field, A. H. Welsh, JRSS B 69 (2007) 369
(drawing clusters). A draw is a count for each patient. The AUC and average precision are computed
from the counts, with no breast copied; any other statistic sees each breast as often as its
patient was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.special import expit, logit
from scipy.stats import t as student

from fourview.evaluation.auc import auc
from fourview.evaluation.checks import Bools, Floats, Ints, patient_codes, scores_and_truth
from fourview.evaluation.interval import Interval, normal_quantile
from fourview.evaluation.precision_recall import average_precision

Statistic = Callable[[Floats, Bools], float]
"""From scores `(n,)` and truth `(n,)` to a number; NaN where it is not defined."""

Scale = Literal["percentile", "logit", "plus-one", "student"]

MOST_UNDEFINED = 0.05
"""Where a greater share of draws does not define a number, the rest are no sample of its spread:
they are the draws with more cases."""

_CHUNK = 4_000_000
"""Counts held at once: 32 MB."""
_OF_LOG_ODDS = ("logit", "plus-one")


@dataclass(frozen=True, eq=False)
class Resampled:
    """A number with what it was in each draw."""

    value: float
    """On the breasts as they are."""
    replicates: Floats
    """`(draws,)`; NaN where the draw does not define it (it has no case, say)."""
    scale: Scale = "percentile"
    """What `interval` takes where none is named."""
    one_more: float = 0.0
    """What `plus-one` adds to the variance."""
    freedom: float = math.inf
    """The degrees of freedom of `student`; infinite: the normal distribution."""

    @property
    def undefined(self) -> int:
        """Draws that do not define it."""
        return int(np.isnan(self.replicates).sum())

    @property
    def standard_error(self) -> float:
        """The spread of the draws that define it; NaN with fewer than two, and where more than one
        in twenty does not."""
        known = self.replicates[~np.isnan(self.replicates)]
        if self.undefined > MOST_UNDEFINED * len(self.replicates) or len(known) < 2:
            return float("nan")
        return float(known.std(ddof=1))

    def interval(
        self,
        *,
        level: float = 0.95,
        scale: Scale | None = None,
        most_undefined: float = MOST_UNDEFINED,
    ) -> Interval:
        """The interval from the draws that define the number.

        Args:
            scale: `percentile` takes the draws' quantiles and serves any number. `logit` takes the
                normal interval of log(v / (1 - v)) with the draws' spread on that scale;
                `plus-one` adds the variance of one more patient, see `DeLong`: of an area it holds
                the truth more often (`benchmarks/interval_coverage.py`), so `resample` makes it the
                choice for areas where none is named. Where draws are at 0 or 1, which has no
                log-odds, it divides their spread by the slope v(1 - v). If the number is at an end,
                or with `logit` a draw, it is the percentile one, and says so. `student` is
                v ± t·SE, the choice for a difference of areas.
            most_undefined: Not defined where a greater share of draws does not define the number.
        Returns:
            Not defined, too, where the number itself is not; where every draw gave the same (a
            perfect model, one patient), or nearly every one, so that the interval has no width,
            which is no proof of no error; and where `logit` or `plus-one` is named and cannot be.
        """
        z = normal_quantile(level)
        known = self.replicates[~np.isnan(self.replicates)]
        draws = len(self.replicates)
        why = said = ""
        at_end = len(known) and (known.min() == 0 or known.max() == 1)
        inside = len(known) and 0 < self.value < 1 and 0 <= known.min() <= known.max() <= 1
        if at_end and (scale or self.scale) != "plus-one":
            inside = False
        if np.isnan(self.value):
            why = "the number itself is not defined"
        elif self.undefined > most_undefined * draws or not len(known):
            why = f"{self.undefined} of {draws} draws do not define it"
        elif known.min() == known.max():
            why = f"every draw gave {known[0]:g}"
        elif scale in _OF_LOG_ODDS and not inside:
            why = "a draw or the number is not between 0 and 1, so it has no log-odds"
        if why:
            return Interval.undefined(why, level=level)
        if self.undefined:
            said = f"{self.undefined} of {draws} draws left out"
        chosen = scale or self.scale
        if inside and chosen in _OF_LOG_ODDS:
            spread = float(
                (known.std(ddof=1) / self._slope) if at_end else logit(known).std(ddof=1)
            )
            if chosen == "plus-one":
                spread = math.hypot(spread, math.sqrt(self.one_more) / self._slope)
            low, high = expit(logit(self.value) + spread * np.array([-z, z]))
        elif chosen == "student":
            half = float(student.isf((1 - level) / 2, self.freedom)) * float(known.std(ddof=1))
            low, high = self.value - half, self.value + half
        else:
            low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
            if scale is None and self.scale in _OF_LOG_ODDS:
                why_not = "percentile: a draw is at 0 or 1, where there are no log-odds"
                said = "; ".join(filter(None, [said, why_not]))
        if low == high:
            return Interval.undefined(f"nearly every draw gave {low:g}", level=level)
        return Interval(float(low), float(high), level, said)

    @property
    def _slope(self) -> float:
        """Of the number by its log-odds."""
        return self.value * (1 - self.value)

    @property
    def p(self) -> float:
        """Two-sided, for a difference, and in accord with its interval: of `student` by Student's
        t, else by counting draws."""
        if self.scale != "student" or math.isnan(self.p_below_or_above_zero):
            return self.p_below_or_above_zero
        return float(2 * student.sf(abs(self.value) / self.standard_error, self.freedom))

    @property
    def p_below_or_above_zero(self) -> float:
        """Two-sided, for a difference: twice the smaller share of draws on one side of 0, counting
        draws at 0 on both and one draw more (it is never 0). NaN where nothing varies, the number
        itself is not defined, or more than one draw in twenty does not define it: as `interval`."""
        known = self.replicates[~np.isnan(self.replicates)]
        few = self.undefined > MOST_UNDEFINED * len(self.replicates) or len(known) < 2
        if few or np.isnan(self.value) or known.min() == known.max():
            return float("nan")
        tail = min(int((known <= 0).sum()), int((known >= 0).sum())) + 1
        return min(1.0, 2 * tail / (len(known) + 1))


@dataclass(frozen=True, eq=False)
class Resamples:
    """One statistic of one or more models, all on the same draws."""

    values: Floats
    """`(K,)`."""
    replicates: Floats
    """`(K, draws)`."""
    scale: Scale = "percentile"
    """What a model's interval takes where none is named. A difference's is `student` where this is
    `plus-one`, else the percentile one."""
    one_more: float = 0.0
    """Of v(1 - v), what one more patient adds to the variance of v."""
    freedom: float = math.inf

    def model(self, number: int = 0) -> Resampled:
        """A model's statistic."""
        value = float(self.values[number])
        more = self.one_more * value * (1 - value)
        return Resampled(value, self.replicates[number], self.scale, more, self.freedom)

    def difference(self, first: int = 0, second: int = 1) -> Resampled:
        """The first model's less the second's, draw by draw (paired)."""
        return Resampled(
            float(self.values[first] - self.values[second]),
            self.replicates[first] - self.replicates[second],
            "student" if self.scale == "plus-one" else "percentile",
            freedom=self.freedom,
        )


def resample(
    scores: ArrayLike,
    truth: ArrayLike,
    patients: Sequence[Hashable],
    statistics: Mapping[str, Statistic],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
) -> dict[str, Resamples]:
    """Statistics of one or more models over draws of as many patients, with replacement.

    Args:
        scores: `(N,)`, or `(K, N)` of K models.
        truth: `(N,)` of 0 and 1.
        patients: The patient of each breast.
        statistics: By name. `auc` and `average_precision` take a way that copies nothing.
    Returns:
        By the statistic's name. All statistics and models see the same draws.
    Raises:
        ValueError: the shapes differ, or there is no breast or draw.
        TableError: a truth is neither 0 nor 1; a breast has no patient.
    """
    values, cases = scores_and_truth(scores, truth)
    values = np.atleast_2d(values)
    codes, n_patients = patient_codes(patients, len(cases))
    if not n_patients or draws < 1:
        raise ValueError(f"{draws} draws of {n_patients} patients")
    forms = {
        name: [counted(statistic, row, cases, codes, n_patients) for row in values]
        for name, statistic in statistics.items()
    }
    found = {name: np.empty((len(values), draws)) for name in statistics}
    at = 0
    for counts in patient_draws(n_patients, draws, rng):
        here = slice(at, at := at + len(counts))
        for name, rows in forms.items():
            for k, form in enumerate(rows):
                found[name][k, here] = form(counts)
    kinds = len(np.unique(codes[cases])), len(np.unique(codes[~cases]))
    return {
        name: Resamples(
            np.array([statistic(row, cases) for row in values]),
            found[name],
            *_of_area(statistic, *kinds),
        )
        for name, statistic in statistics.items()
    }


def _of_area(statistic: Statistic, with_case: int, with_other: int) -> tuple[Scale, float, float]:
    """The scale, what one more patient adds, and the degrees of freedom."""
    if statistic not in _FROM_BINS:
        return "percentile", 0.0, math.inf
    # average precision is a mean over cases, the AUC over cases and over others
    means = (with_case, with_other) if statistic is auc else (with_case,)
    more = sum(1 / n**2 for n in means if n)
    return "plus-one", more, max(min(with_case, with_other) - 1, 1)


def patient_draws(n_patients: int, draws: int, rng: np.random.Generator) -> Iterator[Ints]:
    """How often each patient is drawn, `(some draws, patients)` at a time, `draws` in all."""
    step = max(1, _CHUNK // n_patients)
    for at in range(0, draws, step):
        size = min(step, draws - at)
        counts = np.empty((size, n_patients), dtype=np.int64)
        for row in counts:
            row[:] = np.bincount(rng.integers(n_patients, size=n_patients), minlength=n_patients)
        yield counts


OfCounts = Callable[[Ints], Floats]
"""From counts `(draws, patients)` to the statistic of each draw `(draws,)`."""


def counted(
    statistic: Statistic, scores: Floats, cases: Bools, codes: Ints, n_patients: int
) -> OfCounts:
    """The statistic as a function of how often each patient counts.

    Args:
        scores, cases: Of some breasts `(n,)`.
        codes: The patient of each, from 0 to `n_patients` - 1; some may have no breast here.
    """
    from_bins = _FROM_BINS.get(statistic)
    if from_bins is None or np.isnan(scores).any() or not cases.any():
        return lambda counts: np.array(
            [_repeated(statistic, scores, cases, c[codes]) for c in counts]
        )
    # Only scores that a case has matter: others between two of them are all alike. Bin 2i + 1 is
    # the i-th such score, bin 2i what lies just below it, the last bin what is above all.
    levels = np.unique(scores[cases])
    bins = np.searchsorted(levels, scores, "left") + np.searchsorted(levels, scores, "right")
    shape = (2 * len(levels) + 1, n_patients)

    def table(kind: Bools) -> csr_array:
        ones = np.ones(int(kind.sum()))
        return csr_array((ones, (bins[kind], codes[kind])), shape=shape)

    of_cases, of_others = table(cases), table(~cases)

    def form(counts: Ints) -> Floats:
        step = max(1, _CHUNK // shape[0])
        parts = []
        for at in range(0, len(counts), step):
            weights = counts[at : at + step].T.astype(np.float64)
            parts.append(from_bins(of_cases @ weights, of_others @ weights))
        return np.concatenate(parts)

    return form


def _repeated(statistic: Statistic, scores: Floats, cases: Bools, times: Ints) -> float:
    return statistic(np.repeat(scores, times), np.repeat(cases, times))


def _auc_of_bins(cases: Floats, others: Floats) -> Floats:
    """From how many are in each bin `(bins, draws)`, by rising score."""
    below = np.cumsum(others, axis=0)
    pairs = cases.sum(axis=0) * below[-1]
    return _share((cases * (below - others / 2)).sum(axis=0), pairs)


def _ap_of_bins(cases: Floats, others: Floats) -> Floats:
    """From how many are in each bin `(bins, draws)`, by rising score."""
    found = np.cumsum(cases[::-1], axis=0)
    called = found + np.cumsum(others[::-1], axis=0)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    result = _share((cases[::-1] * precision).sum(axis=0), found[-1])
    result[called[-1] == found[-1]] = np.nan  # no others: as in `average_precision`
    return result


def _share(part: Floats, whole: Floats) -> Floats:
    """NaN of nothing."""
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


_FROM_BINS: dict[Statistic, Callable[[Floats, Floats], Floats]] = {
    auc: _auc_of_bins,
    average_precision: _ap_of_bins,
}
