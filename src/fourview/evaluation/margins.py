"""Non-inferiority and equivalence: whether a difference stays within a margin.

The margin is chosen before the study, for clinical reasons; a difference that is not significant
proves nothing. FDA, Non-Inferiority Clinical Trials to Establish Effectiveness (2016); for readers:
W. Chen, N. A. Petrick, B. Sahiner, Acad. Radiol. 19 (2012) 1158; equivalence by two one-sided
tests: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm
from scipy.stats import t as student

from fourview.evaluation.readers_mean import Estimate


@dataclass(frozen=True)
class WithinMargin:
    """A difference (new less old; more is better) against a margin."""

    margin: float
    alpha: float
    """Of each one-sided test."""
    lower_limit: float
    """One-sided, at 1 - alpha; NaN where not defined."""
    upper_limit: float
    p_non_inferior: float
    """One-sided p that the new one is worse by the margin or more."""
    p_superior: float
    """One-sided p that the new one is not better."""
    p_equivalent: float
    """The greater p of the two one-sided tests."""

    @property
    def non_inferior(self) -> bool | None:
        """None where the difference has no error to measure it by."""
        return _below(self.p_non_inferior, self.alpha)

    @property
    def superior(self) -> bool | None:
        """Allowed to be asked after non-inferiority was shown, without a correction."""
        return _below(self.p_superior, self.alpha)

    @property
    def equivalent(self) -> bool | None:
        """Whether the difference lies within the margin on both sides."""
        return _below(self.p_equivalent, self.alpha)


def within_margin(difference: Estimate, margin: float, *, alpha: float = 0.025) -> WithinMargin:
    """The tests of a difference, new less old, against a margin.

    Args:
        margin: Above 0, in the measure's units: 0.05 allows the new one an AUC lower by 0.05.
        alpha: Of each one-sided test: 0.025 fits a two-sided interval of 95 %.
    """
    if not 0 < margin < 1:
        raise ValueError(f"a margin lies between 0 and 1, not {margin}")
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha lies between 0 and 0.5, not {alpha}")
    error, df = difference.standard_error, difference.df
    half = math.nan
    if error > 0:
        half = error * float(norm.isf(alpha) if math.isinf(df) else student.isf(alpha, df))
    mirrored = Estimate(-difference.value, error, df, difference.interval)
    not_worse = difference.p_above(-margin)
    not_better = mirrored.p_above(-margin)
    return WithinMargin(
        margin=margin,
        alpha=alpha,
        lower_limit=difference.value - half,
        upper_limit=difference.value + half,
        p_non_inferior=not_worse,
        p_superior=difference.p_above(0.0),
        p_equivalent=max(not_worse, not_better) if error > 0 else math.nan,
    )


def _below(p: float, alpha: float) -> bool | None:
    return None if math.isnan(p) else p < alpha
