"""Where the breast is in a mammogram, and where it faces, found in the pixels alone.

On a clean digital image (one background value, nothing faint beside it) the mask is exactly the
released crop's: what lies above the background, opened by an L1 ball, the biggest piece. Scanned
films and noisy images have no such value. There the background's level is read from the histogram
of a reduced image, the same opening is done there, and the threshold is then lowered for as long as
the mask only gains a rim: that rim is the faint skin line, anything more is background.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fourview.core.errors import ImageError
from fourview.core.views import Facing
from fourview.imaging.opening import as_bytes, dilated, largest_opened

LEAST_SIDE_PX = 16
"""An image with fewer rows or columns holds no breast."""
REDUCED_PX = 1024
"""The longer side, at most, of the image on which thresholds are looked for."""
EROSION_PART = 1 / 20
"""The erosion is at most this part of the longer side: 100 pixels from 2,000 rows on, which a
full-size image has even when it is cropped to the breast. On films of 1,024 rows it is still wide
enough for their labels, and 1 / 30 would gain 0.6 % of the breast's area only."""
CONTRAST = 0.04
"""The first threshold lies at least this part of the way from background to bright tissue."""
LOWERED = (0.8, 0.6, 0.4, 0.25)
"""Further thresholds, as parts of the first one's height above the background."""
RIM_PART = 0.012
"""A rim is at most this part of the longer side, each time the threshold is lowered."""
LEAST_LIKENESS = 0.5
"""Neighbouring pixels of an image correlate above 0.9, those of noise about 0."""
FACING_MARGIN = 0.1


@dataclass(frozen=True)
class _Levels:
    """Grey values of a (reduced) image."""

    background: float
    threshold: float
    between: float
    """Otsu's threshold: surely tissue above it."""


def breast_mask(pixels: NDArray[np.uint16], *, erosion_px: int = 100) -> NDArray[np.bool_]:
    """Where the breast is: one 4-connected component, with the pectoral muscle.

    Labels, lines and film borders thinner than twice `erosion_px` are cut off, and the breast's
    corners with them. On an image whose longer side is under 20 `erosion_px`, the erosion is a
    twentieth of that side.

    Args:
        pixels: `(H, W)` as they are presented: bright is dense, padding is 0.
        erosion_px: radius of the L1 ball that the mask is opened by, in pixels.
    Returns:
        `(H, W)`, True on the breast.
    Raises:
        ImageError: no breast can be found.
    """
    _refuse_empty(pixels)
    _refuse_noise(pixels)
    erosion_px = min(erosion_px, int(max(pixels.shape) * EROSION_PART))
    small = _reduced(pixels)
    field = _film_field(small)
    levels = _levels(small[field])
    mask = _clean_mask(pixels, levels, erosion_px)
    if mask is None:
        mask = _film_mask(small, field, levels, erosion_px * max(small.shape) / max(pixels.shape))
    if mask is None:
        raise ImageError(
            f"no breast was found: of the pixels above the background (value "
            f"{levels.background:.0f}), no region is thicker than {2 * erosion_px} pixels",
            hint="check that the file is a mammogram with a dark background, or set a smaller "
            "crop.erosion_px",
        )
    if mask.shape != pixels.shape:
        size = pixels.shape[::-1]
        mask = cv2.resize(as_bytes(mask), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    return mask


def facing_of(mask: NDArray[np.bool_]) -> Facing | None:
    """Where the nipple points: away from the side on which the breast is taller.

    Args:
        mask: `(H, W)`, True on the breast.
    Returns:
        None where the outer tenths of the breast are about equally tall, or nothing is set.
    """
    columns = np.flatnonzero(mask.any(axis=0))
    if columns.size == 0:
        return None
    heights = np.count_nonzero(mask[:, columns[0] : columns[-1] + 1], axis=0)
    n = max(1, heights.size // 10)
    left, right = float(heights[:n].mean()), float(heights[-n:].mean())
    margin = (left - right) / (left + right)
    if abs(margin) < FACING_MARGIN:
        return None
    return Facing.RIGHT if margin > 0 else Facing.LEFT


def _refuse_empty(pixels: NDArray[np.uint16]) -> None:
    hint = "check that the file is a mammogram, and was decoded rightly"
    if min(pixels.shape) < LEAST_SIDE_PX:
        rows, columns = pixels.shape
        raise ImageError(
            f"no breast was found: the image is {rows} × {columns} pixels; "
            f"each side must be at least {LEAST_SIDE_PX}",
            hint=hint,
        )
    if (value := int(pixels.flat[0])) == int(pixels.max()) and value == int(pixels.min()):
        raise ImageError(f"no breast was found: every pixel has the value {value}", hint=hint)


def _refuse_noise(pixels: NDArray[np.uint16]) -> None:
    """Raise where a pixel tells nothing of the one beside it, or of the one below it."""
    for image in (pixels, pixels.T):
        lines = image[:: max(1, len(image) // 256)]  # some will do
        pairs = lines[:, :-1].ravel(), lines[:, 1:].ravel()
        if min(part.std() for part in pairs) == 0:
            continue
        likeness = float(np.corrcoef(*pairs)[0, 1])
        if likeness < LEAST_LIKENESS:
            raise ImageError(
                f"no breast was found: neighbouring pixels correlate by {likeness:.2f} only, "
                "as in mere noise",
                hint="check that the file is a mammogram, and was decoded rightly",
            )


def _reduced(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The mean over squares of whole pixels, so that the longer side is at most `REDUCED_PX`."""
    factor = -(-max(pixels.shape) // REDUCED_PX)
    if factor == 1:
        return pixels
    rows, columns = pixels.shape
    size = max(1, columns // factor), max(1, rows // factor)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint16)


def _film_field(small: NDArray[np.uint16]) -> tuple[slice, slice]:
    """The image without the rows and columns of zeros that square scans are padded with."""
    field = []
    for axis in (1, 0):
        filled = np.flatnonzero(np.count_nonzero(small, axis=axis) > 0.02 * small.shape[axis])
        field.append(slice(filled[0], filled[-1] + 1) if filled.size else slice(None))
    return field[0], field[1]


def _levels(field: NDArray[np.uint16]) -> _Levels:
    """The background is the highest peak of the dark class; it ends at the peak's foot.

    The foot is the knee of the histogram between the peak and Otsu's threshold: where it lies
    furthest below the line from peak to threshold.
    """
    values = np.minimum(field, np.uint16(np.percentile(field, 95))).ravel()  # frames would win
    between, _ = cv2.threshold(values.reshape(-1, 1), 0, 65535, cv2.THRESH_OTSU)
    tissue = values[values > between]
    if tissue.size == 0:
        return _Levels(between, between, between)
    bright = float(np.median(tissue))
    width = max(1.0, bright / 192)
    n_bins = int(between / width) + 2
    counts = np.histogram(values, bins=n_bins, range=(0, n_bins * width))[0].astype(np.float64)
    counts = ndimage.convolve1d(counts, [0.25, 0.5, 0.25], mode="nearest")
    peak = int(np.argmax(counts[:-1]))
    line = np.linspace(counts[peak], counts[-1], n_bins - peak)
    foot = (peak + int(np.argmax(line - counts[peak:])) + 1) * width
    background = (peak + 0.5) * width
    threshold = max(foot, background + CONTRAST * (bright - background))
    return _Levels(background, min(threshold, between), between)


def _clean_mask(
    pixels: NDArray[np.uint16], levels: _Levels, erosion_px: int
) -> NDArray[np.bool_] | None:
    """The released crop's mask; None where the background is not one clean value."""
    counts = cv2.calcHist([pixels], [0], None, [65536], [0, 65536]).ravel()
    background = int(np.argmax(counts))
    above = pixels > background
    n_above = np.count_nonzero(above)
    faint = float(counts[background + 1 : int(levels.threshold) + 1].sum())
    borders = np.count_nonzero(above[1:] != above[:-1]) + np.count_nonzero(
        above[:, 1:] != above[:, :-1]
    )
    if background > levels.threshold or faint > 0.025 * n_above or borders > 4 * sum(pixels.shape):
        return None
    mask = largest_opened(above, erosion_px)
    # single dark pixels inside the breast would cost it far more than its corners
    return None if mask is None or np.count_nonzero(mask) < 0.7 * n_above else mask


def _film_mask(
    small: NDArray[np.uint16], field: tuple[slice, slice], levels: _Levels, erosion_px: float
) -> NDArray[np.bool_] | None:
    """The mask on the reduced image, at the lowest threshold that adds no more than a rim."""
    height = small[field] - _edge_glow(small[field], levels)
    erosion = round(erosion_px)
    rim_px = round(RIM_PART * max(small.shape))

    def opened_above(threshold: float) -> NDArray[np.bool_] | None:
        above = np.zeros(small.shape, bool)
        above[field] = height > threshold
        return largest_opened(_mended(above, erosion), erosion)

    mask = opened_above(levels.threshold)
    for part in LOWERED if mask is not None else ():
        lower = opened_above(levels.background + part * (levels.threshold - levels.background))
        if lower is None or mask is None:
            break
        beyond = np.count_nonzero(lower & ~dilated(mask, rim_px))
        if beyond > 0.002 * np.count_nonzero(mask):
            break
        mask = lower
    return mask


def _edge_glow(field: NDArray[np.uint16], levels: _Levels) -> NDArray[np.float64]:
    """`(W,)`: how much brighter than the background the film's left and right edges are.

    Read from each column's darkest tenth; a column that is bright throughout is tissue.
    """
    glow = np.percentile(field, 10, axis=0) - levels.background
    most = 0.4 * (levels.between - levels.background)
    glow = ndimage.uniform_filter1d(np.where(glow < most, np.maximum(glow, 0), 0), 5)
    glow[glow.size // 10 : -max(1, glow.size // 10)] = 0
    return np.asarray(glow, dtype=np.float64)


def _mended(above: NDArray[np.bool_], erosion: int) -> NDArray[np.bool_]:
    """Without scratches and dark spots, which an erosion would make large."""
    side = 1 + 2 * (max(above.shape) // 512)
    closed = cv2.morphologyEx(as_bytes(above), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    spots = stats[:, cv2.CC_STAT_AREA] < erosion**2
    spots[0] = True  # what is set already
    mended: NDArray[np.bool_] = spots[labels]
    return mended
