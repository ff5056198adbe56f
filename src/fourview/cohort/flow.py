"""The flow count of a data set: exams in, excluded and why, labelled and how.

As in the flow diagrams that STARD and CONSORT ask for, per exam and per breast.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fourview.cohort.exclusions import Excluded, Exclusion
from fourview.core.records import ExamLabels
from fourview.core.views import Finding, Laterality

EXAMS, EXCLUDED, LABELLED = "exams", "excluded", "labelled"
BIOPSIED, NOT_BIOPSIED, BIRADS = "matched with a biopsy", "not matched with a biopsy", "BI-RADS"
MALIGNANT, BENIGN, BOTH, NEITHER = "malignant", "benign", "malignant and benign", "neither"


@dataclass(frozen=True)
class FlowCount:
    """A row of flow.csv."""

    step: str
    group: str
    """The part of the step that is counted; empty for all of it."""
    patients: int
    exams: int
    breasts: int


@dataclass(frozen=True)
class Flow:
    """All counts, in the order of the diagram."""

    counts: tuple[FlowCount, ...]

    def of(self, step: str, group: str = "") -> FlowCount:
        """One count; zeros where there is none."""
        found = (one for one in self.counts if (one.step, one.group) == (step, group))
        return next(found, FlowCount(step, group, 0, 0, 0))

    def groups(self, step: str) -> tuple[FlowCount, ...]:
        """The parts of a step."""
        return tuple(one for one in self.counts if one.step == step and one.group)


def flow_of(
    patient_of: Mapping[str, str], excluded: Iterable[Excluded], labels: Sequence[ExamLabels]
) -> Flow:
    """Count a labelled data set.

    Args:
        patient_of: every exam of the data set with its patient; one of unknown patient has "".
        excluded: exams without labels, each once.
        labels: the others.

    A malignant (benign) exam has such a label in either breast, also where the other label stands
    beside it; `malignant and benign` counts exams that have both labels, in one breast or in two,
    and breasts that have both. Raises ValueError where an exam is in both lists or in none.
    """
    reasons = {one.exam: one.reason for one in excluded}
    named = [*reasons, *(one.exam for one in labels)]
    if sorted(named) != sorted(patient_of):
        raise ValueError("each exam must be excluded or labelled, once")
    biopsied = [one for one in labels if one.biopsied]
    unbiopsied = [one for one in labels if not one.biopsied]

    def count(step: str, group: str, exams: Sequence[str], breasts: int | None = None) -> FlowCount:
        patients = {patient_of[exam] for exam in exams} - {""}
        return FlowCount(
            step, group, len(patients), len(exams), 2 * len(exams) if breasts is None else breasts
        )

    counts = [count(EXAMS, "", list(patient_of)), count(EXCLUDED, "", list(reasons))]
    for reason in (why for why in Exclusion if why in reasons.values()):
        names = [exam for exam, why in reasons.items() if why is reason]
        counts.append(count(EXCLUDED, reason.value, names))
    counts.append(count(LABELLED, "", [one.exam for one in labels]))
    counts.append(count(BIOPSIED, "", [one.exam for one in biopsied]))
    for group in (MALIGNANT, BENIGN, BOTH, NEITHER):
        names = [one.exam for one in biopsied if _is(group, _shown(one))]
        breasts = sum(_is(group, _shown(one, side)) for one in biopsied for side in Laterality)
        counts.append(count(BIOPSIED, group, names, breasts))
    counts.append(count(NOT_BIOPSIED, "", [one.exam for one in unbiopsied]))
    if any(one.birads is not None for one in labels):
        for birads in (0, 1, 2, None):
            names = [one.exam for one in labels if one.birads == birads]
            counts.append(count(BIRADS, "not told" if birads is None else str(birads), names))
    return Flow(tuple(counts))


def _shown(labels: ExamLabels, side: Laterality | None = None) -> set[Finding]:
    """What an exam, or one breast of it, is labelled with."""
    return {
        label.finding
        for label, value in labels.values.items()
        if value and (side is None or label.laterality is side)
    }


def _is(group: str, shown: set[Finding]) -> bool:
    if group == NEITHER:
        return not shown
    wanted = {
        MALIGNANT: {Finding.MALIGNANT},
        BENIGN: {Finding.BENIGN},
        BOTH: {Finding.MALIGNANT, Finding.BENIGN},
    }[group]
    return wanted <= shown
