"""What an image file says of its grey values: how to show them, and which mean nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class VoiWindow:
    """A window of the values of interest: (0028,1050), (0028,1051), (0028,1056); PS3.3 C.11.2.1."""

    center: float
    width: float
    function: str = "LINEAR"  # LINEAR, LINEAR_EXACT or SIGMOID
    explanation: str = ""


@dataclass(frozen=True, eq=False)
class VoiTable:
    """An item of the VOI LUT Sequence (0028,3010); PS3.3 C.11.2.1.1."""

    first_value: int
    """The value that maps to the first entry; lower values map there too."""
    entries: NDArray[np.uint16]
    bits: int
    """Bits of an entry: its largest possible value is 2**bits - 1."""
    explanation: str = ""


@dataclass(frozen=True)
class Grayscale:
    """How to read stored values.

    `Mammogram.pixels` holds them unsigned: a signed image is shifted up by `offset`, so a value as
    stored is `pixels - offset`.
    """

    bits: int
    """Bits stored (0028,0101), 8 to 16."""
    inverted: bool = False
    """MONOCHROME1, or Presentation LUT Shape INVERSE: low values are bright."""
    offset: int = 0
    padding: tuple[int, int] | None = None
    """Pixels from the first to the second value (both inclusive, after `offset`) are no image:
    Pixel Padding Value (0028,0120) and Range Limit (0028,0121)."""
    slope: float = 1.0
    """Rescale Slope (0028,1053): VOI values are in rescaled units."""
    intercept: float = 0.0
    voi: tuple[VoiWindow | VoiTable, ...] = ()
    """What the file offers, in its order, tables first (they win over windows when both stand)."""

    @property
    def maximum(self) -> int:
        """The largest pixel value that these bits can hold."""
        return int(2**self.bits - 1)
