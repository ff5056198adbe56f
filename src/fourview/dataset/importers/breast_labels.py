"""From what a set tells of each breast to rows of labels.csv."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field

from fourview.core.records import ExamLabels, Pathology
from fourview.core.views import Finding, Label, Laterality
from fourview.io.names import natural_key


@dataclass
class BreastLabels:
    """What is known of exams so far. An exam in doubt gets no labels, rather than zeros."""

    _found: dict[str, set[tuple[Laterality, Finding]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _biopsied: set[str] = field(default_factory=set)
    _doubtful: set[str] = field(default_factory=set)

    def known(self, exam: str) -> None:
        """The set tells of this exam; without a finding all four labels are 0."""
        self._found[exam]

    def add(
        self, exam: str, laterality: Laterality, pathology: Pathology, *, biopsied: bool = True
    ) -> None:
        """One breast has a finding of this class; high-risk benign is benign."""
        finding = Finding.MALIGNANT if pathology is Pathology.MALIGNANT else Finding.BENIGN
        self._found[exam].add((laterality, finding))
        if biopsied:
            self._biopsied.add(exam)

    def doubt(self, exam: str) -> None:
        """A row about this exam cannot be read: a label of 0 might be wrong."""
        self._doubtful.add(exam)

    def rows(self, exams: Container[str]) -> tuple[ExamLabels, ...]:
        """The labels of those exams that are among `exams`."""
        names = [name for name in self._found if name in exams and name not in self._doubtful]
        return tuple(
            ExamLabels(
                exam=name,
                values={
                    label: (label.laterality, label.finding) in self._found[name] for label in Label
                },
                biopsied=name in self._biopsied,
            )
            for name in sorted(names, key=natural_key)
        )
