"""Which exams of a store a command works on: all, those of a list, or those of a split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fourview.core.errors import RecipeError, TableError
from fourview.core.records import OK, SPLITS
from fourview.io.names import shown
from fourview.io.split_table import split_of_exams
from fourview.io.store.reading import read_index


@dataclass(frozen=True, kw_only=True)
class ExamChoice:
    """What was asked for; nothing asks for all exams."""

    exams: Path | None = None
    """A text file, a line an exam."""
    splits: Path | None = None
    split: str = ""

    def __post_init__(self) -> None:
        if (self.splits is None) is not (self.split == ""):
            raise RecipeError("--splits and --split need each other", hint="give both, or neither")
        if self.exams is not None and self.splits is not None:
            raise RecipeError("--exams and --splits both choose exams", hint="give one of them")
        if self.split and self.split not in SPLITS:
            raise RecipeError(f"--split is {self.split!r}; it may be {', '.join(SPLITS)}")


@dataclass(frozen=True)
class ChosenExams:
    """The exams of a store that are worked on, in its order."""

    images: dict[str, dict[str, tuple[int, int]]]
    """By exam, the shape of each image, by its name."""
    not_in_store: tuple[str, ...]
    """Those asked for of which the store has no image."""

    @property
    def n_images(self) -> int:
        return sum(map(len, self.images.values()))


def chosen_exams(store: Path, choice: ExamChoice) -> ChosenExams:
    """The exams of a store that are asked for. Its index is read, and no other file of it.

    Raises:
        TableError: the store has no image, or none of the exams asked for; or a file is wrong.
    """
    images = _stored(store)
    if not images:
        raise TableError(
            f"{store}: there are no views in this store",
            hint="views.csv tells why its images were refused",
        )
    wanted = _wanted(choice)
    if wanted is None:
        return ChosenExams(images, ())
    missing = tuple(exam for exam in wanted if exam not in images)
    if len(missing) == len(wanted):
        place = choice.exams or choice.splits
        of_split = f" of the {choice.split} split" if choice.split else ""
        raise TableError(
            f"{place}: the store {store} has none of its {len(wanted)} exams{of_split}",
            hint="are the table and the store of the same data set?",
        )
    chosen = {exam: of_exam for exam, of_exam in images.items() if exam in wanted}
    return ChosenExams(chosen, missing)


def _stored(store: Path) -> dict[str, dict[str, tuple[int, int]]]:
    images: dict[str, dict[str, tuple[int, int]]] = {}
    for row in read_index(store):
        if row["status"] != OK:
            continue
        try:
            shape = int(row["rows"]), int(row["columns"])
        except (KeyError, ValueError, TypeError) as error:
            raise TableError(
                f"{store}: views.csv is damaged: rows and columns of {shown(row['exam'])}",
                hint="`fourview prepare` with the same table and -o writes it anew",
            ) from error
        images.setdefault(row["exam"], {})[row["image"]] = shape
    return images


def _wanted(choice: ExamChoice) -> dict[str, None] | None:
    """The names asked for, once each; None for all."""
    if choice.splits is not None:
        of_exam = split_of_exams(choice.splits)
        wanted = dict.fromkeys(exam for exam, split in of_exam.items() if split == choice.split)
        place, what = choice.splits, f"no exam is in the {choice.split} split"
    elif choice.exams is not None:
        place, what = choice.exams, "names no exam"
        try:
            lines = place.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            told = error.strerror if isinstance(error, OSError) else "not a UTF-8 text"
            raise TableError(f"{place}: cannot be read: {told}", hint="a line an exam") from error
        wanted = dict.fromkeys(line.strip() for line in lines if line.strip())
    else:
        return None
    if not wanted:
        raise TableError(f"{place}: {what}")
    return wanted
