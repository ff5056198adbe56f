"""Exams and archives with something wrong: each fills a folder, and gives what to screen."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from pydicom import dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian

from fourview.core.views import View
from support.bad_files import bomb, cut_in_half, dicom_exam, pickle_that_runs, write_image
from support.bench import Arguments
from support.dicom_files import mammogram, put, save
from support.small_exams import small_breast, small_exam, write_exam_files

Makes = Callable[[Path], Arguments]
SCRIPT = "<script>alert(1)</script>"
NAME_SCRIPT = "<script>alert(1)"  # a file's name holds no slash


def in_place_of_l_cc(put: Callable[[Path], object], name: str = "bad_L-CC.png") -> Makes:
    """An exam called `bad` whose L-CC is spoilt: `put` is given the path to write."""

    def make(folder: Path) -> Arguments:
        write_exam_files(folder, small_exam("bad", 1))
        if name != "bad_L-CC.png":
            (folder / "bad_L-CC.png").unlink()
        put(folder / name)
        return [folder]

    return make


def dicom(
    put: Callable[[Path], object] = lambda _: None, *, syntax: UID = ExplicitVRLittleEndian
) -> Makes:
    """A study called 9.9 whose L-CC is spoilt by `put`, which is given its path."""

    def make(folder: Path) -> Arguments:
        dicom_exam(folder, "9.9", seed=1, syntax=syntax)
        put(folder / "L-CC.dcm")
        return [folder]

    return make


def with_elements(**elements: object) -> Callable[[Path], object]:
    """Writes a DICOM file anew with other elements."""

    def put(path: Path) -> None:
        dataset = dcmread(path)
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        dataset.save_as(path)

    return put


def lacking(*views: View) -> Makes:
    """An exam called `bad` without these views."""

    def make(folder: Path) -> Arguments:
        return [write_exam_files(folder, small_exam("bad", 1, views=set(View) - set(views)))]

    return make


def no_breast(folder: Path) -> Arguments:
    for view in View:
        value = list(View).index(view)  # one file four times would be refused as that
        write_image(folder / f"bad_{view.value}.png", np.full((200, 150), value, np.uint16))
    return [folder]


def both_sides_alike(folder: Path) -> Arguments:
    write_exam_files(folder, small_exam("bad", 1))
    shutil.copy(folder / "bad_L-CC.png", folder / "bad_R-CC.png")
    return [folder]


def both_sides_of_equal_pixels(folder: Path) -> Arguments:
    """The files differ, the pixels do not."""
    write_exam_files(folder, small_exam("bad", 1))
    pixels = cv2.imread(str(folder / "bad_L-CC.png"), cv2.IMREAD_UNCHANGED)
    write_image(folder / "bad_R-CC.png", pixels, cv2.IMWRITE_PNG_COMPRESSION, 9)
    return [folder]


def two_patients_in_a_study(folder: Path) -> Arguments:
    dicom_exam(folder, "9.9", seed=1)
    stranger = mammogram("L-CC", small_breast(99), StudyInstanceUID="9.9", PatientID="PID-0815")
    save(stranger, folder / "another.dcm")
    return [folder]


def manifest(*rows: str, exam: str = "bad") -> Makes:
    """A table of an exam's four views, and further rows; without rows the exam is called `exam`."""

    def make(folder: Path) -> Arguments:
        write_exam_files(folder, small_exam("bad", 1))
        table = ["exam,view,path"]
        table += [f"{exam},{view.value},bad_{view.value}.png" for view in View]
        (folder / "exams.csv").write_text("\n".join([*table, *rows, ""]))
        return [folder / "exams.csv"]

    return make


def zipped(*names: str) -> Makes:
    """An archive of an exam called `bad`, with further members of these names."""

    def make(folder: Path) -> Arguments:
        files = write_exam_files(folder / "bad", small_exam("bad", 1))
        with zipfile.ZipFile(folder / "exam.zip", "w") as archive:
            for path in sorted(files.iterdir()):
                archive.write(path, path.name)
            for name in names:
                archive.writestr(name, "x")
        return [folder / "exam.zip"]

    return make


def cut_zip(folder: Path) -> Arguments:
    return [cut_in_half(Path(zipped()(folder)[0]))]


def dots_zip(folder: Path) -> Arguments:
    """An archive whose name without its extension is a way through folders."""
    return [Path(zipped()(folder)[0]).rename(folder / "...zip")]


def bomb_zip(folder: Path) -> Arguments:
    return [bomb(folder / "bomb.zip", megabytes=60)]


def terabytes_zip(folder: Path) -> Arguments:
    return [bomb(folder / "bomb.zip", megabytes=60, claims=4 * 2**40)]


def links_in_a_circle(folder: Path) -> Arguments:
    write_exam_files(folder / "a", small_exam("bad", 1))
    (folder / "a" / "again").symlink_to(folder)
    (folder / "b").symlink_to(folder / "a")
    return [folder]


def script_in_elements(folder: Path) -> Arguments:
    dicom_exam(folder, "9.9", seed=1, Manufacturer=SCRIPT, ManufacturerModelName=SCRIPT)
    another = mammogram("L-CC", small_breast(9), StudyInstanceUID="9.9", ViewCodeSequence=None)
    put(another, {"ViewPosition": SCRIPT})
    save(another, folder / "another.dcm")
    return [folder]


def script_in_names(folder: Path) -> Arguments:
    write_exam_files(folder, small_exam(NAME_SCRIPT, 1))
    (folder / f"{NAME_SCRIPT}_L-CC.png").write_bytes(b"")
    return [folder]


def study_that_leads_away(folder: Path) -> Arguments:
    return [dicom_exam(folder, "../../9.9", seed=1)]


def exam_list_that_runs(folder: Path) -> Arguments:
    return [pickle_that_runs(folder / "exams.pkl", folder / "it-ran")]


def several_wrong(folder: Path) -> Arguments:
    """A text, an empty folder, and a table that is none, given by name."""
    (folder / "notes.txt").write_text("none")
    (folder / "empty").mkdir()
    (folder / "exams.csv").write_text("a;b\n1;2\n")
    return sorted(folder.iterdir())
