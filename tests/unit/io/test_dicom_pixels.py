"""Every transfer syntax, depth and sign; and what is damaged is never an image."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import UID

from fourview.core.errors import ImageError
from fourview.io.dicom import read_dicom, read_dicom_header
from support.dicom_files import (
    by_gdcm,
    mammogram,
    picture,
    put_bytes,
    put_frame,
    save,
    save_bare,
)

UNCOMPRESSED = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
]
LOSSLESS = [
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
]


def stored(path: Path) -> Any:
    """The values as stored of the image in a file."""
    image = read_dicom(path)
    assert image.pixels.dtype == np.uint16
    assert image.pixels.max() <= image.grayscale.maximum
    return image.pixels.astype(np.int64) - image.grayscale.offset


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("syntax", UNCOMPRESSED + LOSSLESS, ids=lambda one: one.keyword)
def test_pixels_are_bit_exact(syntax: UID, bits: int, signed: bool, tmp_path: Path) -> None:
    pixels = picture(bits, signed=signed)
    path = save(mammogram(pixels=pixels, bits=bits), tmp_path / "a.dcm", syntax)
    assert np.array_equal(stored(path), pixels)
    assert read_dicom(path).warnings == ()


@pytest.mark.parametrize(
    ("syntax", "bits", "most"),
    [
        (uid.JPEGBaseline8Bit, 8, 2),
        (uid.JPEGExtended12Bit, 8, 2),
        (uid.JPEGLSNearLossless, 12, 2),
        (uid.JPEG2000, 12, 2),
    ],
)
def test_lossy_pixels_are_near_and_told(syntax: UID, bits: int, most: int, tmp_path: Path) -> None:
    pixels = picture(bits)
    dataset = mammogram(pixels=pixels, bits=bits, LossyImageCompression="01")
    path = save(dataset, tmp_path / "a.dcm", syntax)
    assert np.abs(stored(path) - pixels).max() <= most
    assert read_dicom(path).warnings == (f"compressed with loss (transfer syntax {syntax.name})",)


def test_loss_that_is_not_told_is_told_as_possible(tmp_path: Path) -> None:
    path = save(mammogram(), tmp_path / "a.dcm", uid.JPEG2000)
    assert "perhaps compressed with loss" in read_dicom(path).warnings[0]


def test_extended_jpeg_of_12_bits_decodes_as_dcmtk_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A real one: GDCM's encoder writes a wrong precision. The digest is of dcmdjpeg's pixels."""
    real = dcmread(str(get_testdata_file("JPEG-lossy.dcm", download=False)))
    dataset = mammogram(pixels=np.zeros((1024, 256), np.uint16), bits=12)
    put_frame(dataset, next(generate_frames(real.PixelData, number_of_frames=1)))
    path = save(dataset, tmp_path / "a.dcm", uid.JPEGExtended12Bit, compress=False)
    pixels = read_dicom(path).pixels
    assert (
        hashlib.sha256(pixels.tobytes()).hexdigest()
        == "d30242775a414c01d616447854ebe3f2b20259822894bcd6891f879bcdcbf313"
    )
    assert capfd.readouterr().err == ""  # the library tries it as 8-bit first, and complains


@pytest.mark.parametrize("syntax", UNCOMPRESSED[:3], ids=lambda one: one.keyword)
def test_a_data_set_without_preamble_is_read(syntax: UID, tmp_path: Path) -> None:
    dataset = mammogram()
    pixels = picture()
    assert np.array_equal(stored(save_bare(dataset, tmp_path / "a", syntax)), pixels)


def test_eight_bit_pixels_written_as_big_endian_words_are_swapped_back(tmp_path: Path) -> None:
    pixels = picture(8)
    dataset = mammogram(pixels=pixels, bits=8)
    dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset["PixelData"].VR = "OW"
    path = save(dataset, tmp_path / "a.dcm", uid.ExplicitVRBigEndian)
    assert np.array_equal(stored(path), pixels)


@pytest.mark.parametrize("n_fragments", [1, 3])
def test_a_frame_in_several_fragments_is_one_image(n_fragments: int, tmp_path: Path) -> None:
    dataset = mammogram()
    put_frame(dataset, by_gdcm(dataset, uid.JPEGLosslessSV1), n_fragments)
    path = save(dataset, tmp_path / "a.dcm", uid.JPEGLosslessSV1, compress=False)
    assert np.array_equal(stored(path), picture())


def test_bits_above_those_stored_are_masked_away_and_told(tmp_path: Path) -> None:
    pixels = picture(12)
    with_overlay = pixels.copy()
    with_overlay[3, 4:9] |= 0x8000
    path = save(mammogram(pixels=with_overlay, bits=12), tmp_path / "a.dcm")
    assert np.array_equal(stored(path), pixels)
    assert read_dicom(path).warnings == (
        "5 pixels have bits beyond the 12 stored; these bits are left out",
    )


def test_signed_pixels_without_sign_extension_are_read(tmp_path: Path) -> None:
    pixels = picture(12, signed=True)
    dataset = mammogram(pixels=(pixels & 0x0FFF).astype(np.uint16), bits=12, PixelRepresentation=1)
    path = save(dataset, tmp_path / "a.dcm")
    assert np.array_equal(stored(path), pixels)
    assert read_dicom(path).warnings == ()


def test_a_high_bit_at_the_top_is_shifted_down(tmp_path: Path) -> None:
    pixels = picture(12)
    dataset = mammogram(pixels=(pixels << 4).astype(np.uint16), bits=12, HighBit=15)
    assert np.array_equal(stored(save(dataset, tmp_path / "a.dcm")), pixels)


def test_a_high_bit_that_makes_no_sense_is_told(tmp_path: Path) -> None:
    path = save(mammogram(HighBit=3), tmp_path / "a.dcm")
    assert np.array_equal(stored(path), picture())
    assert "High Bit 3 makes no sense" in read_dicom(path).warnings[0]


def test_a_signed_image_is_shifted_up_with_its_padding(tmp_path: Path) -> None:
    pixels = np.full((4, 6), 100, np.int16)
    pixels[0] = -2000
    pixels[1] = -7
    dataset = mammogram(pixels=pixels, bits=12)
    dataset.add_new(0x00280120, "SS", -2000)
    dataset.add_new(0x00280121, "SS", -1990)
    image = read_dicom(save(dataset, tmp_path / "a.dcm"))
    assert image.grayscale.offset == 2000
    assert image.grayscale.padding == (0, 10)
    assert image.pixels[:3, 0].tolist() == [0, 1993, 2100]


@pytest.mark.parametrize(("value", "padding"), [(-1, None), (0, (2, 2))])
def test_padding_outside_of_a_shifted_image_is_none(
    value: int, padding: tuple[int, int] | None, tmp_path: Path
) -> None:
    pixels = np.full((4, 6), 100, np.int16)
    pixels[0, 0] = 0 if padding is None else -2
    dataset = mammogram(pixels=pixels, bits=12)
    dataset.add_new(0x00280120, "SS", value)
    assert read_dicom(save(dataset, tmp_path / "a.dcm")).grayscale.padding == padding


@pytest.mark.parametrize(
    "syntax",
    [*UNCOMPRESSED, *LOSSLESS, uid.JPEGBaseline8Bit],
    ids=lambda one: one.keyword,
)
def test_a_file_cut_off_anywhere_is_an_error_and_never_an_image(
    syntax: UID, tmp_path: Path
) -> None:
    whole = save(mammogram(bits=8), tmp_path / "whole.dcm", syntax).read_bytes()
    cut = tmp_path / "cut.dcm"
    for length in [*range(0, len(whole) - 1, 23), *range(len(whole) - 30, len(whole))]:
        cut.write_bytes(whole[:length])
        for read in (read_dicom, read_dicom_header):
            with pytest.raises(ImageError):
                read(cut)


def test_pixels_that_are_missing_are_counted(tmp_path: Path) -> None:
    dataset = mammogram()
    put_bytes(dataset, dataset.PixelData[:1000])
    path = save(dataset, tmp_path / "short.dcm")
    expected = r"short.dcm: truncated: 1000 bytes of Pixel Data where 3456 are expected \(48 rows"
    for read in (read_dicom, read_dicom_header):
        with pytest.raises(ImageError, match=expected):
            read(path)


def test_too_many_pixels_are_told(tmp_path: Path) -> None:
    dataset = mammogram()
    put_bytes(dataset, dataset.PixelData + bytes(100))
    image = read_dicom(save(dataset, tmp_path / "a.dcm"))
    assert image.warnings == (
        "Pixel Data hold 3556 bytes where 3456 are expected: the rest is left out",
    )


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"Rows": 65535, "Columns": 65535}, "at most 200 million pixels are read"),
        ({"Rows": 0}, "0 rows, 36 columns; no image"),
        ({"Rows": None}, "has no Rows"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "32 bits stored in 32 allocated"),
        ({"BitsStored": 7}, "7 bits stored in 16 allocated"),
        ({"BitsStored": 17}, "17 bits stored in 16 allocated"),
        ({"PixelRepresentation": 2}, "Pixel Representation"),
        ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, "'RGB' with 3 sample"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "'PALETTE COLOR' with 1 sample"),
        ({"PhotometricInterpretation": None}, "Photometric Interpretation"),
        ({"PixelData": None}, "before its Pixel Data"),
    ],
)
@pytest.mark.parametrize("read", [read_dicom, read_dicom_header])
def test_pixels_that_cannot_be_read_are_refused_before_they_are(
    read: Any, tags: dict[str, Any], message: str, tmp_path: Path
) -> None:
    dataset = mammogram(**tags)
    path = save(dataset, tmp_path / "a.dcm")
    with pytest.raises(ImageError, match=message):
        read(path)


def test_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    dataset = mammogram(PixelData=None)
    dataset.FloatPixelData = bytes(48 * 36 * 4)
    with pytest.raises(ImageError, match="floating-point numbers"):
        read_dicom(save(dataset, tmp_path / "a.dcm"))


@pytest.mark.parametrize(
    ("syntax", "name"),
    [
        (uid.HTJ2KLossless, "High-Throughput JPEG 2000"),
        (uid.MPEG2MPML, "MPEG2"),
        (UID("1.2.840.10008.1.2.4.110"), "JPEG XL Lossless"),
        (UID("1.2.3.4"), "1.2.3.4"),
    ],
)
@pytest.mark.parametrize("read", [read_dicom, read_dicom_header])
def test_a_syntax_that_is_not_read_is_named_with_a_way_out(
    read: Any, syntax: UID, name: str, tmp_path: Path
) -> None:
    dataset = mammogram()
    put_frame(dataset, bytes(100))
    # pydicom does not write a syntax that it does not know: another of the same length is written
    known = uid.JPEG2000 if len(syntax) < 23 else uid.HTJ2KLossless
    path = save(dataset, tmp_path / "a.dcm", known, compress=False)
    written = path.read_bytes()
    path.write_bytes(written.replace(known.encode(), syntax.encode().ljust(len(known), b"\0"), 1))
    with pytest.raises(ImageError, match=name) as error:
        read(path)
    assert "gdcmconv --raw" in error.value.hint


def jpeg(syntax: UID = uid.JPEGLosslessSV1, **tags: Any) -> tuple[Dataset, bytes]:
    """A mammogram, and its frame up to the end of its image."""
    dataset = mammogram(bits=8, **tags)
    frame = by_gdcm(dataset, syntax)
    return dataset, frame[: frame.rindex(b"\xff\xd9") + 2]


@pytest.mark.parametrize("syntax", [uid.JPEGLosslessSV1, uid.JPEGLossless, uid.JPEGBaseline8Bit])
def test_jpeg_that_stops_early_but_has_its_end_marker_is_damaged(
    syntax: UID, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The decoder fills the rest with grey, and tells it on standard error only."""
    dataset, frame = jpeg(syntax)
    put_frame(dataset, frame[: len(frame) * 2 // 3] + b"\xff\xd9")
    path = save(dataset, tmp_path / "a.dcm", syntax, compress=False)
    with pytest.raises(ImageError, match=r"damaged: .*premature end"):
        read_dicom(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame[:-2], "truncated"),
        (lambda frame: frame + frame, "bytes follow its end"),
        (lambda frame: frame[2:], "does not begin as a JPEG stream"),
        (lambda frame: frame[:2] + bytes(100), "no marker at byte 2"),
        (lambda frame: frame[:2], "no marker at byte 2"),
    ],
)
def test_a_stream_that_is_not_whole_is_damaged(change: Any, message: str, tmp_path: Path) -> None:
    dataset, frame = jpeg()
    put_frame(dataset, change(frame))
    path = save(dataset, tmp_path / "a.dcm", uid.JPEGLosslessSV1, compress=False)
    with pytest.raises(ImageError, match=message):
        read_dicom(path)


def test_a_stream_of_another_size_than_its_header_says_is_refused(tmp_path: Path) -> None:
    for syntax in (uid.JPEGLosslessSV1, uid.JPEG2000Lossless):
        dataset, frame = jpeg(syntax)
        put_frame(dataset, frame)
        dataset.Rows += 1
        path = save(dataset, tmp_path / "a.dcm", syntax, compress=False)
        with pytest.raises(ImageError, match="has 48 rows, 36 columns"):
            read_dicom(path)


def test_a_stream_of_another_kind_than_its_header_says_is_refused(tmp_path: Path) -> None:
    dataset, frame = jpeg(uid.JPEGBaseline8Bit)
    put_frame(dataset, frame)
    path = save(dataset, tmp_path / "a.dcm", uid.JPEGLosslessSV1, compress=False)
    with pytest.raises(ImageError, match="its data are baseline JPEG, its header says JPEG Lossl"):
        read_dicom(path)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (bytes(10), "no segments where 2 are expected"),
        ((3).to_bytes(4, "little") + bytes(96), "3 segments where 2 are expected"),
        ((2).to_bytes(4, "little") + bytes(96), "do not follow each other"),
        (
            b"".join(n.to_bytes(4, "little") for n in (2, 64, 66))
            + bytes(52)
            + b"\xfe\x01\xfe\x01",
            "segment 1 has 3 samples of 1728",
        ),
    ],
)
def test_rle_segments_must_hold_the_image(frame: bytes, message: str, tmp_path: Path) -> None:
    dataset = mammogram()
    put_frame(dataset, frame)
    path = save(dataset, tmp_path / "a.dcm", uid.RLELossless, compress=False)
    with pytest.raises(ImageError, match=message):
        read_dicom(path)
