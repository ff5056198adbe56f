"""Windows that are resized and standardised where the network is: threads only read them.

The arithmetic is `training.windows`', on tensors: OpenCV's bicubic weights, sums in float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fourview.imaging.intensity import SD_FLOOR
from fourview.imaging.window import PlacedWindow
from fourview.io.store import StoredView
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.training.windows import FINDINGS, heatmap_shares


class RawWindow(NamedTuple):
    """A window as it was read: tensors to move to a device, and numbers. It is a NamedTuple, into
    which Fabric looks."""

    shape: tuple[int, int]
    """What the network reads."""
    box_shape: tuple[int, int]
    """What was cut."""
    pixels: Tensor | None
    """`(h, w)`, the cut's first rows and columns, beyond which it is 0; int16 that holds the bits
    of uint16, which devices know better."""
    heatmaps: tuple[Tensor, Tensor, Tensor] | None
    """`(rows, k)`, `(2, k, l)`, `(columns, l)`: see `heatmap_shares`."""


def read_raw(
    view: StoredView,
    placed: PlacedWindow,
    inputs: str,
    heatmaps: StoredHeatmaps | None = None,
    *,
    pinned: bool = False,
) -> RawWindow:
    """What `made` makes a network's input of; nothing is computed.

    Args:
        inputs: `image`, `heatmaps` or `image-and-heatmaps`.
        pinned: in memory that a GPU copies from by itself.

    Raises:
        ImageError: a file is missing or damaged.
    """

    def tensor(values: NDArray[Any]) -> Tensor:
        found = torch.from_numpy(np.ascontiguousarray(values))
        return found.pin_memory() if pinned else found

    pixels = grids = None
    if inputs.startswith("image"):
        pixels = tensor(view.window(placed.corner(view.shape)).view(np.int16))
    if "heatmaps" in inputs:
        assert heatmaps is not None, "heatmaps are made before they are read"
        grid = heatmaps.read(view.exam, view.image, of=view.sha256)
        down, across = heatmap_shares(grid, placed, view.shape)
        said = np.stack([grid.of(finding) for finding in FINDINGS])
        grids = tensor(down), tensor(said), tensor(across)
    return RawWindow(placed.shape, placed.box.shape, pixels, grids)


def made(raws: Sequence[RawWindow]) -> Tensor:
    """`(B, C, rows, columns)` float32, on the device that the windows are on: what `read_window`
    makes of them, to 1e-5."""
    return torch.stack([torch.cat(_layers(raw)) for raw in raws])


def _layers(raw: RawWindow) -> list[Tensor]:
    layers = []
    if raw.pixels is not None:
        corner = (raw.pixels.int() & 0xFFFF).float()
        for axis in (1, 0):
            corner = _resized(corner, axis, raw.box_shape[axis], raw.shape[axis])
        layers.append(_standardised(corner, raw.shape)[None])
    if raw.heatmaps is not None:
        down, said, across = raw.heatmaps
        layers.append(down @ said @ across.T)
    return layers


def _resized(corner: Tensor, axis: int, of: int, to: int) -> Tensor:
    """Along one axis, as OpenCV resizes it: a cubic kernel with a = -0.75, the edge repeated.

    Places and weights are float64: in float32, as torch's own bicubic has them, windows of the
    paper's size differ from OpenCV's by up to 2e-3 of their standard deviation.
    """
    length = corner.shape[axis]
    if of == to:
        return corner
    n = min(to, math.ceil(length * to / of))
    at = (torch.arange(n, device=corner.device, dtype=torch.float64) + 0.5) * (of / to) - 0.5
    first = at.floor()
    result = None
    for tap in range(-1, 3):
        weight = _cubic((at - first - tap).abs()).float()
        taken = corner.index_select(axis, (first.long() + tap).clamp(0, length - 1))
        taken = taken * (weight[:, None] if axis == 0 else weight)
        result = taken if result is None else result + taken
    assert result is not None
    return result


def _cubic(distance: Tensor, a: float = -0.75) -> Tensor:
    """Keys' kernel, at distances of up to 2 pixels."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((distance - 5) * distance + 8) * a * distance - 4 * a
    return torch.where(distance <= 1, near, far)


def _standardised(corner: Tensor, shape: tuple[int, int]) -> Tensor:
    """`imaging.intensity.standardise_corner`, without waiting for the device."""
    n, inside = shape[0] * shape[1], corner.numel()
    near = (corner.sum(dtype=torch.float64) / inside).float()
    corner = corner - near
    near = near.double()
    total, squares = corner.sum(dtype=torch.float64), corner.square().sum(dtype=torch.float64)
    mean = (inside * near + total) / n
    moved = mean - near
    variance = (squares - 2 * moved * total + inside * moved**2 + (n - inside) * mean**2) / n
    scale = 1 / variance.clamp_min(0).sqrt().clamp_min(SD_FLOOR)
    result = (-mean * scale).float().expand(shape).clone()
    result[: corner.shape[0], : corner.shape[1]] = (corner - moved.float()) * scale.float()
    return result
