"""Masks of findings: 8-bit palette PNG of the source image's size."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from fourview.core.errors import ImageError
from fourview.core.records import Pathology
from fourview.io.atomic import write_file
from fourview.io.raster import COPY_ANEW, require_size

PALETTE = ((0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 0))
"""0 none; 1 malignant, red; 2 benign, green; 3 high-risk benign, yellow (SI, Figures S4 to S12)."""
VALUES = {Pathology.MALIGNANT: 1, Pathology.BENIGN: 2, Pathology.HIGH_RISK: 3}
"""The value of each class in a mask."""
COLOURS = {Pathology.MALIGNANT: "red", Pathology.BENIGN: "green", Pathology.HIGH_RISK: "yellow"}
_COVERING = (Pathology.BENIGN, Pathology.HIGH_RISK, Pathology.MALIGNANT)
"""Where classes overlap, a later one hides an earlier one: a pixel has one value."""


def write_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    """Write a mask of values 0 to 3; whole, or not at all."""
    image = Image.fromarray(mask)
    image.putpalette([value for colour in PALETTE for value in colour])
    data = io.BytesIO()
    image.save(data, format="PNG")
    write_file(path, data.getvalue())


def read_mask(path: Path) -> NDArray[np.uint8]:
    """The values 0 to 3 of a mask as `write_mask` writes them; `(rows, columns)` of its image.

    Raises:
        ImageError: it is not there, is cut off or damaged, or no such PNG (any other mask is for
            `import_annotations`).
    """
    image = opened_picture(path)
    if not is_ours(image):
        raise ImageError(
            f"{path.name}: not a mask of fourview's (a PNG of values 0 to 3 with the palette "
            "black, red, green, yellow)",
            hint="masks of other kinds are brought into this form when annotations are read in",
        )
    mask: NDArray[np.uint8] = np.array(image)
    return mask


def is_ours(image: Image.Image) -> bool:
    """Whether a picture is a mask as `write_mask` writes them."""
    if image.format != "PNG" or image.mode != "P" or "transparency" in image.info:
        return False
    palette = image.getpalette() or []
    colours = [tuple(palette[at : at + 3]) for at in range(0, 3 * len(PALETTE), 3)]
    return tuple(colours) == PALETTE and int(np.array(image).max()) < len(PALETTE)


def opened_picture(path: Path, source: str = "") -> Image.Image:
    """A picture that is whole, of a size within reason. Its pixels are loaded.

    Args:
        source: what to call it in errors; the file's name by default.
    Raises:
        ImageError: there is no such file, it is no picture, is cut off or damaged.
    """
    source = source or path.name
    # Some libraries tell Pillow, for the whole process, to fill cut pictures up: a mask would be
    # read with a part of its lesions.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(path.read_bytes()))
        require_size(image.height, image.width, source)
        image.load()
    except FileNotFoundError as error:
        raise ImageError(f"{source}: there is no such file") from error
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ImageError(
            f"{source}: not a picture of a mask", hint="PNG, TIFF and DICOM SEG are read"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(f"{source}: the picture is damaged or cut off", hint=COPY_ANEW) from error
    return image


def merged(
    shape: tuple[int, int], areas: Iterable[tuple[Pathology, NDArray[np.bool_]]]
) -> tuple[NDArray[np.uint8], int]:
    """One mask of several areas, and how many pixels two classes claim.

    Where classes overlap, malignant hides high-risk benign, which hides benign.
    """
    by_class = {pathology: np.zeros(shape, bool) for pathology in _COVERING}
    for pathology, area in areas:
        by_class[pathology] |= area
    mask = np.zeros(shape, np.uint8)
    for pathology in _COVERING:
        mask[by_class[pathology]] = VALUES[pathology]
    claimed = np.sum([area.astype(np.uint8) for area in by_class.values()], axis=0)
    return mask, int((claimed > 1).sum())
