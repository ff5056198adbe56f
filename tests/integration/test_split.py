"""`fourview split`: from tables to splits, and leaks planted to be caught."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from support.command import fourview
from support.dicom_files import mammogram, save

N = 12
HEADER = "exam,patient,study_date,view,path"


def exam_names(n: int = N) -> list[str]:
    return [f"e{number:02}" for number in range(n)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve exams of twelve patients, an image each, with labels and splits that do not leak."""
    rng = np.random.default_rng(0)
    rows, labels, splits = (
        [HEADER],
        ["exam,left_benign,right_benign,left_malignant,right_malignant"],
        [],
    )
    for number, name in enumerate(exam_names()):
        pixels = rng.integers(0, 4096, (20, 15)).astype(np.uint16)
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), pixels)
        rows.append(f"{name},secret{number},2020-01-{number + 1:02},L-CC,{name}.png")
        labels.append(f"{name},{int(number % 3 == 0)},0,{int(number % 4 == 0)},0")
        splits.append(f"{name},secret{number},{'test' if number < 3 else 'training'}")
    write(tmp_path / "exams.csv", rows)
    write(tmp_path / "labels.csv", labels)
    write(tmp_path / "splits.csv", ["exam,patient,split", *splits])
    return tmp_path


def write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_splits_are_written_checked_and_told(data: Path) -> None:
    args = (data / "exams.csv", "--labels", data / "labels.csv", "-o", data / "new.csv")
    quarter = ("--set", "split.test=0.25", "--set", "split.validation=0.25")
    ran = fourview("split", *args, *quarter, "--set", "split.training=0.5")
    assert ran.code == 0, ran.err
    header, *lines = [line.split() for line in ran.out.splitlines()]
    assert header[:7] == ["split", "exams", "%", "patients", "biopsied", "malignant", "benign"]
    assert {line[0]: line[1] for line in lines} == {
        **{"training": "6", "validation": "3", "test": "3"},
        "all": "12",
    }
    before = (data / "new.csv").read_bytes()
    again = fourview("split", *args, *quarter, "--set", "split.training=0.5", "--json")
    assert (data / "new.csv").read_bytes() == before
    assert json.loads(again.out)["splits"][-1]["malignant"] == 3
    checked = fourview("split", data / "exams.csv", "--check", data / "new.csv", "--pixels")
    assert checked.code == 0
    assert checked.out == "no leak found: 12 exams, 12 images, pixels of 12 compared\n"
    assert "secret" not in ran.out + ran.err + again.out + checked.err


def copied(data: Path) -> None:
    """The same values, written anew by another program: other bytes in the file."""
    pixels = cv2.imread(str(data / "e00.png"), cv2.IMREAD_UNCHANGED)
    assert cv2.imwrite(str(data / "e09.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    assert (data / "e09.png").read_bytes() != (data / "e00.png").read_bytes()


def mirrored(data: Path) -> None:
    pixels = cv2.imread(str(data / "e00.png"), cv2.IMREAD_UNCHANGED)
    assert cv2.imwrite(str(data / "e09.png"), np.ascontiguousarray(pixels[:, ::-1]))


def as_dicom(data: Path) -> None:
    pixels = cv2.imread(str(data / "e00.png"), cv2.IMREAD_UNCHANGED)
    save(mammogram("L-CC", pixels), data / "e09.dcm")
    change(data / "exams.csv", "e09.png", "e09.dcm")


def linked(data: Path) -> None:
    (data / "e09.png").unlink()
    (data / "e09.png").symlink_to(data / "e00.png")


def hard_linked(data: Path) -> None:
    (data / "e09.png").unlink()
    os.link(data / "e00.png", data / "e09.png")


def by_another_path(data: Path) -> None:
    change(data / "exams.csv", ",e09.png", f",../{data.name}/e00.png")


@pytest.mark.parametrize(
    ("plant", "kind", "pixels"),
    [
        (copied, "same pixels", True),
        (mirrored, "mirrored pixels", True),
        (as_dicom, "same pixels", True),
        (linked, "same file", False),
        (hard_linked, "same file", False),
        (by_another_path, "same file", False),
        (by_another_path, "same file", True),
    ],
)
def test_an_image_in_two_splits_is_caught(
    data: Path, plant: Callable[[Path], None], kind: str, pixels: bool
) -> None:
    plant(data)
    more = ["--pixels"] if pixels else []
    ran = fourview("split", data / "exams.csv", "--check", data / "splits.csv", *more)
    assert ran.code == 1
    leaks = [line for line in ran.err.splitlines() if line.startswith("leak: ")]
    assert leaks == [f"leak: {kind}: e00 (test), e09 (training); e00 L-CC, e09 L-CC"]
    assert "secret" not in ran.err


def test_pixels_read_in_processes_are_the_same(data: Path) -> None:
    mirrored(data)
    args = ("split", data / "exams.csv", "--check", data / "splits.csv", "--pixels", "--json")
    one, two = fourview(*args), fourview(*args, "--jobs", "2")
    assert one == two
    assert [leak["kind"] for leak in json.loads(one.out)["leaks"]] == ["mirrored pixels"]


def test_a_patient_in_two_splits_is_caught_and_named_if_asked_for(data: Path) -> None:
    change(data / "exams.csv", "e09,secret9", "e09,secret0")
    change(data / "splits.csv", "e09,secret9", "e09,secret0")
    args = ("split", data / "exams.csv", "--check", data / "splits.csv")
    ran = fourview(*args)
    assert ran.code == 1
    assert "leak: patient in two splits: e00 (test), e09 (training)\n" in ran.err
    assert "secret" not in ran.out + ran.err
    assert "two splits [secret0]: e00" in fourview(*args, "--show-patients").err


def test_an_exam_in_two_splits_is_caught(data: Path) -> None:
    with (data / "splits.csv").open("a") as file:
        file.write("e00,secret0,training\n")
    ran = fourview("split", data / "exams.csv", "--check", data / "splits.csv")
    assert ran.code == 1
    assert "leak: exam in two splits: e00 (test), e00 (training)\n" in ran.err


def test_a_leak_that_the_tables_make_unavoidable_fails_the_split(data: Path) -> None:
    for number in range(1, N):
        linked_to = data / f"e{number:02}.png"
        linked_to.unlink()
        linked_to.symlink_to(data / "e00.png")
    ran = fourview("split", data / "exams.csv", "-o", data / "new.csv")
    assert ran.code == 1
    assert "leak: same file: " in ran.err
    assert "hint: new.csv was written, but is not fit for use" in ran.err


def test_images_that_are_not_there_are_told_of(data: Path) -> None:
    (data / "e05.png").unlink()
    ran = fourview("split", data / "exams.csv", "--check", data / "splits.csv", "--pixels")
    assert ran.code == 3
    assert "refused: e05.png: cannot be read: No such file or directory" in ran.err
    assert "pixels of 11 compared" in ran.out
    assert fourview("split", data / "exams.csv", "--check", data / "splits.csv").code == 0


def test_a_wrong_row_and_an_exam_of_two_patients_are_in_no_split(data: Path) -> None:
    with (data / "exams.csv").open("a") as file:
        file.write("e00,secret7,2020-01-01,R-CC,e01.png\ne20,secret20,yesterday,L-CC,e01.png\n")
    ran = fourview("split", data / "exams.csv", "-o", data / "new.csv")
    assert ran.code == 3
    assert (
        "refused: exams.csv, line 14: exam e00 is of another patient than in exams.csv" in ran.err
    )
    assert "refused: exams.csv, line 15: study_date is 'yesterday'" in ran.err
    written = (data / "new.csv").read_text()
    assert "e00" not in written
    assert "e20" not in written


def test_exams_without_patients_need_a_word(data: Path) -> None:
    for number in reversed(range(N)):
        change(data / "exams.csv", f",secret{number},", ",,")
    ran = fourview("split", data / "exams.csv", "-o", data / "new.csv")
    assert ran.code == 1
    assert "exams.csv, line 2: no patient (12 exams of 12 without)" in ran.err
    assert "--patient-is-exam" in ran.err
    ran = fourview("split", data / "exams.csv", "-o", data / "new.csv", "--patient-is-exam")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "give -o SPLITS to write splits, or --check SPLITS"),
        (("-o", "x.csv", "--check", "splits.csv"), 2, "give -o SPLITS to write splits, or"),
        (("-o", "x.csv", "--by", "luck"), 2, "split.by is 'luck'; it may be random, time"),
        (("-o", "x.csv", "--set", "split.test=0.5"), 2, "must be parts that sum to 1"),
        (("-o", "x.csv", "--set", "split.tst=0.5"), 2, "test"),
        (("--check", "splits.csv", "--by", "time"), 2, "--by makes no sense"),
        (("--check", "none.csv"), 1, "none.csv: cannot be read: no such file"),
        (("--check", "others.csv"), 1, "others.csv: is of 1 other exams; none of the 12 of"),
        (("-o", "x.csv", "--labels", "other_labels.csv"), 1, "but of none of the 12 given"),
        (("-o", "splits.csv/x.csv"), 1, "a file stands where a folder should"),
    ],
)
def test_a_wrong_call_is_told_in_a_line(
    data: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(data)
    write(data / "others.csv", ["exam,split", "x1,test"])
    head = (data / "labels.csv").read_text().splitlines()[0]
    write(data / "other_labels.csv", [head, "x1,0,0,0,0"])
    ran = fourview("split", "exams.csv", *arguments)
    assert (ran.code, "Traceback" in ran.err) == (code, False)
    assert said in ran.err


def test_labels_of_some_exams_are_warned_of(data: Path) -> None:
    lines = (data / "labels.csv").read_text().splitlines()
    write(data / "labels.csv", [*lines[:-2], "x9,0,0,0,0"])
    ran = fourview(
        "split", data / "exams.csv", "--labels", data / "labels.csv", "-o", data / "n.csv"
    )
    assert ran.code == 0
    assert "warning: labels.csv: no labels of 2 of 12 exams; taken as not biopsied" in ran.err
    assert "warning: labels.csv: labels of 1 exams that are not used" in ran.err
