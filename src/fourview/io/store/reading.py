"""A store, read."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from fourview.core.data_recipe import StoreRecipe
from fourview.core.errors import TableError
from fourview.core.recipe import Recipe
from fourview.core.records import OK
from fourview.core.views import FourViews
from fourview.io.store.kind import StoreKind, read_kind
from fourview.io.store.view import StoredView, read_sidecar
from fourview.io.store.writing import INDEX

_OF_PIXELS = (
    "exam",
    "view",
    "image",
    "rows",
    "columns",
    "center_row",
    "center_column",
    "mean",
    "sd",
)
"""Of the index: what tells an image from one that was prepared from other pixels."""
_HINT = "`fourview prepare` with the same table and -o finishes it"


class Store:
    """The prepared views of a data set. Its index is read once, when it is opened.

    Holds no open file, and may be handed to other processes.
    """

    def __init__(self, folder: Path, kind: StoreKind, images: dict[str, tuple[str, ...]]) -> None:
        self.folder = folder
        self.kind = kind
        self._images = images

    @classmethod
    def open(cls, folder: Path, *, recipe: Recipe | None = None) -> Store:
        """The store in a folder.

        Args:
            recipe: what its views must have been prepared with.

        Raises:
            RecipeError: they were prepared with another recipe.
            TableError: the folder is no store, or one that is damaged or not finished.
        """
        kind = read_kind(folder)
        if recipe is not None:
            kind.check(StoreKind(recipe, kind.store), folder)
        images: dict[str, list[str]] = {}
        for row in read_index(folder):
            if row["status"] == OK:
                images.setdefault(row["exam"], []).append(row["image"])
        return cls(folder, kind, {exam: tuple(names) for exam, names in images.items()})

    @property
    def recipe(self) -> Recipe:
        """Its preparation is the store's; what it says of the rest means nothing."""
        return self.kind.recipe

    @property
    def store_recipe(self) -> StoreRecipe:
        return self.kind.store

    @property
    def exams(self) -> tuple[str, ...]:
        """Those of which there is at least one image, in the order of the exam table."""
        return tuple(self._images)

    def __contains__(self, exam: object) -> bool:
        return exam in self._images

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)

    def views(self, exam: str) -> FourViews[tuple[StoredView, ...]]:
        """An exam's images by view, repeats in the order of the exam table; their sidecars are
        read, their pixels not.

        Raises:
            TableError: the store has no such exam.
            ImageError: a sidecar is damaged, or of another store.
        """
        if exam not in self._images:
            raise TableError(
                f"{self.folder}: no exam {exam!r} in this store",
                hint=f"{INDEX} lists what there is, and what was refused",
            )
        found = [
            read_sidecar(self.folder, self.kind.key, exam, image) for image in self._images[exam]
        ]
        return FourViews.build(lambda view: tuple(one for one in found if one.view is view))

    def digest(self, exams: Collection[str]) -> str:
        """A hash of what the index tells of exams' images, in its order: shapes, centres,
        means and standard deviations: one that was prepared anew from other pixels has others. No
        sidecar and no pixel is read; `fourview prepare --verify` finds bytes that changed on disk.

        Raises:
            TableError: the index is missing or damaged.
        """
        wanted, told = set(exams), hashlib.sha256(self.kind.key.encode())
        for row in read_index(self.folder):
            if row["status"] == OK and row["exam"] in wanted:
                told.update("".join(f"{row.get(name)}\0" for name in _OF_PIXELS).encode())
        return told.hexdigest()


def read_index(folder: Path) -> Iterator[dict[str, str]]:
    """The rows of views.csv. Raises TableError where it is missing or damaged."""
    path = folder / INDEX
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if missing := {"exam", "image", "status"} - set(reader.fieldnames or ()):
                raise TableError(f"{path}: no column {', '.join(sorted(missing))}", hint=_HINT)
            yield from reader
    except FileNotFoundError:
        raise TableError(f"{folder}: this store is not finished: no {INDEX}", hint=_HINT) from None
    except (OSError, ValueError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read: {error}", hint=_HINT) from error
