"""An interval, which may not be defined and then says why."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; both NaN where it is not defined."""

    low: float
    high: float
    level: float = 0.95
    remark: str = ""
    """Why it is not defined; or what it rests on, where that is not what its name says."""

    @property
    def defined(self) -> bool:
        return not (math.isnan(self.low) or math.isnan(self.high))

    @staticmethod
    def undefined(why: str, *, level: float = 0.95) -> Interval:
        """No interval, for a reason."""
        return Interval(math.nan, math.nan, level, why)

    def __str__(self) -> str:
        if self.defined:
            return f"{self.low:.3f} to {self.high:.3f}"
        return f"not defined: {self.remark}"


def normal_quantile(level: float) -> float:
    """How many standard errors each side a two-sided interval takes: 1.96 for 0.95.

    Raises:
        ValueError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"an interval's level lies between 0 and 1, not {level}")
    return float(norm.isf((1 - level) / 2))


def of_two_more(*kinds: tuple[int, int]) -> float:
    """Of A(1 - A), what two more breasts of each kind can bring to an area's variance at most.

    Near 1 a few cases that rank low make an area A's variance. A set that lacks them has too high
    an area and too small a variance, both at once. An area is a mean over cases (and over others)
    of shares within 0 to 1, whose variance is A(1 - A) at most, and the area's that by their number
    (Z. W. Birnbaum, O. M. Klose, Ann. Math. Statist. 28 (1957) 933). Two observations of this size
    are taken into each mean, as Agresti and Coull (Am. Stat. 52 (1998) 119) add two of each kind to
    a share. Breasts come with those of their patient, all alike: 2 / n² is then 2 / (n k). That two
    are right was found by simulation (`benchmarks/interval_coverage.py`).

    Args:
        kinds: Of each kind that is a mean over: n breasts, of k patients.
    """
    return sum(2 / (n * k) for n, k in kinds if n)


def wilson(successes: int, trials: int, *, level: float = 0.95) -> Interval:
    """A proportion's score interval (Wilson 1927), for trials that are independent.

    It stays within 0 to 1 and keeps a width at 0 and at all successes. Breasts of one patient are
    not independent: a bootstrap clustered on patients is wider where they agree.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials")
    return wilson_of_share(successes / trials if trials else math.nan, trials, level=level)


def wilson_of_share(share: float, trials: float, *, level: float = 0.95) -> Interval:
    """Wilson's interval of a share of so many independent trials, not of necessity a whole number.

    With an effective number of trials, share · (1 - share) / variance, it serves trials that are
    not independent (Korn, Graubard, Survey Methodology 24 (1998) 193).
    """
    z = normal_quantile(level)
    if not trials:
        return Interval.undefined("there is nothing to count", level=level)
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = share * (1 - share) / trials + (z / (2 * trials)) ** 2
    half = z / (1 + z * z / trials) * math.sqrt(spread)
    low = 0.0 if share == 0 else middle - half
    high = 1.0 if share == 1 else middle + half
    return Interval(low, high, level)
