"""An evaluation's methods in words that can go into a paper, of what was done and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from fourview.performance.analysis import Evaluation
from fourview.performance.options import EvaluationOptions
from fourview.performance.population.finding_types import BY_TYPE


def methods_of(found: Evaluation, options: EvaluationOptions) -> Iterator[str]:
    """One paragraph after another."""
    yield _populations(found, options)
    yield _models(found)
    yield _tasks(found)
    yield _intervals(found, options)
    if found.columns or any(row.column == BY_TYPE for row in found.subgroups):
        yield _subgroups(found)
    yield _operating(options)
    yield _probabilities(options)
    yield (
        "Correlations of a model's four predictions are Pearson's, over exams with both breasts. "
        "P values are two-sided and not adjusted for their number."
    )


def _populations(found: Evaluation, options: EvaluationOptions) -> str:
    screening = found.populations[0]
    text = (
        f"The screening population has {screening.breasts} breasts of {screening.exams} exams of "
        f"{screening.patients} patients; {screening.malignant} breasts had a biopsy-proven "
        f"malignant finding, {screening.benign} a benign one, {screening.both} both. "
    )
    if options.biopsied == "exams":
        text += (
            "The biopsied population has both breasts of all exams that were followed by a biopsy"
        )
    else:
        text += "The biopsied population has the breasts in which a biopsy showed a finding"
    row = found.populations[1]
    text += f": {row.breasts} breasts of {row.exams} exams"
    if len(found.populations) > 2:
        row = found.populations[2]
        text += (
            "; the reader-study population has those of the exams that readers read: "
            f"{row.breasts} breasts of {row.exams} exams"
        )
    text += ". Left and right breasts were pooled."
    if found.judged.left_out:
        text += f" Left out: {'; '.join(found.judged.left_out)}."
    return text


def _models(found: Evaluation) -> str:
    said = [
        f"{model.name} ({len(model.networks)} network{'s' if len(model.networks) != 1 else ''})"
        for model in found.judged.models
    ]
    text = (
        f"Models: {', '.join(said)}. A model's prediction is the mean of its networks' "
        "probabilities, each of them the mean over passes and branches. Single networks are told "
        "as mean and standard deviation (dividing by their number) over networks."
    )
    for model in found.together:
        text += (
            f" {model.name} is the mean of the {len(model.networks)} networks of all variants "
            "with these inputs."
        )
    if len(found.models) > 1:
        text += " All models were measured on the breasts that each of them read."
    return text


def _tasks(found: Evaluation) -> str:
    text = (
        "A breast is a case where a biopsy proved a finding of the kind in question, whatever else "
        "it has. Whether a breast has any finding was asked with the larger of the two "
        "predictions; whether a finding is malignant, among breasts with either a malignant or a "
        "benign finding and not both, with p(malignant) / (p(malignant) + p(benign))."
    )
    if any(model.positions for model in found.judged.models):
        text += (
            " The CC and MLO branches were measured by themselves, from each network's mean over "
            "passes."
        )
    return text


def _intervals(found: Evaluation, options: EvaluationOptions) -> str:
    percent = f"{100 * options.level:g} %"
    text = (
        f"The area under the empirical ROC curve (AUC) counts ties as one half; its {percent} "
        "intervals are DeLong's on the logit scale, with the breasts and exams of a patient as one "
        "cluster after Obuchowski and the variance of two more breasts of each kind added. Average "
        "precision is the area under the precision-recall curve as steps; its intervals are from "
        f"{options.draws} bootstrap draws of patients with all their breasts (seed {options.seed})."
    )
    if len(found.models) > 1:
        text += (
            " Models were compared on the same breasts: AUCs by DeLong's test for correlated "
            "areas, clustered by patient, average precisions by the same draws of patients and "
            "Student's t with their error."
        )
    return text


def _subgroups(found: Evaluation) -> str:
    text = ""
    if found.columns:
        text += (
            f"The screening population was parted by {', '.join(found.columns)}: ages by decade, "
            "other numbers with many values by quarters of the breasts. "
        )
    if any(row.column == BY_TYPE for row in found.subgroups):
        text += (
            "For each type of finding, breasts with a finding of that type and class were held "
            "against all breasts without a finding of that class; a finding that is to be seen in "
            "no image counts as occult. "
        )
    return text + "Groups were not compared with each other by tests."


def _operating(options: EvaluationOptions) -> str:
    rules = "; ".join(str(rule) for rule in options.rules)
    text = (
        f"Recalls were counted at these operating points: {rules}. Breasts of at least "
        "the threshold are recalled. Exams were also counted as one each: a case where either "
        "breast is, with the higher score of its two breasts. Intervals are Wilson's, of as "
        "many independent breasts as would vary like the bootstrap draws of patients, at most "
        "those there are; where the breasts chose the threshold, each draw chose its own."
    )
    if options.prevalence is not None:
        text += (
            f" Predictive values for a share of {options.prevalence:g} breasts with a malignant "
            "finding follow from sensitivity and specificity by Bayes' theorem."
        )
    return text


def _probabilities(options: EvaluationOptions) -> str:
    text = (
        "Calibration is told by the Brier score with its parts, by Cox's slope and intercept on "
        "the log-odds, and by the intercept with the slope held at 1 (in the large); their "
        "intervals are Wald's, with breasts as independent. "
    )
    if options.recalibration is None:
        text += (
            "Recalibrated probabilities (Platt's logistic curve on the log-odds; isotonic "
            f"regression) were cross-fitted over patients in {options.folds} folds: no breast's "
            "probability comes from a fit on its own patient."
        )
    else:
        text += (
            "Recalibrated probabilities (Platt's logistic curve on the log-odds; isotonic "
            "regression) were fitted on other exams, and used as they were fitted."
        )
    text += " Decision curves show the net benefit of recalling at a probability"
    if options.prevalence is not None:
        text += (
            f", for malignant findings at a share of {options.prevalence:g}, to which recalibrated "
            "probabilities were shifted by the odds"
        )
    return text + "."


SOURCES = (
    "N. Wu et al., IEEE Trans. Med. Imaging 39 (2020) 1184: populations, tasks, tables.",
    "E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837: areas and their "
    "covariance.",
    "N. A. Obuchowski, Biometrics 53 (1997) 567: clusters of cases.",
    "Z. W. Birnbaum, O. M. Klose, Ann. Math. Stat. 28 (1957) 933: how large an area's variance can "
    "be.",
    "E. L. Korn, B. I. Graubard, Surv. Methodol. 24 (1998) 193: effective numbers for Wilson's "
    "interval.",
    "B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993).",
    "G. W. Brier, Mon. Weather Rev. 78 (1950) 1; D. R. Cox, Biometrika 45 (1958) 562: calibration.",
    "J. C. Platt, Advances in Large Margin Classifiers (1999) 61; B. Zadrozny, C. Elkan, KDD 2002: "
    "recalibration.",
    "M. Saerens, P. Latinne, C. Decaestecker, Neural Computation 14 (2002) 21: other prevalences.",
    "A. J. Vickers, E. B. Elkin, Med. Decis. Making 26 (2006) 565: decision curves.",
)
