"""Digital Mammography X-Ray Images For Presentation, written (PS3.3 A.27, C.8.11).

For synthetic images only, so every object says that it is one. Times and UIDs come in.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DigitalMammographyXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
)

from fourview.core.grayscale import VoiWindow
from fourview.core.views import Facing, Laterality
from fourview.io.atomic import write_file

IMPLEMENTATION = UID("2.25.180731164250128714521137915214826370051")

VIEW_CODES = {
    "CC": ("399162004", "cranio-caudal"),
    "MLO": ("399368009", "medio-lateral oblique"),
    "ML": ("399260004", "medio-lateral"),
    "LM": ("399352003", "latero-medial"),
    "XCCL": ("399192008", "cranio-caudal exaggerated laterally"),
}
"""CID 4014, SNOMED CT."""


@dataclass(frozen=True, eq=False)
class SyntheticImage:
    """All that one object says."""

    pixels: NDArray[np.uint16]
    """`(H, W)` as stored."""
    laterality: Laterality
    position: str
    """A key of `VIEW_CODES`."""
    facing: Facing
    bits: int
    inverted: bool
    """MONOCHROME1."""
    voi: VoiWindow
    labels: bool
    pixel_mm: float
    patient: str
    age: int
    study_date: date
    manufacturer: str
    study_uid: str
    series_uid: str
    instance_uid: str
    number: int


def write_dicom(path: Path, image: SyntheticImage) -> None:
    """Write the object, JPEG-LS lossless; whole, or not at all."""
    dataset = dataset_of(image)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    data = io.BytesIO()
    dataset.save_as(data, enforce_file_format=True)
    write_file(path, data.getvalue())


def dataset_of(image: SyntheticImage) -> Dataset:
    """The object, uncompressed."""
    dataset = Dataset()
    dataset.file_meta = _file_meta(image)
    _put_patient_and_study(dataset, image)
    _put_series_and_equipment(dataset, image)
    _put_view(dataset, image)
    _put_pixels(dataset, image)
    return dataset


def _file_meta(image: SyntheticImage) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = UID(image.instance_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION
    meta.ImplementationVersionName = "FOURVIEW"
    return meta


def _put_patient_and_study(dataset: Dataset, image: SyntheticImage) -> None:
    day = image.study_date.strftime("%Y%m%d")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = f"PHANTOM^{image.patient}"
    dataset.PatientID = image.patient
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.PatientAge = f"{image.age:03d}Y"
    dataset.StudyInstanceUID = image.study_uid
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = day
    dataset.StudyTime = dataset.AcquisitionTime = dataset.ContentTime = "090000"
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = "1"
    dataset.AccessionNumber = ""
    dataset.StudyDescription = "Synthetic screening mammography"


def _put_series_and_equipment(dataset: Dataset, image: SyntheticImage) -> None:
    dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    dataset.SOPInstanceUID = image.instance_uid
    dataset.SeriesInstanceUID = image.series_uid
    dataset.SeriesNumber = "1"
    dataset.InstanceNumber = str(image.number)
    dataset.Modality = "MG"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.Manufacturer = image.manufacturer
    dataset.ManufacturerModelName = "fourview phantom"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = "fourview"
    dataset.AcquisitionContextSequence = []
    dataset.ImageComments = "Synthetic image made by fourview. No patient. Not for diagnosis."


def _put_view(dataset: Dataset, image: SyntheticImage) -> None:
    """Mammography Image and DX Anatomy Imaged modules (PS3.3 C.8.11.7, C.8.11.2)."""
    view = _code(*VIEW_CODES[image.position])
    view.ViewModifierCodeSequence = []
    dataset.ViewCodeSequence = [view]
    if image.position in ("CC", "MLO", "ML", "LM"):
        dataset.ViewPosition = image.position
    dataset.ImageLaterality = image.laterality.value
    dataset.AnatomicRegionSequence = [_code("76752008", "Breast")]
    dataset.PositionerType = "MAMMOGRAPHIC"
    dataset.OrganExposed = "BREAST"
    dataset.BreastImplantPresent = "NO"
    medial = "L" if image.laterality is Laterality.RIGHT else "R"
    down = medial if image.position in ("CC", "XCCL") else f"F{medial}"
    dataset.PatientOrientation = ["A" if image.facing is Facing.RIGHT else "P", down]


def _put_pixels(dataset: Dataset, image: SyntheticImage) -> None:
    """DX Image, DX Detector, VOI LUT and Image Pixel modules (PS3.3 C.8.11.3, C.8.11.4)."""
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.DetectorType = "DIRECT"
    dataset.ImagerPixelSpacing = [f"{image.pixel_mm:.6g}"] * 2
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = 1 if image.inverted else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.PresentationLUTShape = "INVERSE" if image.inverted else "IDENTITY"
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "YES" if image.labels else "NO"
    dataset.WindowCenter = f"{image.voi.center:.10g}"
    dataset.WindowWidth = f"{image.voi.width:.10g}"
    dataset.VOILUTFunction = image.voi.function
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if image.inverted else "MONOCHROME2"
    dataset.Rows, dataset.Columns = image.pixels.shape
    dataset.BitsAllocated, dataset.BitsStored = 16, image.bits
    dataset.HighBit = image.bits - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = image.pixels.astype("<u2").tobytes()


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item
