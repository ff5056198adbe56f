"""Masks of findings: 8-bit palette PNG of the source image's size."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fourview.io.atomic import write_file

PALETTE = ((0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 0))
"""0 none; 1 malignant, red; 2 benign, green; 3 high-risk benign, yellow (SI, Figures S4 to S12)."""


def write_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    """Write a mask of values 0 to 3; whole, or not at all."""
    image = Image.fromarray(mask)
    image.putpalette([value for colour in PALETTE for value in colour])
    data = io.BytesIO()
    image.save(data, format="PNG")
    write_file(path, data.getvalue())
