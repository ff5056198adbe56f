from __future__ import annotations

import collections
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.core.views import Facing, View
from fourview.io.exams.exam_list import read_exam_list

EXAM: dict[str, Any] = {
    "horizontal_flip": "NO",
    "L-CC": ["0_L_CC"],
    "R-CC": ["0_R_CC"],
    "L-MLO": ["0_L_MLO"],
    "R-MLO": ["0_R_MLO", "0_R_MLO_2"],
}


class Runs:
    """Pickled, it asks to run a command when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def saved(path: Path, value: object, *, protocol: int | None = None) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


def with_images(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or [p for view in View for p in EXAM[view.value]]:
        (folder / f"{name}.png").touch()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("flip", "left_faces"), [("NO", Facing.RIGHT), ("YES", Facing.LEFT)], ids=["NO", "YES"]
)
def test_images_face_as_horizontal_flip_says(
    tmp_path: Path, flip: str, left_faces: Facing, protocol: int
) -> None:
    """released-pipeline, part 2: left images point right for NO."""
    with_images(tmp_path / "images")
    path = saved(tmp_path / "list.pkl", [EXAM | {"horizontal_flip": flip}], protocol=protocol)
    found = read_exam_list(path)
    assert found.refused == []
    assert [c.view for c in found.candidates] == [*View, View.R_MLO]
    assert {c.facing for c in found.candidates if c.source.startswith("0_L")} == {left_faces}
    assert {c.facing for c in found.candidates if c.source.startswith("0_R")} == {
        left_faces.opposite
    }
    assert {c.exam for c in found.candidates} == {"0"}
    assert found.candidates[0].source == "0_L_CC.png"


@pytest.mark.parametrize("place", [".", "images"])
def test_images_are_found_beside_the_list_or_in_images(tmp_path: Path, place: str) -> None:
    with_images(tmp_path / place)
    found = read_exam_list(saved(tmp_path / "list.pkl", [EXAM]))
    assert found.candidates[0].path == tmp_path / place / "0_L_CC.png"


def test_a_given_image_folder_is_the_only_one(tmp_path: Path) -> None:
    with_images(tmp_path)
    with_images(tmp_path / "other", "0_L_CC")
    found = read_exam_list(saved(tmp_path / "list.pkl", [EXAM]), image_root=tmp_path / "other")
    assert [c.path for c in found.candidates] == [tmp_path / "other/0_L_CC.png"]
    assert len(found.refused) == 4


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_numbers_of_numpy_in_a_later_list_are_read(tmp_path: Path, protocol: int) -> None:
    """The crop and centre stages add tuples of numpy integers."""
    with_images(tmp_path)
    later = EXAM | {
        "window_location": {"L-CC": [(np.int64(1), np.int64(-300), np.int32(3), 4)]},
        "rightmost_points": {"L-CC": [((np.int64(5), np.int64(6)), np.int64(7))]},
        "best_center": {"L-CC": [(np.int64(1011), np.float64(-222.5))]},
        "ok": np.bool_(True),
    }
    found = read_exam_list(saved(tmp_path / "list.pkl", [later], protocol=protocol))
    assert len(found.candidates) == 5


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_number_of_numpy_keeps_its_value(tmp_path: Path, protocol: int) -> None:
    from fourview.io.exams.safe_pickle import read_plain_pickle

    values = [np.int64(-300), np.float64(1.5), np.uint8(200), np.dtype(">i4").type(7), np.bool_(1)]
    read = read_plain_pickle(saved(tmp_path / "a.pkl", values, protocol=protocol))
    assert read == [-300, 1.5, 200, 7, True]
    assert {type(value).__module__ for value in read} == {"builtins"}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_would_run_code_is_refused_in_one_line(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "it-ran"
    path = saved(tmp_path / "list.pkl", [EXAM, Runs(trace)], protocol=protocol)
    with pytest.raises(TableError, match=r"asks for \w+\.system.* nothing of it was run") as error:
        read_exam_list(path)
    assert not trace.exists()
    assert "\n" not in str(error.value)


FORBIDDEN = {
    "builtins.eval": b"cbuiltins\neval\n(S'1'\ntR.",
    "builtins.getattr": b"c__builtin__\ngetattr\n.",
    "builtins.bytearray": b"cbuiltins\nbytearray\n(I999999999999\ntR.",
    "numpy.load": b"cnumpy\nload\n.",
    "collections.OrderedDict": pickle.dumps(collections.OrderedDict(a=1)),
    "an array": pickle.dumps([np.arange(3)]),
    "a line break in a name": b"\x80\x04\x8c\x04os\n\n\x8c\x06system\x93.",
    "by memo and stack": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
}


@pytest.mark.parametrize("content", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_nothing_outside_plain_values_can_be_reached(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.pkl"
    path.write_bytes(content)
    with pytest.raises(TableError, match="asks for") as error:
        read_exam_list(path)
    assert "\n" not in str(error.value)


NOT_A_LIST = {
    "empty file": b"",
    "text": b"exam,view,path\n",
    "cut off": pickle.dumps([EXAM])[:-20],
    "a dict": pickle.dumps(EXAM),
    "an empty list": pickle.dumps([]),
    "a huge memo": b"\x80\x04]r\xff\xff\xff\x7f.",
    "an extension code": b"\x80\x02\x82\x01.",
    "a persistent id": b"Pabc\n.",
    "wrong use of a number": b"\x80\x04cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR.",
    "changing a stand-in": b"\x80\x04cnumpy\ndtype\nN}S'_make'\nI1\ns\x86b.",
    "encoding tricks": b"\x80\x02c_codecs\nencode\n(S'a'\nS'rot13'\ntR.",
    "setting on a number": b"\x80\x02I1\n}S'a'\nI1\nsb.",
}


@pytest.mark.parametrize("content", NOT_A_LIST.values(), ids=NOT_A_LIST.keys())
def test_what_is_no_exam_list_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.pkl"
    path.write_bytes(content)
    with pytest.raises(TableError) as error:
        read_exam_list(path)
    assert error.value.problem.startswith("list.pkl: ")


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("text", "is a str"),
        ({**EXAM, "horizontal_flip": "MAYBE"}, "horizontal_flip is 'MAYBE'"),
        ({key: EXAM[key] for key in ("L-CC",)}, "horizontal_flip is missing"),
        ({**EXAM, "L-CC": "0_L_CC"}, "expected a list of short paths"),
        ({**EXAM, "L-CC": [1]}, "expected a list of short paths"),
        ({"horizontal_flip": "NO"}, "names no images"),
    ],
)
def test_a_wrong_exam_is_refused_and_the_others_go_on(
    tmp_path: Path, wrong: object, found: str
) -> None:
    with_images(tmp_path)
    result = read_exam_list(saved(tmp_path / "list.pkl", [EXAM, wrong]))
    assert len(result.candidates) == 5
    (refused,) = result.refused
    assert refused.is_exam
    assert found in refused.reason


@pytest.mark.parametrize("short_path", ["../0_L_CC", "/etc/0_L_CC", "C:\\0_L_CC", "", "a\0b"])
def test_a_short_path_out_of_the_image_folder_is_refused(tmp_path: Path, short_path: str) -> None:
    with_images(tmp_path)
    exam = {**EXAM, "L-CC": [short_path]}
    result = read_exam_list(saved(tmp_path / "list.pkl", [exam]))
    assert len(result.candidates) == 4
    assert "leads out of the image folder" in result.refused[0].reason


def test_a_missing_image_is_refused_alone(tmp_path: Path) -> None:
    with_images(tmp_path, "0_L_CC", "0_R_CC", "0_L_MLO", "0_R_MLO")
    result = read_exam_list(saved(tmp_path / "list.pkl", [EXAM]))
    assert len(result.candidates) == 4
    assert "0_R_MLO_2.png: no such file" in result.refused[0].reason


def test_exams_without_names_of_their_own_are_numbered(tmp_path: Path) -> None:
    with_images(tmp_path)
    result = read_exam_list(saved(tmp_path / "list.pkl", [EXAM, EXAM]))
    assert sorted({str(c.exam) for c in result.candidates}) == ["list-0", "list-1"]
