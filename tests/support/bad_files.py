"""Files as nobody wants them: cut off, lying about themselves, of the wrong kind, or hostile."""

from __future__ import annotations

import os
import pickle
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID, ExplicitVRLittleEndian

from fourview.core.views import View
from support.dicom_files import mammogram, save
from support.small_exams import small_breast, usual_facing


def cut_in_half(path: Path) -> Path:
    """Take the second half of a file away."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def write_image(path: Path, pixels: NDArray[Any], *options: int) -> Path:
    """An image in the format of the name's extension, whatever its pixels are."""
    assert cv2.imwrite(str(path), pixels, options)
    return path


def png_that_claims(path: Path, rows: int, columns: int) -> Path:
    """A sound PNG but for its header, which tells of more pixels than there are."""
    header = struct.pack(">IIBBBBB", columns, rows, 16, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        parts.append(struct.pack(">I", len(data)) + kind + data + checksum)
    path.write_bytes(b"".join(parts))
    return path


def dicom_exam(
    folder: Path,
    study: str,
    *,
    seed: int = 0,
    syntax: UID = ExplicitVRLittleEndian,
    **tags: Any,
) -> Path:
    """Four views of one study as DICOM files, with a patient's name and other secrets in them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(View):
        pixels = small_breast(10 * seed + number, facing=usual_facing(view))
        uid = UID(f"1.2.3.{seed + 1}.{number + 1}")
        dataset = mammogram(view.value, pixels, StudyInstanceUID=study, SOPInstanceUID=uid, **tags)
        save(dataset, folder / f"{view.value}.dcm", syntax)
    return folder


def bomb(path: Path, *, megabytes: int, claims: int | None = None) -> Path:
    """A zip archive of one image that is nothing but zeros; it may claim to be larger still."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bad_L-CC.png", "w") as member:
            for _ in range(megabytes):
                member.write(bytes(1 << 20))
        if claims is not None:
            archive.getinfo("bad_L-CC.png").file_size = claims
    return path


class Runs:
    """Unpickled, it would make a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def pickle_that_runs(path: Path, marker: Path, *, protocol: int = 2) -> Path:
    """A pickle that makes the folder `marker` when it is unpickled without care."""
    path.write_bytes(pickle.dumps([{"model": Runs(marker)}], protocol=protocol))
    return path


def noise(shape: tuple[int, int] = (200, 150)) -> NDArray[np.uint16]:
    """Pixels that have nothing to do with each other."""
    return np.random.default_rng(0).integers(0, 4096, shape).astype(np.uint16)
