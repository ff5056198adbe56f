"""What happens to one patient over her exams: findings that come and stay, and biopsies.

Sources: occult exams, 32.8 % of those biopsied (Wu et al. 2019, Data); of cancers found by
screening 40 % show at the prior exam in retrospect (29 % minimal signs, 11 % missed: a review of
100 cancers, PubMed 10780212); lesions of uncertain potential are 5 to 10 % of core biopsies
(Houssami et al. 2007, Br J Cancer 96:1253).
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from fourview.core.views import Laterality
from fourview.phantom.disease import NEVER_BIOPSIED, draw_finding, grown_back, later, other_side
from fourview.phantom.patients import Patient
from fourview.phantom.plan import Biopsy, Finding, FindingClass, FindingType
from fourview.phantom.risk import BILATERAL, BOTH_IF_MALIGNANT, Risk, RiskModel
from fourview.phantom.visits import Visit, visits

DAYS = 120
"""A biopsy belongs to an exam from its day to this many days after, both included."""

OCCULT_MALIGNANT = 0.06
OCCULT_BENIGN = 0.382
"""Per exam, without and with a cancer, so that 32.8 % of biopsied exams are occult."""
HIGH_RISK_SHARE = 0.08
_INCIDENTAL = 0.12
"""Breasts with a benign-looking finding that is never biopsied."""
_SHOWS_BEFORE = 0.4
_STAYS = 0.7
"""Benign findings that are still there at the exams after their biopsy; others were removed."""
_LATE = 0.2
"""Biopsies at 121 to 400 days, for each within 120, among the exams not followed by one."""
_EARLIER = 0.01
"""Patients with a benign biopsy before their first exam."""


class Course:
    """Draws the findings and biopsies of one patient, exam after exam."""

    def __init__(self, rng: np.random.Generator, patient: Patient) -> None:
        self._rng = rng
        self._patient = patient
        self._visits = visits(rng, patient)
        self._count = 0
        self._staying: list[Finding] = []

    def run(self, risks: RiskModel) -> list[Visit]:
        """Her exams up to the one at or after which a cancer is found."""
        self.start()
        for place, visit in enumerate(self._visits):
            if place > 0:
                visit.findings += self._staying
            risk = risks.at(visit.age, visit.density)
            chance = self._rng.random()
            if chance < risk.biopsy:
                cancer = self._biopsied(place, risk)
            elif chance < risk.biopsy + _LATE * risk.biopsy * (1 - risk.biopsy):
                cancer = self._biopsied_late(place, risk)
            else:
                continue
            if cancer:
                return self._visits[: place + 1]
        return self._visits

    def start(self) -> Visit:
        """Her first exam, with what is there and was not biopsied for it."""
        self._incidental()
        self._before()
        first = self._visits[0]
        first.findings += self._staying
        return first

    def biopsied(
        self,
        visit: Visit,
        laterality: Laterality,
        kind: FindingClass,
        *,
        type_: FindingType | None = None,
        occult: bool,
    ) -> Finding:
        """Adds to an exam a finding that is biopsied within 120 days of it."""
        finding = self._draw(visit, laterality, kind, type_=type_, occult=occult)
        visit.findings.append(finding)
        visit.biopsies.append(self._biopsy(visit, finding, self._soon()))
        return finding

    def _name(self) -> str:
        self._count += 1
        return f"F{self._count}"

    def _incidental(self) -> None:
        first = self._visits[0]
        for laterality in Laterality:
            if self._rng.random() < _INCIDENTAL:
                self._staying.append(
                    later(
                        draw_finding(
                            self._rng,
                            self._name(),
                            first.breast(laterality),
                            first.density,
                            FindingClass.BENIGN,
                            look=NEVER_BIOPSIED,
                        )
                    )
                )

    def _before(self) -> None:
        """A benign biopsy before the first exam; what it found may still be there."""
        if self._rng.random() >= _EARLIER:
            return
        visit, laterality = self._visits[0], self._side()
        found = self._draw(visit, laterality, self._benign(), occult=False)
        visit.biopsies.append(self._biopsy(visit, found, -int(self._rng.integers(1, 700))))
        self._stay([found])

    def _biopsied(self, place: int, risk: Risk) -> bool:
        """One or both breasts are biopsied within 120 days. Says whether a cancer was found."""
        visit = self._visits[place]
        bilateral = self._rng.random() < BILATERAL
        found = [
            self.biopsied(visit, laterality, kind, occult=occult)
            for laterality, kind, occult in self._results(risk, bilateral=bilateral)
        ]
        cancers = [f for f in found if f.kind is FindingClass.MALIGNANT]
        if place > 0:
            self._show_before(place, cancers)
        self._stay([f for f in found if f.kind is not FindingClass.MALIGNANT])
        return bool(cancers)

    def _biopsied_late(self, place: int, risk: Risk) -> bool:
        """A biopsy at 121 to 400 days, before the next exam: no label of this exam comes of it."""
        visit = self._visits[place]
        found = [
            self._draw(visit, laterality, kind, occult=occult)
            for laterality, kind, occult in self._results(risk, bilateral=False)
        ]
        longest = 400
        cancer = any(f.kind is FindingClass.MALIGNANT for f in found)
        if place + 1 < len(self._visits) and not cancer:
            longest = min(longest, (self._visits[place + 1].date - visit.date).days - 1)
        early = self._rng.random() < 0.05
        days = DAYS + 1 if early else int(self._rng.integers(DAYS + 1, longest + 1))
        visit.findings += [grown_back(self._rng, f, days=days, age=visit.age) for f in found]
        visit.biopsies += [self._biopsy(visit, f, days) for f in found]
        self._stay([f for f in found if f.kind is not FindingClass.MALIGNANT])
        return cancer

    def _results(
        self, risk: Risk, *, bilateral: bool
    ) -> list[tuple[Laterality, FindingClass, bool]]:
        """What the biopsies of one exam show, in one breast or both, and whether it is occult."""
        side = self._side()
        sides = [side, other_side(side)] if bilateral else [side]
        shown = [(laterality, kind) for laterality in sides for kind in self._kinds(risk)]
        cancer = any(kind is FindingClass.MALIGNANT for _, kind in shown)
        occult = self._rng.random() < (OCCULT_MALIGNANT if cancer else OCCULT_BENIGN)
        return [
            # of an exam that is not occult the first finding is visible
            (laterality, kind, occult or (n > 0 and self._rng.random() < self._occult(kind)))
            for n, (laterality, kind) in enumerate(shown)
        ]

    def _kinds(self, risk: Risk) -> list[FindingClass]:
        if self._rng.random() >= risk.malignant:
            return [self._benign()]
        if self._rng.random() >= BOTH_IF_MALIGNANT:
            return [FindingClass.MALIGNANT]
        return [FindingClass.MALIGNANT, self._benign()]

    def _benign(self) -> FindingClass:
        high = self._rng.random() < HIGH_RISK_SHARE
        return FindingClass.HIGH_RISK if high else FindingClass.BENIGN

    @staticmethod
    def _occult(kind: FindingClass) -> float:
        return OCCULT_MALIGNANT if kind is FindingClass.MALIGNANT else OCCULT_BENIGN

    def _draw(
        self,
        visit: Visit,
        laterality: Laterality,
        kind: FindingClass,
        *,
        type_: FindingType | None = None,
        occult: bool,
    ) -> Finding:
        return draw_finding(
            self._rng,
            self._name(),
            visit.breast(laterality),
            visit.density,
            kind,
            type_=type_,
            occult=occult,
        )

    def _show_before(self, place: int, cancers: list[Finding]) -> None:
        """At the exam before, a cancer may have been there already, smaller."""
        before, now = self._visits[place - 1], self._visits[place]
        for cancer in cancers:
            if not cancer.occult and self._rng.random() < _SHOWS_BEFORE:
                days = (now.date - before.date).days
                before.findings.append(grown_back(self._rng, cancer, days=days, age=now.age))

    def _stay(self, found: list[Finding]) -> None:
        for finding in found:
            if not finding.occult and self._rng.random() < _STAYS:
                self._staying = [*self._staying, later(finding)]

    def _soon(self) -> int:
        """Days to a biopsy that belongs to the exam: mostly two or three weeks.

        One in fifty is on the first or the last day that counts, so that a set tries the rule.
        """
        unusual = self._rng.random()
        if unusual < 0.02:
            return 0 if unusual < 0.01 else DAYS
        if unusual < 0.1:
            return int(self._rng.integers(0, DAYS + 1))
        return int(min(self._rng.gamma(2.0, 10.0), DAYS))

    def _biopsy(self, visit: Visit, finding: Finding, days: int) -> Biopsy:
        return Biopsy(
            self._patient.name,
            visit.date + timedelta(days=days),
            finding.laterality,
            finding.kind,
        )

    def _side(self) -> Laterality:
        return Laterality.LEFT if self._rng.random() < 0.5 else Laterality.RIGHT
