"""The public data sets that can be imported, by name."""

from __future__ import annotations

from collections.abc import Mapping

from fourview.core.errors import RecipeError
from fourview.dataset.importers.mini_mias import MINI_MIAS
from fourview.dataset.importers.nouns import Importer

DATASETS: Mapping[str, Importer] = {one.name: one for one in (MINI_MIAS,)}


def dataset_named(name: str) -> Importer:
    """The importer of a set; case, `_` and spaces do not matter.

    Raises:
        RecipeError: no set has this name.
    """
    plain = name.strip().casefold().replace("_", "-").replace(" ", "-")
    if plain in DATASETS:
        return DATASETS[plain]
    raise RecipeError(f"no data set is called {name!r}", hint=f"known are {', '.join(DATASETS)}")
