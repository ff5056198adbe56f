"""A score an exam, to colour it by, and its truth where a table tells it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fourview.core.errors import TableError
from fourview.core.views import Label
from fourview.io.cells import number_cell
from fourview.io.label_table import read_label_table
from fourview.io.names import shown
from fourview.io.prediction_file import read_predictions
from fourview.io.reader_table import read_reader_table
from fourview.io.table import read_rows
from fourview.representation.options import ScoreSource

MALIGNANT = (Label.LEFT_MALIGNANT, Label.RIGHT_MALIGNANT)


@dataclass(frozen=True, eq=False, kw_only=True)
class ExamScores:
    """What each exam is coloured by."""

    name: str
    """Of the score, as an axis has it."""
    how: str
    """A sentence of the methods."""
    scores: Mapping[str, float]
    truth: Mapping[str, bool] = field(default_factory=dict)
    """Whether an exam has a malignant finding; nothing where no table tells it, or where the score
    itself is the truth."""
    patients: Mapping[str, str] = field(default_factory=dict)
    by_construction: bool = False
    """Whether the score is computed from the activations themselves."""
    remarks: tuple[str, ...] = ()


def read_scores(source: ScoreSource) -> ExamScores:
    """The scores as their files tell them.

    Raises:
        TableError: a file cannot be read, or holds no such scores.
    """
    if source.readers:
        found = _of_readers(source.readers)
    elif source.predictions:
        found = _of_predictions(source.predictions)
    else:
        assert source.labels is not None
        return _of_labels(source.labels, source.column)
    if source.labels is None:
        return found
    truth = {exam: score > 0 for exam, score in _of_labels(source.labels, "").scores.items()}
    return ExamScores(**{**vars(found), "truth": truth})


def _of_readers(path: Path) -> ExamScores:
    table = read_reader_table(path)
    ratings = table.ratings
    if len(ratings.modalities) > 1:
        raise TableError(
            f"{path.name}: holds {len(ratings.modalities)} modalities, "
            f"{', '.join(ratings.modalities[:5])}; a score is of one",
            hint="give a table of one of them",
        )
    rated = ~np.isnan(ratings.values[0])
    counts = rated.sum(axis=0)
    sums = np.where(rated, ratings.values[0], 0.0).sum(axis=0)
    of_breasts: dict[str, list[float]] = defaultdict(list)
    truth: dict[str, bool] = {}
    patients: dict[str, str] = {}
    unread = 0
    for i, (exam, side) in enumerate(table.breasts):
        truth[exam] = truth.get(exam, False) or bool(ratings.truth[i])
        patients[exam] = ratings.patients[i]
        if counts[i]:
            of_breasts[exam].append(float(sums[i] / counts[i]))
        unread += bool(side) and not counts[i]
    sides = {side for _, side in table.breasts}
    single = sum(len(values) < 2 for values in of_breasts.values()) if sides != {""} else 0
    remarks = []
    if single:
        remarks.append(f"{single} exams are scored by one breast: the other has no rating")
    if not ratings.is_complete:
        remarks.append("ratings are missing: a breast's score is the mean of those that there are")
    return ExamScores(
        name="readers' mean",
        how=(
            f"An exam's score is the mean of the ratings of {len(ratings.readers)} readers, "
            "averaged over its breasts."
        ),
        scores={exam: float(np.mean(values)) for exam, values in of_breasts.items()},
        truth=truth,
        # without a column of patients each is named by its exam, which tells nothing of others
        patients={} if all(exam == who for exam, who in patients.items()) else patients,
        remarks=tuple(remarks),
    )


def _of_predictions(path: Path) -> ExamScores:
    told = read_predictions(path)
    scores, single = {}, 0
    for exam, said in told.exams.items():
        known = [said[label] for label in MALIGNANT if not math.isnan(said[label])]
        single += len(known) == 1
        if known:
            scores[exam] = float(np.mean(known))
    remarks = [f"{single} exams are scored by one breast: the other was not read"] if single else []
    return ExamScores(
        name="predicted malignancy",
        how="An exam's score is the mean of the malignant predictions for its two breasts.",
        scores=scores,
        by_construction=True,
        remarks=(*told.notices, *remarks),
    )


def _of_labels(path: Path, column: str) -> ExamScores:
    if not column:
        labels = read_label_table(path)
        return ExamScores(
            name="malignant finding",
            how="An exam's score is 1 where a breast has a malignant finding by its labels, else "
            "0.",
            scores={
                exam: float(any(one.values[label] for label in MALIGNANT))
                for exam, one in labels.items()
            },
        )
    scores: dict[str, float] = {}
    seen: set[str] = set()
    for row in read_rows(path, required=("exam", column)):
        exam = row.get("exam")
        if row.problem or not exam or exam in seen:
            why = f"the row {row.problem}" if row.problem else "the exam is empty"
            twice = f"the exam {shown(exam)!r} stands there twice"
            raise TableError(f"{row.place}: {twice if exam in seen else why}")
        seen.add(exam)
        try:
            value = number_cell(row.get(column), column, least=-1e300, most=1e300)
        except TableError as error:
            raise TableError(f"{row.place}: {error.problem}", hint=error.hint) from error
        if value is not None:
            scores[exam] = value
    return ExamScores(
        name=column,
        how=f"An exam's score is its {column} in {path.name}.",
        scores=scores,
    )
