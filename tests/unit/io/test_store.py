"""The store of prepared views: what is read is what was prepared, or a clear refusal."""

from __future__ import annotations

import csv
import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.chance import ReleasedChance
from fourview.core.data_recipe import StoreRecipe
from fourview.core.errors import FourviewError, ImageError, RecipeError, TableError
from fourview.core.exam import PreparedView
from fourview.core.geometry import Box
from fourview.core.recipe import recipe_with
from fourview.core.views import Facing, View
from fourview.imaging.window import cut, place
from fourview.inference.prepare import prepare
from fourview.io.store import Store, StoredView, StoreKind
from fourview.io.store.arrays import encoded
from fourview.io.store.writing import (
    index_row,
    pixels_digest,
    store_to_write,
    write_index,
    write_view,
)
from support.small_exams import SMALL, small_mammogram

PLAIN = StoreKind(SMALL, StoreRecipe(compressed=False))
COMPRESSED = StoreKind(SMALL, StoreRecipe(chunk_px=64))
KINDS = [pytest.param(PLAIN, id="plain"), pytest.param(COMPRESSED, id="compressed")]


def prepared_view(view: View = View.R_CC, seed: int = 0) -> PreparedView:
    return prepare(small_mammogram(view, seed), SMALL)


def small_store(folder: Path, kind: StoreKind = COMPRESSED) -> Path:
    """A finished store of one exam of two images of R-CC and one of L-MLO."""
    with store_to_write(folder, kind):
        rows = [
            index_row(
                write_view(
                    folder,
                    kind,
                    replace(prepared_view(view, seed), warnings=('odd; and, "quoted"',)),
                    exam="a",
                    image=image,
                    pixels_sha256=pixels_digest(small_mammogram(view, seed).pixels),
                    source_bytes=7,
                    source_sha256="",
                    facing=Facing.LEFT,
                    pixel_spacing_mm=(0.1, 0.2),
                )
            )
            for seed, (view, image) in enumerate(
                [(View.R_CC, "R-CC"), (View.R_CC, "R-CC_2"), (View.L_MLO, "L-MLO")]
            )
        ]
        write_index(folder, rows)
    return folder


def stored(folder: Path, kind: StoreKind = COMPRESSED) -> StoredView:
    return Store.open(small_store(folder, kind)).views("a").r_cc[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_comes_back_bit_for_bit(kind: StoreKind, tmp_path: Path) -> None:
    store = Store.open(small_store(tmp_path / "s", kind))
    assert store.exams == ("a",)
    assert "a" in store
    views = store.views("a")
    assert [one.image for one in views.r_cc] == ["R-CC", "R-CC_2"]
    assert views.l_cc == ()
    assert views.r_mlo == ()
    for seed, one in enumerate([*views.r_cc, *views.l_mlo]):
        wanted, found = prepared_view(one.view, seed), one.prepared()
        assert np.array_equal(found.pixels, wanted.pixels)
        assert found.pixels.dtype == np.uint16
        assert found.pixels.flags.writeable
        assert (found.view, found.source) == (wanted.view, wanted.source)
        assert found.placement == wanted.placement
        assert found.optimal_center == wanted.optimal_center
        assert found.warnings == ('odd; and, "quoted"',)
        assert (one.facing, one.pixel_spacing_mm) == (Facing.LEFT, (0.1, 0.2))
        assert one.mean == pytest.approx(wanted.pixels.mean(), rel=1e-14)
        assert one.sd == pytest.approx(wanted.pixels.std(), rel=1e-12)
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_is_zero_where_no_image_is(
    kind: StoreKind, tmp_path_factory: pytest.TempPathFactory
) -> None:
    view = stored(tmp_path_factory.mktemp("store") / "s", kind)
    whole = view.pixels()
    padded = np.pad(whole, 300)
    edge = st.integers(-300, 399)

    @settings(max_examples=60, deadline=None)
    @given(top=edge, left=edge, rows=st.integers(1, 250), columns=st.integers(1, 250))
    def check(top: int, left: int, rows: int, columns: int) -> None:
        rows, columns = min(rows, 400 - top), min(columns, 400 - left)
        box = Box(top, top + rows, left, left + columns)
        wanted = np.zeros((rows, columns), np.uint16)
        part = padded[top + 300 : top + 300 + rows, left + 300 : left + 300 + columns]
        wanted[: part.shape[0], : part.shape[1]] = part
        found = view.window(box)
        assert found.dtype == np.uint16
        assert np.array_equal(found, wanted)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_is_what_the_network_would_read_of_the_prepared_view(
    kind: StoreKind, tmp_path: Path
) -> None:
    """Against `imaging.window.cut`, where no size was drawn."""
    for view in (
        one for found in Store.open(small_store(tmp_path / "s", kind)).views("a") for one in found
    ):
        position = view.view.position
        for seed in range(5):
            placed = place(
                view.shape,
                position,
                view.optimal_center,
                SMALL.window.shape(position),
                ReleasedChance(seed),
                location_noise_px=(6, 6),
            )
            box = placed.box
            above = placed.pad_above
            found = view.window(Box(box.top - above, box.bottom - above, box.left, box.right))
            image = view.pixels()[..., None].astype(np.float32)
            assert np.array_equal(found, cut(image, placed)[..., 0])


def test_the_same_pixels_give_the_same_bytes_whatever_the_environment_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (700, 500)).astype(np.uint16)
    once = encoded(pixels, StoreRecipe())
    for name, value in (("BLOSC_NTHREADS", "4"), ("BLOSC_CLEVEL", "9")):
        monkeypatch.setenv(name, value)
    assert encoded(pixels, StoreRecipe()) == once
    assert encoded(np.asfortranarray(pixels), StoreRecipe(compressed=False)) == encoded(
        pixels, StoreRecipe(compressed=False)
    )


@pytest.mark.parametrize("shape", [(1, 1), (300, 17), (17, 300)])
def test_images_smaller_than_a_chunk_are_stored(shape: tuple[int, int], tmp_path: Path) -> None:
    pixels = np.arange(shape[0] * shape[1], dtype=np.uint16).reshape(shape)
    for kind in (PLAIN, StoreKind(SMALL, StoreRecipe(chunk_px=256))):
        view = write_view(
            tmp_path,
            kind,
            replace(prepared_view(), pixels=pixels),
            exam="a",
            image="L-CC",
            pixels_sha256="",
            source_bytes=0,
            source_sha256="",
        )
        assert np.array_equal(view.pixels(), pixels)


def test_a_plain_store_is_read_with_numpy_alone(tmp_path: Path) -> None:
    view = stored(tmp_path / "s", PLAIN)
    mapped = np.load(tmp_path / "s" / "views" / "a" / "R-CC.npy", mmap_mode="r")
    assert np.array_equal(mapped, view.pixels())


def test_a_plain_file_with_another_header_is_read_too(tmp_path: Path) -> None:
    """As another version of numpy may write it."""
    view = stored(tmp_path / "s", PLAIN)
    before = view.pixels()
    with view.path.open("wb") as file:
        np.lib.format.write_array(file, before, version=(2, 0))
    assert np.array_equal(view.pixels(), before)
    with view.path.open("wb") as file:
        np.lib.format.write_array(file, before.astype(np.int16))
    with pytest.raises(ImageError, match="holds int16 of shape"):
        view.pixels()


def test_the_index_is_read_once_and_a_view_may_go_to_another_process(tmp_path: Path) -> None:
    store = Store.open(small_store(tmp_path / "s"))
    (tmp_path / "s" / "views.csv").unlink()
    there = pickle.loads(pickle.dumps(store)).views("a").r_cc[0]
    again = pickle.loads(pickle.dumps(there))
    assert np.array_equal(again.pixels(), prepared_view().pixels)


# The key


def test_the_digest_knows_an_image_that_was_prepared_of_other_pixels(tmp_path: Path) -> None:
    """And leaves alone what the exams asked for do not hold."""
    store = Store.open(small_store(tmp_path / "one"))
    digest = store.digest(["a"])
    assert Store.open(small_store(tmp_path / "same")).digest(["a"]) == digest
    index = tmp_path / "one" / "views.csv"
    text = index.read_text()
    index.write_text(text + text.splitlines()[1].replace("a,", "b,", 1) + "\n")
    assert Store.open(tmp_path / "one").digest(["a"]) == digest
    assert Store.open(tmp_path / "one").digest(["a", "b"]) != digest
    other = replace(prepared_view(seed=9), placement=prepared_view().placement)
    view = write_view(
        tmp_path / "one",
        COMPRESSED,
        other,
        exam="a",
        image="R-CC",
        pixels_sha256="",
        source_bytes=7,
        source_sha256="",
    )
    rows = [dict(row) for row in csv.DictReader(text.splitlines())]
    assert rows[0]["image"] == "R-CC"
    write_index(tmp_path / "one", [index_row(view), *rows[1:]])
    assert Store.open(tmp_path / "one").digest(["a"]) != digest


def test_only_what_moves_a_stored_byte_moves_the_key() -> None:
    assert StoreKind(recipe_with(SMALL, ["heatmaps.stride_px=9"]), PLAIN.store).key == PLAIN.key
    assert StoreKind(recipe_with(SMALL, ["crop.buffer_px=9"]), PLAIN.store).key != PLAIN.key
    assert COMPRESSED.key != PLAIN.key
    assert StoreKind(SMALL, StoreRecipe(chunk_px=65)).key != COMPRESSED.key
    unused = StoreRecipe(compressed=False, chunk_px=65)  # a plain store has no chunks
    assert StoreKind(SMALL, unused).key == PLAIN.key


def test_a_store_of_another_recipe_is_refused_with_what_differs(tmp_path: Path) -> None:
    small_store(tmp_path / "s")
    assert Store.open(tmp_path / "s", recipe=recipe_with(SMALL, ["prediction.passes=9"]))
    with pytest.raises(RecipeError, match="another recipe") as caught:
        Store.open(tmp_path / "s", recipe=recipe_with(SMALL, ["crop.buffer_px=9", "scale=0.5"]))
    assert "scale is 1.0 there, 0.5 here" in caught.value.problem
    assert "crop.buffer_px is 3 there, 9 here" in caught.value.problem
    assert "--set crop.buffer_px=3" in caught.value.hint


def test_a_file_of_another_key_is_never_read(tmp_path: Path) -> None:
    small_store(tmp_path / "s")
    other = StoreKind(recipe_with(SMALL, ["crop.buffer_px=9"]), COMPRESSED.store)
    small_store(tmp_path / "t", other)
    for name in ("R-CC.json", "R-CC.b2nd"):
        taken = (tmp_path / "t" / "views" / "a" / name).read_bytes()
        (tmp_path / "s" / "views" / "a" / name).write_bytes(taken)
    with pytest.raises(ImageError, match="belongs to a store of another recipe"):
        Store.open(tmp_path / "s").views("a")


# Damage


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no store\.json there") as caught:
        Store.open(tmp_path)
    assert "fourview prepare" in caught.value.hint
    with pytest.raises(TableError, match="no such folder"):
        Store.open(tmp_path / "none")


def test_a_store_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    (small_store(tmp_path / "s") / "views.csv").unlink()
    with pytest.raises(TableError, match="not finished"):
        Store.open(tmp_path / "s")
    (tmp_path / "s" / "views.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r"views\.csv: no column exam, image, status"):
        Store.open(tmp_path / "s")


def test_an_exam_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no exam 'b' in this store"):
        Store.open(small_store(tmp_path / "s")).views("b")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _: "{", "cannot be read"),
        (lambda _: "[]", "does not tell of a store"),
        (lambda values: {**values, "format": "else"}, "does not tell of a store"),
        (lambda values: {**values, "version": 99}, "version 99 of the format"),
        (lambda values: {**values, "preparation": {"scale": "x"}}, "damaged: "),
        (lambda values: {**values, "preparation": {"scales": 1}}, "damaged: "),
        (lambda values: {**values, "store": {"chunk_px": 3}}, "do not have the key"),
        (lambda values: {**values, "key": "0"}, "do not have the key"),
    ],
)
def test_a_damaged_store_json_is_told(
    change: Callable[[dict[str, object]], object], told: str, tmp_path: Path
) -> None:
    path = small_store(tmp_path / "s") / "store.json"
    changed = change(json.loads(path.read_text()))
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    with pytest.raises(TableError, match=told) as caught:
        Store.open(tmp_path / "s")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _: "{", "cannot be read"),
        (lambda _: "[]", "damaged"),
        (lambda values: {**values, "view": "X"}, "damaged"),
        (lambda values: {**values, "shape": [1]}, "damaged"),
        (lambda values: {**values, "array": {**values["array"], "file": "../x"}}, "damaged"),
        (lambda values: {**values, "image": "L-CC"}, "tells of a/L-CC"),
    ],
)
def test_a_damaged_sidecar_is_told(
    change: Callable[[dict[str, object]], object], told: str, tmp_path: Path
) -> None:
    path = small_store(tmp_path / "s") / "views" / "a" / "R-CC.json"
    changed = change(json.loads(path.read_text()))
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    with pytest.raises(ImageError, match=told):
        Store.open(tmp_path / "s").views("a")


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_array_is_told(kind: StoreKind, tmp_path: Path) -> None:
    view = stored(tmp_path / "s", kind)
    content = view.path.read_bytes()
    other = encoded(view.pixels()[1:], kind.store)
    for damaged in (content[: len(content) // 2], b"", b"x" * 1000, other):
        view.path.write_bytes(damaged)
        with pytest.raises(ImageError) as caught:
            view.window(Box(0, 50, 0, 50))
        assert str(view.path) in caught.value.problem
        assert "--verify" in caught.value.hint
    view.path.unlink()
    with pytest.raises(ImageError, match=r"[Nn]o such file"):
        view.pixels()


def test_two_runs_do_not_write_one_store(tmp_path: Path) -> None:
    with (
        store_to_write(tmp_path / "s", PLAIN),
        pytest.raises(FourviewError, match="another run is writing this store"),
        store_to_write(tmp_path / "s", PLAIN),
    ):
        pass
    with store_to_write(tmp_path / "s", PLAIN):
        pass
