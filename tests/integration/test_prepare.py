"""`fourview prepare`: from an exam table to a store, and what may be wrong with either."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.errors import OutputError
from fourview.core.exam import PreparedView
from fourview.core.recipe import recipe_with
from fourview.core.views import View
from fourview.dataset.preparing import prepare as prepare_module
from fourview.inference.prepare import prepare
from fourview.io.png import read_png
from fourview.io.processes import in_processes
from fourview.io.store import Store
from support.bad_files import cut_in_half, dicom_exam
from support.command import Ran, assert_written_nowhere, fourview
from support.small_exams import SMALL, small_breast, small_exam, usual_facing, write_exam_files

SETTINGS = (
    *("crop.erosion_px=5", "crop.buffer_px=3", "window.cc=[160,120]", "window.mlo=[176,112]"),
    *("window.location_noise_px=6", "window.size_noise_px=6", "store.chunk_px=64"),
)
"""As `SMALL`, for images of 200 x 150 pixels."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two exams of PNG files, the second with another image of R-MLO."""
    write_exam_files(tmp_path / "data", small_exam("a", 1))
    write_exam_files(tmp_path / "data", small_exam("b", 2))
    write_uncompressed(tmp_path / "data" / "a_L-CC.png", small_breast(10))
    again = small_breast(77, facing=usual_facing(View.R_MLO))
    assert cv2.imwrite(str(tmp_path / "data" / "b_R-MLO_2.png"), again)
    rows = [("a", view.value, f"a_{view.value}.png") for view in View]
    rows += [("b", view.value, f"b_{view.value}.png") for view in View]
    rows.append(("b", "R-MLO", "b_R-MLO_2.png"))
    return write_rows(tmp_path / "data" / "exams.csv", rows)


def write_uncompressed(path: Path, pixels: NDArray[np.uint16]) -> None:
    assert cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 0])


def write_rows(path: Path, rows: list[tuple[str, ...]], columns: str = "exam,view,path") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns.split(","), *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def run(table: Path, out: Path, *more: str | Path) -> Ran:
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    return fourview("prepare", table, "-o", out, *settings, *more)


def verify(table: Path, out: Path, *more: str | Path) -> Ran:
    return fourview("prepare", table, "-o", out, "--verify", *more)


def tree(folder: Path) -> dict[str, bytes]:
    """All files with their bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def index_of(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "views.csv").read_text(encoding="utf-8"))))


def assert_equal_views(found: PreparedView, wanted: PreparedView) -> None:
    assert np.array_equal(found.pixels, wanted.pixels)
    for name in ("view", "source", "placement", "optimal_center", "warnings"):
        assert getattr(found, name) == getattr(wanted, name)


# What is stored


@pytest.mark.parametrize("compressed", ["true", "false"])
def test_every_image_is_stored_as_prepare_gives_it(
    compressed: str, table: Path, tmp_path: Path
) -> None:
    ran = run(table, tmp_path / "s", "--set", f"store.compressed={compressed}")
    assert ran.code == 0, ran.err
    assert ran.out == f"{tmp_path / 's' / 'views.csv'}\n"
    assert "9 views in the store: 9 prepared now in " in ran.err
    store = Store.open(tmp_path / "s", recipe=SMALL)
    assert store.exams == ("a", "b")
    assert [len(images) for images in store.views("b")] == [1, 1, 1, 2]
    for row in index_of(tmp_path / "s"):
        stored = next(
            one
            for one in store.views(row["exam"]).of(View(row["view"]))
            if one.image == row["image"]
        )
        image = read_png(table.parent / row["source"], View(row["view"]))
        assert_equal_views(stored.prepared(), prepare(image, SMALL))
    assert_written_nowhere([str(tmp_path)], tmp_path / "s")


def test_dicom_files_are_stored_and_tell_their_view(tmp_path: Path) -> None:
    dicom_exam(tmp_path / "d", "1.2.3", seed=1)
    rows = [("e", "", str(tmp_path / "d" / f"{view.value}.dcm")) for view in View]
    table = write_rows(tmp_path / "data" / "exams.csv", rows)
    assert run(table, tmp_path / "s").code == 0
    assert [row["image"] for row in index_of(tmp_path / "s")] == [view.value for view in View]
    assert index_of(tmp_path / "s")[0]["source"] == "L-CC.dcm"
    assert_written_nowhere([str(tmp_path), "1.2.3"], tmp_path / "s")


def test_the_same_bytes_come_whatever_the_jobs(table: Path, tmp_path: Path) -> None:
    assert run(table, tmp_path / "s").code == 0
    assert run(table, tmp_path / "t", "--jobs", "2").code == 0
    assert tree(tmp_path / "s") == tree(tmp_path / "t")


def test_a_second_run_does_nothing_again(table: Path, tmp_path: Path) -> None:
    run(table, out := tmp_path / "s")
    before = {path: path.stat().st_mtime_ns for path in (out / "views").rglob("*")}
    ran = run(table, out, "--json", "--set", "heatmaps.stride_px=9", "--set", "labels.last_day=9")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["views"], told["prepared"], told["done_before"]) == (9, 0, 9)
    assert told["pixel_bytes"] > told["stored_bytes"] > 0
    assert told["source_bytes"] == sum(p.stat().st_size for p in table.parent.glob("*.png"))
    assert before == {path: path.stat().st_mtime_ns for path in (out / "views").rglob("*")}


def test_an_image_that_has_changed_is_prepared_again(table: Path, tmp_path: Path) -> None:
    """Another size of the file, another facing or spacing in the table."""
    run(table, out := tmp_path / "s")
    path = table.parent / "a_L-CC.png"
    cv2.imwrite(str(path), small_breast(99))
    assert json.loads(run(table, out, "--json").out)["prepared"] == 1
    rows = [("a", view.value, f"a_{view.value}.png", "") for view in View]
    rows[1] = ("a", "R-CC", "a_R-CC.png", "left")
    rows += [("b", view.value, f"b_{view.value}.png", "") for view in View]
    write_rows(table, rows, "exam,view,path,facing")
    assert json.loads(run(table, out, "--json").out)["prepared"] == 1
    assert not list(out.rglob("R-MLO_2*"))  # the table has it no more
    assert run(table, tmp_path / "t").code == 0
    assert tree(out) == tree(tmp_path / "t")
    assert verify(table, out).code == 0


def exchange(data: Path) -> tuple[str, str]:
    """Two files of one name and size in two folders; the folders as the table writes them."""
    for folder, seed in (("x", 10), ("y", 20)):
        (data / folder).mkdir(parents=True)
        write_uncompressed(data / folder / "1-1.png", small_breast(seed))
    sizes = {(data / folder / "1-1.png").stat().st_size for folder in "xy"}
    assert len(sizes) == 1
    return "x", "y"


@pytest.mark.parametrize("how", ["absolute", "upward", "image root"])
def test_exchanged_files_of_one_name_and_size_are_prepared_again(how: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    folders = exchange(data)

    def prepared_into(out: Path, order: tuple[str, ...], *, jobs: int = 1) -> Ran:
        start = {"absolute": f"{data}/", "upward": "../data/", "image root": ""}[how]
        if how == "image root":
            rows = [("a", "L-CC", "1-1.png")]
            more = ["--image-root", str(data / order[0])]
        else:
            rows = [(f"e{n}", "L-CC", f"{start}{one}/1-1.png") for n, one in enumerate(order)]
            more = []
        table = write_rows(tmp_path / "tables" / "exams.csv", rows)
        return run(table, out, "--json", "--jobs", str(jobs), *more)

    prepared_into(out := tmp_path / "s", folders)
    views = 1 if how == "image root" else 2
    kept = json.loads(prepared_into(out, folders, jobs=2).out)
    assert (kept["prepared"], kept["done_before"], kept["no_source"]) == (0, views, 0)
    told = json.loads(prepared_into(out, folders[::-1]).out)
    assert (told["prepared"], told["done_before"]) == (views, 0)
    prepared_into(tmp_path / "t", folders[::-1])
    assert tree(out) == tree(tmp_path / "t")


def test_a_file_changed_at_the_same_size_is_prepared_again(table: Path, tmp_path: Path) -> None:
    run(table, out := tmp_path / "s")
    path = table.parent / "a_L-CC.png"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    change_pixels_only(path)
    os.utime(path, ns=times)
    assert json.loads(run(table, out, "--json").out)["prepared"] == 1
    run(table, tmp_path / "t")
    assert tree(out) == tree(tmp_path / "t")


def test_sources_that_are_not_there_are_told_and_their_views_kept(
    table: Path, tmp_path: Path
) -> None:
    run(table, out := tmp_path / "s")
    before = tree(out)
    ran = run(table, out, "--image-root", tmp_path / "unmounted")
    assert ran.code == 0
    assert "9 before; " in ran.err
    assert "the sources of 9 are not there, and were not compared" in ran.err
    assert tree(out) == before


def test_warnings_are_told_with_their_number(tmp_path: Path) -> None:
    """A table's view that the header does not tell, above all."""
    dicom_exam(tmp_path / "d", "1.2.3", seed=1)
    others = {"L-CC": "R-CC", "R-CC": "L-CC", "L-MLO": "L-MLO", "R-MLO": "R-MLO"}
    rows = [("e", told, f"d/{view}.dcm") for view, told in others.items()]
    ran = run(write_rows(tmp_path / "exams.csv", rows), tmp_path / "s", "--json")
    told = json.loads(ran.out)
    of_view = [one for one in told["warnings"] if "R-CC" in one["warning"]]
    assert [one["first"] for one in of_view] == ["e/R-CC", "e/L-CC"]
    assert f"warning: e/R-CC: {of_view[0]['warning']}\n" in ran.err
    assert f"{told['warned_views']} views with warnings: all in views.csv\n" in ran.err


def test_a_warning_of_many_views_is_told_once(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warned(image: Any, recipe: Any) -> PreparedView:
        one = prepare(image, recipe)
        own = tuple(f"odd {n}" for n in range(7)) if image.source == "b_R-MLO.png" else ()
        return replace(one, warnings=("always", *own))

    monkeypatch.setattr(prepare_module, "prepare", warned)
    ran = run(table, tmp_path / "s")
    assert ran.code == 0
    warnings = [line for line in ran.err.splitlines() if line.startswith("warning: ")]
    assert warnings[0] == "warning: a/L-CC and 8 more: always"
    assert warnings[-1] == "warning: b/R-MLO: odd 3"
    assert "9 views with warnings: all in views.csv" in ran.err


def test_two_images_of_one_name_are_both_stored(tmp_path: Path) -> None:
    for number, folder in enumerate(("x", "y")):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "cc.png"), small_breast(number))
    rows = [("a", "L-CC", str(tmp_path / folder / "cc.png")) for folder in ("x", "y")]
    assert run(write_rows(tmp_path / "exams.csv", rows), tmp_path / "s").code == 0
    one, other = Store.open(tmp_path / "s").views("a").l_cc
    assert (one.source, other.source) == ("cc.png", "cc.png")
    assert (one.image, other.image) == ("L-CC", "L-CC_2")
    assert one.pixels_sha256 != other.pixels_sha256


# What is refused, and stops no other


def test_images_that_cannot_be_prepared_are_listed_and_stop_no_other(
    table: Path, tmp_path: Path
) -> None:
    data, out = table.parent, tmp_path / "s"
    whole = (data / "a_L-CC.png").read_bytes()
    cut_in_half(data / "a_L-CC.png")
    cv2.imwrite(str(data / "a_R-CC.png"), np.zeros((200, 150), np.uint16))
    (data / "a_L-MLO.png").unlink()
    ran = run(table, out)
    assert ran.code == 3
    assert "refused: a: a_L-CC.png: " in ran.err
    assert "refused: a: a_R-CC.png: " in ran.err
    assert "refused: a: a_L-MLO.png: no such file\n  hint: relative paths start at " in ran.err
    assert "6 views in the store" in ran.err
    assert "3 refused" in ran.err
    rows = index_of(out)
    assert [row["status"] for row in rows] == [*["refused"] * 3, *["ok"] * 6]
    assert rows[2]["reason"] == "no such file"
    assert str(tmp_path) not in ran.err.replace(str(out), "")
    assert Store.open(out).views("a").l_cc == ()
    assert verify(table, out).code == 0

    (data / "a_L-CC.png").write_bytes(whole)
    assert json.loads(run(table, out, "--json").out)["prepared"] == 1
    assert index_of(out)[0]["status"] == "ok"
    cut_in_half(data / "a_L-CC.png")  # and the other way round: it is taken out again
    assert run(table, out).code == 3
    assert not list(out.rglob("L-CC.*")) or index_of(out)[0]["status"] == "refused"
    assert Store.open(out).views("a").l_cc == ()
    assert not (out / "views" / "a" / "L-CC.json").exists()


def test_rows_that_cannot_be_used_are_listed(table: Path, tmp_path: Path) -> None:
    rows = [
        ("a", "L-CC", "a_L-CC.png", ""),
        ("a", "L-CC", "./a_L-CC.png", ""),
        ("a", "R-CC", "a_L-CC.png", ""),
        ("a", "sideways", "a_L-MLO.png", ""),
        ("a", "", "readme.txt", ""),
        ("a", "", "unnamed.png", ""),
        ("b", "L-CC", "b_L-CC.png", "set aside"),
        ("b", "L-MLO", "b_L-MLO.png", ""),
    ]
    (table.parent / "readme.txt").write_text("no image")
    shutil.copy(table.parent / "a_R-MLO.png", table.parent / "unnamed.png")
    ran = run(write_rows(table, rows, "exam,view,path,status"), out := tmp_path / "s", "--json")
    assert ran.code == 3
    told = json.loads(ran.out)
    assert told["left_out"] == 1
    assert [(one["image"], one["reason"]) for one in told["refused"]] == [
        ("exams.csv, line 5", "the view is 'sideways'; expected L-CC, R-CC, L-MLO, R-MLO"),
        ("a_L-CC.png", "the same image as R-CC, a_L-CC.png"),
        ("a_L-CC.png", "listed twice: it is already in exams.csv, line 2"),
        ("a_L-CC.png", "the same image as L-CC, a_L-CC.png"),
        ("readme.txt", "neither DICOM, PNG nor TIFF"),
        ("unnamed.png", "its view is not known: neither the table, its header nor its name tells"),
    ]
    assert [row["status"] for row in index_of(out)] == [*["refused"] * 5, "set aside", "ok"]
    assert Store.open(out).exams == ("b",)


def test_nothing_prepared_is_a_failure(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "data" / "exams.csv", [("a", "L-CC", "gone.png")])
    ran = run(table, tmp_path / "s")
    assert ran.code == 1
    assert ran.err.endswith("error: no image could be prepared\n")
    ran = verify(table, tmp_path / "s")
    assert ran.code == 1
    assert ran.err == "error: no views are in the store: nothing was verified\n"


# Wrong calls


def assert_refused(ran: Ran, code: int, *told: str) -> None:
    assert ran.code == code, ran.err
    assert ran.out == ""
    error, hint = ran.err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    for words in told:
        assert words in ran.err


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert_refused(run(tmp_path / "none.csv", tmp_path / "s"), 1, "none.csv: no such file")
    assert_refused(run(tmp_path, tmp_path / "s"), 1, "a folder; a table", "fourview index")
    assert not (tmp_path / "s").exists()


def test_a_store_of_another_recipe_is_refused(table: Path, tmp_path: Path) -> None:
    run(table, out := tmp_path / "s")
    before = tree(out)
    for setting, told in (
        ("crop.buffer_px=7", "crop.buffer_px is 3 there, 7 here"),
        ("store.compressed=false", "store.compressed is True there, False here"),
    ):
        assert_refused(run(table, out, "--set", setting), 2, "a store of another recipe", told)
        wrong = verify(table, out, *[w for s in (*SETTINGS, setting) for w in ("--set", s)])
        assert_refused(wrong, 2, told)
    assert tree(out) == before


def test_a_folder_that_is_no_store_is_refused(table: Path, tmp_path: Path) -> None:
    (out := tmp_path / "s").mkdir()
    (out / "thesis.txt").write_text("mine")
    assert_refused(run(table, out), 1, "neither empty nor a store: it holds thesis.txt", "-o")
    assert tree(out) == {"thesis.txt": b"mine"}
    assert_refused(verify(table, out), 1, "no store.json there")
    assert_refused(verify(table, tmp_path / "none"), 1, "no such folder")
    assert_refused(run(table, out / "thesis.txt"), 1, "cannot be written")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "crop.bufer_px=3"], "did you mean 'buffer_px'?"),
        (["--set", "store.chunk_px=3"], "must be at least 16"),
        (["--jobs", "0"], "--jobs is 0"),
        (["--recipe", "papre"], "no such recipe"),
    ],
)
def test_a_wrong_setting_is_told(words: list[str], told: str, table: Path, tmp_path: Path) -> None:
    ran = run(table, tmp_path / "s", *words)
    assert ran.code == 2
    assert told in ran.err
    assert not (tmp_path / "s").exists()


def test_a_table_of_another_data_set_is_refused(table: Path, tmp_path: Path) -> None:
    run(table, out := tmp_path / "s")
    before = tree(out)
    other = write_rows(table.parent / "other.csv", [("c", "L-CC", "a_L-CC.png")])
    assert_refused(run(other, out), 1, "holds 2 exams that the table does not have: a, b")
    assert tree(out) == before
    ran = verify(other, out)
    assert ran.code == 1
    assert "error: views/a: the exam table has no such exam" in ran.err
    assert "error: views/c/L-CC: missing" in ran.err
    assert "error: views.csv: its 9 rows are not those of the exam table, of 1" in ran.err


# Verified


def test_a_whole_store_is_verified_without_its_recipe(table: Path, tmp_path: Path) -> None:
    run(table, out := tmp_path / "s")
    ran = verify(table, out, "--json")
    assert ran.code == 0, ran.err
    assert ran.err.endswith(": all are whole\n")
    assert json.loads(ran.out)["problems"] == []
    for path in table.parent.glob("a_*.png"):
        path.unlink()
    ran = verify(table, out)
    assert ran.code == 0, ran.err
    assert "the sources of 4 are not there, and were not compared" in ran.err
    assert json.loads(run(table, out, "--json").out)["done_before"] == 9


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_pixels_only(path: Path) -> None:
    """Other pixels, in a file of the same size."""
    size = path.stat().st_size
    write_uncompressed(path, small_breast(99))
    assert path.stat().st_size == size


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            lambda s, _: flip_a_bit(s / "views/a/L-CC.b2nd"),
            "views/a/L-CC: L-CC.b2nd is damaged: its SHA-256 is not the one",
        ),
        (lambda s, _: cut_in_half(s / "views/a/L-CC.b2nd"), "views/a/L-CC: L-CC.b2nd has "),
        (lambda s, _: (s / "views/a/L-CC.b2nd").unlink(), "a/L-CC: L-CC.b2nd is missing"),
        (lambda s, _: (s / "views/a/L-CC.json").unlink(), "views/a/L-CC: missing"),
        (lambda s, _: cut_in_half(s / "views/a/L-CC.json"), "L-CC.json: cannot be read"),
        (
            lambda s, _: shutil.copy(s / "views/a/R-CC.json", s / "views/a/L-CC.json"),
            "L-CC.json: tells of a/R-CC",
        ),
        (
            lambda s, _: (s / "views/a/L-CC_2.b2nd").write_bytes(b"x"),
            "views/a/L-CC_2.b2nd: the exam table has no such image",
        ),
        (
            lambda s, _: shutil.copytree(s / "views/a", s / "views/z"),
            "views/z: the exam table has no such exam",
        ),
        (
            lambda s, _: (s / "views/a/.L-CC.b2nd.7.partial").write_bytes(b"x"),
            "views/a/.L-CC.b2nd.7.partial: a file that was not finished",
        ),
        (lambda s, _: (s / "views.csv").unlink(), "views.csv: this store is not finished"),
        (
            lambda s, _: (s / "views.csv").write_text(
                (s / "views.csv").read_text().replace(",L-CC,ok", ",L-CC,odd", 1)
            ),
            "views/a/L-CC: views.csv tells otherwise of it",
        ),
        (
            lambda _, d: change_pixels_only(d / "a_L-CC.png"),
            "its source, a_L-CC.png, has other pixels than it was prepared from",
        ),
        (
            lambda _, d: (d / "a_L-CC.png").write_bytes((d / "a_L-CC.png").read_bytes() + b"x"),
            "a_L-CC.png, is another file than it was prepared from, of the same pixels",
        ),
        (lambda _, d: cut_in_half(d / "a_L-CC.png"), "a_L-CC.png, cannot be read any more"),
        (
            lambda _, d: (d / "exams.csv").write_text(
                (d / "exams.csv").read_text().replace("a_L-CC.png", "b_L-CC.png")
            ),
            "views/a/L-CC: the exam table tells otherwise of it: b_L-CC.png",
        ),
    ],
)
def test_what_is_wrong_with_a_store_is_named(
    harm: Callable[[Path, Path], object], told: str, table: Path, tmp_path: Path
) -> None:
    run(table, out := tmp_path / "s")
    harm(out, table.parent)
    ran = verify(table, out)
    assert ran.code == 1
    assert told in ran.err
    assert "hint: " in ran.err
    assert str(out) not in ran.err
    assert "1 problem" in ran.err or "2 problems" in ran.err


# Stopped


def test_what_a_killed_run_left_is_taken_away(table: Path, tmp_path: Path) -> None:
    run(table, tmp_path / "whole")
    run(table, out := tmp_path / "s")
    (out / "views.csv").unlink()
    (out / "views/a/L-CC.json").unlink()  # its array was written, its sidecar not
    cut_in_half(out / "views/a/R-CC.b2nd")
    for name in (".views.csv.9.partial", "views/a/.L-CC.b2nd.99.partial"):
        (out / name).write_bytes(b"half")
    assert json.loads(run(table, out, "--json").out)["prepared"] == 2
    assert tree(out) == tree(tmp_path / "whole")


def test_a_folder_where_only_store_json_was_begun_is_taken(table: Path, tmp_path: Path) -> None:
    (out := tmp_path / "s").mkdir()
    (out / ".store.json.7.partial").write_bytes(b"{")
    assert run(table, out).code == 0
    assert not (out / ".store.json.7.partial").exists()


@pytest.mark.parametrize("end", ["L-MLO.b2nd", "L-MLO.json", "views.csv"])
def test_a_full_disk_is_told_and_later_gone_on_from(
    end: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(table, tmp_path / "whole")
    write = Path.write_bytes

    def write_some(path: Path, data: Any) -> int:
        if end not in path.name:
            return write(path, data)
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", write_some)
    ran = run(table, out := tmp_path / "s")
    assert_refused(ran, 1, f"{end}: the disk is full\nhint: make room, or give another folder")
    assert not (out / "views.csv").exists()
    assert not list(out.rglob("*.partial"))
    monkeypatch.undo()
    assert run(table, out).code == 0
    assert tree(out) == tree(tmp_path / "whole")


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A real file system of so many kilobytes; skips where none may be mounted."""
    folder.mkdir()
    if os.geteuid() != 0 or not (mount := shutil.which("mount")):
        pytest.skip("only root mounts a small file system")
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "fourview-test", str(folder)]
    if subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_is_told_and_later_gone_on_from(
    table: Path, tmp_path: Path
) -> None:
    run(table, tmp_path / "whole")
    with small_disk(tmp_path / "disk", 120) as disk:
        assert_refused(run(table, disk / "s", "--jobs", "2"), 1, ": the disk is full")
        assert not (disk / "s" / "views.csv").exists()
        assert not list(disk.rglob("*.partial"))
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        assert run(table, disk / "s").code == 0
        assert tree(disk / "s") == tree(tmp_path / "whole")


def test_ctrl_c_ends_in_a_line_and_is_gone_on_from(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(image: Any, recipe: Any) -> PreparedView:
        if image.source == "b_L-CC.png":
            raise KeyboardInterrupt
        return prepare(image, recipe)

    monkeypatch.setattr(prepare_module, "prepare", pressed)
    ran = run(table, out := tmp_path / "s")
    assert ran.code == 130
    assert ran.err == "stopped by Ctrl-C\n"
    monkeypatch.undo()
    assert json.loads(run(table, out, "--json").out)["done_before"] == 4


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(OutputError, match="a process that worked on images died") as caught:
        list(in_processes(2, os._exit, [9, 9]))
    assert "--jobs" in caught.value.hint


def test_the_small_recipe_is_what_the_settings_say() -> None:
    images = [setting for setting in SETTINGS if not setting.startswith("store.")]
    assert not recipe_with(
        recipe_with(SMALL, ["crop.buffer_px=9"]), images
    ).preparation_differences(SMALL)
