from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fourview.core.errors import TableError
from fourview.core.views import Facing, View
from fourview.io.exams.manifest import read_manifest

HEADER = "exam,view,path\n"


def manifest(folder: Path, text: str | bytes, name: str = "exams.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for image in ("a.png", "b.png", "c.dcm"):
        (folder / image).touch()
    return path


def test_rows_become_files_with_what_the_manifest_tells(tmp_path: Path) -> None:
    text = (
        "\ufeffexam,view,path,facing,pixel_spacing_mm,age\r\n"
        "7,L-CC,a.png,left,0.07,61\r\n"
        "7,rcc,b.png,,0.07\\0.08,61\r\n"
        "\r\n"
        f'"7","",{tmp_path}/c.dcm,,,\r\n'
    )
    found = read_manifest(manifest(tmp_path, text))
    assert found.refused == []
    first, second, third = found.candidates
    assert (first.exam, first.view, first.source) == ("7", View.L_CC, "a.png")
    assert (first.facing, first.pixel_spacing_mm) == (Facing.LEFT, (0.07, 0.07))
    assert (second.view, second.pixel_spacing_mm) == (View.R_CC, (0.07, 0.08))
    assert (third.view, third.source, third.path) == (None, "c.dcm", tmp_path / "c.dcm")


def test_a_parquet_manifest_reads_like_a_csv(tmp_path: Path) -> None:
    manifest(tmp_path, "")
    path = tmp_path / "exams.parquet"
    table = {"exam": [7, 7, 8], "view": ["L-CC", "R-CC", None], "path": ["a.png", "b.png", "c.dcm"]}
    pd.DataFrame(table | {"pixel_spacing_mm": [0.07, None, 0.1]}).to_parquet(path)
    found = read_manifest(path)
    assert [(c.exam, c.view) for c in found.candidates] == [
        ("7", View.L_CC),
        ("7", View.R_CC),
        ("8", None),
    ]
    assert found.candidates[1].pixel_spacing_mm is None


def test_paths_start_at_the_image_folder_if_one_is_given(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/x.png").touch()
    path = manifest(tmp_path, HEADER + "7,L-CC,x.png\n")
    assert len(read_manifest(path).refused) == 1
    assert read_manifest(path, image_root=tmp_path / "images").refused == []


def test_a_row_set_aside_stays_set_aside(tmp_path: Path) -> None:
    text = "exam,view,path,status,reason\n7,,a.png,set aside,spot view\n7,L-CC,b.png,ok,\n"
    found = read_manifest(manifest(tmp_path, text))
    assert [(s.path, s.reason) for s in found.set_aside] == [("a.png", "spot view")]
    assert len(found.candidates) == 1
    assert found.refused == []


BAD_ROWS = {
    "unknown view": ("7,L-ML,a.png", "the view is 'L-ML'; expected L-CC, R-CC, L-MLO, R-MLO"),
    "missing file": ("7,L-CC,none.png", "none.png: no such file"),
    "a folder": ("7,L-CC,.", "a folder"),
    "no path": ("7,L-CC,", "the path is empty"),
    "a formula": ('7,L-CC,"=HYPERLINK(""x"")"', "starts with '='"),
    "too few cells": ("7,L-CC", "has 2 cells; the header has 3"),
    "too many cells": ("7,L-CC,a.png,b.png", "has 4 cells; the header has 3"),
    "a name of no file": ("7,L-CC," + "a" * 5000, "no such file"),
}


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_refused_by_its_line_and_the_others_go_on(
    tmp_path: Path, row: str, reason: str
) -> None:
    found = read_manifest(manifest(tmp_path, f"{HEADER}7,R-CC,b.png\n{row}\n8,L-CC,a.png\n"))
    assert [c.exam for c in found.candidates] == ["7", "8"]
    (refused,) = found.refused
    assert refused.name == "exams.csv, line 3"
    assert reason in refused.reason
    assert not refused.is_exam
    assert [(exam, reason in why) for _, exam, why in found.lost] == [("7", True)]


@pytest.mark.parametrize(
    ("columns", "cells", "reason"),
    [
        ("facing", "up", "facing is 'up'"),
        ("pixel_spacing_mm", "wide", "pixel_spacing_mm is 'wide'"),
        ("pixel_spacing_mm", "0", "expected millimetres"),
        ("pixel_spacing_mm", "nan", "expected millimetres"),
        ("pixel_spacing_mm", "70", "expected millimetres"),
        ("pixel_spacing_mm", "0.1\\0.1\\0.1", "expected millimetres"),
        ("status", "excluded", "status is 'excluded'"),
        ("status", "refused", "refused by the manifest"),
    ],
)
def test_a_wrong_optional_cell_refuses_its_row(
    tmp_path: Path, columns: str, cells: str, reason: str
) -> None:
    text = f"exam,view,path,{columns}\n7,L-CC,a.png,{cells}\n"
    (refused,) = read_manifest(manifest(tmp_path, text)).refused
    assert reason in refused.reason


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "a\\b", "..", "", "a\tb\x07", "=1+1", "@a", "C:x", "x" * 300, "\u202eabc"],
)
def test_a_bad_exam_name_is_refused_once_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    text = f'{HEADER}"{name}",L-CC,a.png\n"{name}",R-CC,b.png\n8,L-CC,a.png\n'
    found = read_manifest(manifest(tmp_path, text))
    assert [c.exam for c in found.candidates] == ["8"]
    (refused,) = found.refused
    assert refused.is_exam
    assert refused.reason.startswith("exams.csv, line 2: the exam's name")
    assert refused.hint


BAD_TABLES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "empty"),
    "blank": ("\n\n", "empty"),
    "only a header": (HEADER, "no rows"),
    "a missing column": ("exam,path\n7,a.png\n", "no column 'view'; found exam, path"),
    "a repeated column": ("exam,view,path,view\n7,L-CC,a.png,\n", "two columns .* 'view'"),
    "semicolons": ("exam;view;path\n7;L-CC;a.png\n", "separated by ';'"),
    "latin1": (b"exam,view,path\n7,L-CC,\xe4.png\n", "line 2: not UTF-8"),
    "UTF-16": ((HEADER + "7,L-CC,a.png\n").encode("utf-16"), "UTF-16"),
    "a NUL byte": (HEADER + "7,L-CC,a\0.png\n", "NUL byte"),
    "an open quote": (HEADER + '7,L-CC,"a.png\n8,L-CC,b.png\n', "not CSV"),
}


@pytest.mark.parametrize(("text", "found"), BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_a_table_that_is_none_is_refused_as_a_whole(
    tmp_path: Path, text: str | bytes, found: str
) -> None:
    with pytest.raises(TableError, match=found) as error:
        read_manifest(manifest(tmp_path, text))
    assert error.value.problem.startswith("exams.csv")


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not a readable Parquet"):
        read_manifest(manifest(tmp_path, b"PAR1 nothing PAR1", "exams.parquet"))


def test_an_absolute_path_is_not_shown(tmp_path: Path) -> None:
    rows = f"7,L-CC,{tmp_path}/none.png\n7,R-CC,../{tmp_path.name}/b.png\n"
    found = read_manifest(manifest(tmp_path, HEADER + rows))
    assert found.refused[0].reason == "none.png: no such file"
    assert found.candidates[0].source == "b.png"
