# ruff: noqa: T201 (a script that prints)
"""Grey values, local contrast and texture of synthetic mammograms beside real digital ones.

    FOURVIEW_DATA=../shared python examples/beside_real.py

A line an image: its local contrast (the sd of what is finer than a Gaussian of 3.4 mm, of full
range, well inside the breast), the spectrum's exponent (power_spectrum.py), percentiles of its
brightness, and the median brightness at some depths under the skin. Synthetic ones are of two
exams of each density, L-CC and L-MLO, as a machine with a linear VOI stores them, and say how many
seconds of a core drawing took.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from power_spectrum import exponent, tissue_of

from fourview.core.views import View
from fourview.phantom.plan import Vendor
from fourview.phantom.population import plan_population
from fourview.phantom.render import render_view

SPACING_MM = 0.07
PERCENTILES = (5, 25, 50, 75, 95, 99)
DEPTHS_MM = ((0.7, 1.4), (1.4, 2.1), (3, 4), (6, 9), (13, 18), (25, 40))


def measured(image: NDArray[np.floating]) -> str:
    """The line of an image whose brightness is 0 to 1."""
    beta = exponent(image, SPACING_MM, tissue_of(image * 4095))
    small = cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    lit = (small > 0.03).astype(np.uint8)
    inside = cv2.erode(lit, np.ones((41, 41))) > 0
    fine = float((small - cv2.GaussianBlur(small, (0, 0), 12))[inside].std())
    _, labels, sizes, _ = cv2.connectedComponentsWithStats(lit)
    breast = (labels == 1 + np.argmax(sizes[1:, cv2.CC_STAT_AREA])).astype(np.uint8)
    breast = cv2.morphologyEx(breast, cv2.MORPH_CLOSE, np.ones((9, 9)))
    wide = np.pad(breast, 40, mode="edge")  # the image's edges are no skin
    depth = cv2.distanceTransform(wide, cv2.DIST_L2, 5)[40:-40, 40:-40] * 4 * SPACING_MM
    levels = np.percentile(small[breast > 0], PERCENTILES)
    under = [np.median(small[(depth >= a) & (depth < b)]) for a, b in DEPTHS_MM]
    numbers = ",".join(f"{value:.2f}" for value in (*levels, *under))
    return f"{fine:.3f},{beta:.2f},{numbers}"


def real(folder: Path) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The digital images, 0 to 1."""
    for path in sorted((folder / "data/nyu_samples").rglob("images/*.png")):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
        yield path.name, pixels / (65535 if pixels.max() > 4095 else 4095)


def synthetic(seed: int) -> Iterator[tuple[str, NDArray[np.floating], float]]:
    """Images, 0 to 1, and the seconds that each took."""
    cv2.setNumThreads(1)
    left = dict.fromkeys("abcd", 2)
    patients = set()
    for exam in plan_population(400, seed=seed).exams:
        if not left[exam.density] or exam.patient in patients:
            continue
        left[exam.density] -= 1
        patients.add(exam.patient)
        exam = replace(exam, vendor=Vendor("Plain", SPACING_MM, 12), stored_mirrored=False)
        for view in (View.L_CC, View.L_MLO):
            start = time.process_time()
            pixels = render_view(exam, view).pixels
            seconds = time.process_time() - start
            name = f"{exam.density}-{exam.name}-{view.value}"
            yield name, pixels.astype(np.float32) / 4095, seconds


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seed", type=int, default=1, help="of the synthetic population")
    chosen = options.parse_args()
    percentiles = ",".join(f"p{p}" for p in PERCENTILES)
    depths = ",".join(f"{a}-{b}mm" for a, b in DEPTHS_MM)
    print(f"kind,image,seconds,local_contrast,exponent,{percentiles},{depths}")
    for name, image in real(Path(os.environ.get("FOURVIEW_DATA", "../shared"))):
        print(f"real,{name},,{measured(image)}")
    for name, image, seconds in synthetic(chosen.seed):
        print(f"synthetic,{name},{seconds:.2f},{measured(image)}", flush=True)


if __name__ == "__main__":
    main()
