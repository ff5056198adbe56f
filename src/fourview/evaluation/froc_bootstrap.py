"""How far a FROC curve's sensitivity is to be trusted: patients drawn with replacement, all their
images along (F. W. Samuelson, N. Petrick, IEEE ISBI 2006, 1312, drew images)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from fourview.evaluation.bootstrap import patient_draws
from fourview.evaluation.checks import Floats, Ints, patient_codes
from fourview.evaluation.froc import JudgedImage, froc_of
from fourview.evaluation.resampled import Resampled


def resample_sensitivity(
    images: Sequence[JudgedImage],
    patients: Sequence[Hashable],
    false_positives: Sequence[float],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
) -> list[Resampled]:
    """The sensitivity at so many false marks an image, for each number of them.

    In each draw the threshold is found anew, on the images that were drawn. A draw without a lesion
    does not define it.

    Args:
        patients: whose each image is.
    Raises:
        ValueError: no images, not one patient for each, or no draws.
        TableError: an image has no patient.
    """
    curve = froc_of(images)
    codes, n_patients = patient_codes(patients, len(images))
    if draws < 1:
        raise ValueError(f"{draws} draws")
    best, of_lesion = _with_patients([image.found for image in images], codes)
    false, of_false = _with_patients([image.false for image in images], codes)
    falling = np.argsort(-false, kind="stable")
    false, of_false = false[falling], of_false[falling]
    images_of = np.bincount(codes, minlength=n_patients)
    found = np.empty((len(false_positives), draws))
    at = 0
    for counts in patient_draws(n_patients, draws, rng):
        for drawn in counts:
            rates = np.cumsum(drawn[of_false]) / int(drawn @ images_of)
            weights = drawn[of_lesion]
            for row, allowed in enumerate(false_positives):
                # the false mark that is one too many; only higher thresholds may be taken
                place = int(np.searchsorted(rates, allowed, "right"))
                limit = false[place] if place < len(false) else -np.inf
                found[row, at] = _share(weights, best > limit)
            at += 1
    return [
        Resampled(curve.sensitivity_at(allowed), found[row])
        for row, allowed in enumerate(false_positives)
    ]


def _with_patients(values: Sequence[Sequence[float]], codes: Ints) -> tuple[Floats, Ints]:
    """All values of all images, and whose each is."""
    flat = np.array([value for of_image in values for value in of_image], dtype=np.float64)
    return flat, np.repeat(codes, [len(of_image) for of_image in values])


def _share(weights: Ints, which: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    total = int(weights.sum())
    return int(weights[which].sum()) / total if total else float("nan")
