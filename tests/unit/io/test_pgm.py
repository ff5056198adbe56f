"""PGM files: read as stored, and refused where they are not whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourview.core.errors import ImageError
from fourview.core.views import View
from fourview.io.exams import find_exams
from fourview.io.png import read_png, read_png_header

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def pgm(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "header", [b"P5\n4 3\n255\n", b"P5 4 3 255 ", b"P5\n# by a scanner\n4 3\n# 8 bit\n255\n"]
)
def test_a_pgm_of_eight_bits_is_read_as_stored(tmp_path: Path, header: bytes) -> None:
    path = pgm(tmp_path / "mdb001.pgm", header + GREY.tobytes())
    found = read_png_header(path)
    assert (found.kind, found.rows, found.columns) == ("PGM image", 3, 4)
    image = read_png(path, View.L_MLO)
    assert image.grayscale.bits == 8
    np.testing.assert_array_equal(image.pixels, GREY)


def test_a_pgm_of_sixteen_bits_has_its_high_byte_first(tmp_path: Path) -> None:
    values = (GREY.astype(int) * 200).astype(">u2")
    path = pgm(tmp_path / "a.pgm", b"P5\n4 3\n65535\n" + values.tobytes())
    image = read_png(path, View.L_MLO)
    assert image.grayscale.bits == 16
    np.testing.assert_array_equal(image.pixels, values)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P5\n4 3\n255\n" + GREY.tobytes()[:-1], "cut off: 11 of 12 bytes"),
        (b"P5\n4\n", "header is damaged"),
        (b"P5\n4 3\n70000\n" + GREY.tobytes(), "largest value is 70000"),
        (b"P5\n999999 999999\n255\n", "at most 200 million pixels"),
        (2 * (b"P5\n4 3\n255\n" + GREY.tobytes()), "several images"),
    ],
    ids=["cut off", "no size", "largest value", "size", "two images"],
)
def test_a_pgm_that_is_not_whole_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    with pytest.raises(ImageError, match=expected):
        read_png(pgm(tmp_path / "a.pgm", content), View.L_MLO)


def test_a_pgm_is_found_as_an_exams_image(tmp_path: Path) -> None:
    pgm(tmp_path / "1_L-MLO.pgm", b"P5\n4 3\n255\n" + GREY.tobytes())
    (exam,) = find_exams([tmp_path]).exams
    assert (exam.name, exam.images[0].view) == ("1", View.L_MLO)
    assert not exam.images[0].is_dicom
