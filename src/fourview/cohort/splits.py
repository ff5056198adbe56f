"""Splits of a data set by patient: at random and stratified, or by time.

Each patient has a draw in [0, 1) from the seed and the patient alone. At random, the patients of a
class stand in the order of their draws; the test set is cut off first, then the validation set.
So no order of rows matters, and a patient more moves none but those that stand beside a cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from fourview.core.data_recipe import SplitRecipe
from fourview.core.errors import TableError
from fourview.core.records import SPLITS, ExamLabels, ExamRecord, SplitRecord
from fourview.core.views import Finding, Label, Laterality

_IN_TURN = tuple(reversed(SPLITS))
"""Test and validation are cut off; training takes what they leave."""


@dataclass(frozen=True)
class Splits:
    """Which exam is in which split, and what is to be known of it."""

    records: tuple[SplitRecord, ...]
    """One for each exam, by patient and date."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Patient:
    name: str = field(repr=False)
    draw: float
    exams: tuple[ExamRecord, ...]
    malignant: int
    """Breasts of its exams with a malignant finding."""
    benign: int
    rank: int
    """Its class: 0 any malignant, 1 benign, 2 biopsied without either, 3 never biopsied."""

    @property
    def last_date(self) -> date:
        return max(exam.study_date for exam in self.exams if exam.study_date)


def draw(seed: int, *words: str) -> float:
    """A number in [0, 1) that hangs on the seed and the words alone, on every machine."""
    text = "\0".join([str(seed), *words])
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def patient_is_exam(exams: Sequence[ExamRecord]) -> tuple[ExamRecord, ...]:
    """Each exam that tells no patient as the one exam of a patient of its own."""
    return tuple(exam if exam.patient else replace(exam, patient=exam.name) for exam in exams)


def split_exams(
    exams: Sequence[ExamRecord],
    labels: Mapping[str, ExamLabels],
    recipe: SplitRecipe,
    *,
    seed: int = 0,
) -> Splits:
    """Every exam in one split, and all exams of a patient in the same.

    `random`: of the malignant breasts, of the benign ones and of all exams each split has its part,
    as near as whole patients allow. `time`: patients are taken by the date of their last exam, the
    latest for the test set, the next for validation.

    Args:
        labels: by exam; one that is not there counts as not biopsied.
    Raises:
        TableError: exams without patient (or, by time, date); fewer patients than splits.
    """
    _require(exams, lambda exam: bool(exam.patient), "patient", _NO_PATIENT)
    wanted = {name: part for name in SPLITS if (part := float(getattr(recipe, name))) > 0}
    patients = _patients(exams, labels, seed)
    if len(patients) < len(wanted):
        raise TableError(
            f"{_counted(len(patients), 'patient')} for {len(wanted)} splits; no patient may be in "
            "two of them",
            hint="give more exams, or fewer splits: --set split.test=0 and parts that sum to 1",
        )
    if recipe.by == "time":
        _require(exams, lambda exam: exam.study_date is not None, "study_date", _NO_DATE)
        split_of = _by_time(patients, wanted)
    else:
        split_of = _at_random(patients, wanted)
        _fill_empty(patients, split_of, wanted)
    notes = _of_time(patients, split_of) if recipe.by == "time" else []
    records = [
        SplitRecord(exam=exam.name, patient=one.name, split=split_of[one.name])
        for one in sorted(patients, key=lambda one: one.name)
        for exam in sorted(one.exams, key=lambda exam: (exam.study_date or date.min, exam.name))
    ]
    return Splits(tuple(records), tuple(notes))


_NO_PATIENT = (
    "whether a patient is in two splits cannot be known; if each exam is of another patient, say "
    "so with --patient-is-exam"
)
_NO_DATE = "a split by time needs the column study_date; --by random does not"


def _require(
    exams: Sequence[ExamRecord], told: Callable[[ExamRecord], bool], column: str, hint: str
) -> None:
    untold = [exam for exam in exams if not told(exam)]
    if untold:
        raise TableError(
            f"{untold[0].place or f'exam {untold[0].name}'}: no {column} "
            f"({_counted(len(untold), 'exam')} of {len(exams)} without)",
            hint=hint,
        )


def _patients(
    exams: Sequence[ExamRecord], labels: Mapping[str, ExamLabels], seed: int
) -> list[_Patient]:
    """In the order of their draws."""
    by_name: dict[str, list[ExamRecord]] = {}
    for exam in exams:
        by_name.setdefault(exam.patient, []).append(exam)
    patients = []
    for name, own in by_name.items():
        known = [labels[exam.name] for exam in own if exam.name in labels]
        malignant, benign = (
            sum(breasts_with(one, finding) for one in known)
            for finding in (Finding.MALIGNANT, Finding.BENIGN)
        )
        biopsied = any(one.biopsied for one in known)
        rank = 0 if malignant else 1 if benign else 2 if biopsied else 3
        number = draw(seed, "split", name)
        patients.append(_Patient(name, number, tuple(own), malignant, benign, rank))
    return sorted(patients, key=lambda one: (one.draw, one.name))


_LABEL = {(label.laterality, label.finding): label for label in Label}


def breasts_with(labels: ExamLabels, *findings: Finding) -> int:
    """How many of an exam's two breasts have a biopsied finding of one of these kinds."""
    return sum(any(labels.values[_LABEL[side, one]] for one in findings) for side in Laterality)


def _at_random(patients: Sequence[_Patient], wanted: Mapping[str, float]) -> dict[str, str]:
    """Rare things first: the malignant breasts are shared out by the patients that have them, the
    benign ones by those that have no malignant one, and the exams by those never biopsied."""
    strata: list[tuple[list[_Patient], Callable[[_Patient], int]]] = [
        ([p for p in patients if p.rank == 0], lambda p: p.malignant),
        ([p for p in patients if p.rank == 1], lambda p: p.benign),
        ([p for p in patients if p.rank == 2], lambda p: int(p.rank == 2)),
        ([p for p in patients if p.rank == 3], lambda p: len(p.exams)),
    ]
    split_of: dict[str, str] = {}
    for stratum, counted in strata:
        split_of |= _shared_out(stratum, patients, split_of, wanted, counted)
    return split_of


def _shared_out(
    ordered: Sequence[_Patient],
    patients: Sequence[_Patient],
    taken: Mapping[str, str],
    wanted: Mapping[str, float],
    counted: Callable[[_Patient], int],
    *,
    least: int = 0,
) -> dict[str, str]:
    """The patients `ordered`, cut so that each split comes as near as can be to its part of what is
    `counted`, with what it has `taken` before; `least` patients in each."""
    has = dict.fromkeys(_IN_TURN, 0)
    for one in patients:
        if one.name in taken:
            has[taken[one.name]] += counted(one)
    total = sum(map(counted, ordered)) + sum(has.values())
    split_of: dict[str, str] = {}
    rest = list(ordered)
    *cut_off, last = [name for name in _IN_TURN if name in wanted]
    for number, name in enumerate(cut_off):
        n = max(least, _nearest(map(counted, rest), total * wanted[name] - has[name]))
        n = min(n, len(rest) - least * (len(cut_off) - number))
        split_of |= dict.fromkeys((p.name for p in rest[:n]), name)
        rest = rest[n:]
    return split_of | dict.fromkeys((p.name for p in rest), last)


def _nearest(counts: Iterable[int], wanted: float) -> int:
    """How many of the first come nearest to a sum of `wanted`; the fewer of two that do."""
    best, total = 0, 0
    least = abs(wanted)
    for n, count in enumerate(counts, start=1):
        total += count
        if abs(total - wanted) < least:
            best, least = n, abs(total - wanted)
        if total > wanted:
            break
    return best


def _by_time(patients: Sequence[_Patient], wanted: Mapping[str, float]) -> dict[str, str]:
    """Those of one day stand in the order of their draws."""
    latest = sorted(patients, key=lambda one: one.last_date, reverse=True)
    return _shared_out(latest, patients, {}, wanted, lambda one: len(one.exams), least=1)


def _fill_empty(
    patients: Sequence[_Patient], split_of: dict[str, str], wanted: Mapping[str, float]
) -> None:
    """Give a split whose part is less than a patient one of the fullest split's commonest class."""
    for name in _IN_TURN:
        sizes = {other: list(split_of.values()).count(other) for other in wanted}
        if name in wanted and not sizes[name]:
            giver = max(sizes, key=lambda other: sizes[other])
            own = [one for one in patients if split_of[one.name] == giver]
            split_of[max(own, key=lambda one: one.rank).name] = name


def _of_time(patients: Sequence[_Patient], split_of: Mapping[str, str]) -> list[str]:
    """Where the cuts are, and what lies before them."""
    notes = []
    for name in _IN_TURN[:-1]:
        own = [one for one in patients if split_of[one.name] == name]
        if not own:
            continue
        cut = min(one.last_date for one in own)
        dates = [exam.study_date for one in own for exam in one.exams]
        earlier = sum(day < cut for day in dates if day)
        notes.append(
            f"{name}: patients whose last exam is of {cut} or later; {earlier} of their "
            f"{_counted(len(dates), 'exam')} earlier than that"
        )
    return notes


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
