from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DigitalMammographyXRayImageStorageForPresentation, ExplicitVRLittleEndian

from fourview.core.errors import ExamError
from fourview.core.views import Facing, View
from fourview.io.exams import find_exams
from fourview.io.exams.files import ExamFiles, Found, Refused
from fourview.io.exams.reading import read_exam
from fourview.io.exams.zip_source import open_sources

VIEWS = [view.value for view in View]
_count = iter(range(1, 10**9))


def image(path: Path) -> Path:
    """A PNG unlike any other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((12, 10), np.uint16)
    pixels[2:9, :6] = next(_count)
    assert cv2.imwrite(str(path), pixels)
    return path


def four(folder: Path, prefix: str = "") -> Path:
    for view in VIEWS:
        image(folder / f"{prefix}{view}.png")
    return folder


def dicom(
    path: Path, view: str | None, *, study: str | None = "1.2.3", patient: str = "SMITH^1"
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = f"1.2.{next(_count)}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    made.SOPClassUID = meta.MediaStorageSOPClassUID
    made.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    made.Modality = "MG"
    made.PatientID = patient
    made.PatientName = "Smith^Jane"
    made.PresentationIntentType = "FOR PRESENTATION"
    if study:
        made.StudyInstanceUID = study
    if view:
        made.ImageLaterality, made.ViewPosition = view.split("-")
    made.Rows, made.Columns, made.SamplesPerPixel = 12, 10, 1
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = np.full((12, 10), next(_count) % 4096, np.uint16).tobytes()
    pydicom.dcmwrite(path, made, enforce_file_format=True)
    return path


def names(found: Found) -> list[str]:
    return [exam.name for exam in found.exams]


def views_of(exam: ExamFiles) -> list[str]:
    return [file.view.value for file in exam.images]


def only(found: Found) -> ExamFiles:
    """The one exam, and nothing else."""
    assert found.refused == ()
    (exam,) = found.exams
    return exam


# Which files make an exam


def test_pngs_of_one_folder_and_prefix_are_one_exam(tmp_path: Path) -> None:
    for prefix in ("10_", "9_"):
        four(tmp_path / "set", prefix)
    found = find_exams([tmp_path / "set"])
    assert names(found) == ["9", "10"]
    assert [views_of(exam) for exam in found.exams] == [VIEWS, VIEWS]
    assert found.exams[0].images[0].source == "9_L-CC.png"


def test_without_a_prefix_the_exam_is_called_by_its_folder(tmp_path: Path) -> None:
    four(tmp_path / "set/b")
    four(tmp_path / "set/a")
    found = find_exams([tmp_path / "set"])
    assert names(found) == ["a", "b"]
    assert found.exams[0].images[0].source == "a/L-CC.png"


def test_exams_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        four(tmp_path / folder, "0_")
        four(tmp_path / folder / "exam")
    assert names(find_exams([tmp_path])) == ["a-0", "a-exam", "b-0", "b-exam"]
    assert names(find_exams([tmp_path / "b", tmp_path / "a"])) == [
        "a-0",
        "a-exam",
        "b-0",
        "b-exam",
    ]


def test_files_given_one_by_one_are_an_exam(tmp_path: Path) -> None:
    four(tmp_path / "x")
    found = find_exams([tmp_path / "x" / f"{view}.png" for view in VIEWS])
    assert (only(found).name, only(found).images[0].source) == ("x", "L-CC.png")


def test_dicom_files_are_grouped_by_study_wherever_they_lie(tmp_path: Path) -> None:
    for number, view in enumerate(VIEWS):
        dicom(tmp_path / f"disk{number}/IM{number}", view, study="1.2.3")
        dicom(tmp_path / f"disk{number}/b.dcm", view, study="1.2.10", patient="JONES")
    found = find_exams([tmp_path])
    assert names(found) == ["1.2.3", "1.2.10"]
    assert [views_of(exam) for exam in found.exams] == [VIEWS, VIEWS]
    assert found.set_aside == ()


def test_two_patients_in_one_study_are_refused_without_being_named(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-CC", patient="SMITH^1")
    dicom(tmp_path / "b.dcm", "R-CC", patient="JONES^2")
    dicom(tmp_path / "c.dcm", "R-CC", study="1.2.4")
    found = find_exams([tmp_path])
    assert names(found) == ["1.2.4"]
    (refused,) = found.refused
    assert (refused.name, refused.is_exam) == ("1.2.3", True)
    assert "2 different patients" in refused.reason
    assert "SMITH" not in repr(found)
    assert "JONES" not in repr(found)


def test_a_dicom_file_without_a_study_is_refused_with_the_way_out(tmp_path: Path) -> None:
    for view in VIEWS:
        dicom(tmp_path / "x" / f"{view}.dcm", view, study=None)
    refused = find_exams([tmp_path]).refused
    assert len(refused) == 4
    assert "Study Instance UID (0020,000D)" in refused[0].reason
    assert "--exam-by folder" in refused[0].hint
    assert views_of(only(find_exams([tmp_path], exam_by="folder"))) == VIEWS


def test_by_folder_all_images_of_a_folder_are_one_exam_with_warnings(tmp_path: Path) -> None:
    dicom(tmp_path / "x/a.dcm", "L-CC", patient="SMITH^1")
    dicom(tmp_path / "x/b.dcm", "R-CC", study="1.9", patient="JONES^2")
    image(tmp_path / "x/L-MLO.png")
    image(tmp_path / "x/deeper/R-MLO.png")
    found = find_exams([tmp_path], exam_by="folder")
    assert names(found) == ["deeper", "x"]
    assert views_of(found.exams[1]) == ["L-CC", "R-CC", "L-MLO"]
    warnings = " ".join(found.exams[1].warnings)
    assert "2 different patients" in warnings
    assert "2 different studies" in warnings
    assert "SMITH" not in warnings


def test_by_folder_names_that_differ_before_the_view_are_warned_of(tmp_path: Path) -> None:
    image(tmp_path / "1_L-CC.png")
    image(tmp_path / "2_R-CC.png")
    (warning,) = only(find_exams([tmp_path], exam_by="folder")).warnings
    assert "differ before the view" in warning


def test_a_study_uid_that_is_no_name_is_refused(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-CC", study="1.2.3")
    content = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(content.replace(b"1.2.3\0", b"../x\0\0"))
    (refused,) = find_exams([tmp_path]).refused
    assert refused.is_exam


# Which view an image is


def test_an_unknown_view_is_set_aside_with_the_way_out(tmp_path: Path) -> None:
    four(tmp_path / "x")
    image(tmp_path / "x/scan.png")
    found = find_exams([tmp_path / "x"])
    assert views_of(only(found)) == VIEWS
    (aside,) = found.set_aside
    assert (aside.path, aside.kind) == ("scan.png", "PNG image")
    assert "--view 'scan.png=L-CC'" in aside.hint


def test_the_caller_names_views_by_file_name_or_by_its_way(tmp_path: Path) -> None:
    for number in range(4):
        image(tmp_path / f"x/{number}.png")
    views = {"0.png": View.L_CC, "x/1.png": View.R_CC, "2.png": View.L_MLO, "3.png": View.R_MLO}
    assert views_of(only(find_exams([tmp_path], views=views))) == VIEWS


def test_a_view_named_by_the_caller_joins_the_only_exam_of_its_folder(tmp_path: Path) -> None:
    four(tmp_path, "7_")
    image(tmp_path / "again.png")
    exam = only(find_exams([tmp_path], views={"again.png": View.L_CC}))
    assert (exam.name, len(exam.images)) == ("7", 5)


def test_a_view_for_no_file_is_refused_loudly(tmp_path: Path) -> None:
    four(tmp_path)
    with pytest.raises(ExamError, match=r"given for none\.png, but no such file"):
        find_exams([tmp_path], views={"none.png": View.L_CC})


def test_a_named_view_wins_over_the_header_with_a_warning(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-CC")
    exam = only(find_exams([tmp_path], views={"a.dcm": View.R_CC}))
    assert views_of(exam) == ["R-CC"]
    (read,) = read_exam(exam).views.r_cc
    assert "the header says L-CC" in read.warnings[0]


def test_a_view_that_the_header_does_not_make_clear_may_be_named(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-WHATEVER")
    (aside,) = find_exams([tmp_path]).set_aside
    assert "--view 'a.dcm=L-CC'" in aside.hint
    exam = only(find_exams([tmp_path], views={"a.dcm": View.L_CC}))
    assert read_exam(exam).present == (View.L_CC,)


def test_another_projection_stays_set_aside_whatever_it_is_named(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-ML")
    found = find_exams([tmp_path], views={"a.dcm": View.L_MLO})
    assert found.exams == ()
    assert "ML view" in found.set_aside[0].reason
    assert found.set_aside[0].hint == ""


def test_a_dicom_file_without_a_view_takes_that_of_its_name(tmp_path: Path) -> None:
    dicom(tmp_path / "0_R-MLO.dcm", None)
    assert views_of(only(find_exams([tmp_path]))) == ["R-MLO"]


# The same image twice


@pytest.mark.parametrize("exam_by", ["study", "folder"])
def test_two_views_of_the_same_bytes_refuse_the_exam(tmp_path: Path, exam_by: str) -> None:
    four(tmp_path / "x")
    shutil.copy(tmp_path / "x/L-CC.png", tmp_path / "x/R-CC.png")
    (refused,) = find_exams([tmp_path / "x"], exam_by=exam_by).refused
    assert refused == Refused(
        "x",
        "L-CC and R-CC are the same image (L-CC.png, R-CC.png)",
        "give each view its own image",
        is_exam=True,
    )


def test_a_view_that_is_a_link_to_another_refuses_the_exam(tmp_path: Path) -> None:
    image(tmp_path / "L-CC.png")
    (tmp_path / "R-CC.png").symlink_to(tmp_path / "L-CC.png")
    assert "are the same image" in find_exams([tmp_path]).refused[0].reason


def test_two_views_of_the_same_pixels_refuse_the_exam_when_read(tmp_path: Path) -> None:
    four(tmp_path)
    pixels = cv2.imread(str(tmp_path / "L-CC.png"), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(tmp_path / "R-CC.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    exam = only(find_exams([tmp_path]))
    with pytest.raises(ExamError, match="L-CC and R-CC are the same image"):
        read_exam(exam)


def test_an_image_twice_in_one_view_is_read_once_with_a_warning(tmp_path: Path) -> None:
    four(tmp_path)
    shutil.copy(tmp_path / "L-CC.png", tmp_path / "L-CC_2.png")
    exam = only(find_exams([tmp_path]))
    assert views_of(exam) == VIEWS
    assert exam.warnings == ("L-CC_2.png is the same as L-CC.png, and is read once",)


def test_several_images_of_one_view_are_kept_in_order(tmp_path: Path) -> None:
    four(tmp_path)
    for number in (10, 9):
        image(tmp_path / f"L-CC_{number}.png")
    exam = only(find_exams([tmp_path]))
    assert [f.source for f in exam.images[:3]] == ["L-CC.png", "L-CC_9.png", "L-CC_10.png"]
    assert exam.warnings == ()


def test_a_path_given_twice_counts_once(tmp_path: Path) -> None:
    four(tmp_path / "x")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    again = [tmp_path / "x", tmp_path / "link", tmp_path / "link/L-CC.png", tmp_path]
    found = find_exams([tmp_path / "x", *again])
    assert len(only(found).images) == 4
    assert only(found).warnings == ()


# What lies beside images


def test_what_is_no_image_is_set_aside_or_passed_over(tmp_path: Path) -> None:
    four(tmp_path)
    for name in ("notes.txt", "exams.csv", "photo.jpg", "inner.zip", "core"):
        (tmp_path / name).write_text("x")
    for name in (".hidden.png", "DICOMDIR", "Thumbs.db", "__MACOSX/0_L-CC.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    found = find_exams([tmp_path])
    assert len(only(found).images) == 4
    assert sorted(aside.path for aside in found.set_aside) == [
        "core",
        "exams.csv",
        "inner.zip",
        "notes.txt",
        "photo.jpg",
    ]


def test_no_image_given_by_name_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    found = find_exams([tmp_path / "notes.txt", tmp_path / "none"])
    assert [(r.name, r.reason) for r in found.refused] == [
        ("none", "no such file or folder"),
        ("notes.txt", "neither DICOM, PNG nor TIFF"),
    ]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"no image"])
def test_a_bad_file_is_refused_and_its_exam_goes_on_with_a_warning(
    tmp_path: Path, content: bytes
) -> None:
    four(tmp_path)
    (tmp_path / "L-CC.png").write_bytes(content)
    found = find_exams([tmp_path])
    (exam,) = found.exams
    assert views_of(exam) == VIEWS[1:]
    assert [refused.name for refused in found.refused] == ["L-CC.png"]
    assert exam.warnings[0].startswith("L-CC.png was refused: ")


def test_a_damaged_dicom_file_is_refused_by_its_name(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", "L-CC")
    (tmp_path / "b.dcm").write_bytes(b"")
    found = find_exams([tmp_path])
    assert names(found) == ["1.2.3"]
    assert [refused.name for refused in found.refused] == ["b.dcm"]
    assert str(tmp_path) not in repr(found.refused)


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    four(tmp_path / "x")
    (tmp_path / "x/again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = find_exams([tmp_path])
    assert names(found) == ["x"]
    assert [refused.name for refused in found.refused] == ["self"]


def test_a_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    four(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    assert len(only(find_exams([tmp_path])).images) == 4
    assert find_exams([tmp_path / "pipe.png"]).refused[0].reason == "neither a file nor a folder"


def test_a_damaged_file_name_is_shown_without_harm(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xe4\n_L-CC.png"
    image(tmp_path / "x.png").rename(os.fsdecode(path))
    found = find_exams([tmp_path])
    (refused,) = found.refused
    assert refused.is_exam
    repr(found).encode()
    assert "\n" not in refused.name


def test_progress_counts_every_file(tmp_path: Path) -> None:
    four(tmp_path)
    seen: list[tuple[int, int]] = []
    find_exams([tmp_path], on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


# Manifests, exam lists, archives


def manifest(folder: Path, *rows: str, name: str = "exams.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["exam,view,path,facing,pixel_spacing_mm", *rows, ""]))
    return path


def test_a_manifest_says_which_files_are_an_exam(tmp_path: Path) -> None:
    for name in "abc":
        image(tmp_path / f"{name}.png")
    dicom(tmp_path / "d.dcm", "R-MLO", study=None)
    path = manifest(
        tmp_path, "7,L-CC,a.png,left,0.1", "7,R-CC,b.png,,", "7,,d.dcm,,", "8,L-CC,c.png,,"
    )
    for paths in ([path], [path, tmp_path], [tmp_path, path]):
        found = find_exams(paths, exam_by="study")
        assert found.refused == ()
        assert names(found) == ["7", "8"]
        assert views_of(found.exams[0]) == ["L-CC", "R-CC", "R-MLO"]
    first = read_exam(found.exams[0]).views.l_cc[0]
    assert (first.facing, first.pixel_spacing_mm) == (Facing.LEFT, (0.1, 0.1))


def test_an_exam_whose_rows_are_all_bad_is_refused_itself(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    path = manifest(tmp_path, "7,L-CC,none.png,,", "8,L-CC,a.png,,", "8,R-CC,none.png,,")
    found = find_exams([path])
    assert names(found) == ["8"]
    assert "none.png: no such file" in found.exams[0].warnings[0]
    assert [(r.name, r.is_exam) for r in found.refused] == [
        ("exams.csv, line 2", False),
        ("exams.csv, line 4", False),
        ("7", True),
    ]


def test_a_manifest_keeps_its_order_within_a_view_and_tells_repeats(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    image(tmp_path / "b.png")
    path = manifest(tmp_path, "7,L-CC,b.png,,", "7,L-CC,a.png,,", "7,L-CC,b.png,,")
    exam = only(find_exams([path]))
    assert [file.source for file in exam.images] == ["b.png", "a.png"]
    assert exam.warnings == ("b.png is listed twice, and is read once",)


def test_one_file_for_both_sides_is_refused(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    (refused,) = find_exams([manifest(tmp_path, "7,L-CC,a.png,,", "7,R-CC,a.png,,")]).refused
    assert "L-CC and R-CC are the same image" in refused.reason


def test_an_exam_in_two_manifests_is_refused_the_second_time(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    paths = [manifest(tmp_path, "7,L-CC,a.png,,", name=name) for name in ("a.csv", "b.csv")]
    found = find_exams(paths)
    assert names(found) == ["7"]
    assert "stands in two manifests" in found.refused[0].reason


def test_a_bad_table_is_one_line_and_the_others_go_on(tmp_path: Path) -> None:
    four(tmp_path / "x")
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    found = find_exams([bad, tmp_path / "x"])
    assert names(found) == ["x"]
    assert [r.name for r in found.refused] == ["bad.csv"]
    assert found.refused[0].reason.startswith("no column 'exam', 'view', 'path'")


def test_by_manifest_nothing_else_is_taken(tmp_path: Path) -> None:
    four(tmp_path)
    path = manifest(tmp_path, "7,L-CC,L-CC.png,,")
    found = find_exams([path, tmp_path], exam_by="manifest")
    assert names(found) == ["7"]
    assert found.refused[0].reason == "is no manifest"


def test_an_unknown_way_of_telling_exams_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="study, folder, manifest"):
        find_exams([tmp_path], exam_by="moon")


def test_an_exam_list_gives_exams_that_face_as_it_says(tmp_path: Path) -> None:
    four(tmp_path / "images", "0_")
    exam = {view: [f"0_{view}"] for view in VIEWS} | {"horizontal_flip": "YES"}
    path = tmp_path / "list.pkl"
    path.write_bytes(pickle.dumps([exam]))
    read = read_exam(only(find_exams([path])))
    assert read.name == "0"
    assert [v[0].facing for v in read.views] == [Facing.LEFT, Facing.RIGHT] * 2


def test_an_archive_is_read_with_names_from_inside_it(tmp_path: Path) -> None:
    four(tmp_path / "in", "0_")
    with zipfile.ZipFile(tmp_path / "exams.zip", "w") as archive:
        for view in VIEWS:
            archive.write(tmp_path / f"in/0_{view}.png", f"a/0_{view}.png")
        archive.writestr("inner.zip", b"x")
    (tmp_path / "bad.zip").write_bytes(b"x")
    with open_sources([tmp_path / "exams.zip", tmp_path / "bad.zip"]) as sources:
        found = find_exams(sources)
        exam = read_exam(found.exams[0])
    assert exam.views.l_cc[0].source == "a/0_L-CC.png"
    assert [refused.name for refused in found.refused] == ["bad.zip"]
    assert [aside.path for aside in found.set_aside] == ["inner.zip"]
    assert "fourview-" not in repr(found) + repr(exam.warnings)


def test_an_archive_that_nobody_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"x")
    assert find_exams([tmp_path / "a.zip"]).refused[0].name == "a.zip"


# Reading


def test_an_exam_is_read_with_warnings_of_missing_views(tmp_path: Path) -> None:
    image(tmp_path / "x/L-CC.png")
    image(tmp_path / "x/R-CC.png")
    exam = read_exam(only(find_exams([tmp_path])))
    assert exam.present == (View.L_CC, View.R_CC)
    assert exam.warnings == ("no image of L-MLO", "no image of R-MLO")


def test_a_file_that_cannot_be_read_is_left_out_and_told(tmp_path: Path) -> None:
    four(tmp_path)
    content = (tmp_path / "L-CC.png").read_bytes()
    (tmp_path / "L-CC.png").write_bytes(content[:-20])
    refused: list[Refused] = []
    exam = read_exam(only(find_exams([tmp_path])), on_refused=refused.append)
    assert exam.missing == (View.L_CC,)
    assert exam.warnings[0].startswith("L-CC.png was refused: the PNG is cut off")
    assert exam.warnings[1] == "no image of L-CC"
    assert [one.name for one in refused] == ["L-CC.png"]


def test_an_exam_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    image(tmp_path / "x/L-CC.png")
    found = find_exams([tmp_path])
    (tmp_path / "x/L-CC.png").unlink()
    with pytest.raises(ExamError, match=r"can be read: x/L-CC\.png was refused"):
        read_exam(only(found))


def test_a_dicom_exam_is_read(tmp_path: Path) -> None:
    for view in VIEWS:
        dicom(tmp_path / f"{view}.dcm", view)
    exam = read_exam(only(find_exams([tmp_path])))
    assert exam.missing == ()
    assert exam.views.r_mlo[0].source == "R-MLO.dcm"


# Real data


def test_the_nyu_samples_are_one_exam_of_four_views_and_two_of_cc(shared_data: Path) -> None:
    found = find_exams([shared_data / "data/nyu_samples"])
    assert {exam.name: views_of(exam) for exam in found.exams} == {
        "0": VIEWS,
        "1": VIEWS[:2],
        "2": VIEWS[:2],
    }
    assert found.refused == ()
    masks = [aside for aside in found.set_aside if aside.path.startswith("gmic_segmentation")]
    assert len(masks) == 8


def test_the_nyu_exam_is_read(shared_data: Path) -> None:
    exam = read_exam(only(find_exams([shared_data / "data/nyu_samples/gmic_exam0/images"])))
    assert exam.name == "0"
    assert exam.views.l_cc[0].pixels.shape == (2023, 801)
    assert exam.warnings == ()


def test_the_cbis_samples_are_three_breasts(shared_data: Path) -> None:
    found = find_exams([shared_data / "data/cbis_ddsm/two_view_png"])
    assert {exam.name: views_of(exam) for exam in found.exams} == {
        "Calc-Test_P_00041": ["L-CC", "L-MLO"],
        "Calc-Test_P_00127": ["R-CC", "R-MLO"],
        "Calc-Test_P_00202": ["R-CC", "R-MLO"],
    }
