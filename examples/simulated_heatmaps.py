"""Patch by patch, what a patch classifier might say of synthetic images. No network reads them.

A patch near a drawn finding looks like its class, the more so the better the finding stands out
from the tissue around it (`truth.json`: contrast_to_noise) and the fattier the breast; elsewhere
there are false spots, more of them in dense breasts. What comes out lies in the store as
`fourview heatmaps` would leave it, of patch weights called "simulated".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from fourview.core.chance import Chance
from fourview.core.views import Finding
from fourview.inference.heatmaps import draw_grid
from fourview.io.store import Store, StoredView
from fourview.io.store.heatmaps import HeatmapKind, PatchGrid, StoredHeatmaps

WEIGHTS = "simulated"
VEIL = {"a": 1.1, "b": 1.0, "c": 0.85, "d": 0.65}
"""How much of a finding shows through gland of each density."""
_FALSE_SPOTS = {"a": 0.3, "b": 0.5, "c": 0.8, "d": 1.2}
"""So many in an image, of each class, on the mean."""
_NOTHING = np.array([-3.0, -2.4, 0.0, 1.5])
"""Log-odds of malignant, benign, outside, negative where nothing is to be seen."""
_OF_CLASS = 1.7
"""What a finding that shows well adds to its own class."""
_OF_OTHER = 0.5
"""And to the other, as a part of that."""


class Spot(NamedTuple):
    """Something that lights up in one class's heatmap."""

    finding: int
    """0 malignant, 1 benign."""
    at: NDArray[np.float64]
    """(row, column) on the prepared view."""
    radius: float
    """Pixels of the prepared view."""
    strength: float


def simulate_heatmaps(
    store: Store, truths: Mapping[str, Any], *, seed: int
) -> dict[tuple[str, str], dict[Finding, float]]:
    """Write heatmaps of every image; the highest log-odds of each finding by exam and view."""
    recipe = store.recipe.scaled().heatmaps
    kind = HeatmapKind(store.kind.key, WEIGHTS, recipe, seed)
    heatmaps = StoredHeatmaps.begun(store.folder, kind)
    highest: dict[tuple[str, str], dict[Finding, float]] = {}
    for exam in store:
        for image in (image for images in store.views(exam) for image in images):
            rows, columns = draw_grid(
                image.shape, recipe, Chance(seed, "simulated strides", exam, image.image)
            )
            rng = np.random.default_rng([seed, *f"{exam}/{image.image}".encode()])
            odds = _log_odds(rng, rows, columns, recipe.patch_px, image, truths[exam])
            said = softmax(odds, axis=-1).astype(np.float32)
            grid = PatchGrid(rows, columns, said, recipe.patch_px)
            heatmaps.write(exam, image.image, grid, of=image.sha256)
            here = highest.setdefault((exam, image.view.value), dict.fromkeys(Finding, -math.inf))
            for number, finding in enumerate((Finding.MALIGNANT, Finding.BENIGN)):
                here[finding] = max(here[finding], float(odds[..., number].max()))
    return highest


def visibility(contrast_to_noise: float, density: str) -> float:
    """How well a finding shows: 0 not at all, about 1 for one that stands out as much as its
    surroundings vary, at most about 2.5."""
    return min(math.log1p(contrast_to_noise / 0.6), 2.3) * VEIL[density]


def _log_odds(
    rng: np.random.Generator,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    patch_px: int,
    image: StoredView,
    truth: Mapping[str, Any],
) -> NDArray[np.float64]:
    """`(len(rows), len(columns), 4)`."""
    odds = _NOTHING + rng.normal(0, 0.45, (len(rows), len(columns), 4))
    middle = (patch_px - 1) / 2
    at = np.stack(np.meshgrid(rows + middle, columns + middle, indexing="ij"), axis=-1)
    for spot in (*_drawn(rng, image, truth), *_false(rng, image, truth["density"])):
        away = np.maximum(np.linalg.norm(at - spot.at, axis=-1) - spot.radius, 0)
        glow = spot.strength * np.exp(-0.5 * (away / (0.4 * patch_px)) ** 2)
        odds[..., spot.finding] += glow
        odds[..., 1 - spot.finding] += _OF_OTHER * glow
        odds[..., 3] -= glow / 2
    return odds


def _drawn(rng: np.random.Generator, image: StoredView, truth: Mapping[str, Any]) -> Iterator[Spot]:
    known = truth["images"].get(PurePosixPath(image.source).stem)
    if known is None:
        return
    findings = {one["name"]: one for one in truth["findings"]}
    zoom = image.placement.resampled_shape[0] / image.placement.source_shape[0]
    for name, place in known["findings"].items():
        if place["contrast_to_noise"] is None:
            continue
        one = findings[name]
        centre = image.placement.from_source(np.array([[place["row"], place["column"]]]))[0]
        shows = visibility(place["contrast_to_noise"], truth["density"])
        suspicious = one["kind"] == "malignant" or rng.random() < 0.5 * one["irregularity"]
        yield Spot(
            0 if suspicious else 1,
            centre,
            one["size_mm"] / 2 / known["pixel_spacing_mm"] * zoom,
            _OF_CLASS * shows * rng.uniform(0.6, 1.4),
        )


def _false(rng: np.random.Generator, image: StoredView, density: str) -> Iterator[Spot]:
    height, width = image.shape
    for finding in (0, 1):
        for _ in range(rng.poisson(_FALSE_SPOTS[density])):
            # nearer the chest wall, where there is gland
            at = np.array([rng.normal(0.5, 0.15) * height, rng.beta(1.5, 3) * width])
            yield Spot(finding, at, 0.1 * width * rng.random(), rng.exponential(1.2))
