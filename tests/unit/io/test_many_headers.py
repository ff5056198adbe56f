"""Many headers: in processes, from a journal, and each image once."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from fourview.core.errors import ExamError, OutputError
from fourview.core.views import Facing, View
from fourview.io.exams import HeaderJournal, each_instance_once, find_exams, header_reader
from fourview.io.exams import many_headers as many_module
from fourview.io.exams.files import Candidate, Refused, SetAsideFile
from fourview.io.exams.header_reading import Outcome, read_headers
from fourview.io.exams.journal import stamp
from fourview.io.header import ImageHeader
from support.dicom_files import mammogram, save

WHAT = {"patients": "as in the headers"}


@pytest.fixture
def files(tmp_path: Path) -> list[Candidate]:
    """Two images, a tomosynthesis slice, a damaged file and a text."""
    folder = tmp_path / "files"
    folder.mkdir()
    save(mammogram("L-CC", SOPInstanceUID="1.1", PatientAge="050Y"), folder / "a.dcm")
    save(mammogram("R-MLO", SOPInstanceUID="1.2", PatientAge="x"), folder / "b.dcm")
    save(mammogram(SOPInstanceUID="1.3", PresentationIntentType="FOR PROCESSING"), folder / "c.dcm")
    content = (folder / "a.dcm").read_bytes()
    (folder / "d.dcm").write_bytes(content[: len(content) // 2])
    (folder / "e").write_text("none")
    return [Candidate(path, path.name) for path in sorted(folder.iterdir())]


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def same(one: Outcome, other: Outcome) -> bool:
    """In all fields, also those that are not compared."""
    return type(one) is type(other) and vars(one) == vars(other)


def test_the_outcomes_are_those_of_the_usual_reader(files: list[Candidate]) -> None:
    usual = read_headers(files)
    found = header_reader()(files, None)
    assert kinds(found) == ["ImageHeader", "ImageHeader", "SetAsideFile", "Refused", "SetAsideFile"]
    assert all(map(same, usual, found))


def test_processes_give_the_same(files: list[Candidate], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_module, "_FEW", 0)
    done: list[tuple[int, int]] = []
    found = header_reader(jobs=2)(files, lambda n, of: done.append((n, of)))
    assert all(map(same, read_headers(files), found))
    assert done == [(5, 5)]


def test_a_journal_gives_what_was_read_without_reading_it_again(
    files: list[Candidate], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    with HeaderJournal(path, WHAT) as journal:
        before = header_reader(journal=journal)(files, None)
    monkeypatch.setattr(many_module, "read_one", None)  # nothing may be read
    with HeaderJournal(path, WHAT) as journal:
        again = header_reader(journal=journal)(files, None)
    assert all(map(same, before, again))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_was_cut_off_while_it_was_written_goes_on(
    files: list[Candidate], tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    with HeaderJournal(path, WHAT) as journal:
        header_reader(journal=journal)(files, None)
    whole = path.read_bytes()
    for length in range(0, len(whole), 397):
        path.write_bytes(whole[:length])
        with HeaderJournal(path, WHAT) as journal:
            found = header_reader(journal=journal)(files, None)
        assert all(map(same, read_headers(files), found))
        with HeaderJournal(path, WHAT) as journal:
            assert len(journal) == len(files)


def test_a_file_that_changed_is_read_again(files: list[Candidate], tmp_path: Path) -> None:
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        header_reader(journal=journal)(files, None)
    save(mammogram("R-CC", SOPInstanceUID="1.9"), files[0].path)
    os.utime(files[0].path, ns=(1, 1))
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        found = header_reader(journal=journal)(files, None)
    assert isinstance(found[0], ImageHeader)
    assert found[0].view is View.R_CC


def test_a_file_whose_view_is_named_another_way_is_read_again(
    files: list[Candidate], tmp_path: Path
) -> None:
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        header_reader(journal=journal)(files, None)
    named = replace(files[0], view=View.R_CC)
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        assert journal.known(files[0], stamp(files[0].path)) is not None
        assert journal.known(named, stamp(named.path)) is None


@pytest.mark.parametrize("other", [{"patients": "hashed"}, {}])
def test_a_journal_of_another_call_is_begun_anew(
    files: list[Candidate], tmp_path: Path, other: dict[str, str]
) -> None:
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        header_reader(journal=journal)(files, None)
    with HeaderJournal(tmp_path / "journal", other) as journal:
        assert len(journal) == 0


def test_a_journal_holds_what_stands_for_a_patient_only(
    files: list[Candidate], tmp_path: Path
) -> None:
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        found = header_reader(journal=journal, stand_in=lambda _: "somebody")(files, None)
    assert isinstance(found[0], ImageHeader)
    assert isinstance(found[2], SetAsideFile)
    assert found[2].header is not None
    assert {found[0].patient, found[2].header.patient} == {"somebody"}
    text = (tmp_path / "journal").read_text()
    assert not any(secret in text for secret in ("PID-4711", "Doe", "ACC-4711", "1950"))


def test_every_field_of_a_header_comes_back_from_a_journal(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    header = ImageHeader(
        path=tmp_path / "a",
        kind="kind",
        view=View.L_CC,
        reason="reason",
        may_be_named=True,
        study="1.2",
        patient="\udcff",
        instance="1.3",
        study_date=date(2020, 2, 29),
        age=55,
        names_patient=True,
        rows=3,
        columns=4,
        facing=Facing.LEFT,
        pixel_spacing_mm=(0.1, 0.30000000000000004),
        manufacturer="maker",
        warnings=("one", "two"),
    )
    plain = ImageHeader(path=header.path, kind="")
    for field in fields(ImageHeader):
        if field.name != "path":
            assert getattr(header, field.name) != getattr(plain, field.name)
    candidate, at = Candidate(header.path, "a"), stamp(header.path)
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        journal.add([(candidate, at, header)])
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        assert journal.known(candidate, at) == header


def test_a_journal_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        HeaderJournal(tmp_path / "file" / "journal", WHAT)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    candidate = Candidate(tmp_path / "a", "a")
    with HeaderJournal(tmp_path / "journal", WHAT) as journal:
        journal._file.close()
        journal._file = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115
        with pytest.raises(OutputError, match="full"):
            journal.add([(candidate, stamp(candidate.path), Refused("a", "b"))])


@pytest.mark.parametrize(
    ("patient", "name", "held"),
    [("PID-4711", "PID-4711", True), ("7", "7", True), ("7", "exam77", False), ("x", "a", False)],
)
def test_a_path_that_holds_the_patient_id_is_noticed(
    tmp_path: Path, patient: str, name: str, held: bool
) -> None:
    (tmp_path / name).mkdir()
    path = save(mammogram(PatientID=patient), tmp_path / name / "image.dcm")
    [found] = read_headers([Candidate(path, path.name)])
    assert isinstance(found, ImageHeader)
    # the folder of a test may hold a short number by itself
    assert found.names_patient is held or patient in str(tmp_path)


def instances(tmp_path: Path, **other: object) -> list[Path]:
    """Two exams, of which an image is the same object but for what `other` says."""
    for exam in ("a", "b"):
        (tmp_path / exam).mkdir()
        for number, view in enumerate(("L-CC", "R-CC")):
            uid = "1.1" if view == "L-CC" else f"1.2.{exam == 'a'}.{number}"
            tags = other if (exam, view) == ("b", "L-CC") else {}
            image = mammogram(view, SOPInstanceUID=uid.replace("True", "1").replace("False", "0"))
            for keyword, value in tags.items():
                setattr(image, keyword, value)
            save(image, tmp_path / exam / f"{number}.dcm")
    return [tmp_path]


def test_of_one_object_in_two_exams_the_second_is_set_aside(tmp_path: Path) -> None:
    found = each_instance_once(find_exams(instances(tmp_path), exam_by="folder"))
    assert [len(exam.images) for exam in found.exams] == [2, 1]
    [aside] = found.set_aside
    assert (aside.path, aside.exam, found.refused) == ("b/0.dcm", "b", ())
    assert "the same image as a/0.dcm" in aside.reason
    assert "b/0.dcm was set aside" in found.exams[1].warnings[-1]


def test_two_files_of_one_uid_and_other_bytes_are_both_refused(tmp_path: Path) -> None:
    found = find_exams(instances(tmp_path, Manufacturer="Other"), exam_by="folder")
    found = each_instance_once(found)
    assert [len(exam.images) for exam in found.exams] == [1, 1]
    assert [one.name for one in found.refused] == ["a/0.dcm", "b/0.dcm"]
    assert "b/0.dcm has the same SOP Instance UID" in found.refused[0].reason
    assert found.refused[0].hint


def test_objects_of_their_own_uids_stay(tmp_path: Path) -> None:
    found = find_exams(instances(tmp_path, SOPInstanceUID="1.9"), exam_by="folder")
    assert each_instance_once(found) is found


def test_a_process_that_is_ended_from_outside_is_told(
    files: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def map(self, *_: object) -> None:
            raise BrokenProcessPool

    monkeypatch.setattr(many_module, "_FEW", 0)
    monkeypatch.setattr(many_module, "_pool", lambda _: contextlib.nullcontext(Broken()))
    with pytest.raises(ExamError, match="fewer --jobs"):
        header_reader(jobs=2)(files, None)
