"""Samples a second of a breast-level training: from the store, against image files read plainly.

    python benchmarks/loading.py shared/data/nyu_samples [--workers 2] [--repeats 7] [--cpu]
        [--json] [--device cuda]

A sample is one view's window, the paper's with jitter: 2677 x 1942 (CC) or 2974 x 1748 (MLO). It
ends as float32 in its place of a new batch of four, written by one of the workers, each with one
thread; files are in the system's cache. The same windows for all ways, in turns, so that other
work on the machine meets all of them; samples a second by medians of the repeats. `--cpu` takes
the CPU time of all workers for the wall's, which a machine that does other work moves less.

- `plain`: the PNG decoded, a known crop box cut and mirrored, the window cut with zeros around,
  resized bicubically (OpenCV), and standardised (numpy), as one would write it. With heatmaps:
  two PNG files of 16 bits decoded, and resized with the image as channels. (Their rounding is the
  difference that is shown then.)
- `store`: `training.windows.read_window`, as training reads. `plain store`: one that is not
  compressed.
- `store, raw`: what the workers do where windows are made on the device
  (`hardware.windows_on=device`): they only read.

`gmic_exam0` are images that were cropped when their PNG was made; `full size` are the detector's
whole images, 3328 x 2560. Heatmaps are random probabilities on the paper's grid. Each way has the
allocator's setting that training has.

With `--device` also: what loading leaves a network to wait. Exams of `gmic_exam0` are trained on
in batches of four; `waits` is the part of the time in which no batch was there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import cv2
import numpy as np
from loading_images import Image, prepared
from numpy.typing import NDArray

from fourview.core.chance import Chance
from fourview.core.recipe import Recipe, WindowRecipe
from fourview.core.records import ExamLabels
from fourview.core.train_recipe import HardwareSection, TrainRecipe, TrainSection
from fourview.core.views import Label
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.imaging.window import PlacedWindow
from fourview.inference.memory import keep_freed_memory
from fourview.io.store import Store
from fourview.io.store.heatmaps import StoredHeatmaps
from fourview.nn.breast_model import CHANNELS
from fourview.training.device_windows import read_raw
from fourview.training.read_ahead import read_ahead
from fourview.training.windows import drawn_window, read_window

BATCH = 4
Floats = NDArray[np.float32]


def plain(image: Image, placed: PlacedWindow, out: Floats) -> None:
    placement, box = image.stored.placement, placed.in_image
    layers = []
    for path in (image.path, *image.heatmaps[: len(out) - 1]):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[placement.crop.slices]
        layers.append(pixels[:, ::-1] if placement.flipped else pixels)
    height, width = layers[0].shape
    rows = slice(max(box.top, 0), min(box.bottom, height))
    columns = slice(max(box.left, 0), min(box.right, width))
    window = np.zeros((*box.shape, len(out)), np.float32)
    for channel, layer in enumerate(layers):
        window[
            rows.start - box.top : rows.stop - box.top,
            columns.start - box.left : columns.stop - box.left,
            channel,
        ] = layer[rows, columns]
    if box.shape != placed.shape:
        window = cv2.resize(window, placed.shape[::-1], interpolation=cv2.INTER_CUBIC)
    window = window.reshape(*placed.shape, len(out))
    window[..., 1:] /= 65535
    shown = window[..., 0]
    window[..., 0] = (shown - shown.mean()) / max(float(shown.std()), 1e-5)
    out[:] = window.transpose(2, 0, 1)


Way = Callable[[Image, PlacedWindow, Floats], object]


def ways(inputs: str, heatmaps: StoredHeatmaps) -> dict[str, Way]:
    return {
        "plain": plain,
        "store": lambda image, at, out: read_window(image.stored, at, inputs, heatmaps, out=out),
        "plain store": lambda image, at, out: read_window(
            image.unpacked, at, inputs, heatmaps, out=out
        ),
        "store, raw": lambda image, at, _: read_raw(image.stored, at, inputs, heatmaps),
    }


def seconds(
    way: Way,
    images: Sequence[Image],
    inputs: str,
    workers: int,
    turn: int,
    clock: Callable[[], float],
) -> float:
    """Of a batch of each image's windows."""

    def wanted() -> Iterator[tuple[Image, PlacedWindow, Floats]]:
        for image in images:
            shape = WindowRecipe().shape(image.stored.view.position)
            batch = np.empty((BATCH, CHANNELS[inputs], *shape), np.float32)
            for number, out in enumerate(batch):
                draws = Chance(turn, str(image.path), str(number))
                yield image, drawn_window(image.stored, WindowRecipe(), draws, jitter=True), out

    begun = clock()
    for _ in read_ahead(lambda one: way(*one), wanted(), workers=workers, ahead=2 * BATCH):
        pass
    return clock() - begun


def largest_difference(images: Sequence[Image], inputs: str, heatmaps: StoredHeatmaps) -> float:
    """Between the plain way and the store's, of all values that a network reads."""
    largest = 0.0
    for image in images:
        placed = drawn_window(image.stored, WindowRecipe(), Chance(0), jitter=True)
        one, other = (np.empty((CHANNELS[inputs], *placed.shape), np.float32) for _ in range(2))
        plain(image, placed, one)
        read_window(image.stored, placed, inputs, heatmaps, out=other)
        largest = max(largest, float(np.abs(one - other).max()))
    return largest


def measure(data: Path, workers: int, repeats: int, clock: Callable[[], float]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in (("gmic_exam0", "gmic_exam0"), ("full size", "bcc_cc_only")):
        with tempfile.TemporaryDirectory() as scratch:
            images, heatmaps = prepared(data, part, Path(scratch))
            for inputs in ("image", "image-and-heatmaps"):
                each = ways(inputs, heatmaps)
                taken: dict[str, list[float]] = {way: [] for way in each}
                for turn in range(repeats + 1):
                    for way, read in each.items():
                        once = seconds(read, images, inputs, workers, turn, clock)
                        if turn:  # the first warms up
                            taken[way].append(once)
                n = BATCH * len(images)
                found[f"{name}, {inputs}"] = {
                    "samples a second": {
                        way: n / statistics.median(times) for way, times in taken.items()
                    },
                    "times plain": {
                        way: statistics.median(
                            p / t for p, t in zip(taken["plain"], times, strict=True)
                        )
                        for way, times in taken.items()
                    },
                    "largest difference": largest_difference(images, inputs, heatmaps),
                }
    return found


def waits(
    data: Path, device: str, workers: int, steps: int, window: WindowRecipe | None = None
) -> dict[str, dict[str, float]]:
    """Of a training on the device, where windows are made by the workers and there."""
    import torch
    from lightning_fabric import Fabric

    from fourview.nn.breast_model import BreastModel
    from fourview.training.exam_task import Exams, ExamTask
    from fourview.training.exam_windows import on_device

    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        images, _ = prepared(data, "gmic_exam0", Path(scratch))
        store, exam = Store.open(images[0].stored.store), images[0].stored.exam
        labels = {exam: ExamLabels(exam=exam, values=dict.fromkeys(Label, False))}
        exams = Exams(store, None, window or Recipe().window, labels, labels)
        for place in ("cpu", "device"):
            hardware = HardwareSection(windows_on=place, workers=workers)
            recipe = TrainRecipe(train=TrainSection(), hardware=hardware)
            fabric = Fabric(accelerator=device, devices=1)
            bare = BreastModel()
            network = bare.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            adam = torch.optim.Adam(network.parameters(), lr=1e-5)
            network, optimiser = fabric.setup(network, adam)
            info = WeightsInfo(
                name="",
                architecture="breast_model",
                variant="view-wise",
                inputs="image",
                target="cancer",
                labels=expected_labels("breast_model", "cancer"),
            )
            task = ExamTask(bare, info, exams, recipe, seed=0)
            parts = iter(task.load(0, [[exam] * BATCH] * steps))
            waited, losses = [], []
            for number in range(steps):
                asked = time.perf_counter()
                part = next(parts)
                got = time.perf_counter()
                part = replace(part, inputs=fabric.to_device(part.inputs))
                noise = torch.Generator(fabric.device).manual_seed(number)
                loss, _ = task.loss(network, part, noise)
                fabric.backward(loss)
                optimiser.step()
                optimiser.zero_grad()
                losses.append(float(loss.detach()))  # which waits for the device
                waited.append((got - asked, time.perf_counter() - asked))
            del parts
            later = waited[steps // 3 :]  # the first find nothing read ahead
            begun = time.perf_counter()
            for part in task.load(1, [[exam] * BATCH] * steps):
                on_device(fabric.to_device(part.inputs).views, hardware)
            if device == "cuda":
                torch.cuda.synchronize()
            taken = time.perf_counter() - begun
            found[f"windows on {place}, {workers} workers"] = {
                "seconds a step": statistics.median(whole for _, whole in later),
                "waits": sum(wait for wait, _ in later) / sum(whole for _, whole in later),
                "samples a second, loading alone": 4 * BATCH * steps / taken,
            }
    return found


def shown(found: dict[str, Any], waited: dict[str, dict[str, float]]) -> Iterator[str]:
    names = list(next(iter(found.values()))["times plain"])
    yield " " * 34 + "".join(f"{way:>14}" for way in names)
    for what, one in found.items():
        rate, times = one["samples a second"], one["times plain"]
        yield f"{what}, a second".ljust(34) + "".join(f"{rate[way]:14.1f}" for way in names)
        yield "  times plain".ljust(34) + "".join(f"{times[way]:13.1f}x" for way in names)
        yield f"  largest difference {one['largest difference']:.1e}"
    for what, told in waited.items():
        yield f"{what}: " + ", ".join(f"{name} {value:.3g}" for name, value in told.items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder nyu_samples, with its manifest.csv")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", choices=["cuda", "cpu"], help="train there, too")
    parser.add_argument("--steps", type=int, default=30, help="of the training")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    keep_freed_memory()  # as training does; for all ways
    clock = time.process_time if chosen.cpu else time.perf_counter
    found = measure(chosen.data, chosen.workers, chosen.repeats, clock)
    waited = {}
    if chosen.device:
        waited = waits(chosen.data, chosen.device, chosen.workers, chosen.steps)
    if chosen.json:
        print(json.dumps({"loading": found, "training": waited}, indent=1))
    else:
        print("\n".join(shown(found, waited)))


if __name__ == "__main__":
    main()
