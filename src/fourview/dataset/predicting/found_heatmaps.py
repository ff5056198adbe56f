"""Which of a store's heatmaps a network reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fourview.core.errors import TableError
from fourview.inference.exam import Member
from fourview.io.store.heatmaps import HeatmapKind, StoredHeatmaps, stored_kinds

_MAKE = "make them: fourview heatmaps {} --patch-weights FILE"


def found_heatmaps(
    folder: Path, store_key: str, member: Member, *, patch_weights: str, seed: int, key: str = ""
) -> StoredHeatmaps:
    """The heatmaps in a store that a network's recipe asks for: of the seed if there are such,
    else of the only other one.

    Args:
        patch_weights: SHA-256 of the patch classifier's weights; empty where none was named.
        key: how the key of those begins that are asked for; empty where none was named.

    Raises:
        TableError: there are none, or several and it is not said which.
    """
    recipe = member.recipe.scaled().heatmaps
    chance = member.recipe.prediction.chance
    there = [kind for kind in stored_kinds(folder) if kind.store == store_key]
    fitting = [
        kind
        for kind in there
        if (kind.recipe, kind.chance) == (recipe, chance)
        and patch_weights in ("", kind.patch_weights)
        and kind.key.startswith(key)
    ]
    fitting = [kind for kind in fitting if kind.seed == seed] or fitting
    if len(fitting) == 1:
        return StoredHeatmaps(folder, fitting[0])
    name = member.reader.info.name
    wanted = f"patches of {recipe.patch_px} px at steps of {recipe.stride_px} px"
    of = f" of patch weights {patch_weights[:12]}" if patch_weights else ""
    of += f" of key {key}" if key else ""
    if not fitting:
        raise TableError(
            f"{folder}: has no heatmaps{of} as weights {name} read them: {wanted}, facing "
            f"{recipe.facing}, chance {chance}{_there(there)}",
            hint=_MAKE.format(folder)
            + ", or read with those that are there: --set, --patch-weights",
        )
    raise TableError(
        f"{folder}: has {len(fitting)} sets of heatmaps for weights {name}{_there(fitting)}",
        hint=f"say which: --heatmaps {fitting[0].name}, --patch-weights FILE or --seed",
    )


def _there(kinds: Sequence[HeatmapKind]) -> str:
    if not kinds:
        return ""
    told = "; ".join(
        f"{kind.name}, of patch weights {kind.patch_weights[:12]}, {kind.recipe.patch_px} px at "
        f"{kind.recipe.stride_px} px, facing {kind.recipe.facing}, chance {kind.chance}, "
        f"seed {kind.seed}"
        for kind in kinds
    )
    return f" (there: {told})"


def require_all(folder: Path, missing: Sequence[tuple[str, str]]) -> None:
    """Refuse to begin where images have no heatmaps.

    Args:
        missing: exam and image of each that has none.

    Raises:
        TableError: with how many, and the first of them.
    """
    if not missing:
        return
    exams = list(dict.fromkeys(exam for exam, _ in missing))
    more = f" and {len(exams) - 3} more" if len(exams) > 3 else ""
    raise TableError(
        f"{folder}: {len(missing)} images without heatmaps, in {len(exams)} of the exams: "
        f"{', '.join(exams[:3])}{more}",
        hint=_MAKE.format(folder),
    )
