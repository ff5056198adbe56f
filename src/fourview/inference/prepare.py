"""From a mammogram to a prepared view: grey values, spacing, crop, facing, optimal centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import ReleasedChance
from fourview.core.errors import ImageError
from fourview.core.exam import Mammogram, PreparedView
from fourview.core.geometry import Placement
from fourview.core.recipe import Recipe
from fourview.core.views import Facing
from fourview.imaging.breast import crop_around, released_mask
from fourview.imaging.intensity import to_presentation
from fourview.imaging.resampling import resample, resampled_shape
from fourview.imaging.segmentation import breast_mask, facing_of
from fourview.imaging.window import held, optimal_center, place

LEAST_HELD = 0.85
"""A window that holds less of the breast than this is warned of."""
LEAST_FILLED = 0.4
"""So is a crop that is smaller than this part of the window, both ways."""

FULL_SIZE_SPACING_MM = 0.07
"""Taken for the spacing at scale 1 where a recipe has a scale and names no spacing."""


def prepare(mammogram: Mammogram, recipe: Recipe) -> PreparedView:
    """The mammogram cut to the breast and facing rightward, with the way back to its pixels.

    Raises:
        ImageError: there is no breast, or its facing or spacing cannot be told.
    """
    try:
        return _prepare(mammogram, recipe)
    except ImageError as error:
        raise ImageError(f"{mammogram.source}: {error.problem}", hint=error.hint) from error


def _prepare(mammogram: Mammogram, recipe: Recipe) -> PreparedView:
    warnings = list(mammogram.warnings)
    image = to_presentation(mammogram.pixels, mammogram.grayscale, voi=recipe.intensity.voi)
    if recipe.intensity.voi == "first" and not mammogram.grayscale.voi:
        warnings.append("the recipe asks for a VOI LUT; the file has none, stored values are used")
    shape = _shape_at_spacing(mammogram, recipe, warnings)
    if shape != image.shape:
        image = resample(image, shape)
    recipe = recipe.scaled()
    mask = (
        released_mask(image, erosion_px=recipe.crop.erosion_px)
        if recipe.crop.method == "released"
        else breast_mask(image, erosion_px=recipe.crop.erosion_px)
    )
    facing = _facing(mammogram, mask, warnings)
    released = recipe.crop.method == "released"
    crop = crop_around(
        mask,
        facing,
        buffer_px=recipe.crop.buffer_px,
        top_skipped=recipe.crop.top_skipped,
        released=released,
    )
    pixels = image[crop.box.slices]
    occupied = pixels > 0 if released else mask[crop.box.slices]
    flipped = facing is Facing.LEFT
    if flipped:
        pixels, occupied = pixels[:, ::-1], occupied[:, ::-1]
    position = mammogram.view.position
    window = recipe.window.shape(position)
    center = optimal_center(occupied, position, crop, window)
    warnings += _unlike_the_window(occupied, position, center, window)
    return PreparedView(
        pixels=np.ascontiguousarray(pixels),
        view=mammogram.view,
        source=mammogram.source,
        placement=Placement(mammogram.pixels.shape, shape, crop.box, flipped),
        optimal_center=center,
        warnings=tuple(warnings),
    )


def _unlike_the_window(
    occupied: NDArray[np.bool_],
    position: str,
    center: tuple[int, int],
    window: tuple[int, int],
) -> list[str]:
    """A warning where a breast is far too large or too small for the network's window: its image
    has another resolution than those that the weights were trained on, and its numbers are off."""
    unmoved = place(occupied.shape, position, center, window, ReleasedChance(0))
    part, (rows, columns) = held(occupied, unmoved), occupied.shape
    way_out = "is the pixel spacing another than the weights'?"
    if part < LEAST_HELD:
        return [
            f"the network's window of {window} pixels holds {part:.0%} of the breast: {way_out}"
        ]
    if rows < window[0] * LEAST_FILLED and columns < window[1] * LEAST_FILLED:
        return [
            f"the crop of {(rows, columns)} pixels is small for the window, {window}: {way_out}"
        ]
    return []


def _shape_at_spacing(mammogram: Mammogram, recipe: Recipe, warnings: list[str]) -> tuple[int, int]:
    """Rows and columns at the recipe's pixel spacing; the image's own where it names none."""
    shape = mammogram.pixels.shape
    if recipe.scale == 1 and recipe.pixel_spacing_mm is None:
        return shape
    wanted = (recipe.pixel_spacing_mm or FULL_SIZE_SPACING_MM) / recipe.scale
    if mammogram.pixel_spacing_mm is None:
        if recipe.scale != 1:
            raise ImageError(
                f"its pixel spacing is not told, and the recipe's scale is {recipe.scale} "
                f"({wanted:g} mm a pixel)",
                hint="give it in the table's column pixel_spacing_mm",
            )
        warnings.append(f"pixel spacing not told: not resampled to {wanted:g} mm")
        return shape
    return resampled_shape(shape, mammogram.pixel_spacing_mm, wanted)


def _facing(mammogram: Mammogram, mask: NDArray[np.bool_], warnings: list[str]) -> Facing:
    """Where the nipple points: as told, else as the pixels show; a disagreement is a warning."""
    found = facing_of(mask)
    if mammogram.facing is None and found is None:
        raise ImageError(
            "which way the breast faces is neither told nor to be seen in the pixels",
            hint="give it in the table's column facing (left or right: where the nipple points)",
        )
    if mammogram.facing is not None and found is not None and mammogram.facing is not found:
        warnings.append(
            f"said to face {mammogram.facing.value}, but its pixels look as if it faced "
            f"{found.value}; taken as said"
        )
    facing = mammogram.facing or found
    assert facing is not None
    return facing
