"""The splits that a training may trust."""

from __future__ import annotations

from pathlib import Path

from fourview.cohort.leaks import split_leaks
from fourview.core.errors import TrainingError
from fourview.io.split_table import read_split_table, split_of_exams


def splits_to_train_on(path: Path) -> dict[str, str]:
    """Each exam's split, where no patient is in two of them: the validation's AUC, by which epochs
    and weights are chosen, would be of patients that were learnt by heart.

    Raises:
        TrainingError: a patient is in two splits, as far as the table tells patients.
        TableError: the table is wrong, or an exam stands in it twice.
    """
    splits = split_of_exams(path)
    leaks = split_leaks((), read_split_table(path))
    if shared := [leak for leak in leaks if leak.kind == "patient in two splits"]:
        more = f"; so it is with {len(shared) - 1} more" if len(shared) > 1 else ""
        raise TrainingError(
            f"{path.name}: {shared[0].line()}{more}",
            hint="`fourview split` keeps a patient's exams together; its --check names all",
        )
    return splits
