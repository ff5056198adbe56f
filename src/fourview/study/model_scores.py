"""A model's scores of a study's cases: from a column of its table, or from predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fourview.core.errors import TableError
from fourview.core.views import Label
from fourview.evaluation.checks import Floats
from fourview.io.prediction_file import PredictionFile, read_predictions
from fourview.io.reader_cells import Scale
from fourview.io.reader_table import ReaderTable, read_reader_table
from fourview.io.table import read_rows
from fourview.study.options import StudyOptions

_ENDINGS = (".json", ".csv", ".parquet")
_BY_SIDE = {"L": Label.LEFT_MALIGNANT, "R": Label.RIGHT_MALIGNANT}


@dataclass(frozen=True, eq=False)
class StudyInput:
    """A reader study as its files tell it."""

    table: ReaderTable
    scores: Floats | None
    """`(N,)`, the model's; NaN where it has none. None without a model."""
    model: str
    """What the model is called; nothing without one."""
    model_from: str = ""
    """The file of its predictions; nothing where they stand in the table."""
    remarks: tuple[str, ...] = ()


def read_study(path: Path, options: StudyOptions) -> StudyInput:
    """The table, and the model's scores where one is named.

    A name that is no column of the table, but a file or folder, is one of predictions: its
    malignant probabilities, joined by exam and side.

    Raises:
        TableError: a file cannot be read; no case has a prediction; the table has no sides.
    """
    predictions = _predictions(path, options.model)
    read = read_reader_table(
        path,
        readers=options.readers,
        models=[options.model] if options.model and not predictions else (),
        scale=Scale(birads=options.birads, zero_above=options.zero_above),
    )
    if predictions:
        return _joined(path, read, read_predictions(predictions))
    scores: Floats | None = read.scores[options.model] if options.model else None
    return StudyInput(read, scores, options.model)


def _predictions(path: Path, model: str) -> Path | None:
    """Where a model's name is that of a file or folder, and of no column."""
    named = Path(model)
    is_path = bool(model) and (named.exists() or "/" in model or named.suffix in _ENDINGS)
    rows = read_rows(path, required=()) if is_path else []
    if not is_path or (rows and model in rows[0].cells):
        return None
    if not named.exists():
        raise TableError(
            f"{model}: no such file or folder, and no column of {path.name}",
            hint="name a column with a model's scores, or predictions",
        )
    return named


def _joined(path: Path, read: ReaderTable, told: PredictionFile) -> StudyInput:
    if not all(side for _, side in read.breasts):
        raise TableError(
            f"{path.name}: has no column of sides, and predictions are of breasts",
            hint="give a table with a row a breast: a column side with L or R",
        )
    scores = np.array(
        [
            told.exams[exam][_BY_SIDE[side]] if exam in told.exams else np.nan
            for exam, side in read.breasts
        ]
    )
    exams = {exam for exam, _ in read.breasts}
    if not exams & told.exams.keys():
        raise TableError(
            f"none of the {len(told.exams)} exams in {told.path.name} is a case of {path.name}",
            hint="they join by exam: its name in the predictions is the case's in the table",
        )
    without = int(np.isnan(scores).sum())
    remarks = list(told.notices)
    if without:
        remarks.append(
            f"{without} of {len(scores)} cases have no prediction in {told.path.name}: what "
            "compares readers with the model leaves them out"
        )
    return StudyInput(read, scores, _name(told, read), told.path.name, tuple(remarks))


def _name(told: PredictionFile, read: ReaderTable) -> str:
    """That of the only network's weights, or how many networks; not that of a reader."""
    if len(told.networks) > 1:
        name = f"ensemble of {len(told.networks)}"
    else:
        name = told.networks[0].weights or "model"
    taken = {*read.ratings.readers, *read.ratings.modalities}
    return f"{name} (model)" if name in taken else name
