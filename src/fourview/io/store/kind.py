"""What a store is of: store.json, and the key that all in the store carries."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fourview.core.data_recipe import StoreRecipe
from fourview.core.errors import FourviewError, RecipeError, TableError
from fourview.core.recipe import Recipe, WindowRecipe, recipe_from_dict
from fourview.core.settings import filled

ABOUT = "store.json"
VERSION = 2
"""Raised when the layout or the sidecars change, or the pixels that the same recipe gives."""
_FORMAT = "fourview prepared views"
_STILL = Recipe(window=WindowRecipe(location_noise_px=0, size_noise_px=0))
"""The noise is none of the preparation's, and the default may be too large for a small window."""
_HINT = "make it anew with `fourview prepare`, in another folder"


@dataclass(frozen=True)
class StoreKind:
    """How the views of a store were prepared, and how they lie there."""

    recipe: Recipe
    """Only what moves a prepared view counts."""
    store: StoreRecipe = field(default_factory=StoreRecipe)

    def to_dict(self) -> dict[str, Any]:
        """The content of store.json: neither time nor place, nor what moves no prepared view."""
        return {"format": _FORMAT, "version": VERSION, "key": self.key, **self._settings()}

    @property
    def key(self) -> str:
        """A hash of the preparation's settings, the store's, and the format's version."""
        text = json.dumps({"version": VERSION, **self._settings()}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _settings(self) -> dict[str, Any]:
        chunked = {"chunk_px": self.store.chunk_px} if self.store.compressed else {}
        return {
            "preparation": self.recipe.preparation(),
            "store": {"compressed": self.store.compressed, **chunked},
        }

    def check(self, wanted: StoreKind, folder: Path) -> None:
        """Raise RecipeError where this, found in `folder`, is not what is wanted."""
        if self.key == wanted.key:
            return
        differing = dict(self.recipe.preparation_differences(wanted.recipe))
        mine, theirs = asdict(self.store), asdict(wanted.store)
        differing.update(
            {f"store.{key}": (mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]}
        )
        told = ", ".join(
            f"{setting} is {found} there, {asked} here"
            for setting, (found, asked) in differing.items()
        )
        settings = " ".join(
            f"--set {key}={json.dumps(found)}" for key, (found, _) in differing.items()
        )
        raise RecipeError(
            f"{folder}: a store of another recipe: {told}",
            hint=f"give another folder, or the store's own recipe ({settings})",
        )


def read_kind(folder: Path) -> StoreKind:
    """What the store in a folder is of.

    Raises:
        TableError: the folder is no store, or its store.json is damaged or of another version.
    """
    path = folder / ABOUT
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        problem = "no such folder" if not folder.exists() else f"no {ABOUT} there"
        raise TableError(
            f"{folder}: {problem}: not a store of prepared views",
            hint="`fourview prepare exams.csv -o STORE` makes one",
        ) from None
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read: {error}", hint=_HINT) from error
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise TableError(f"{path}: does not tell of a store of prepared views", hint=_HINT)
    if values.get("version") != VERSION:
        raise TableError(
            f"{path}: version {values.get('version')!r} of the format; this program reads "
            f"version {VERSION}",
            hint=_HINT,
        )
    return _kind(values, path)


def _kind(values: dict[str, Any], path: Path) -> StoreKind:
    try:
        kind = StoreKind(
            recipe_from_dict(values["preparation"], source=str(path), base=_STILL),
            filled(StoreRecipe(), values["store"], source=str(path)),
        )
    except (KeyError, TypeError, AttributeError, FourviewError) as error:
        raise TableError(f"{path}: damaged: {error}", hint=_HINT) from error
    if kind.key != values.get("key"):
        raise TableError(f"{path}: damaged: its settings do not have the key it tells", hint=_HINT)
    return kind
