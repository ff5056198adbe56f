"""How many readers and cases a planned study of two modalities needs.

S. L. Hillis, N. A. Obuchowski, K. S. Berbaum, Acad. Radiol. 18 (2011) 129. The variance over cases
shrinks with their number; what a pilot study of c* cases had is multiplied by c* / c, so the share
of cases with the disease is taken to stay as in the pilot. With d the difference to be found, r
readers, V the variance components so scaled, and s = max(Cov2 - Cov3, 0):

    noncentrality (RRRC)  r d^2 / 2 / (V_TR + Var - Cov1 + (r - 1) s)
    its denominator df    (V_TR + Var - Cov1 + (r - 1) s)^2
                          / ((V_TR + Var - Cov1 - s)^2 / (r - 1))

Without V_TR, and with the chi-squared distribution, it is FRRC; with r - 1 degrees, and
V_TR + Var - Cov1 - s below, RRFC.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scipy.stats import nct, norm
from scipy.stats import t as student

from fourview.core.errors import TableError
from fourview.evaluation.mrmc import Mrmc
from fourview.evaluation.readers_mean import Analysis

_STEP = 1.05
"""By which a search grows."""


@dataclass(frozen=True)
class Components:
    """What a study varies by: from a pilot study, or conjectured."""

    modality_reader: float
    """V_TR: how the difference between modalities varies from reader to reader, over and above the
    cases' error. An estimate below 0 counts as 0."""
    variance: float
    cov1: float
    cov2: float
    cov3: float
    cases: int
    """In the study that the variances are of."""

    def __post_init__(self) -> None:
        if self.variance <= 0 or self.cases < 2:
            raise ValueError(f"variance {self.variance} over {self.cases} cases")


@dataclass(frozen=True)
class Power:
    """Of a planned study."""

    readers: int
    cases: int
    power: float
    noncentrality: float
    df: float
    """Of the denominator; infinite for these readers only (FRRC)."""


def components_of(pilot: Mrmc, *, cases: int) -> Components:
    """What a pilot study of two modalities or more varies by; V_TR = MS(TR) - Var + Cov1 + s.

    Args:
        cases: How many the pilot had.
    Raises:
        TableError: one reader or one modality, or a covariance that is not defined.
    """
    errors, squares = pilot.errors, pilot.mean_squares
    shared = max(errors.cov2 - errors.cov3, 0.0)
    between = squares.modality_reader - errors.variance + errors.cov1 + shared
    if math.isnan(between) or not errors.variance > 0:
        raise TableError(
            f"a pilot study of {len(pilot.readers)} readers and {len(pilot.modalities)} modalities "
            "does not show how readers and cases vary",
            hint="it takes two readers and two modalities at least; or state the components",
        )
    return Components(between, errors.variance, errors.cov1, errors.cov2, errors.cov3, cases)


def power(
    components: Components,
    *,
    effect: float,
    readers: int,
    cases: int,
    analysis: Analysis = "RRRC",
    alpha: float = 0.05,
    margin: float | None = None,
) -> Power:
    """The chance that the planned study finds what it looks for.

    Args:
        effect: The true difference between the modalities' means.
        alpha: Of the two-sided test; with a margin, of the one-sided one.
        margin: For non-inferiority: the chance to show that new less old is above -margin, where
            it is `effect` (often 0) in truth.
    """
    least = 1 if analysis == "FRRC" else 2
    if readers < least or cases < 2:
        raise ValueError(f"{readers} readers and {cases} cases; {least} readers are the least")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, not {alpha}")
    spread, df = _spread(components, readers, cases, analysis)
    distance = effect if margin is None else effect + margin
    ratio = distance * math.sqrt(readers / (2 * spread)) if spread > 0 else math.inf
    if spread > 0:
        chance = _two_sided(ratio, df, alpha) if margin is None else _one_sided(ratio, df, alpha)
    else:
        chance = math.nan
    return Power(readers, cases, chance, ratio**2, df)


def cases_needed(
    components: Components,
    *,
    effect: float,
    readers: int,
    wanted: float = 0.8,
    analysis: Analysis = "RRRC",
    alpha: float = 0.05,
    margin: float | None = None,
    most: int = 100_000,
) -> Power | None:
    """The fewest cases that give the power; None where even `most` do not: the readers vary too
    much, and only more readers help."""
    at = partial(
        power,
        components,
        effect=effect,
        readers=readers,
        analysis=analysis,
        alpha=alpha,
        margin=margin,
    )
    return _fewest(lambda cases: at(cases=cases), wanted, least=2, most=most)


def readers_needed(
    components: Components,
    *,
    effect: float,
    cases: int,
    wanted: float = 0.8,
    analysis: Analysis = "RRRC",
    alpha: float = 0.05,
    margin: float | None = None,
    most: int = 1_000,
) -> Power | None:
    """The fewest readers that give the power; None where even `most` do not: only more cases
    help."""
    at = partial(
        power, components, effect=effect, cases=cases, analysis=analysis, alpha=alpha, margin=margin
    )
    return _fewest(
        lambda readers: at(readers=readers), wanted, least=1 if analysis == "FRRC" else 2, most=most
    )


def _spread(
    components: Components, readers: int, cases: int, analysis: Analysis
) -> tuple[float, float]:
    """The variance by which r d^2 / 2 is divided, and the denominator's degrees of freedom."""
    scale = components.cases / cases
    own = (components.variance - components.cov1) * scale
    shared = max(components.cov2 - components.cov3, 0.0) * scale
    if analysis == "FRRC":
        return own + (readers - 1) * shared, math.inf
    between = max(components.modality_reader, 0.0) + own - shared
    if analysis == "RRFC":
        return between, readers - 1
    total = between + readers * shared
    return total, total**2 / (between**2 / (readers - 1)) if between > 0 else math.inf


def _two_sided(ratio: float, df: float, alpha: float) -> float:
    """F with one and df degrees is the square of t, whose non-central form SciPy has right at a
    noncentrality of 0, too. The other tail SciPy gives as NaN here and there where it is tiny,
    below 1e-6: there it counts as nothing."""
    ratio = abs(ratio)
    if math.isinf(df):
        z = norm.isf(alpha / 2)
        return float(norm.sf(z - ratio) + norm.cdf(-z - ratio))
    t = student.isf(alpha / 2, df)
    other = float(nct.cdf(-t, df, ratio))
    return float(nct.sf(t, df, ratio)) + (0.0 if math.isnan(other) else other)


def _one_sided(ratio: float, df: float, alpha: float) -> float:
    if math.isinf(df):
        return float(norm.sf(norm.isf(alpha) - ratio))
    return float(nct.sf(student.isf(alpha, df), df, ratio))


def _fewest(at: Callable[[int], Power], wanted: float, *, least: int, most: int) -> Power | None:
    """The first number that reaches the power, by growing steps and then by halving.

    Power does not only grow: with few readers, more cases lower Hillis's degrees of freedom towards
    the readers' less one, so that it may fall again.
    """
    if not 0 < wanted < 1:
        raise ValueError(f"a power lies between 0 and 1, not {wanted}")
    below, high = least - 1, least
    while not at(high).power >= wanted:
        if high == most:
            return None
        below, high = high, min(most, 1 + math.ceil(high * _STEP))
    low = below + 1
    while low < high:
        middle = (low + high) // 2
        if at(middle).power >= wanted:
            high = middle
        else:
            low = middle + 1
    return at(low)
