"""Recipes: what is done to an image, as frozen values whose defaults are the paper's.

TOML on disk, dataclasses in memory. An unknown key is refused with the nearest known one. The
resolved recipe travels with whatever was computed from it, and its hash keys stores.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fourview.core.errors import RecipeError
from fourview.core.settings import changes_of, filled, set_source

CROP_METHODS = ("adaptive", "released")
VOI_CHOICES = ("none", "first")
CHANCE_CHOICES = ("exam", "released", "released-per-view")
FACINGS = ("rightward", "stored")


@dataclass(frozen=True, kw_only=True)
class IntensityRecipe:
    """From stored values to grey values."""

    voi: str = "none"
    """`none`: stored values, as the released weights expect. `first`: the file's first VOI LUT."""


@dataclass(frozen=True, kw_only=True)
class CropRecipe:
    """Where the breast is. The lengths are the released pipeline's."""

    method: str = "adaptive"
    """`adaptive` finds the background's level; `released` takes every non-zero pixel for breast."""
    erosion_px: int = 100
    """Text and lines thinner than twice this are cut off the breast."""
    buffer_px: int = 50
    """Added around the breast, except at the chest wall."""
    top_skipped: float = 1 / 3
    """The part of the breast's height, from above, in which no nipple is looked for."""


@dataclass(frozen=True, kw_only=True)
class WindowRecipe:
    """The network's window, and how far chance moves it (SI, 'Data augmentation')."""

    cc: tuple[int, int] = (2677, 1942)
    mlo: tuple[int, int] = (2974, 1748)
    location_noise_px: int = 100
    size_noise_px: int = 100

    def shape(self, position: str) -> tuple[int, int]:
        """Rows and columns of the window of a view position, `CC` or `MLO`."""
        return self.cc if position == "CC" else self.mlo


@dataclass(frozen=True, kw_only=True)
class HeatmapRecipe:
    """The sliding patch classifier (SI, 'Patch classification heatmap generation')."""

    patch_px: int = 256
    stride_px: int = 70
    facing: str = "rightward"
    """`stored` classifies patches as the file holds the breast (the release's image-wise path)."""


@dataclass(frozen=True, kw_only=True)
class PredictionRecipe:
    """How many random windows are averaged, and where chance comes from."""

    passes: int = 10
    jitter: bool = True
    chance: str = "exam"
    """`exam`: from seed and exam. `released`: the release's generators, anew for each exam.
    `released-per-view`: anew for each view (the release's single-image path)."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that moves a prediction, besides the weights and the seed."""

    name: str = "paper"
    scale: float = 1.0
    """Multiplies every length in pixels, and divides pixels per millimetre."""
    pixel_spacing_mm: float | None = None
    """Resample images that tell their spacing to this one (at scale 1); off in the paper's."""
    intensity: IntensityRecipe = field(default_factory=IntensityRecipe)
    crop: CropRecipe = field(default_factory=CropRecipe)
    window: WindowRecipe = field(default_factory=WindowRecipe)
    heatmaps: HeatmapRecipe = field(default_factory=HeatmapRecipe)
    prediction: PredictionRecipe = field(default_factory=PredictionRecipe)

    def __post_init__(self) -> None:
        _check(self)

    def scaled(self) -> Recipe:
        """The same recipe with every length multiplied out and `scale` 1.

        The patch is `max(32, round(256 s))` pixels; other lengths are rounded, and at least 1
        where they cannot be 0.
        """
        if self.scale == 1:
            return self
        s = self.scale

        def px(length: int, least: int = 0) -> int:
            return max(least, round(length * s))

        return replace(
            self,
            scale=1.0,
            pixel_spacing_mm=None if self.pixel_spacing_mm is None else self.pixel_spacing_mm / s,
            crop=replace(
                self.crop, erosion_px=px(self.crop.erosion_px, 1), buffer_px=px(self.crop.buffer_px)
            ),
            window=replace(
                self.window,
                cc=(px(self.window.cc[0], 1), px(self.window.cc[1], 1)),
                mlo=(px(self.window.mlo[0], 1), px(self.window.mlo[1], 1)),
                location_noise_px=px(self.window.location_noise_px),
                size_noise_px=px(self.window.size_noise_px),
            ),
            heatmaps=replace(
                self.heatmaps,
                patch_px=px(self.heatmaps.patch_px, 32),
                stride_px=px(self.heatmaps.stride_px, 1),
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as TOML and JSON hold them."""
        return asdict(self)

    def differences(self, other: Recipe) -> dict[str, tuple[Any, Any]]:
        """The settings that differ, `section.key` to this one's value and the other's."""
        mine, theirs = dict(_flat(self.to_dict())), dict(_flat(other.to_dict()))
        return {key: (mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]}

    def digest(self) -> str:
        """A hash of everything in it but its name."""
        values = {key: value for key, value in self.to_dict().items() if key != "name"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def preparation(self) -> dict[str, Any]:
        """The settings that move a prepared view, as plain values.

        The window is among them because a view's optimal centre depends on its shape; how far
        chance moves it, heatmaps and predictions come after.
        """
        values = json.loads(json.dumps(self.to_dict()))  # lists for tuples, as JSON holds them
        return {
            **{key: values[key] for key in ("scale", "pixel_spacing_mm", "intensity", "crop")},
            "window": {key: values["window"][key] for key in ("cc", "mlo")},
        }

    def preparation_digest(self) -> str:
        """A hash of what moves a prepared view: equal recipes here prepare equal views."""
        return hashlib.sha256(json.dumps(self.preparation(), sort_keys=True).encode()).hexdigest()

    def preparation_differences(self, other: Recipe) -> dict[str, tuple[Any, Any]]:
        """As `differences`, of the settings that move a prepared view."""
        moving = dict(_flat(self.preparation()))
        return {key: both for key, both in self.differences(other).items() if key in moving}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _check(recipe: Recipe) -> None:
    for where, value, allowed in (
        ("intensity.voi", recipe.intensity.voi, VOI_CHOICES),
        ("crop.method", recipe.crop.method, CROP_METHODS),
        ("heatmaps.facing", recipe.heatmaps.facing, FACINGS),
        ("prediction.chance", recipe.prediction.chance, CHANCE_CHOICES),
    ):
        if value not in allowed:
            raise RecipeError(f"{where} is {value!r}; it may be {', '.join(allowed)}")
    for where, number, least in (
        ("scale", recipe.scale, 0.01),
        ("pixel_spacing_mm", 1 if (mm := recipe.pixel_spacing_mm) is None else mm, 0.001),
        ("crop.erosion_px", recipe.crop.erosion_px, 0),
        ("crop.buffer_px", recipe.crop.buffer_px, 0),
        ("crop.top_skipped", recipe.crop.top_skipped, 0),
        ("window.cc", min(recipe.window.cc), 1),
        ("window.mlo", min(recipe.window.mlo), 1),
        ("window.location_noise_px", recipe.window.location_noise_px, 0),
        ("window.size_noise_px", recipe.window.size_noise_px, 0),
        ("heatmaps.patch_px", recipe.heatmaps.patch_px, 32),
        ("heatmaps.stride_px", recipe.heatmaps.stride_px, 1),
        ("prediction.passes", recipe.prediction.passes, 1),
    ):
        if not least <= number < float("inf"):
            raise RecipeError(f"{where} is {number}; it must be at least {least}")
    if recipe.heatmaps.stride_px > recipe.heatmaps.patch_px:
        raise RecipeError(
            f"heatmaps.stride_px is {recipe.heatmaps.stride_px}, more than a patch of "
            f"{recipe.heatmaps.patch_px} pixels: parts of the image would be read by no patch"
        )
    noise = recipe.window.size_noise_px
    for window in (recipe.window.cc, recipe.window.mlo):
        if any(2 * round(noise * side / max(window)) >= side for side in window):
            raise RecipeError(
                f"window.size_noise_px is {noise}; of a window of {window[0]} x {window[1]} pixels "
                "nothing might be left"
            )
    if recipe.crop.top_skipped >= 1:
        raise RecipeError(f"crop.top_skipped is {recipe.crop.top_skipped}; it must be below 1")
    recipe.scaled()  # is checked in its turn


def recipe_from_dict(
    values: Mapping[str, Any], *, source: str, base: Recipe | None = None
) -> Recipe:
    """`base` (the paper's recipe by default) with these values put in."""
    return filled(base or Recipe(), values, source=source)


def recipe_with(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """The recipe with `section.key=value` settings put in, all at once; values are read as TOML."""
    return recipe_from_dict(changes_of(settings), source=set_source(settings), base=recipe)


RELEASED = Recipe(
    name="released",
    crop=CropRecipe(method="released"),
    prediction=PredictionRecipe(chance="released"),
)
"""As the released pipeline works, for the released weights (facing as everywhere in fourview)."""
