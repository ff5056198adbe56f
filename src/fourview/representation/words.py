"""The picture's methods in words that can go into a paper, and what it must not be taken for."""

from __future__ import annotations

from collections.abc import Iterator

from fourview.representation.exams import PicturedExams
from fourview.representation.options import RepresentationOptions
from fourview.representation.scores import ExamScores

_METRICS = {
    "euclidean": "Euclidean",
    "manhattan": "Manhattan",
    "cosine": "cosine",
    "correlation": "correlation",
}
CAPTION = (
    "Each point is an exam; the warmer and larger it is, the higher its score. Exams near each "
    "other are alike to the network, as far as the picture can be trusted. The axes have no unit; "
    "sizes of groups and distances between them mean nothing. Laid out as Figures 9 and S3 of Wu "
    "et al."
)
BY_CONSTRUCTION = (
    "The score is computed from these activations: that neighbours share it is no finding, and "
    "says nothing about whether it is right."
)


def methods_of(
    exams: PicturedExams, scores: ExamScores, options: RepresentationOptions
) -> Iterator[str]:
    """One paragraph after another."""
    k, percent = options.neighbours, f"{100 * options.level:g} %"
    several = len(set(exams.patients)) < len(exams.exams)
    yield (
        f"{len(exams.exams)} exams were represented by two sets of activations of one network: "
        f"those of the last layer of the four views' columns ({exams.columns.shape[1]} numbers) "
        f"and those of the first fully connected layer of its branches ({exams.fc.shape[1]}), each "
        "the mean over the windows drawn of the exam. "
        + (f"They are those of the split {options.split}. " if options.split else "")
        + scores.how
    )
    yield (
        "Each set was laid out in the plane by UMAP (umap-learn) with the "
        f"{_METRICS[options.metric]} distance, {k} neighbours, a least distance of "
        f"{options.min_distance:g} and seed {options.seed}. Trustworthiness and continuity (Venna "
        f"and Kaski) of {k} neighbours say how far neighbours in the plane are neighbours among "
        "the activations, and the reverse: 1 is best, a layout at random has about 0.5."
    )
    yield (
        "What neighbours tell was measured among the activations themselves, not in the plane: the "
        f"mean score of the {k} nearest exams"
        + (" of other patients" if several else "")
        + " was compared with the exam's own, by Spearman's rank correlation, or by the AUC where "
        f"there are two values. Its {percent} interval is of {options.draws} bootstrap draws of "
        "patients with all their exams, neighbourhoods kept as they are. By chance is the mean "
        f"over {options.draws} deals of the same scores to the exams; p is the share of deals that "
        "reach the value, one-sided."
        + (" It takes one exam a patient, and is not given here." if several else "")
    )
    yield (
        "A picture of exams that the network was trained on shows what it has learnt by heart; "
        "only exams that it has never seen speak of others."
    )


SOURCES = (
    "N. Wu et al., IEEE Trans. Med. Imaging 39 (2020) 1184: Figures 9 and S3.",
    "L. McInnes, J. Healy, N. Saul, L. Großberger, J. Open Source Software 3 (2018) 861: UMAP.",
    "J. Venna, S. Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001: "
    "trustworthiness and continuity.",
    "B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993).",
)
