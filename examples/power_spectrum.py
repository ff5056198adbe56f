# ruff: noqa: T201 (a script that prints)
"""The radial power spectrum's exponent of real and of synthetic mammograms, measured alike.

    python examples/power_spectrum.py --phantoms PHANTOM_FOLDER

Real images are read from the folder that FOURVIEW_DATA names. Squares of 26 mm inside the breast
are weighted by a Hann window; their mean spectrum is fitted by 1 / frequency ** beta from 0.1 to
1 cycles a millimetre (as Burgess 2001 and others do).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SQUARE_MM = 26.0
FROM, TO = 0.1, 1.0
"""Cycles a millimetre."""


def exponent(pixels: NDArray[np.floating], spacing_mm: float, tissue: NDArray[np.bool_]) -> float:
    """The exponent beta of an image's tissue, nan where the breast holds no square."""
    side = round(SQUARE_MM / spacing_mm)
    window = np.outer(np.hanning(side), np.hanning(side))
    frequency = np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(side, spacing_mm)]))
    bins = np.geomspace(FROM, TO, 13)
    spectra = []
    for top in range(0, pixels.shape[0] - side + 1, side // 2):
        for left in range(0, pixels.shape[1] - side + 1, side // 2):
            part = slice(top, top + side), slice(left, left + side)
            if not tissue[part].all():
                continue
            square = pixels[part] - np.average(pixels[part], weights=window)
            power = np.abs(np.fft.fft2(square * window)) ** 2
            spectra.append(
                [power[(frequency >= a) & (frequency < b)].mean() for a, b in pairwise(bins)]
            )
    if not spectra:
        return float("nan")
    slope, _ = np.polyfit(np.log(np.sqrt(bins[1:] * bins[:-1])), np.log(np.mean(spectra, 0)), 1)
    return -float(slope)


def tissue_of(pixels: NDArray[np.floating]) -> NDArray[np.bool_]:
    """The breast without 5 % of the image's width at its edge."""
    from fourview.imaging.segmentation import breast_mask

    erosion = max(4, min(pixels.shape) // 26)
    mask = breast_mask(pixels.astype(np.uint16), erosion_px=erosion).astype(np.uint8)
    side = max(3, min(pixels.shape) // 20)
    return cv2.erode(mask, np.ones((side, side), np.uint8)).astype(bool)


def real(folder: Path) -> Iterator[tuple[str, NDArray[np.floating], float]]:
    """Name, values as presented, and pixel spacing of each real image."""
    for path in sorted((folder / "data/nyu_samples").rglob("images/*.png")):
        yield path.name, cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(float), 0.07
    for path in sorted((folder / "data/mini_mias/images").glob("*.png"))[::12]:
        yield path.name, cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(float), 0.2
    for path in sorted((folder / "data/cbis_ddsm/two_view_png").glob("*.png")):
        # resized from films of about 240 mm height
        yield path.name, cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(float), 0.21
    import pydicom

    sample = pydicom.dcmread(folder / "data/dicom/ge_senographe_mlo_jpegll.dcm")
    yield "ge_senographe_mlo", sample.pixel_array.astype(float), 0.094


def phantoms(folder: Path) -> Iterator[tuple[str, NDArray[np.floating], float]]:
    """Name, values as presented, and pixel spacing of a population's images."""
    from fourview.imaging.intensity import to_presentation
    from fourview.io.exam_table import read_exam_table
    from fourview.io.listed_image import read_listed

    table = read_exam_table(folder / "exams.csv")
    for image in table.images:
        if image.is_used and image.pixel_spacing_mm:
            found = read_listed(image, table.image_path(image))
            shown = to_presentation(found.pixels, found.grayscale, voi="first")
            yield image.path, shown.astype(float), image.pixel_spacing_mm[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--phantoms", type=Path, help="a folder of `fourview phantom`")
    chosen = options.parse_args()
    images = {"real": real(Path(os.environ.get("FOURVIEW_DATA", "../shared")))}
    if chosen.phantoms:
        images["synthetic"] = phantoms(chosen.phantoms)
    for kind, members in images.items():
        found = []
        for name, pixels, spacing in members:
            beta = exponent(pixels, spacing, tissue_of(pixels))
            print(f"{kind},{name},{beta:.2f}")
            if np.isfinite(beta):
                found.append(beta)
        if not found:
            print(f"{kind},all,nan,no image of {kind} breasts holds a square of {SQUARE_MM:g} mm")
            continue
        print(f"{kind},all,{np.mean(found):.2f},from {min(found):.2f} to {max(found):.2f}")


if __name__ == "__main__":
    main()
