"""The exams of a picture: those with activations, a score, and a place in the split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import TableError
from fourview.io.hidden_file import HiddenActivations
from fourview.io.names import natural_key
from fourview.io.split_table import read_split_table
from fourview.representation.options import RepresentationOptions
from fourview.representation.scores import ExamScores

INDEPENDENT = (
    "whose the exams are is not known: each counts as a patient's only one, and if patients have "
    "several, what neighbours tell is too high; splits.csv with patients mends that"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class PicturedExams:
    """N exams in the order of their names, whatever the order of the file."""

    exams: tuple[str, ...]
    patients: tuple[str, ...]
    columns: NDArray[np.float32]
    fc: NDArray[np.float32]
    scores: NDArray[np.float64]
    """`(N,)`."""
    truth: NDArray[np.float64] | None
    """`(N,)` of 0 and 1; None where it is not known of all, or is alike for all."""
    left_out: tuple[tuple[str, int], ...]
    """Why exams with activations are not here, and how many."""
    remarks: tuple[str, ...]


def pictured(
    hidden: HiddenActivations, scores: ExamScores, options: RepresentationOptions
) -> PicturedExams:
    """The exams that can be pictured, and how many cannot.

    Raises:
        TableError: too few are left for so many neighbours; a split that no exam is in.
    """
    splits, patients = _splits(options.splits, options.split)
    patients = patients or dict(scores.patients)
    left_out_for = {
        f"not in the split {options.split}": [
            bool(options.split) and splits.get(exam) != options.split for exam in hidden.exams
        ],
        "a view was not read": [not whole for whole in hidden.whole],
        "without a score": [exam not in scores.scores for exam in hidden.exams],
    }
    counts = dict.fromkeys(left_out_for, 0)
    kept: list[int] = []
    for i in range(len(hidden.exams)):
        why = next((name for name, holds in left_out_for.items() if holds[i]), None)
        if why is None:
            kept.append(i)
        else:
            counts[why] += 1
    kept.sort(key=lambda i: (natural_key(hidden.exams[i]), hidden.exams[i]))
    left_out = tuple((why, count) for why, count in counts.items() if count)
    _refuse_few(len(kept), len(hidden.exams), left_out, options.neighbours)
    exams = tuple(hidden.exams[i] for i in kept)
    columns, fc = hidden.columns[kept], hidden.fc[kept]
    for name, values in (("columns", columns), ("fc", fc)):
        if (values == values[0]).all():
            raise TableError(
                f"all {len(kept)} exams have the same activations ({name}): there is no picture",
                hint="the network does not tell exams apart; look at its training",
            )
    unknown = [exam for exam in exams if exam not in patients]
    if unknown and len(unknown) < len(exams):
        raise TableError(
            f"{len(unknown)} of {len(exams)} exams have no patient, the first is {unknown[0]!r}",
            hint="give splits.csv with the patient of each exam, or of none",
        )
    truth, untold = _truth(exams, scores)
    return PicturedExams(
        exams=exams,
        patients=exams if unknown else tuple(patients[exam] for exam in exams),
        columns=columns,
        fc=fc,
        scores=np.array([scores.scores[exam] for exam in exams]),
        truth=truth,
        left_out=left_out,
        remarks=(*hidden.notices, *scores.remarks, *([INDEPENDENT] if unknown else []), *untold),
    )


def _splits(path: Path | None, split: str) -> tuple[dict[str, str], dict[str, str]]:
    """Each exam's split, and its patient where the table tells it."""
    if path is None:
        return {}, {}
    splits: dict[str, str] = {}
    patients: dict[str, str] = {}
    for record in read_split_table(path):
        if record.exam in splits:
            raise TableError(
                f"{record.place}: the exam {record.exam!r} stands there twice",
                hint="fourview split --check names every such exam",
            )
        splits[record.exam] = record.split
        if record.patient:
            patients[record.exam] = record.patient
    if split and split not in splits.values():
        raise TableError(
            f"{path.name}: no exam is in the split {split!r}; "
            f"found {', '.join(sorted(set(splits.values())))}"
        )
    return splits, patients


def _refuse_few(kept: int, of: int, left_out: tuple[tuple[str, int], ...], neighbours: int) -> None:
    if kept > 2 * neighbours:
        return
    why = "; ".join(f"{count} {reason}" for reason, count in left_out)
    raise TableError(
        f"{kept} of {of} exams can be pictured{f' ({why})' if why else ''}; "
        f"{neighbours} neighbours take {2 * neighbours + 1} at least",
        hint="give more exams, or --neighbours with a smaller number; exams join by their name",
    )


def _truth(
    exams: tuple[str, ...], scores: ExamScores
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """The truth, and what is to be said where there is none."""
    known = [exam for exam in exams if exam in scores.truth]
    if len(known) < len(exams):
        said = f"the truth of {len(exams) - len(known)} of {len(exams)} exams is not told"
        return None, (f"{said}, so that it is not compared",) if known else ()
    truth = np.array([float(scores.truth[exam]) for exam in exams])
    if truth.min() == truth.max():
        kind = "every" if truth[0] else "no"
        return None, (f"{kind} exam has a malignant finding, so that the truth is not compared",)
    return truth, ()
