"""What recalling at a threshold would find: sensitivity, specificity, predictive values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from fourview.core.errors import TableError
from fourview.evaluation.checks import Floats, scores_and_truth
from fourview.evaluation.counts import counts_above
from fourview.evaluation.interval import Interval, wilson

Rate = Literal["sensitivity", "specificity", "ppv", "npv", "recall_rate"]


@dataclass(frozen=True)
class OperatingPoint:
    """Breasts by truth and by whether their score is at least the threshold.

    A rate of nothing (no case, no recall) is NaN.
    """

    threshold: float
    """Scores at least this high are recalled; infinite: none is. NaN: there is no such point, and
    all counts are 0."""
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def sensitivity(self) -> float:
        return _rate(*self._counts("sensitivity"))

    @property
    def specificity(self) -> float:
        return _rate(*self._counts("specificity"))

    @property
    def ppv(self) -> float:
        """Cases among those recalled, at the share of cases that these breasts have."""
        return _rate(*self._counts("ppv"))

    @property
    def npv(self) -> float:
        """Others among those not recalled, at the share of cases that these breasts have."""
        return _rate(*self._counts("npv"))

    @property
    def recall_rate(self) -> float:
        return _rate(*self._counts("recall_rate"))

    def interval(self, rate: Rate, *, level: float = 0.95) -> Interval:
        """A rate's Wilson interval, with breasts as independent and the threshold as given.

        Where the threshold was chosen on the same breasts, or patients have several, draw patients
        instead: `resample` with, say, `lambda s, t: at_specificity(s, t, 0.9).sensitivity`.
        """
        return wilson(*self._counts(rate), level=level)

    def ppv_at(self, prevalence: float) -> float:
        """Cases among those recalled where this share of breasts are cases; NaN if not defined."""
        return _bayes(self.sensitivity, 1 - self.specificity, prevalence)

    def npv_at(self, prevalence: float) -> float:
        """Others among those not recalled where this share of breasts are cases."""
        return _bayes(self.specificity, 1 - self.sensitivity, 1 - prevalence)

    def _counts(self, rate: Rate) -> tuple[int, int]:
        tp, fp = self.true_positives, self.false_positives
        fn, tn = self.false_negatives, self.true_negatives
        return {
            "sensitivity": (tp, tp + fn),
            "specificity": (tn, tn + fp),
            "ppv": (tp, tp + fp),
            "npv": (tn, tn + fn),
            "recall_rate": (tp + fp, tp + fp + fn + tn),
        }[rate]


def at_threshold(scores: ArrayLike, truth: ArrayLike, threshold: float) -> OperatingPoint:
    """What recalling all scores of at least `threshold` finds.

    Args:
        scores: `(N,)`.
        truth: `(N,)` of 0 and 1.
    Raises:
        TableError: a score is NaN (it would count as not recalled), a truth neither 0 nor 1.
        ValueError: the shapes differ, or the threshold is NaN.
    """
    values, cases = scores_and_truth(scores, truth)
    if np.isnan(threshold):
        raise ValueError("the threshold is not a number")
    _refuse_unread(values)
    recalled = values >= threshold
    tp, n_recalled = int((recalled & cases).sum()), int(recalled.sum())
    n_cases, n = int(cases.sum()), len(cases)
    fn, fp = n_cases - tp, n_recalled - tp
    return OperatingPoint(float(threshold), tp, fp, fn, n - n_cases - fp)


def at_sensitivity(scores: ArrayLike, truth: ArrayLike, at_least: float) -> OperatingPoint:
    """The highest threshold that finds at least this share of cases.

    Breasts of one score are recalled together, so the share reached may be higher.

    Returns:
        A threshold that is one of the scores; NaN without a case.
    Raises:
        TableError, ValueError: as `at_threshold`; the share is not above 0 and at most 1.
    """
    if not 0 < at_least <= 1:
        raise ValueError(f"a sensitivity to reach lies above 0 and is at most 1, not {at_least}")
    thresholds, found, _ = _counted(scores, truth)
    if not len(found) or not found[-1]:
        return _NONE
    reached = found / found[-1] >= at_least
    return at_threshold(scores, truth, float(thresholds[int(reached.argmax())]))


def at_specificity(scores: ArrayLike, truth: ArrayLike, at_least: float) -> OperatingPoint:
    """The lowest threshold that leaves at least this share of others alone.

    Breasts of one score are recalled together, so the share left alone may be higher.

    Returns:
        A threshold that is one of the scores, or infinite where recalling even the highest score
        breaks the share; NaN without an other.
    Raises:
        TableError, ValueError: as `at_threshold`; the share is not within 0 to 1.
    """
    _refuse_no_share(at_least)
    thresholds, _, others = _counted(scores, truth)
    if not len(others) or not others[-1]:
        return _NONE
    left = (others[-1] - others) / others[-1]
    return at_threshold(scores, truth, _lowest(thresholds, int((left >= at_least).sum())))


def at_recall_rate(scores: ArrayLike, truth: ArrayLike, at_most: float) -> OperatingPoint:
    """The lowest threshold that recalls at most this share of breasts.

    Breasts of one score are recalled together, so the share recalled may be lower.

    Returns:
        A threshold that is one of the scores, or infinite where recalling even the highest score
        breaks the share; NaN without a breast.
    Raises:
        TableError, ValueError: as `at_threshold`; the share is not within 0 to 1.
    """
    _refuse_no_share(at_most)
    thresholds, found, others = _counted(scores, truth)
    if not len(found):
        return _NONE
    recalled = (found + others) / (found[-1] + others[-1])
    return at_threshold(scores, truth, _lowest(thresholds, int((recalled <= at_most).sum())))


_NONE = OperatingPoint(float("nan"), 0, 0, 0, 0)


def _counted(scores: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats, Floats]:
    _refuse_unread(scores_and_truth(scores, truth)[0])
    return counts_above(scores, truth)


def _lowest(falling: Floats, fit: int) -> float:
    """The last of the first `fit` thresholds."""
    return float(falling[fit - 1]) if fit else float("inf")


def _refuse_unread(values: Floats) -> None:
    unread = int(np.isnan(values).sum())
    if unread:
        raise TableError(
            f"{unread} of {values.size} breasts have no score",
            hint="leave out breasts that were not read, or say what they count as",
        )


def _refuse_no_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies within 0 to 1, not {share}")


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _bayes(of_cases: float, of_others: float, prevalence: float) -> float:
    """Cases among those called, from the shares of both kinds that are."""
    _refuse_no_share(prevalence)
    called = of_cases * prevalence + of_others * (1 - prevalence)
    return of_cases * prevalence / called if called else float("nan")
