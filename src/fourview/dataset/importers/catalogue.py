"""The public data sets that can be imported, by name."""

from __future__ import annotations

from collections.abc import Mapping

from fourview.core.errors import RecipeError
from fourview.dataset.importers.cbis_ddsm import CBIS_DDSM
from fourview.dataset.importers.cmmd import CMMD
from fourview.dataset.importers.embed import EMBED
from fourview.dataset.importers.inbreast import INBREAST
from fourview.dataset.importers.mini_mias import MINI_MIAS
from fourview.dataset.importers.nouns import Importer
from fourview.dataset.importers.rsna import RSNA
from fourview.dataset.importers.vindr_mammo import VINDR_MAMMO

DATASETS: Mapping[str, Importer] = {
    one.name: one for one in (MINI_MIAS, CBIS_DDSM, INBREAST, VINDR_MAMMO, CMMD, RSNA, EMBED)
}


def dataset_named(name: str) -> Importer:
    """The importer of a set; case, `_` and spaces do not matter.

    Raises:
        RecipeError: no set has this name.
    """
    plain = name.strip().casefold().replace("_", "-").replace(" ", "-")
    if plain in DATASETS:
        return DATASETS[plain]
    raise RecipeError(f"no data set is called {name!r}", hint=f"known are {', '.join(DATASETS)}")
