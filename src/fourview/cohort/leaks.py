"""Leaks between splits: a patient, an exam or an image that is in two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fourview.cohort.spelling import alike
from fourview.core.records import ExamRecord, SplitRecord

KINDS = {
    "exam listed twice": "exam(s) listed twice",
    "exam in two splits": "exam(s) in two splits",
    "patient in two splits": "patient(s) in two splits",
    "patients differ": "exam(s) of another patient than in the exam table",
    "patient unknown": "group of exams whose patients nobody tells",
    "exam in no split": "exam(s) in no split",
    "exam in no table": "exam(s) that the exam table does not have",
    "same file": "file(s) in two splits",
    "same pixels": "image(s) in two splits",
    "mirrored pixels": "image(s) mirrored in another split",
}
"""What is looked for, and what many of a kind are called."""
_MOST_NAMED = 8


@dataclass(frozen=True)
class Leak:
    """One reason not to trust the splits. `exams` are named with the splits that they are in."""

    kind: str
    exams: tuple[tuple[str, str], ...]
    about: str = ""
    patient: str = field(default="", repr=False)

    def line(self, *, show_patient: bool = False) -> str:
        """For a person: never a patient's ID, unless asked for."""
        named = [f"{exam} ({split or 'in no split'})" for exam, split in self.exams[:_MOST_NAMED]]
        if (more := len(self.exams) - _MOST_NAMED) > 0:
            named.append(f"and {more} more")
        whose = f" [{self.patient}]" if show_patient and self.patient else ""
        about = f"; {self.about}" if self.about else ""
        return f"{self.kind}{whose}: {', '.join(named)}{about}"


@dataclass(frozen=True)
class ImageKey:
    """What an image is known by: two of one `key` are one image."""

    exam: str
    name: str
    """What it is called: its view, or its file."""
    key: str
    mirrored: bool = False


@dataclass(frozen=True)
class SharedImages:
    """Images that are in more than one exam."""

    leaks: tuple[Leak, ...]
    """Of two splits."""
    within: tuple[tuple[str, ...], ...]
    """The exams of one split that share an image."""


def split_leaks(exams: Sequence[ExamRecord], records: Sequence[SplitRecord]) -> tuple[Leak, ...]:
    """What is wrong between an exam table and its splits, by kind, then by exam.

    An exam is of the patient that either table tells.
    """
    rows = _rows(records)
    return (
        *_exams_twice(rows),
        *_patients(exams, records, rows),
        *_unlike_the_table(exams, rows),
    )


def alike_patients(exams: Sequence[ExamRecord], records: Sequence[SplitRecord]) -> tuple[Leak, ...]:
    """Patients in two splits only if IDs that a spreadsheet makes one (`007`, `7`, `7.0`) are one.

    Evidence, and no proof: there may be two such patients.
    """
    sure = {leak.exams for leak in _patients(exams, records, _rows(records))}
    likely = _patients(
        [replace(exam, patient=alike(exam.patient)) for exam in exams],
        [replace(record, patient=alike(record.patient)) for record in records],
        _rows(records),
    )
    found = [one for one in likely if one.kind == "patient in two splits" and one.exams not in sure]
    return tuple(replace(one, kind="patients' IDs alike") for one in found)


def shared_images(
    images: Iterable[ImageKey], split_of: Mapping[str, str], kind: str
) -> SharedImages:
    """The images of one key that are in more than one exam.

    Args:
        kind: what equal keys mean: `same file` or `same pixels`.
    """
    groups: dict[str, list[ImageKey]] = {}
    for image in images:
        groups.setdefault(image.key, []).append(image)
    leaks, within = [], []
    for group in groups.values():
        exams = list(dict.fromkeys(image.exam for image in group))
        if len(exams) < 2:
            continue
        splits = {split_of[exam] for exam in exams if exam in split_of}
        if len(splits) < 2:
            within.append(tuple(exams))
            continue
        mirrored = len({image.mirrored for image in group}) > 1
        about = ", ".join(f"{image.exam} {image.name}" for image in group[:_MOST_NAMED])
        leaks.append(
            Leak(
                "mirrored pixels" if mirrored else kind,
                tuple((exam, split_of.get(exam, "")) for exam in exams),
                about,
            )
        )
    return SharedImages(tuple(leaks), tuple(within))


def _rows(records: Iterable[SplitRecord]) -> dict[str, list[str]]:
    """By exam, the split of each of its rows."""
    rows: dict[str, list[str]] = {}
    for record in records:
        rows.setdefault(record.exam, []).append(record.split)
    return rows


def _exams_twice(rows: Mapping[str, Sequence[str]]) -> list[Leak]:
    leaks = []
    for exam, splits in sorted(rows.items()):
        if len(set(splits)) > 1:
            named = tuple((exam, split) for split in dict.fromkeys(splits))
            leaks.append(Leak("exam in two splits", named))
        elif len(splits) > 1:
            leaks.append(Leak("exam listed twice", ((exam, splits[0]),)))
    return leaks


def _patients(
    exams: Sequence[ExamRecord],
    records: Sequence[SplitRecord],
    rows: Mapping[str, Sequence[str]],
) -> list[Leak]:
    told: dict[str, set[str]] = {}
    for exam, patient in [
        *((exam.name, exam.patient) for exam in exams),
        *((record.exam, record.patient) for record in records),
    ]:
        told.setdefault(exam, set()).update({patient} - {""})
    by_patient: dict[str, list[tuple[str, str]]] = {}
    for exam, patients in sorted(told.items()):
        for patient in patients:
            own = by_patient.setdefault(patient, [])
            own += [(exam, split) for split in dict.fromkeys(rows.get(exam, ()))]
    leaks = {
        tuple(own): Leak("patient in two splits", tuple(own), patient=patient)
        for patient, own in sorted(by_patient.items())
        if len({exam for exam, _ in own}) > 1 and len({split for _, split in own}) > 1
    }
    found = sorted(leaks.values(), key=lambda leak: leak.exams)
    for exam, patients in sorted(told.items()):
        if len(patients) > 1:
            found.append(Leak("patients differ", _with_splits(exam, rows)))
    if unknown := [exam for exam, patients in sorted(told.items()) if not patients]:
        named = tuple(pair for exam in unknown for pair in _with_splits(exam, rows))
        found.append(Leak("patient unknown", named, "whether they leak cannot be known"))
    return found


def _unlike_the_table(exams: Sequence[ExamRecord], rows: Mapping[str, Sequence[str]]) -> list[Leak]:
    names = {exam.name for exam in exams}
    return [
        *(Leak("exam in no split", ((exam, ""),)) for exam in sorted(names - set(rows))),
        *(Leak("exam in no table", _with_splits(exam, rows)) for exam in sorted(set(rows) - names)),
    ]


def _with_splits(exam: str, rows: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((exam, split) for split in dict.fromkeys(rows.get(exam, ("",))))
