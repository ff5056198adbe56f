"""Writes small DICOM objects: mammograms, and whatever else lies beside them in an archive."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray
from pydicom import config, dcmread, uid
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.tag import Tag
from pydicom.uid import UID

MAMMOGRAPHY = UID("1.2.840.10008.5.1.4.1.1.1.2")
FOR_PROCESSING = UID("1.2.840.10008.5.1.4.1.1.1.2.1")
SECONDARY_CAPTURE = UID("1.2.840.10008.5.1.4.1.1.7")
COMPUTED_RADIOGRAPHY = UID("1.2.840.10008.5.1.4.1.1.1")

CODES = {"CC": "399162004", "MLO": "399368009", "ML": "399260004"}
ORIENTATIONS = {
    "L-CC": ["A", "R"],
    "R-CC": ["P", "L"],
    "L-MLO": ["A", "FR"],
    "R-MLO": ["P", "FL"],
}
SECRETS = {
    "PatientName": "Doe^Jane",
    "PatientID": "PID-4711",
    "PatientBirthDate": "19500230",  # no such day: pydicom would quote it in a warning
    "AccessionNumber": "ACC-4711-too-long-for-its-VR",
    "InstitutionName": "St Elsewhere",
    "StudyDate": "20190102",
}
"""What must never leave a reader."""

_GDCM_SYNTAXES = {
    uid.JPEGBaseline8Bit: gdcm.TransferSyntax.JPEGBaselineProcess1,
    uid.JPEGExtended12Bit: gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    uid.JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
    uid.JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    uid.JPEG2000Lossless: gdcm.TransferSyntax.JPEG2000Lossless,
    uid.JPEG2000: gdcm.TransferSyntax.JPEG2000,
}


def picture(
    bits: int = 12, *, signed: bool = False, shape: tuple[int, int] = (48, 36)
) -> NDArray[Any]:
    """A smooth picture with some noise that uses all its bits."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    smooth = (np.sin(rows / 9) + np.cos(columns / 7) + 2) / 4
    noise = np.random.default_rng(0).integers(-2, 3, shape)
    values = np.clip(np.rint(smooth * (2**bits - 1)) + noise, 0, 2**bits - 1).astype(np.int64)
    values.flat[:2] = 0, 2**bits - 1
    if signed:
        values -= 2 ** (bits - 1)
    return values.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")


def code(value: str, scheme: str = "SCT", meaning: str = "meaning") -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def view_code(value: str, scheme: str = "SCT", modifiers: Sequence[Dataset] = ()) -> Dataset:
    """An item of the View Code Sequence."""
    item = code(value, scheme)
    item.ViewModifierCodeSequence = list(modifiers)
    return item


@config.disable_value_validation()  # nonconformant headers are wanted
def mammogram(
    view: str = "L-CC", pixels: NDArray[Any] | None = None, *, bits: int = 12, **tags: Any
) -> Dataset:
    """A Digital Mammography X-Ray Image For Presentation, uncompressed.

    Args:
        pixels: of a signed type for a signed image.
        tags: elements to set by keyword; None takes one away.
    """
    laterality, position = view.split("-")
    dataset = Dataset()
    for keyword, value in {
        "SpecificCharacterSet": "ISO_IR 100",
        "SOPClassUID": MAMMOGRAPHY,
        "SOPInstanceUID": UID("1.2.3.4.5"),
        "StudyInstanceUID": UID("1.2.3"),
        "SeriesInstanceUID": UID("1.2.3.4"),
        "ImageType": ["ORIGINAL", "PRIMARY", ""],
        "Modality": "MG",
        "PresentationIntentType": "FOR PRESENTATION",
        "Manufacturer": "ACME",
        "ManufacturerModelName": "Model 1",
        "ImagerPixelSpacing": [0.07, 0.07],
        "ImageLaterality": laterality,
        "ViewPosition": position,
        "ViewCodeSequence": [view_code(CODES[position])],
        "PatientOrientation": ORIENTATIONS.get(view),
        "PresentationLUTShape": "IDENTITY",
    }.items():
        setattr(dataset, keyword, value)
    put_pixels(dataset, picture(bits) if pixels is None else pixels, bits)
    put(dataset, SECRETS | tags)
    return dataset


@config.disable_value_validation()
def scanned_film(view: str = "L-CC", pixels: NDArray[Any] | None = None, **tags: Any) -> Dataset:
    """A Secondary Capture as scanned sets have it: the view stands in the wrong element."""
    laterality, position = view.split("-")
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SECONDARY_CAPTURE, UID("1.2.3.4.5")
    dataset.Modality, dataset.ConversionType, dataset.Laterality = "MG", "WSD", laterality
    dataset.BodyPartExamined, dataset.PatientOrientation = "BREAST", position
    put_pixels(dataset, picture(16) if pixels is None else pixels, 16)
    put(dataset, tags)
    return dataset


def put(dataset: Dataset, tags: dict[str, Any]) -> None:
    """Set elements by keyword; None takes one away, bytes are written as they are."""
    for keyword, value in tags.items():
        tag = Tag(keyword)
        if isinstance(value, bytes):
            vr = dictionary_VR(tag)
            dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
        elif value is not None:
            setattr(dataset, keyword, value)
        elif keyword in dataset:
            delattr(dataset, keyword)


def put_pixels(dataset: Dataset, pixels: NDArray[Any], bits: int) -> None:
    """Set Pixel Data, little-endian, and what describes them."""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored = pixels.itemsize * 8, bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, int(pixels.dtype.kind == "i")
    put_bytes(dataset, pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())


def put_bytes(dataset: Dataset, data: bytes) -> None:
    """Set Pixel Data."""
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if dataset.BitsAllocated == 8 else "OW"


def put_frame(dataset: Dataset, frame: bytes, n_fragments: int = 1) -> None:
    """Set Pixel Data to one compressed frame."""
    dataset.PixelData = encapsulate([frame], fragments_per_frame=n_fragments)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


@config.disable_value_validation()
def save(
    dataset: Dataset,
    path: Path,
    syntax: UID = uid.ExplicitVRLittleEndian,
    *,
    compress: bool = True,
) -> Path:
    """Write a data set with uncompressed little-endian pixels under a transfer syntax.

    Args:
        compress: False where the Pixel Data are compressed already.
    """
    if syntax == uid.ExplicitVRBigEndian and dataset.BitsAllocated == 16:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    elif compress and syntax in (uid.RLELossless, uid.JPEGLSLossless, uid.JPEGLSNearLossless):
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        error = {"jls_error": 2} if syntax == uid.JPEGLSNearLossless else {}
        dataset.compress(syntax, generate_instance_uid=False, **error)
    elif compress and syntax in _GDCM_SYNTAXES:
        put_frame(dataset, by_gdcm(dataset, syntax))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", MAMMOGRAPHY)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", UID("1.2"))
    dataset.file_meta.TransferSyntaxUID = syntax
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # as above
        dataset.save_as(path, enforce_file_format=True)
    return path


@config.disable_value_validation()
def save_bare(dataset: Dataset, path: Path, syntax: UID = uid.ImplicitVRLittleEndian) -> Path:
    """Write a data set with no preamble and no File Meta Information."""
    if syntax == uid.ExplicitVRBigEndian and dataset.BitsAllocated == 16:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.save_as(path, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
    return path


def by_gdcm(dataset: Dataset, syntax: UID) -> bytes:
    """The frame of an uncompressed data set, compressed by GDCM."""
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder, "plain.dcm"), Path(folder, "packed.dcm")
        save(Dataset(dataset), plain)
        reader = gdcm.ImageReader()
        reader.SetFileName(str(plain))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(_GDCM_SYNTAXES[syntax]))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(packed))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return next(generate_frames(dcmread(packed).PixelData, number_of_frames=1))
