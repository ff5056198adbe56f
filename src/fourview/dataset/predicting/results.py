"""The predictions of a store's exams on disk, from the journal that they were kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fourview import NOT_A_DEVICE
from fourview.io.atomic import remove_file
from fourview.io.exams.files import Refused
from fourview.io.prediction_journal import PredictionJournal, prediction_from_dict
from fourview.io.results import write_hidden, write_json, write_predictions_csv


@dataclass
class PredictResult:
    """What was predicted, and what was refused."""

    exams: list[str] = field(default_factory=list)
    """Predicted, in the store's order."""
    done_before: int = 0
    """Of these, by an earlier run."""
    refused: list[Refused] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    device: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage, of this run."""

    @property
    def exit_code(self) -> int:
        """0 done, 1 nothing could be predicted, 3 some exams were refused."""
        if not self.exams:
            return 1
        return 3 if self.refused else 0


def write_results(
    out: Path,
    journal: PredictionJournal,
    result: PredictResult,
    run: Mapping[str, Any],
    *,
    hidden: bool = False,
) -> None:
    """Write predictions.csv and .json, and run.json: the same bytes for the same journal.

    Args:
        run: how the run went, for run.json.
        hidden: whether hidden.npz is written, too; else one that was there is taken away.

    Raises:
        OutputError: the disk is full, or the folder cannot be written to.
    """
    told = [journal.read(exam) for exam in result.exams]
    write_predictions_csv(out / "predictions.csv", list(map(prediction_from_dict, told)))
    values = {
        "about": NOT_A_DEVICE,
        "notices": list(result.notices),
        "exams": told,
        "refused": [
            {"name": one.name, "exam": one.is_exam, "reason": one.reason, "hint": one.hint}
            for one in result.refused
        ],
    }
    write_json(out / "predictions.json", values)
    write_json(out / "run.json", run)
    if not hidden:
        remove_file(out / "hidden.npz")
        return
    activations = [journal.read_hidden(exam) for exam in result.exams]
    write_hidden(
        out / "hidden.npz",
        result.exams,
        [columns for columns, _ in activations],
        [fc for _, fc in activations],
    )
