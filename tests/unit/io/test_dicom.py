from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import uid
from pydicom.dataset import Dataset

from fourview.core.errors import FourviewError, ImageError, SetAside
from fourview.core.views import Facing, View
from fourview.io.dicom import is_dicom, read_dicom, read_dicom_header
from support.dicom_files import (
    COMPUTED_RADIOGRAPHY,
    FOR_PROCESSING,
    SECRETS,
    mammogram,
    picture,
    save,
    save_bare,
    scanned_film,
    view_code,
)

UNTOLD: dict[str, Any] = {
    "ImageLaterality": None,
    "ViewPosition": None,
    "ViewCodeSequence": None,
    "PatientOrientation": None,
}


def saved(folder: Path, dataset: Dataset) -> Path:
    return save(dataset, folder / "image.dcm")


def test_a_mammogram_is_read_with_all_that_its_header_tells(tmp_path: Path) -> None:
    image = read_dicom(saved(tmp_path, mammogram("R-MLO", BreastImplantPresent="YES")))
    assert np.array_equal(image.pixels, picture())
    assert image.view is View.R_MLO
    assert image.facing is Facing.LEFT
    assert image.source == "image.dcm"
    assert image.implant
    assert image.pixel_spacing_mm == (0.07, 0.07)
    assert image.grayscale.bits == 12
    assert image.about == {
        "kind": "Digital Mammography X-Ray Image - For Presentation",
        "manufacturer": "ACME",
        "model": "Model 1",
        "transfer_syntax": "Explicit VR Little Endian",
        "photometric_interpretation": "MONOCHROME2",
        "bits_stored": "12",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.1.2",
        "sop_instance_uid": "1.2.3.4.5",
        "series_instance_uid": "1.2.3.4",
        "study_instance_uid": "1.2.3",
    }
    assert image.warnings == ("the breast has an implant",)


def test_a_header_is_read_without_pixels(tmp_path: Path) -> None:
    header = read_dicom_header(saved(tmp_path, mammogram("L-CC")))
    assert (header.view, header.reason, header.facing) == (View.L_CC, "", Facing.RIGHT)
    assert (header.rows, header.columns) == (48, 36)
    assert header.pixel_spacing_mm == (0.07, 0.07)
    assert (header.study, header.patient) == ("1.2.3", "PID-4711")
    assert header.manufacturer == "ACME"
    assert header.warnings == ()


@pytest.mark.parametrize("view", list(View))
def test_scanned_film_is_read(view: View, tmp_path: Path) -> None:
    image = read_dicom(saved(tmp_path, scanned_film(view.value)))
    assert (image.view, image.facing, image.pixel_spacing_mm) == (view, None, None)


def test_computed_radiography_is_read(tmp_path: Path) -> None:
    dataset = scanned_film("R-CC", SOPClassUID=COMPUTED_RADIOGRAPHY, Modality="CR")
    assert read_dicom(saved(tmp_path, dataset)).view is View.R_CC


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"SOPClassUID": FOR_PROCESSING}, "For Processing"),
        ({"NumberOfFrames": 3}, "3 frames"),
        ({"ViewCodeSequence": [view_code("399260004")]}, "ML view"),
        ({"ImageLaterality": "B"}, "both breasts"),
        ({"EstimatedRadiographicMagnificationFactor": "1.5"}, "magnification"),
    ],
)
@pytest.mark.parametrize("named", [None, View.L_CC])
def test_what_is_no_screening_view_is_set_aside_whoever_names_it(
    named: View | None, tags: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, mammogram("L-CC", **tags))
    header = read_dicom_header(path)
    assert reason in header.reason
    assert header.view is None
    with pytest.raises(SetAside) as aside:
        read_dicom(path, view=named)
    assert aside.value.problem == f"image.dcm: {header.reason}"


@pytest.mark.parametrize(
    ("tags", "missing"),
    [
        (UNTOLD, "its laterality (0020,0062; 0020,0060) and its view (0054,0220; 0018,5101)"),
        (UNTOLD | {"ImageLaterality": "L"}, "its view (0054,0220; 0018,5101)"),
        (UNTOLD | {"ViewPosition": "CC"}, "its laterality (0020,0062; 0020,0060)"),
    ],
)
def test_an_image_of_no_told_view_waits_for_its_name(
    tags: dict[str, Any], missing: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, mammogram("L-CC", **tags))
    header = read_dicom_header(path)
    assert (header.view, header.reason) == (None, "")
    with pytest.raises(SetAside) as aside:
        read_dicom(path)
    assert missing in aside.value.problem
    assert "--view 'image.dcm=L-CC'" in aside.value.hint
    named = read_dicom(path, view=View.L_CC)
    assert (named.view, named.warnings) == (View.L_CC, ())


def test_an_unknown_view_may_be_named(tmp_path: Path) -> None:
    path = saved(tmp_path, mammogram("L-CC", **UNTOLD | {"ViewPosition": "AP"}))
    assert "'AP', which names none" in read_dicom_header(path).reason
    with pytest.raises(SetAside, match="which names none") as aside:
        read_dicom(path)
    assert "--view" in aside.value.hint
    image = read_dicom(path, view=View.R_MLO)
    assert image.view is View.R_MLO
    assert image.warnings[0].startswith("named R-MLO; the header: no standard screening view")


@pytest.mark.parametrize(
    ("named", "tags", "warnings"),
    [
        (View.L_CC, {}, ()),
        (View.R_CC, {}, ("named R-CC; the header says L-CC",)),
        (View.L_MLO, {}, ("named L-MLO; the header says L-CC",)),
        (View.R_CC, UNTOLD | {"ImageLaterality": "L"}, ("named R-CC; the header says L",)),
        (View.R_CC, UNTOLD | {"ViewPosition": "CC"}, ()),
    ],
)
def test_a_named_view_wins_and_a_disagreement_is_a_warning(
    named: View, tags: dict[str, Any], warnings: tuple[str, ...], tmp_path: Path
) -> None:
    image = read_dicom(saved(tmp_path, mammogram("L-CC", **tags)), view=named)
    assert (image.view, image.warnings) == (named, warnings)


@pytest.mark.parametrize(
    ("tags", "spacing", "n_warnings"),
    [
        ({"ImagerPixelSpacing": [0.1, 0.2], "PixelSpacing": [0.05, 0.05]}, (0.1, 0.2), 0),
        (
            {"PixelSpacing": [0.05, 0.06], "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.05, 0.06),
            0,
        ),
        ({"ImagerPixelSpacing": None, "PixelSpacing": [0.05, 0.06]}, (0.05, 0.06), 0),
        (
            {"ImagerPixelSpacing": None, "NominalScannedPixelSpacing": [0.04, 0.04]},
            (0.04, 0.04),
            0,
        ),
        ({"ImagerPixelSpacing": [0, 0]}, None, 1),
        ({"ImagerPixelSpacing": [-0.1, 0.1], "PixelSpacing": [0.2, 0.2]}, (0.2, 0.2), 1),
        ({"ImagerPixelSpacing": b"0,1\\0,1 "}, None, 1),
        ({"ImagerPixelSpacing": [0.1]}, None, 1),
        ({"ImagerPixelSpacing": None}, None, 0),
    ],
)
def test_pixel_spacing_is_the_calibrated_or_the_detectors(
    tags: dict[str, Any], spacing: tuple[float, float] | None, n_warnings: int, tmp_path: Path
) -> None:
    image = read_dicom(saved(tmp_path, mammogram("L-CC", **tags)))
    assert (image.pixel_spacing_mm, len(image.warnings)) == (spacing, n_warnings)


def everything_said(path: Path) -> str:
    """All that reading a file tells anybody, in text."""
    told = []
    for read in (read_dicom, read_dicom_header):
        try:
            told.append(repr(read(path)))
        except FourviewError as error:
            told += [str(error), repr(error.__cause__)]
    return "\n".join(told)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"SOPClassUID": FOR_PROCESSING},
        {"Rows": 0},
        {"ViewPosition": "AP", "ViewCodeSequence": None, "PatientOrientation": None},
        {"SeriesDescription": "Doe^Jane spot"},
        {"PatientOrientation": ["R", "A"], "LossyImageCompression": "01"},
    ],
)
def test_nothing_that_names_a_patient_is_told_or_logged(
    tags: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """pydicom's own warnings quote what they find fault with."""
    path = saved(tmp_path, mammogram("L-CC", **tags))
    with caplog.at_level(logging.DEBUG):
        said = everything_said(path) + caplog.text
    assert [secret for secret in SECRETS.values() if secret in said] == []


def test_control_characters_of_a_header_do_not_reach_messages(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        mammogram(
            "L-CC", **UNTOLD | {"ViewPosition": b"AP\x1b[31m", "Manufacturer": b"AC\nME\x1b[0m "}
        ),
    )
    header = read_dicom_header(path)
    assert header.reason.isprintable()
    assert header.manufacturer == "AC ME [0m"


def test_many_threads_read_headers_in_silence(tmp_path: Path) -> None:
    """Warnings are errors here, and pydicom warns of this header."""
    path = saved(tmp_path, mammogram("L-CC"))
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda _: read_dicom_header(path).view, range(100)))
    assert views == [View.L_CC] * 100


@pytest.mark.parametrize(
    ("content", "is_one", "message"),
    [
        (b"", False, "the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), False, "no DICOM file"),
        (b"exam,view,path\n" * 20, False, "no DICOM file"),
        (bytes(128) + b"DICM", True, "truncated"),
        (bytes(300), False, "no DICOM file"),
    ],
)
def test_what_is_no_dicom_is_told_so(
    content: bytes, is_one: bool, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "odd.dcm"
    path.write_bytes(content)
    assert is_dicom(path) is is_one
    for read in (read_dicom, read_dicom_header):
        with pytest.raises(ImageError, match=f"odd.dcm: .*{message}"):
            read(path)


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.dcm"):
        assert not is_dicom(path)
        with pytest.raises(ImageError, match=r"cannot be opened"):
            read_dicom_header(path)


@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian],
    ids=lambda one: one.keyword,
)
def test_dicom_is_known_by_its_content(syntax: uid.UID, tmp_path: Path) -> None:
    assert is_dicom(save(mammogram(), tmp_path / "no-suffix", syntax))
    assert is_dicom(save_bare(mammogram(), tmp_path / "bare.png", syntax))


def test_the_callers_name_of_an_image_is_used(tmp_path: Path) -> None:
    path = saved(tmp_path, mammogram("L-CC"))
    assert read_dicom(path, source="exam/a").source == "exam/a"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ImageError, match=r"^exam/a: truncated"):
        read_dicom(path, source="exam/a")
