"""A number with what it was in each draw of a bootstrap: its error, interval, and p.

B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 12 (Student's t with
the draws' error) and 13 (percentile intervals).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from fourview.evaluation.checks import Floats
from fourview.evaluation.interval import Interval, normal_quantile

Scale = Literal["percentile", "logit", "plus-two", "student"]

MOST_UNDEFINED = 0.05
"""Where a greater share of draws does not define a number, the rest are no sample of its spread:
they are the draws with more cases."""

_OF_LOG_ODDS = ("logit", "plus-two")


@dataclass(frozen=True, eq=False)
class Resampled:
    """A number with what it was in each draw."""

    value: float
    """On the breasts as they are."""
    replicates: Floats
    """`(draws,)`; NaN where the draw does not define it (it has no case, say)."""
    scale: Scale = "percentile"
    """What `interval` takes where none is named."""
    two_more: float = 0.0
    """What `plus-two` adds to the variance."""
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
                `plus-two` adds the variance `of_two_more` breasts: of an area it holds the truth
                more often (`benchmarks/interval_coverage.py`), so `resample` makes it the
                choice for areas where none is named. Where draws are at 0 or 1, which has no
                log-odds, it divides their spread by the slope v(1 - v). If the number is at an end,
                or with `logit` a draw, it is the percentile one, and says so. `student` is
                v ± t·SE, the choice for a difference of areas.
            most_undefined: Not defined where a greater share of draws does not define the number.
        Returns:
            Not defined, too, where the number itself is not; where every draw gave the same (a
            perfect model, one patient), or nearly every one, so that the interval has no width,
            which is no proof of no error; and where `logit` or `plus-two` is named and cannot be.
        """
        z = normal_quantile(level)
        known = self.replicates[~np.isnan(self.replicates)]
        draws = len(self.replicates)
        why = said = ""
        at_end = len(known) and (known.min() == 0 or known.max() == 1)
        inside = len(known) and 0 < self.value < 1 and 0 <= known.min() <= known.max() <= 1
        if at_end and (scale or self.scale) != "plus-two":
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
            if chosen == "plus-two":
                spread = math.hypot(spread, math.sqrt(self.two_more) / self._slope)
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
    `plus-two`, else the percentile one."""
    two_more: float = 0.0
    """Of v(1 - v), what two more breasts add to the variance of v."""
    freedom: float = math.inf

    def model(self, number: int = 0) -> Resampled:
        """A model's statistic."""
        value = float(self.values[number])
        more = self.two_more * value * (1 - value)
        return Resampled(value, self.replicates[number], self.scale, more, self.freedom)

    def difference(self, first: int = 0, second: int = 1) -> Resampled:
        """The first model's less the second's, draw by draw (paired)."""
        return Resampled(
            float(self.values[first] - self.values[second]),
            self.replicates[first] - self.replicates[second],
            "student" if self.scale == "plus-two" else "percentile",
            freedom=self.freedom,
        )
