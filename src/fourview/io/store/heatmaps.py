"""Heatmaps in a store: the patch classifier's probabilities on a grid, a few kilobytes an image,
from which any part of a heatmap is made when it is read.

    STORE/heatmaps/KEY/heatmaps.json       what they are of
    STORE/heatmaps/KEY/EXAM/IMAGE.npz      rows, columns, probabilities
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourview.core.errors import ImageError, TableError
from fourview.core.recipe import HeatmapRecipe
from fourview.core.weights import PATCH_CLASSES
from fourview.io.atomic import write_file
from fourview.io.results import write_json

FOLDER, ABOUT = "heatmaps", "heatmaps.json"
VERSION = 1


@dataclass(frozen=True, eq=False)
class PatchGrid:
    """What the patch classifier said of an image, patch by patch."""

    rows: NDArray[np.int64]
    """First rows of the patches, on the prepared view."""
    columns: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    """`(len(rows), len(columns), 4)`, classes in the classifier's order."""
    patch_px: int

    def of(self, finding: str) -> NDArray[np.float32]:
        """`(len(rows), len(columns))`: the probabilities of `benign` or `malignant`."""
        return self.probabilities[..., PATCH_CLASSES.index(finding)]


@dataclass(frozen=True)
class HeatmapKind:
    """What heatmaps are of: prepared views, a patch classifier, how it was slid."""

    store: str
    """The store's key."""
    patch_weights: str
    """SHA-256 of the weights' file."""
    recipe: HeatmapRecipe
    """At scale 1: every length in the store's pixels."""
    seed: int
    chance: str = "exam"
    """Where the strides were drawn from, see `PredictionRecipe`."""

    @property
    def key(self) -> str:
        """A hash of all that moves a heatmap."""
        return hashlib.sha256(json.dumps(self._values(), sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        """Of the folder that they lie in: how the key begins."""
        return self.key[:16]

    def to_dict(self) -> dict[str, Any]:
        return {"key": self.key, **self._values()}

    def _values(self) -> dict[str, Any]:
        return {"version": VERSION, **asdict(self)}


class StoredHeatmaps:
    """The heatmaps of one kind in a store. Holds no open file."""

    def __init__(self, store: Path, kind: HeatmapKind) -> None:
        self.kind = kind
        self.folder = store / FOLDER / kind.name

    @classmethod
    def begun(cls, store: Path, kind: HeatmapKind) -> StoredHeatmaps:
        """Those of this kind, to be made or gone on with."""
        found = cls(store, kind)
        if not (found.folder / ABOUT).exists():
            write_json(found.folder / ABOUT, kind.to_dict())
        return found

    @classmethod
    def only(
        cls, store: Path, recipe: HeatmapRecipe, *, patch_weights: str = "", key: str = ""
    ) -> StoredHeatmaps:
        """The heatmaps of a store that were made as a recipe says, if there is one set of them.

        Args:
            recipe: at scale 1.
            patch_weights: SHA-256 of the patch classifier's weights; empty for any.
            key: how their key begins, which tells any two sets apart; empty for any.

        Raises:
            TableError: there are none, or several.
        """
        there = stored_kinds(store)
        kinds = [
            kind
            for kind in there
            if kind.recipe == recipe
            and patch_weights in ("", kind.patch_weights)
            and kind.key.startswith(key)
        ]
        if len(kinds) != 1:
            wanted = f"patches of {recipe.patch_px} px at steps of {recipe.stride_px} px"
            of = f", of patch weights {patch_weights[:12]}" if patch_weights else ""
            of += f", of key {key}" if key else ""
            told = "; ".join(
                f"{kind.name}: {kind.recipe.patch_px} px at {kind.recipe.stride_px} px, of patch "
                f"weights {kind.patch_weights[:12]}, seed {kind.seed}, chance {kind.chance}"
                for kind in there
            )
            raise TableError(
                f"{store}: has {len(kinds) or 'no'} sets of heatmaps of {wanted}{of}"
                + (f" (there: {told})" if told else ""),
                hint=f"say which: --heatmaps {kinds[0].name}"
                if kinds
                else "make them with `fourview heatmaps`, or set heatmaps.stride_px as they were "
                "made with",
            )
        return cls(store, kinds[0])

    def path(self, exam: str, image: str) -> Path:
        """Where an image's grid lies."""
        return self.folder / exam / f"{image}.npz"

    def has(self, exam: str, image: str) -> bool:
        return self.path(exam, image).exists()

    def holds(self, exam: str, image: str, *, of: str) -> bool:
        """Whether an image's grid is there, whole, and of these pixels."""
        return self.find(exam, image, of=of) is not None

    def find(self, exam: str, image: str, *, of: str) -> PatchGrid | None:
        """An image's grid, if it is there, whole, and of these pixels."""
        try:
            return self.read(exam, image, of=of)
        except ImageError:
            return None

    def write(self, exam: str, image: str, grid: PatchGrid, *, of: str = "") -> None:
        """Put a grid in; whole, or not at all.

        Args:
            of: SHA-256 of the array's file in the store, by which an image that was prepared anew
                is told from the one before.

        Raises:
            OutputError: the disk is full, or the folder cannot be written to.
        """
        data = io.BytesIO()
        np.savez(
            data,
            key=np.array(self.kind.key),
            of=np.array(of),
            rows=grid.rows,
            columns=grid.columns,
            probabilities=grid.probabilities.astype(np.float32),
        )
        write_file(self.path(exam, image), data.getvalue())

    def read(self, exam: str, image: str, *, of: str = "") -> PatchGrid:
        """An image's grid.

        Args:
            of: as given to `write`; empty asks for no certain pixels.

        Raises:
            ImageError: it is missing, damaged, of another kind, or of other pixels.
        """
        path = self.path(exam, image)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
                values = {name: found[name] for name in found.files}
            if of and str(values.get("of", "")) != of:
                raise ImageError(
                    f"{path}: made before the image was prepared anew",
                    hint="`fourview heatmaps` makes it again",
                )
            return self._checked(values, path)
        except FileNotFoundError:
            raise ImageError(
                f"{path}: no heatmaps of exam {exam}, image {image}",
                hint="`fourview heatmaps` makes those that are missing",
            ) from None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
            raise ImageError(
                f"{path}: damaged: {error}", hint="delete it; `fourview heatmaps` makes it anew"
            ) from error

    def _checked(self, values: Mapping[str, NDArray[Any]], path: Path) -> PatchGrid:
        if str(values["key"]) != self.kind.key:
            raise ImageError(f"{path}: of other heatmaps than its folder's")
        rows, columns, found = values["rows"], values["columns"], values["probabilities"]
        if found.shape != (len(rows), len(columns), len(PATCH_CLASSES)):
            raise ValueError(f"probabilities of shape {found.shape}")
        if not np.isfinite(found).all():
            raise ValueError("probabilities that are no numbers")
        return PatchGrid(rows, columns, found, self.kind.recipe.patch_px)


def stored_kinds(store: Path) -> list[HeatmapKind]:
    """What a store has heatmaps of. Raises TableError where a description of them is damaged."""
    return [read_kind(about) for about in sorted((store / FOLDER).glob(f"*/{ABOUT}"))]


def read_kind(path: Path) -> HeatmapKind:
    """What the heatmaps.json at `path` tells.

    Raises:
        TableError: it is damaged, or of another version.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("version") != VERSION:
            raise ValueError("of another version of the format")
        key = values.pop("key")
        kind = HeatmapKind(**{**values, "recipe": HeatmapRecipe(**values["recipe"])})
        if kind.key != key:
            raise ValueError("its values do not have the key it tells")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TableError(f"{path}: cannot be read: {error}") from error
    return kind
