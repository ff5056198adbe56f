"""Heatmaps in a store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import ImageError, TableError
from fourview.io.store.heatmaps import StoredHeatmaps
from support.stores import RECIPE, write_heatmaps, write_store


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    store = write_store(tmp_path, ["a"])
    heatmaps = write_heatmaps(store)
    grid = heatmaps.read("a", "L-CC")
    heatmaps.write("a", "again", grid, of=store.views("a").l_cc[0].sha256)
    found = heatmaps.read("a", "again")
    assert found.patch_px == grid.patch_px
    for name in ("rows", "columns", "probabilities"):
        np.testing.assert_array_equal(getattr(found, name), getattr(grid, name))
    files = [heatmaps.path("a", image).read_bytes() for image in ("L-CC", "again")]
    assert files[0] == files[1]


def test_everything_that_moves_a_heatmap_moves_the_key(tmp_path: Path) -> None:
    kind = write_heatmaps(write_store(tmp_path, ["a"])).kind
    others = [
        replace(kind, store="x"),
        replace(kind, patch_weights="x"),
        replace(kind, seed=1),
        replace(kind, recipe=replace(kind.recipe, stride_px=7)),
    ]
    assert len({one.key for one in [kind, *others]}) == 5


def test_the_only_heatmaps_of_a_store_are_found_and_of_several_those_named(tmp_path: Path) -> None:
    store = write_store(tmp_path, ["a"])
    recipe = RECIPE.heatmaps
    with pytest.raises(TableError, match="no sets of heatmaps"):
        StoredHeatmaps.only(store.folder, recipe)
    mine = write_heatmaps(store).kind
    assert StoredHeatmaps.only(store.folder, recipe).kind == mine
    StoredHeatmaps.begun(store.folder, replace(mine, patch_weights="f" * 64))
    with pytest.raises(TableError, match="2 sets of heatmaps"):
        StoredHeatmaps.only(store.folder, recipe)
    assert StoredHeatmaps.only(store.folder, recipe, patch_weights="f" * 64).kind != mine


def test_sets_that_differ_by_seed_alone_are_told_apart_by_their_key(tmp_path: Path) -> None:
    store = write_store(tmp_path, ["a"])
    recipe, mine = RECIPE.heatmaps, write_heatmaps(store).kind
    other = StoredHeatmaps.begun(store.folder, replace(mine, seed=7))
    assert other.folder.name == other.kind.name
    with pytest.raises(TableError, match="2 sets of heatmaps") as caught:
        StoredHeatmaps.only(store.folder, recipe, patch_weights=mine.patch_weights)
    assert caught.value.hint in {f"say which: --heatmaps {k.name}" for k in (mine, other.kind)}
    for kind in (mine, other.kind):
        assert f"{kind.name}: " in caught.value.problem
        assert StoredHeatmaps.only(store.folder, recipe, key=kind.name).kind == kind
        assert StoredHeatmaps.only(store.folder, recipe, key=kind.key[:5]).kind == kind
    with pytest.raises(TableError, match=r"no sets of heatmaps .* of key zz"):
        StoredHeatmaps.only(store.folder, recipe, key="zz")


def test_heatmaps_made_otherwise_than_the_recipe_says_are_not_taken(tmp_path: Path) -> None:
    store = write_store(tmp_path, ["a"])
    write_heatmaps(store)
    with pytest.raises(
        TableError, match=r"no sets .* steps of 7 px.*there: [0-9a-f]{16}: 32 px at 20 px"
    ):
        StoredHeatmaps.only(store.folder, replace(RECIPE.heatmaps, stride_px=7))


def test_a_missing_damaged_or_foreign_file_is_refused(tmp_path: Path) -> None:
    heatmaps = write_heatmaps(write_store(tmp_path, ["a"]))
    with pytest.raises(ImageError, match="no heatmaps of exam b"):
        heatmaps.read("b", "L-CC")
    path = heatmaps.path("a", "L-CC")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageError, match="damaged"):
        heatmaps.read("a", "L-CC")
    other = StoredHeatmaps.begun(tmp_path, replace(heatmaps.kind, seed=9))
    other.path("a", "L-CC").parent.mkdir(parents=True)
    other.path("a", "L-CC").write_bytes(whole)
    with pytest.raises(ImageError, match="of other heatmaps"):
        other.read("a", "L-CC")


def test_a_grid_that_holds_no_number_is_damaged_and_made_again(tmp_path: Path) -> None:
    store = write_store(tmp_path, ["a"])
    heatmaps = write_heatmaps(store)
    grid = heatmaps.read("a", "L-CC")
    grid.probabilities[1, 2, 0] = np.nan
    sha256 = store.views("a").l_cc[0].sha256
    heatmaps.write("a", "L-CC", grid, of=sha256)
    with pytest.raises(ImageError, match=r"L-CC\.npz: damaged: probabilities that are no numbers"):
        heatmaps.read("a", "L-CC")
    assert not heatmaps.holds("a", "L-CC", of=sha256)


def test_a_damaged_description_is_refused(tmp_path: Path) -> None:
    heatmaps = write_heatmaps(write_store(tmp_path, ["a"]))
    about = heatmaps.folder / "heatmaps.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "seed": 5}))
    with pytest.raises(TableError, match="do not have the key"):
        StoredHeatmaps.only(tmp_path, RECIPE.heatmaps)
