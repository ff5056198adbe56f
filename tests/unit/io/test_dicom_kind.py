from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset

from fourview.io.dicom.kind import kind_of, reason_no_mammogram, sop_class
from support.dicom_files import (
    COMPUTED_RADIOGRAPHY,
    FOR_PROCESSING,
    MAMMOGRAPHY,
    SECONDARY_CAPTURE,
    mammogram,
    scanned_film,
)

ROOT = "1.2.840.10008.5.1.4.1.1"


def reason(**tags: Any) -> str:
    """Why a mammogram with these elements is set aside."""
    dataset = mammogram("L-CC", **tags)
    return reason_no_mammogram(dataset, sop_class(dataset, Dataset()))


@pytest.mark.parametrize(
    ("uid", "kind"),
    [
        (MAMMOGRAPHY, "Digital Mammography X-Ray Image - For Presentation"),
        (SECONDARY_CAPTURE, "Secondary Capture Image"),
        (COMPUTED_RADIOGRAPHY, "Computed Radiography Image"),
        (f"{ROOT}.88.50", "Mammography CAD SR"),
        ("1.2.3.4", "DICOM object of SOP class 1.2.3.4"),
        ("", "DICOM object of no stated SOP class"),
        ("\x1b[31m", "DICOM object of a malformed SOP class"),
    ],
)
def test_a_kind_is_told_in_words(uid: str, kind: str) -> None:
    assert kind_of(uid) == kind


@pytest.mark.parametrize(
    "uid",
    [MAMMOGRAPHY, COMPUTED_RADIOGRAPHY, f"{ROOT}.1.1", *(f"{ROOT}.7{n}" for n in ("", ".2", ".3"))],
)
def test_mammograms_and_what_may_hold_scanned_film_are_read(uid: str) -> None:
    assert reason(SOPClassUID=uid, NumberOfFrames=1) == ""


@pytest.mark.parametrize(
    ("uid", "said"),
    [
        (FOR_PROCESSING, "a For Processing image: the For Presentation image of the same view"),
        (f"{ROOT}.1.1.1", "a For Processing image"),
        (f"{ROOT}.13.1.3", "tomosynthesis: a Breast Tomosynthesis Image of 60 frames"),
        (f"{ROOT}.13.1.4", "tomosynthesis: a projection image"),
        (f"{ROOT}.88.50", "not an image: Mammography CAD SR"),
        (f"{ROOT}.88.59", "not an image: Key Object Selection Document"),
        (f"{ROOT}.88.11", "not an image: Basic Text SR"),
        (f"{ROOT}.11.1", "not an image: Grayscale Softcopy Presentation State"),
        (f"{ROOT}.66.4", "not an image: Segmentation"),
        (f"{ROOT}.104.1", "not an image: Encapsulated PDF"),
        (f"{ROOT}.2", "no mammogram: CT Image"),
        (f"{ROOT}.4", "no mammogram: MR Image"),
        (f"{ROOT}.6.1", "no mammogram: Ultrasound Image"),
        (f"{ROOT}.7.4", "a colour image (Multi-frame True Color Secondary Capture Image)"),
        ("1.2.840.10008.1.3.10", "not an image: Media Storage Directory"),
    ],
)
def test_other_objects_are_set_aside_with_what_they_are(uid: str, said: str) -> None:
    frames = 60 if "13.1.3" in uid else None
    assert reason(SOPClassUID=uid, NumberOfFrames=frames).startswith(said)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"PresentationIntentType": "FOR PROCESSING"}, "a For Processing image"),
        ({"NumberOfFrames": 2}, "an image of 2 frames"),
        ({"QualityControlImage": "YES"}, "a quality-control image"),
        ({"BodyPartExamined": "PHANTOM"}, "no breast: Body Part Examined is 'PHANTOM'"),
        ({"Modality": "US"}, "no mammogram: its modality is 'US'"),
        ({"EstimatedRadiographicMagnificationFactor": "1.8"}, "a magnification view (Estimated"),
        ({"PaddleDescription": "10CM_SPOT_CONTACT"}, "a spot compression view (Paddle Descripti"),
        ({"PaddleDescription": "MAG 7.5CM"}, "a magnification view (Paddle Description says 'MAG'"),
        ({"SeriesDescription": "L CC Spot"}, "a spot compression view (Series Description says"),
        ({"SeriesDescription": "R MLO C-View"}, "a 2D image computed from tomosynthesis (Series"),
        ({"SeriesDescription": "stereo-biopsy"}, "an image of a biopsy"),
        ({"ImageType": ["DERIVED", "PRIMARY", "TOMO", "GENERATED_2D"]}, "an image of a tomosynth"),
        ({"ImageType": ["DERIVED", "PRIMARY", "", "GENERATED_2D"]}, "a 2D image computed from"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "TOMO_PROJ"]}, "an image of a tomosynthesis"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "STEREO_PLUS"]}, "an image of a biopsy"),
        (
            {"ImageType": ["DERIVED", "PRIMARY", "POST_CONTRAST", "SUBTRACTION"]},
            "an image of a con",
        ),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "", "", "LOW_ENERGY"]}, "an image of a contrast"),
    ],
)
def test_what_is_no_ordinary_mammogram_is_set_aside(tags: dict[str, Any], said: str) -> None:
    assert reason(**tags).startswith(said)


@pytest.mark.parametrize(
    "tags",
    [
        {"EstimatedRadiographicMagnificationFactor": "1.08"},
        {"EstimatedRadiographicMagnificationFactor": b"rubbish "},
        {"PaddleDescription": "24CM SCREENING FULL"},
        {"SeriesDescription": "IMAGE OF MAGDALENA SPOTTISWOODE"},
        {"BodyPartExamined": "BREAST"},
        {"ImageType": ["ORIGINAL", "PRIMARY"]},
        {"QualityControlImage": "NO"},
        {"SOPClassUID": None},
    ],
)
def test_an_ordinary_mammogram_is_not_set_aside(tags: dict[str, Any]) -> None:
    assert reason(**tags) == ""


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"Modality": "CR", "BodyPartExamined": "CHEST"}, "no mammogram: Body Part Examined"),
        ({"Modality": "CT"}, "no mammogram: its modality is 'CT'"),
        ({"SamplesPerPixel": 3}, "a colour image"),
        ({"Modality": "OT"}, ""),
        ({"Modality": "CR", "BodyPartExamined": "LEFT BREAST"}, ""),
    ],
)
def test_film_is_told_from_other_captures(tags: dict[str, Any], said: str) -> None:
    dataset = scanned_film("L-CC", **tags)
    found = reason_no_mammogram(dataset, SECONDARY_CAPTURE)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_tomosynthesis_in_private_elements_is_known() -> None:
    dataset = scanned_film("L-CC")
    dataset.add_new(0x7E010010, "LO", "HOLOGIC, Inc.")
    assert reason_no_mammogram(dataset, SECONDARY_CAPTURE).startswith("tomosynthesis")
