from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fourview.core.errors import ImageError
from fourview.core.views import Facing, View
from fourview.io.png import read_png, read_png_header

rng = np.random.default_rng(0)
GREY8 = rng.integers(0, 256, (40, 30), dtype=np.uint8)
GREY16 = rng.integers(0, 2**16, (40, 30)).astype(np.uint16)
GREY = {"8 bit": GREY8, "16 bit": GREY16, "12 of 16 bit": GREY16 >> 4, "1 px": GREY16[:, :1]}


def encoded(array: np.ndarray, extension: str = ".png", *options: int) -> bytes:
    done, content = cv2.imencode(extension, array, list(options))
    assert done
    return bytes(content.tobytes())


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    columns: int, rows: int, bits: int, colour: int, data: bytes, *, interlaced: int = 0
) -> bytes:
    """A PNG of any header, its pixel data (filter bytes included) as they are given."""
    header = struct.pack(">IIBBBBB", columns, rows, bits, colour, 0, 0, interlaced)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def tiff(array: np.ndarray, *, order: str = "<", data: bytes | None = None, **tags: Any) -> bytes:
    """An uncompressed TIFF, in strips of seven rows, with any tags changed."""
    rows, columns = array.shape[:2]
    samples = 3 if array.ndim == 3 else 1
    stored = array.astype(array.dtype.newbyteorder(order))
    strips = [stored[top : top + 7].tobytes() for top in range(0, rows, 7)]
    pixels = b"".join(strips) if data is None else data
    ends = np.cumsum([8, *map(len, strips)]).tolist()
    entries: dict[int, list[int]] = {
        256: [columns], 257: [rows], 258: [array.dtype.itemsize * 8] * samples, 259: [1],
        262: [1 if samples == 1 else 2], 273: ends[:-1], 274: [1], 277: [samples], 278: [7],
        279: [len(strip) for strip in strips], 339: [1] * samples,
    }  # fmt: skip
    entries |= {int(tag[1:]): value for tag, value in tags.items() if tag != "next"}
    blob, directory = b"", b""
    for tag, values in sorted(entries.items()):
        raw = struct.pack(f"{order}{len(values)}I", *values)
        if len(raw) > 4:
            raw, blob = struct.pack(order + "I", 8 + len(pixels) + len(blob)), blob + raw
        directory += struct.pack(order + "HHI", tag, 4, len(values)) + raw
    directory = struct.pack(order + "H", len(entries)) + directory
    directory += struct.pack(order + "I", tags.get("next", 0))
    mark = b"II*\0" if order == "<" else b"MM\0*"
    at = struct.pack(order + "I", 8 + len(pixels) + len(blob))
    return mark + at + pixels + blob + directory


def written(folder: Path, content: bytes, name: str = "L-CC.png") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("extension", [".png", ".tif"])
@pytest.mark.parametrize("array", GREY.values(), ids=GREY.keys())
def test_values_come_back_as_stored(tmp_path: Path, array: np.ndarray, extension: str) -> None:
    path = written(tmp_path, encoded(array, extension), "0_L-CC" + extension)
    image = read_png(path, View.L_CC, pixel_spacing_mm=(0.07, 0.07), facing=Facing.LEFT)
    assert image.pixels.dtype == np.uint16
    np.testing.assert_array_equal(image.pixels, array)
    assert image.grayscale.bits == array.dtype.itemsize * 8
    assert image.source == "0_L-CC" + extension
    assert (image.view, image.facing, image.pixel_spacing_mm) == (
        View.L_CC,
        Facing.LEFT,
        (0.07, 0.07),
    )
    header = read_png_header(path)
    assert (header.rows, header.columns) == array.shape
    assert header.kind == ("PNG image" if extension == ".png" else "TIFF image")
    assert header.view is None


# none, LZW, deflate, old deflate, PackBits
@pytest.mark.parametrize("compression", [1, 5, 8, 32946, 32773])
@pytest.mark.parametrize("array", [GREY8, GREY16])
def test_tiff_is_read_in_every_lossless_compression(
    tmp_path: Path, array: np.ndarray, compression: int
) -> None:
    content = encoded(array, ".tif", cv2.IMWRITE_TIFF_COMPRESSION, compression)
    image = read_png(written(tmp_path, content), View.L_CC)
    np.testing.assert_array_equal(image.pixels, array)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("array", [GREY8, GREY16])
@pytest.mark.parametrize("photometric", [0, 1])
def test_tiff_is_read_in_both_byte_orders_and_polarities(
    tmp_path: Path, array: np.ndarray, order: str, photometric: int
) -> None:
    path = written(tmp_path, tiff(array, order=order, t262=[photometric]))
    image = read_png(path, View.L_CC)
    np.testing.assert_array_equal(image.pixels, array)
    assert image.grayscale.inverted == (photometric == 0)


@pytest.mark.parametrize("extension", [".png", ".tif"])
@pytest.mark.parametrize("array", [GREY8, GREY16])
def test_grey_saved_as_rgb_is_read_with_a_warning(
    tmp_path: Path, array: np.ndarray, extension: str
) -> None:
    content = encoded(np.repeat(array[..., None], 3, axis=2), extension)
    image = read_png(written(tmp_path, content), View.L_CC)
    np.testing.assert_array_equal(image.pixels, array)
    assert len(image.warnings) == 1
    assert "three equal channels" in image.warnings[0]


def test_an_interlaced_png_is_read(tmp_path: Path) -> None:
    """Adam7 with one pixel: one pass of one row."""
    content = png(1, 1, 8, 0, b"\0\x7b", interlaced=1)
    np.testing.assert_array_equal(read_png(written(tmp_path, content), View.L_CC).pixels, [[123]])


def test_gamma_and_other_profiles_do_not_move_a_value(tmp_path: Path) -> None:
    content = encoded(GREY16)
    extra = chunk(b"gAMA", struct.pack(">I", 220000)) + chunk(b"zTXt", b"a\0\0" + b"damaged")
    path = written(tmp_path, content[:33] + extra + content[33:])
    np.testing.assert_array_equal(read_png(path, View.L_CC).pixels, GREY16)


COLOUR = rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)
SOUND = encoded(GREY16)
IN_HEADER: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"exam,view,path\n", "neither a PNG nor a TIFF"),
    "JPEG": (encoded(GREY8, ".jpg"), "neither a PNG nor a TIFF"),
    "only a signature": (SOUND[:8], "ends within its header"),
    "damaged header": (SOUND[:20] + b"\1" + SOUND[21:], "IHDR"),
    "palette": (png(1, 1, 8, 3, b"\0\0"), "palette"),
    "alpha": (encoded(np.dstack([COLOUR, GREY8])), "transparency"),
    "grey with alpha": (png(1, 1, 8, 4, b"\0\0\0"), "transparency"),
    "1 bit": (png(8, 1, 1, 0, b"\0\xff"), "1 bits"),
    "4 bit": (png(2, 1, 4, 0, b"\0\xff"), "4 bits"),
    "no rows": (png(5, 0, 8, 0, b""), "0 rows"),
    "a bomb": (png(65535, 65535, 16, 0, b""), "200 million pixels"),
    "TIFF of floats": (encoded(GREY8.astype(np.float32), ".tiff"), "floating-point"),
    "signed TIFF": (tiff(GREY16, t339=[2]), "signed"),
    "palette TIFF": (tiff(GREY8, t262=[3]), "palette"),
    "12-bit TIFF": (tiff(GREY16, t258=[12]), "12 bits"),
    "TIFF with alpha": (encoded(np.dstack([COLOUR, GREY8]), ".tif"), "4 channels"),
    "JPEG in TIFF": (tiff(GREY8, t259=[7]), "compressed by method 7"),
    "turned TIFF": (tiff(GREY8, t274=[2]), "mirrored"),
    "two TIFFs": (tiff(GREY8, next=8), "several images"),
    "BigTIFF": (b"II+\0" + bytes(12), "BigTIFF"),
    "half a TIFF": (tiff(GREY16)[:500], "cut off"),
    "a TIFF bomb": (tiff(GREY8, t256=[65535], t257=[65535]), "200 million pixels"),
    "only a TIFF mark": (b"II*\0", "cut off"),
}
IN_PIXELS: dict[str, tuple[bytes, str]] = {
    "colour": (encoded(COLOUR), "colour image"),
    "colour TIFF": (encoded(COLOUR, ".tif"), "colour image"),
    "half a PNG": (SOUND[: len(SOUND) // 2], "cut off"),
    "no end": (SOUND[:-12], "end marker"),
    "all but a byte": (SOUND[:-1], "cut off"),
    "a flipped byte": (SOUND[:200] + bytes([SOUND[200] ^ 1]) + SOUND[201:], "wrong checksum"),
    "too few rows": (png(30, 40, 16, 0, bytes(61 * 20)), "it holds 1220 bytes"),
    "too many rows": (png(30, 40, 16, 0, bytes(61 * 41)), "it holds more"),
    "an inflating bomb": (png(30, 40, 16, 0, bytes(50_000_000)), "it holds more"),
    "no pixel data": (SOUND[:33] + chunk(b"IEND", b""), "it holds 0 bytes"),
    "not deflated": (
        SOUND[:33] + chunk(b"IDAT", b"nothing of the kind") + chunk(b"IEND", b""),
        "damaged",
    ),
    "a transparent value": (SOUND[:33] + chunk(b"tRNS", b"\0\0") + SOUND[33:], "transparency"),
    "animated": (SOUND[:33] + chunk(b"acTL", bytes(8)) + SOUND[33:], "animated"),
    "strips outside": (tiff(GREY16, t273=[8, 428, 848, 1268, 1688, 10**6]), "cut off"),
    "short strips": (tiff(GREY16, t279=[420, 420, 420, 420, 420, 3]), "3 of 300 bytes"),
    "strips missing": (tiff(GREY16, t273=[8], t279=[420]), "need 6"),
    "damaged deflate": (tiff(GREY16, t259=[8]), "damaged"),
    "damaged LZW": (tiff(GREY16, data=b"\xff" * 2400, t259=[5]), "damaged"),
}


@pytest.mark.parametrize("read", [read_png_header, lambda path: read_png(path, View.L_CC)])
@pytest.mark.parametrize(("content", "found"), IN_HEADER.values(), ids=IN_HEADER.keys())
def test_what_a_header_tells_is_refused_before_the_pixels(
    tmp_path: Path, content: bytes, found: str, read: Callable[[Path], object]
) -> None:
    with pytest.raises(ImageError, match=found) as error:
        read(written(tmp_path, content))
    assert error.value.problem.startswith("L-CC.png: ")
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize(("content", "found"), IN_PIXELS.values(), ids=IN_PIXELS.keys())
def test_damaged_pixels_are_refused_and_never_half_black(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes, found: str
) -> None:
    path = written(tmp_path, content)
    read_png_header(path)
    with pytest.raises(ImageError, match=found) as error:
        read_png(path, View.L_CC, source="a/L-CC.png")
    assert error.value.problem.startswith("a/L-CC.png: ")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("extension", [".png", ".tif"])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, extension: str) -> None:
    content = encoded(GREY16[:8, :8], extension)
    for length in range(len(content)):
        with pytest.raises(ImageError):
            read_png(written(tmp_path, content[:length]), View.L_CC)


def test_every_refusal_of_a_kind_of_image_gives_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ImageError) as error:
        read_png(written(tmp_path, encoded(COLOUR)), View.L_CC)
    assert "greyscale PNG" in error.value.hint


def test_the_nyu_sample_comes_back_to_the_pixel(shared_data: Path) -> None:
    path = shared_data / "data/nyu_samples/gmic_exam0/images/0_L-CC.png"
    image = read_png(path, View.L_CC)
    digest = hashlib.sha256(image.pixels.tobytes()).hexdigest()
    assert digest == "6d1e88a9cbb4679b280464fbb17889488f7db555d8b8f13d513d32a73b6185c2"
    assert image.grayscale.bits == 16
    assert os.fspath(path.parent) not in image.source
