"""The heatmaps of a store that an evaluation looks at."""

from __future__ import annotations

from dataclasses import dataclass

from fourview.core.errors import TableError
from fourview.core.exam import Heatmaps
from fourview.inference.heatmaps import heatmaps_of
from fourview.io.store import Store, StoredView
from fourview.io.store.heatmaps import StoredHeatmaps, stored_kinds


@dataclass(frozen=True)
class StoredMaps:
    """One set of heatmaps, made from its patches where they are asked for."""

    heatmaps: StoredHeatmaps

    @property
    def patch_px(self) -> int:
        """Side of the patches that they were made of, in the store's pixels."""
        return self.heatmaps.kind.recipe.patch_px

    @property
    def told(self) -> str:
        """What they are, in words."""
        kind = self.heatmaps.kind
        return (
            f"patches of {kind.recipe.patch_px} px at steps of {kind.recipe.stride_px} px, of "
            f"patch weights {kind.patch_weights[:12]}, seed {kind.seed}"
        )

    def of(self, view: StoredView) -> Heatmaps:
        """An image's heatmaps, over its prepared view.

        Raises:
            ImageError: there are none, or they are damaged, or of other pixels.
        """
        grid = self.heatmaps.read(view.exam, view.image, of=view.sha256)
        return heatmaps_of(grid, view.shape)


def stored_maps(store: Store, *, patch_weights: str = "", key: str = "") -> StoredMaps | None:
    """The one set of heatmaps in a store; None where there is none.

    Args:
        patch_weights: SHA-256 of the patch classifier's weights, or how it begins; empty for any.
        key: how their key begins, which tells any two sets apart; empty for any.
    Raises:
        TableError: there are several and it is not said which, or none of those asked for.
    """
    there = [kind for kind in stored_kinds(store.folder) if kind.store == store.kind.key]
    meant = [
        kind
        for kind in there
        if kind.patch_weights.startswith(patch_weights) and kind.key.startswith(key)
    ]
    if len(meant) == 1:
        return StoredMaps(StoredHeatmaps(store.folder, meant[0]))
    if not there:
        return None
    told = "; ".join(
        f"{kind.name}: {StoredMaps(StoredHeatmaps(store.folder, kind)).told}"
        for kind in meant or there
    )
    if not meant:
        asked = [f"patch weights {patch_weights}"] if patch_weights else []
        asked += [f"key {key}"] if key else []
        raise TableError(
            f"{store.folder}: has no heatmaps of {' and '.join(asked)} (there: {told})",
            hint="name them by their key, or the weights by their file's SHA-256; or how it begins",
        )
    raise TableError(
        f"{store.folder}: has {len(meant)} sets of heatmaps ({told})",
        hint=f"say which: --heatmaps {meant[0].name}, or --patch-weights",
    )
