"""Values of elements as they were read are those that pydicom makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.datadict import keyword_for_tag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from fourview.io.dicom import values as read
from support.dicom_files import mammogram, save

ODD = {
    "ImageType": b"ORIGINAL\\PRIMARY\\\\ TOMO ",
    "SpecificCharacterSet": "ISO_IR 100",
    "Manufacturer": "Müller & Söhne",
    "ManufacturerModelName": b"  two\\ models\0 ",
    "SeriesDescription": b"",
    "StationName": b"  ",
    "ViewPosition": b"\\",
    "StudyID": b"\x1b$B\x1b(B",
    "PatientAge": b"057Y",
    "StudyDate": b"20190102 ",
    "WindowCenter": b"1\\ 2.5 \\-3e2",
    "WindowWidth": b"1\\\\2",
    "RescaleSlope": b"one",
    "RescaleIntercept": b"",
    "ImagerPixelSpacing": b"0.07\\nan",
    "SeriesNumber": b" 007 ",
    "InstanceNumber": b"1.5",
    "SmallestImagePixelValue": 65535,
    "SOPInstanceUID": b"1.2.3\0",
}


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian]
)
def test_what_is_read_at_once_is_what_pydicom_makes_of_it(
    tmp_path: Path, syntax: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(mammogram(**ODD), tmp_path / "a.dcm", syntax)
    keywords = [keyword_for_tag(tag) for tag in dcmread(path).keys()]  # noqa: SIM118

    def told() -> dict[str, object]:
        """Each element from a data set of which nothing else was read."""
        found: dict[str, object] = {}
        for keyword in keywords:
            for what in (read.texts, read.numbers):
                with read.quiet_pydicom():
                    found[f"{keyword} {what.__name__}"] = what(dcmread(path), keyword)
        return found

    at_once = told()
    monkeypatch.setattr(read, "_raw", lambda *_: None)
    assert at_once == told()
    assert at_once["ImageType texts"] == ("ORIGINAL", "PRIMARY", "", "TOMO")
    assert at_once["WindowCenter numbers"] == (1, 2.5, -300)
    assert at_once["Manufacturer texts"] == ("Müller & Söhne",)
