"""Which types of findings each breast has, by class, and the groups that they make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fourview.core.breasts import Breasts
from fourview.core.records import FindingRecord, Pathology
from fourview.core.views import Finding, Laterality
from fourview.evaluation.checks import Bools
from fourview.evaluation.subgroups import NOT_TOLD, Subgroup
from fourview.performance.numbers.asked import breasts_words

BY_TYPE = "finding type"
OCCULT = "occult"
_BETWEEN = "; "
_Key = tuple[str, Laterality, Finding]


def type_column(finding: Finding) -> str:
    """The column of `Breasts` with the types of a breast's findings of one class."""
    return f"{finding.value} finding types"


def finding_columns(
    findings: Sequence[FindingRecord], breasts: Breasts
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The types of each breast's findings, and what must be said of findings and labels.

    A finding that is to be seen in none of its breast's images is `occult`, whatever its type.
    High-risk benign findings are benign.
    """
    rows: dict[_Key, dict[str, list[FindingRecord]]] = {}
    for one in findings:
        malignant = one.pathology is Pathology.MALIGNANT
        which = Finding.MALIGNANT if malignant else Finding.BENIGN
        key = (one.exam, one.view.laterality, which)
        rows.setdefault(key, {}).setdefault(one.finding, []).append(one)
    types = {key: _types(named) for key, named in rows.items()}
    sides = list(zip(breasts.exams, breasts.lateralities, strict=True))
    columns = {}
    remarks = []
    if findings and not {one.exam for one in findings} & set(breasts.exams):
        remarks.append(f"none of the {len(findings)} findings is of an exam that has labels")
    for finding in Finding:
        told = [types.get((exam, side, finding), ()) for exam, side in sides]
        columns[type_column(finding)] = tuple(_BETWEEN.join(one) for one in told)
        has = np.array([bool(one) for one in told], dtype=bool)
        if extra := int((has & ~breasts.truth(finding)).sum()):
            remarks.append(
                f"{breasts_words(extra)} with a {finding.value} finding among the findings, and "
                "none by the labels: the labels count"
            )
    return columns, remarks


def _types(named: dict[str, list[FindingRecord]]) -> tuple[str, ...]:
    found = set()
    for rows in named.values():
        if all(row.occult for row in rows):
            found.add(OCCULT)
        else:
            found |= {row.type for row in rows if row.type} or {NOT_TOLD}
    return tuple(sorted(found))


def type_groups(breasts: Breasts, finding: Finding, cases: Bools) -> tuple[Subgroup, ...]:
    """For each type, the cases that have it and all that are no cases.

    A breast with two types is in two groups; one whose types nobody told is in the last.
    """
    cells = breasts.columns.get(type_column(finding))
    if cells is None:
        return ()
    of_breast = [set(cell.split(_BETWEEN)) if cell else {NOT_TOLD} for cell in cells]
    names = sorted(set().union(*(one for one, case in zip(of_breast, cases, strict=True) if case)))
    names.sort(key=lambda name: (name == NOT_TOLD, name == OCCULT, name))
    return tuple(
        Subgroup(name, ~cases | np.array([name in one for one in of_breast], dtype=bool))
        for name in names
    )
