"""A reader study's methods in words that can go into a paper, of what was done and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from fourview.study.analysis import Study
from fourview.study.options import StudyOptions

_COVARIANCES = {
    "delong": "DeLong's method",
    "jackknife": "the jackknife over {drawn}",
    "bootstrap": "the bootstrap over {drawn}",
    "unbiased": "unbiased U-statistics",
}
_NAMES = {"auc": "the AUC", "average-precision": "average precision"}


def methods_of(study: Study, options: StudyOptions) -> Iterator[str]:
    """One paragraph after another."""
    yield _cases(study, options)
    yield _measures(options)
    yield _tests(options)
    if study.model:
        yield _model(options)
    if study.hybrids:
        yield _hybrids(options)
    if study.margins:
        alpha = study.margins[0].alpha
        yield (
            f"Non-inferiority was tested with a margin of {options.margin:g} and a one-sided "
            f"alpha of {alpha:g}; superiority only after it."
        )
    yield (
        "P values are two-sided unless said otherwise and not adjusted for their number. With few "
        "readers, intervals that draw readers by the bootstrap are slightly narrow."
    )


def _cases(study: Study, options: StudyOptions) -> str:
    ratings = study.ratings
    n, patients = len(ratings.cases), len(set(ratings.patients))
    what = "BI-RADS categories" if options.birads else "ratings"
    text = (
        f"{len(ratings.readers)} readers gave {what} of {n} cases, {int(ratings.truth.sum())} of "
        f"them with the disease"
    )
    if len(ratings.modalities) > 1:
        text += f", in {len(ratings.modalities)} modalities"
    if options.independent:
        text += ". Each case was counted as independent of the others, also of those of its patient"
    elif patients < n:
        text += f". The cases of a patient ({patients} patients) counted as one cluster"
    if not ratings.is_complete:
        text += (
            ". Ratings that are missing were left out: each reader counts on the cases that he or "
            "she rated"
        )
    if options.birads and options.zero_above:
        text += f". BI-RADS 0 was placed just above {options.zero_above}"
    return f"{text}."


def _measures(options: StudyOptions) -> str:
    percent = f"{100 * options.level:g} %"
    drawn = "cases" if options.independent else "patients with all their cases"
    return (
        "The area under the empirical ROC curve (AUC) counts ties as one half; its "
        f"{percent} intervals are DeLong's on the logit scale"
        f"{', by patient after Obuchowski' if not options.independent else ''}, with the variance "
        "of two more cases of each kind. Average "
        "precision is the area under the precision-recall curve as steps, with intervals by "
        f"{options.draws} bootstrap draws of {drawn} (seed {options.seed}); "
        "differences of average precision between scores take Student's t with the draws' error. "
        "Standard deviations over readers divide by their number. Mean curves are vertical "
        "averages: at each false-positive rate the mean sensitivity, at each recall the mean "
        "precision."
    )


def _tests(options: StudyOptions) -> str:
    found_by = {method: words.format(drawn=options.drawn) for method, words in _COVARIANCES.items()}
    said = " and ".join(
        f"{_NAMES[measure]} (error covariances by {found_by[method]})"
        for measure, method in options.methods.items()
    )
    return (
        "Means over readers were analysed by the method of Obuchowski and Rockette with Hillis's "
        f"degrees of freedom, for {said}: with random readers and random cases (RRRC), which is "
        "the primary analysis; for these readers and random cases (FRRC); and for random readers "
        "and these cases (RRFC), which says nothing about other patients. Average precision was "
        f"also compared by {options.draws} bootstrap draws of readers and of {options.drawn}."
    )


def _model(options: StudyOptions) -> str:
    return (
        f"The stand-alone model {options.model} was compared with the mean of the readers as a "
        "fixed modality without readers: the single-modality analysis of model less reader, with "
        "the covariance of these differences over cases."
        + (
            f" Its scores are the malignant predictions in {options.model_from}, joined by exam "
            "and side."
            if options.model_from
            else ""
        )
    )


def _hybrids(options: StudyOptions) -> str:
    weight = options.reader_weight
    return (
        f"Hybrids are {weight:g} · reader + {1 - weight:g} · model, for each reader. The reader "
        f"ensemble is the mean of the readers' probabilities; the hybrid ensemble {weight:g} · "
        f"that mean + {1 - weight:g} · model. {options.sweep} weights from 0 to 1 were compared; "
        "the best weight of each reader was chosen and measured on the same cases, so that its "
        "area is too high for other cases."
    )


SOURCES = (
    "N. Wu et al., IEEE Trans. Med. Imaging 39 (2020) 1184: reader study, hybrids, ensembles.",
    "E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837: areas and their "
    "covariance.",
    "N. A. Obuchowski, Biometrics 53 (1997) 567: clusters of cases.",
    "Z. W. Birnbaum, O. M. Klose, Ann. Math. Stat. 28 (1957) 933: how large an area's variance can "
    "be.",
    "N. A. Obuchowski, H. E. Rockette, Commun. Stat. Simul. Comput. 24 (1995) 285; S. L. Hillis, "
    "Stat. Med. 26 (2007) 596 and 33 (2014) 330: readers and cases.",
    "T. Fawcett, Pattern Recognit. Lett. 27 (2006) 861: vertical averages of curves.",
    "B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993).",
)
