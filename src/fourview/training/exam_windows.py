"""The windows of a batch of exams, read by several threads, each exam into its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fourview.core.recipe import WindowRecipe
from fourview.core.train_recipe import HardwareSection
from fourview.core.views import FourViews, View
from fourview.inference.memory import keep_freed_memory
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.nn.breast_model import CHANNELS
from fourview.training.device_windows import RawWindow, made, read_raw
from fourview.training.read_ahead import read_ahead
from fourview.training.windows import drawn_window, read_window, window_draws

Batch = Tensor | list[RawWindow]
"""A view of several exams: `(B, C, rows, columns)` float32, or what is to be made of it."""


@dataclass(frozen=True)
class ExamWindows:
    """How the windows of exams are read.

    Which windows is drawn from (seed, epoch, exam, view): the number of threads moves nothing.
    """

    store: Store
    heatmaps: StoredHeatmaps | None
    window: WindowRecipe
    """At scale 1: in the store's pixels."""
    inputs: str
    """`image`, `heatmaps` or `image-and-heatmaps`."""
    hardware: HardwareSection
    seed: int

    def read(
        self, parts: Sequence[Sequence[str]], *, epoch: int, jitter: bool, pinned: bool = False
    ) -> Iterator[FourViews[Batch]]:
        """The windows of each part's exams, in order, on the CPU.

        Args:
            jitter: whether windows are drawn, and which of several images; else each view's first
                image is read at its optimal centre.
            pinned: in memory that a GPU copies from by itself.

        Raises:
            ImageError: a file is missing or damaged; where its part would have come.
        """

        keep_freed_memory()  # a batch is large, and begins where another ended

        def places() -> Iterator[tuple[FourViews[Batch], int, str]]:
            for names in parts:
                batch = FourViews(*(self._batch(view, len(names), pinned) for view in View))
                yield from ((batch, place, name) for place, name in enumerate(names))

        def fill(at: tuple[FourViews[Batch], int, str]) -> FourViews[Batch]:
            batch, place, exam = at
            for images, to in zip(self.store.views(exam), batch, strict=True):
                draws = window_draws(self.seed, epoch, exam, images[0])
                view = images[draws.image(len(images)) if jitter else 0]
                placed = drawn_window(view, self.window, draws, jitter=jitter)
                if isinstance(to, Tensor):
                    out = to[place].numpy()
                    read_window(view, placed, self.inputs, self.heatmaps, out=out)
                else:
                    raw = read_raw(view, placed, self.inputs, self.heatmaps, pinned=pinned)
                    to[place] = raw
            return batch

        ahead = self.hardware.prefetch * max(map(len, parts), default=0)
        done = read_ahead(fill, places(), workers=self.hardware.workers, ahead=ahead)
        for names in parts:
            yield [next(done) for _ in names][-1]

    def _batch(self, view: View, n: int, pinned: bool) -> Batch:
        if self.hardware.windows_on == "device":
            return [RawWindow((0, 0), (0, 0), None, None)] * n
        shape = (n, CHANNELS[self.inputs], *self.window.shape(view.position))
        if pinned:
            return torch.empty(shape, pin_memory=True)
        return torch.from_numpy(np.empty(shape, np.float32))  # in large pages, as torch's are not


def on_device(views: FourViews[Batch], hardware: HardwareSection) -> FourViews[Tensor]:
    """What the network reads, of windows that were moved to its device."""

    def tensor(batch: Batch) -> Tensor:
        found = batch if isinstance(batch, Tensor) else made(batch)
        if hardware.channels_last:
            return found.contiguous(memory_format=torch.channels_last)
        return found

    return views.map(tensor)
