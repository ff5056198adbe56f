"""Windows resized and standardised on tensors are those of OpenCV and numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from fourview.core.geometry import Box
from fourview.core.weights import INPUTS
from fourview.imaging.window import PlacedWindow, cut
from fourview.io.store import StoredView
from fourview.training.device_windows import RawWindow, made, read_raw
from fourview.training.windows import drawn_window, read_window, window_draws
from support.stores import RECIPE, write_heatmaps, write_store


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("jitter", [False, True])
def test_a_window_made_on_the_device_is_the_one_made_by_the_threads(
    tmp_path: Path, inputs: str, jitter: bool
) -> None:
    store = write_store(tmp_path, ["a", "b"])
    heatmaps = write_heatmaps(store)
    for epoch, view in enumerate(images[0] for images in store.views("b")):
        placed = drawn_window(view, RECIPE.window, window_draws(0, epoch, "b", view), jitter=jitter)
        raw = read_raw(view, placed, inputs, heatmaps)
        (found,) = made([Fabric(accelerator="cpu").to_device(raw)])
        expected = read_window(view, placed, inputs, heatmaps)
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(30, 41), (45, 33), (41, 20), (64, 64), (63, 65)])
@pytest.mark.parametrize("size", [(50, 60), (20, 30), (64, 64)])
def test_it_is_resized_as_by_opencv(size: tuple[int, int], shape: tuple[int, int]) -> None:
    """Also where the image ends inside the window, and where it fills it."""
    image = np.random.default_rng(0).integers(0, 65536, size).astype(np.uint16)
    box = Box(0, 64, 0, 64)
    placed = PlacedWindow(0, 64 - size[0], 64 - size[1], box, box, shape, (64, 64))
    corner = placed.corner(size)
    pixels = np.zeros(corner.shape, np.uint16)
    pixels[: size[0], : size[1]] = image
    raw = RawWindow(shape, box.shape, torch.from_numpy(pixels.view(np.int16)), None)
    (found,) = made([raw])
    expected = cut(image.astype(np.float32)[:, :, None], placed)[..., 0]
    expected = (expected - expected.mean(dtype=np.float64)) / expected.std(dtype=np.float64)
    np.testing.assert_allclose(found[0].numpy(), expected, atol=1e-5)


def test_a_window_without_an_image_is_zero() -> None:
    raw = RawWindow((8, 6), (8, 6), torch.zeros(8, 1, dtype=torch.int16), None)
    assert not made([raw]).any()


def test_nothing_but_the_pixels_is_read_for_an_image(tmp_path: Path) -> None:
    view: StoredView = write_store(tmp_path, ["a"]).views("a").l_cc[0]
    placed = drawn_window(view, RECIPE.window, window_draws(0, 0, "a", view), jitter=False)
    raw = read_raw(view, placed, "image")
    assert raw.heatmaps is None
    assert raw.pixels is not None
    assert raw.pixels.dtype == torch.int16
