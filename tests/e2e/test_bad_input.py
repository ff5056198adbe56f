"""What is wrong with the input is told in a line with a way out, and everything else goes on.

Each case stands beside a sound exam, whose numbers it must not touch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, RLELossless

from fourview.core.views import View
from support import bad_exams as make
from support.bad_exams import dicom, lacking, manifest, with_elements, zipped
from support.bad_files import cut_in_half, noise, png_that_claims, write_image
from support.bench import GOOD, Arguments, Bench
from support.command import (
    assert_told,
    assert_whole,
    assert_written_nowhere,
    fourview,
    rows_of,
)
from support.dicom_files import SECRETS
from support.small_exams import small_breast


@dataclass(frozen=True)
class Case:
    """Something bad beside a sound exam."""

    name: str
    fill: Callable[[Path], Arguments]
    """Fills a folder, and gives what to add to the call."""
    code: int
    says: tuple[str, ...]
    """Each of these stands on stderr, and once only."""
    reads: dict[str, str] = field(default_factory=dict)
    """The other exams that are read nevertheless, and which of four numbers each has."""
    weights: str = "image-wise"


ALL = "1111"
BESIDE = {"bad": ALL}


def spoilt(
    name: str,
    put: Callable[[Path], object],
    *says: str,
    file: str = "bad_L-CC.png",
    aside: bool = False,
) -> Case:
    """A case of one file: it is named with the reason, and the exam's other images are read."""
    first = f"set aside: {file}: " if aside else f"refused: file {file}: "
    return Case(name, make.in_place_of_l_cc(put, file), 0 if aside else 3, (first, *says), BESIDE)


FILES = [
    spoilt("PNG cut short", cut_in_half, "the PNG is cut off"),
    spoilt("no bytes at all", lambda path: path.write_bytes(b""), "the file is empty (0 bytes)"),
    spoilt(
        "text called PNG", lambda path: path.write_text("No image\n"), "neither a PNG nor a TIFF"
    ),
    spoilt(
        "text",
        lambda path: path.write_text("L-CC\n"),
        "not an image",
        file="bad_L-CC.txt",
        aside=True,
    ),
    spoilt(
        "JPEG",
        lambda path: write_image(path, np.uint8(small_breast() >> 4)),
        "no mammogram is read from such files",
        file="bad_L-CC.jpg",
        aside=True,
    ),
    spoilt(
        "all black",
        lambda path: write_image(path, np.zeros((200, 150), np.uint16)),
        "every pixel has the value 0",
    ),
    spoilt(
        "one value",
        lambda path: write_image(path, np.full((200, 150), 999, np.uint16)),
        "every pixel has the value 999",
    ),
    spoilt("noise", lambda path: write_image(path, noise()), "as in mere noise"),
    spoilt(
        "one pixel wide",
        lambda path: write_image(path, small_breast()[:, :1]),
        "the image is 200 × 1 pixels",
    ),
    spoilt(
        "one pixel high",
        lambda path: write_image(path, small_breast()[99:100]),
        "the image is 1 × 150 pixels",
    ),
    spoilt(
        "one bit",
        lambda path: write_image(
            path, np.uint8(small_breast() > 0) * 255, cv2.IMWRITE_PNG_BILEVEL, 1
        ),
        "a PNG of 1 bits; 8 and 16 are read",
    ),
    spoilt(
        "colour",
        lambda path: write_image(
            path, np.dstack([np.uint8(small_breast(k) >> 4) for k in range(3)])
        ),
        "a colour image",
    ),
    spoilt(
        "floating-point TIFF",
        lambda path: write_image(path, small_breast().astype(np.float32)),
        "floating-point numbers",
        file="bad_L-CC.tif",
    ),
    spoilt(
        "PNG that claims 65,535 squared",
        lambda path: png_that_claims(path, 65535, 65535),
        "65535 rows, 65535 columns",
    ),
    spoilt(
        "link to itself",
        lambda path: (path.unlink(), path.symlink_to(path.name)),
        "a link that leads nowhere",
    ),
    Case(
        "DICOM cut short",
        dicom(cut_in_half),
        3,
        ("refused: file L-CC.dcm: ", "truncated"),
        {"9.9": ALL},
    ),
    Case(
        "JPEG 2000 cut short",
        dicom(cut_in_half, syntax=JPEG2000Lossless),
        3,
        ("refused: file L-CC.dcm: ", "truncated"),
        {"9.9": ALL},
    ),
    Case(
        "lossless JPEG cut short",
        dicom(cut_in_half, syntax=JPEGLosslessSV1),
        3,
        ("refused: file L-CC.dcm: ", "truncated"),
        {"9.9": ALL},
    ),
    Case(
        "RLE cut short",
        dicom(cut_in_half, syntax=RLELossless),
        3,
        ("refused: file L-CC.dcm: ", "truncated"),
        {"9.9": ALL},
    ),
    Case(
        "DICOM of no bytes",
        dicom(lambda p: p.write_bytes(b"")),
        3,
        ("refused: file L-CC.dcm: ", "empty (0 bytes)"),
        {"9.9": ALL},
    ),
    Case(
        "text called DICOM",
        dicom(lambda p: p.write_text("No image\n")),
        3,
        ("refused: file L-CC.dcm: ", "no DICOM file"),
        {"9.9": ALL},
    ),
    Case(
        "DICOM that claims 65,535 squared",
        dicom(with_elements(Rows=65535, Columns=65535)),
        3,
        ("refused: file L-CC.dcm: ", "65535 rows, 65535 columns"),
        {"9.9": ALL},
    ),
    Case(
        "JPEG 2000 that claims 65,535 squared",
        dicom(with_elements(Rows=65535, Columns=65535), syntax=JPEG2000Lossless),
        3,
        ("refused: file L-CC.dcm: ", "65535 rows, 65535 columns"),
        {"9.9": ALL},
    ),
    Case(
        "RLE that claims 65,535 squared",
        dicom(with_elements(Rows=65535, Columns=65535), syntax=RLELossless),
        3,
        ("refused: file L-CC.dcm: ", "65535 rows, 65535 columns"),
        {"9.9": ALL},
    ),
    Case(
        "DICOM in colour",
        dicom(with_elements(SamplesPerPixel=3, PhotometricInterpretation="RGB")),
        3,
        ("refused: file L-CC.dcm: ",),
        {"9.9": ALL},
    ),
    Case(
        "DICOM of one bit",
        dicom(with_elements(BitsAllocated=1, BitsStored=1, HighBit=0)),
        3,
        ("refused: file L-CC.dcm: ",),
        {"9.9": ALL},
    ),
]
EXAMS = [
    Case(
        "a view lacks, view-wise",
        lacking(View.L_CC),
        3,
        (
            "refused: exam bad: has R-CC, L-MLO, R-MLO; a view-wise model",
            "reads nothing without L-CC",
            "image-wise weights read any view alone",
        ),
        {},
        "view-wise",
    ),
    Case(
        "a view cannot be read, view-wise",
        make.in_place_of_l_cc(lambda path: path.write_bytes(b""), "bad_L-CC.png"),
        3,
        ("refused: file bad_L-CC.png: ", "refused: exam bad: has R-CC, L-MLO, R-MLO"),
        {},
        "view-wise",
    ),
    Case(
        "a view lacks, image-wise",
        lacking(View.L_CC),
        0,
        ("warning: bad: no image of L-CC",),
        BESIDE,
        "image-wise",
    ),
    Case(
        "a breast lacks, image-wise",
        lacking(View.L_CC, View.L_MLO),
        0,
        ("no image of L-CC", "no image of L-MLO"),
        {"bad": "0101"},
        "image-wise",
    ),
    Case(
        "a view lacks, breast-wise",
        lacking(View.R_CC),
        0,
        ("no image of R-CC",),
        {"bad": "1010"},
        "breast-wise",
    ),
    Case(
        "each breast lacks a view, breast-wise",
        lacking(View.R_CC, View.L_CC),
        3,
        ("refused: exam bad: has L-MLO, R-MLO; a breast-wise model",),
        {},
        "breast-wise",
    ),
    Case(
        "no breast in any view",
        make.no_breast,
        3,
        ("refused: exam bad: no image can be read", "bad_L-CC.png: no breast was found"),
        {},
    ),
    Case(
        "one file for both sides",
        make.both_sides_alike,
        3,
        ("refused: exam bad: L-CC and R-CC are the same image",),
    ),
    Case(
        "one picture for both sides",
        make.both_sides_of_equal_pixels,
        3,
        ("refused: exam bad: L-CC and R-CC are the same image",),
    ),
    Case(
        "two patients in a study",
        make.two_patients_in_a_study,
        3,
        ("refused: exam 9.9: its images are of 2 different patients",),
    ),
    Case(
        "an exam called ../x",
        manifest(exam="../x"),
        3,
        ("refused: exam ../x: exams.csv, line 2: the exam's name '../x' holds a path separator",),
    ),
    Case("an exam called ..", manifest(exam=".."), 3, ("is a way through folders",)),
    Case(
        "an exam that is a formula",
        manifest(exam="=1+1"),
        3,
        ("starts with '=', which a spreadsheet takes for a formula",),
    ),
    Case(
        "a path that is a formula",
        manifest("bad,L-CC,=A1"),
        3,
        ("starts with '=': a spreadsheet's formula",),
        BESIDE,
    ),
    Case(
        "a path to nowhere",
        manifest("other,L-CC,nowhere.png"),
        3,
        ("refused: file exams.csv, line 6: nowhere.png: ",),
        BESIDE,
    ),
    Case("a study called ../../9.9", make.study_that_leads_away, 3, ("holds a path separator",)),
    Case(
        "script in a DICOM element",
        make.script_in_elements,
        0,
        ("set aside: another.dcm: ",),
        {"9.9": ALL},
    ),
    Case(
        "script in a file's name",
        make.script_in_names,
        3,
        (f"refused: file {make.NAME_SCRIPT}_L-CC.png: ",),
        {make.NAME_SCRIPT: ALL},
    ),
]
SOURCES = [
    Case("zip cut short", make.cut_zip, 3, ("refused: file exam.zip: not a readable zip archive",)),
    Case(
        "zip with ../",
        zipped("../outside.png"),
        3,
        ("refused: file exam.zip: holds '../outside.png', which would be written outside",),
    ),
    Case(
        "zip with an absolute path",
        zipped("/tmp/outside.png"),
        3,
        ("would be written outside its folder",),
    ),
    Case("zip called ...zip", make.dots_zip, 0, (), BESIDE),
    Case(
        "zip bomb",
        make.bomb_zip,
        3,
        ("refused: file bomb.zip: holds 'bad_L-CC.png', which unpacks from", "an archive bomb"),
    ),
    Case("zip that claims terabytes", make.terabytes_zip, 3, ("refused: file bomb.zip: ",)),
    Case("links in a circle", make.links_in_a_circle, 0, (), BESIDE),
    Case(
        "exam list that would run code",
        make.exam_list_that_runs,
        3,
        (
            "refused: file exams.pkl: the pickle asks for posix.mkdir, which is code; ",
            "nothing of it was run",
        ),
    ),
    Case(
        "nothing of use",
        make.several_wrong,
        3,
        (
            "refused: file notes.txt: neither DICOM, PNG nor TIFF",
            "refused: file exams.csv: no column 'exam'",
        ),
    ),
]


@pytest.mark.parametrize("case", [*FILES, *EXAMS, *SOURCES], ids=lambda case: case.name)
def test_what_is_bad_is_told_in_a_line_and_the_exam_beside_it_is_read_as_ever(
    case: Case, bench: Bench, tmp_path: Path
) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    before = sorted(tmp_path.parent.iterdir())
    arguments = case.fill(given)
    ran = fourview(
        "screen", bench.good, *arguments, "-o", out, "--weights", bench.weights[case.weights]
    )
    assert ran.code == case.code, ran.err
    for text in case.says:
        assert ran.err.count(text) == 1, ran.err
    rows = rows_of(out)
    assert rows.pop(GOOD) == bench.numbers[case.weights]
    has = {exam: "".join("01"[number != ""] for number in row) for exam, row in rows.items()}
    assert has == case.reads
    assert_told(ran)
    assert_whole(out)
    assert_written_nowhere(SECRETS.values(), out)
    assert not any(secret in ran.out + ran.err for secret in SECRETS.values())
    assert_written_nowhere([str(tmp_path), str(bench.good.parent)], out)
    assert b"<script>alert" not in b"".join(page.read_bytes() for page in out.rglob("*.html"))
    assert sorted(tmp_path.parent.iterdir()) == before
    assert not (given / "it-ran").exists()


@pytest.mark.parametrize("variant", ["view-wise", "image-wise", "breast-wise"])
def test_numbers_have_nine_digits(variant: str, bench: Bench) -> None:
    for number in bench.numbers[variant]:
        assert len(number.removeprefix("0.").lstrip("0")) <= 9
        assert number == f"{float(number):.9g}"
        assert np.float32(number) == np.float32(float(number))
    assert max(len(number) for number in bench.numbers[variant]) >= len("0.12345678")
