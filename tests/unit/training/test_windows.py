"""Windows from the store are what inference reads from the whole image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourview.core.exam import Heatmaps
from fourview.core.geometry import Box
from fourview.core.views import View
from fourview.core.weights import INPUTS, WeightsInfo, expected_labels
from fourview.imaging.tiling import corners, overlap_average
from fourview.imaging.window import PlacedWindow
from fourview.inference.predict import ViewInput, channels, network_input
from fourview.io.store.heatmaps import PatchGrid
from fourview.training.windows import (
    FINDINGS,
    drawn_window,
    heatmap_shares,
    read_window,
    window_draws,
)
from support.stores import RECIPE, write_heatmaps, write_store


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("jitter", [False, True])
def test_a_window_is_what_inference_makes_of_the_whole_image(
    tmp_path: Path, inputs: str, jitter: bool, compressed: bool
) -> None:
    store = write_store(tmp_path, ["a", "b"], compressed=compressed)
    heatmaps = write_heatmaps(store)
    info = WeightsInfo(
        name="x",
        architecture="breast_model",
        variant="view-wise",
        inputs=inputs,
        target="cancer",
        labels=expected_labels("breast_model", "cancer"),
    )
    for view in (images[0] for images in store.views("b")):
        placed = drawn_window(view, RECIPE.window, window_draws(0, 3, "b", view), jitter=jitter)
        grid = heatmaps.read("b", view.image)
        at = corners(grid.rows, grid.columns)
        maps = {
            finding: overlap_average(
                view.shape, at, grid.of(finding).T.ravel(), patch_px=grid.patch_px
            )
            for finding in FINDINGS
        }
        whole = ViewInput(view.prepared(), Heatmaps(**maps))
        expected = network_input(channels(whole, info), placed, info)
        found = read_window(view, placed, inputs, heatmaps)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        if placed.box.shape == placed.shape and inputs.startswith("image"):
            np.testing.assert_array_equal(found[0], expected[0])
        assert jitter or placed.box.shape == placed.shape


def test_each_epoch_exam_and_view_has_windows_of_its_own_and_the_same_each_time(
    tmp_path: Path,
) -> None:
    store = write_store(tmp_path, ["a"])
    view, other = store.views("a").of(View.L_CC)[0], store.views("a").of(View.R_CC)[0]

    def drawn(epoch: int, exam: str = "a", one=view):  # type: ignore[no-untyped-def]
        return drawn_window(one, RECIPE.window, window_draws(0, epoch, exam, one), jitter=True)

    assert drawn(1) == drawn(1)
    assert len({drawn(1).box, drawn(2).box, drawn(1, "b").box, drawn(1, one=other).box}) == 4


def test_a_heatmap_is_0_outside_the_image_though_a_patch_may_reach_beyond() -> None:
    """As where the image is shorter than a patch."""
    said = np.ones((1, 1, 4), np.float32)
    grid = PatchGrid(np.array([0]), np.array([0]), said, patch_px=32)
    box = Box(0, 45, 2, 50)
    placed = PlacedWindow(5, 20, 20, box, box, box.shape, (45, 50))
    down, across = heatmap_shares(grid, placed, (20, 30))
    expected = np.zeros((45, 48), np.float32)
    expected[5:25, :28] = 1
    np.testing.assert_array_equal(down @ grid.of("benign") @ across.T, expected)
