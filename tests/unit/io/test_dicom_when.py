"""Study dates and ages, whatever stands in their elements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fourview.io.dicom import read_dicom, read_dicom_header
from support.dicom_files import mammogram, save


def test_a_header_tells_date_age_and_instance(tmp_path: Path) -> None:
    path = save(mammogram(StudyDate="20190331", PatientAge="057Y"), tmp_path / "a.dcm")
    header = read_dicom_header(path)
    assert (header.study_date, header.age) == (date(2019, 3, 31), 57)
    assert header.instance == "1.2.3.4.5"
    assert header.warnings == ()


@pytest.mark.parametrize(
    ("said", "day", "warns"),
    [
        ("2019.03.31", date(2019, 3, 31), False),
        ("", None, False),
        (None, None, False),
        ("20190231", None, True),
        ("18991231", None, True),
        ("2019", None, True),
        ("DOE^JANE", None, True),
        (b"\xff\xfe\x00\x01", None, True),
    ],
)
def test_a_study_date_that_is_none_is_left_with_a_warning_that_does_not_quote_it(
    tmp_path: Path, said: str | bytes | None, day: date | None, warns: bool
) -> None:
    header = read_dicom_header(save(mammogram(StudyDate=said), tmp_path / "a.dcm"))
    assert header.study_date == day
    assert [("Study Date" in warning, "DOE" in warning) for warning in header.warnings] == (
        [(True, False)] if warns else []
    )


@pytest.mark.parametrize(
    ("said", "years", "warns"),
    [
        ("057Y", 57, False),
        ("57Y", 57, False),
        ("089Y", 89, False),
        ("102Y", 102, False),
        ("660M", 55, False),
        ("", None, False),
        (None, None, False),
        ("000Y", None, True),
        ("057", None, True),
        ("999Y", None, True),
        ("-57Y", None, True),
        ("57 years", None, True),
    ],
)
def test_an_age_is_in_whole_years_or_left_with_a_warning(
    tmp_path: Path, said: str | None, years: int | None, warns: bool
) -> None:
    header = read_dicom_header(save(mammogram(PatientAge=said), tmp_path / "a.dcm"))
    assert header.age == years
    assert ["Age" in warning for warning in header.warnings] == [True] * warns


def test_an_age_is_never_from_the_birth_date(tmp_path: Path) -> None:
    image = mammogram(PatientBirthDate="19500101", StudyDate="20190331", PatientAge=None)
    assert read_dicom_header(save(image, tmp_path / "a.dcm")).age is None


def test_a_mammogram_keeps_neither_date_nor_age(tmp_path: Path) -> None:
    path = save(mammogram(StudyDate="20190331", PatientAge="057Y"), tmp_path / "a.dcm")
    assert "20190331" not in repr(read_dicom(path))
    assert "057Y" not in repr(read_dicom(path))
