"""A training sample's window: from the store, against its image file decoded and cropped anew.

    python benchmarks/store_window.py shared/data/nyu_samples [--repeats 15] [--cpu] [--json]

What is timed, each with one thread, files in the system's cache, medians of interleaved repeats:

- `decode`: the PNG decoded (bare `cv2.imread`), a known crop box cut and mirrored: the least that
  training from PNG could cost, were boxes and centres kept beside the images.
- `decode, prepare`: the file read as fourview does, the breast found and the window centred: what
  training from PNG costs where nothing is kept.
- `plain`, `compressed`: `StoredView.window`, the file opened anew for each window.

The window is what a training sample reads: the paper's, 2677 x 1942 (CC) and 2974 x 1748 (MLO),
drawn with location and size noise of up to 100 pixels; the same windows for all. Each way ends in
a new `uint16` array of the window's shape, copied, with zeros where it lies outside the image.
`patch` is a square of 320 pixels inside the breast, which the patch classifier's training reads.

Sums over all images of each image's median. Ratios are within this run. `--cpu` takes the
thread's CPU time for the wall's, which a machine that does other work besides moves less.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.core.chance import Chance, Draws
from fourview.core.geometry import Box
from fourview.core.recipe import Recipe
from fourview.dataset.preparing.images import TableImage, planned
from fourview.dataset.preparing.prepare import PrepareOptions, prepare_images
from fourview.imaging.window import place
from fourview.inference.prepare import prepare
from fourview.io.store import Store, StoredView

PATCH_PX = 320
Array = NDArray[np.uint16]


def windowed(pixels: Array, box: Box) -> Array:
    """As `StoredView.window`, of pixels in memory."""
    result = np.zeros(box.shape, np.uint16)
    top, bottom = (min(max(edge, 0), pixels.shape[0]) for edge in (box.top, box.bottom))
    left, right = (min(max(edge, 0), pixels.shape[1]) for edge in (box.left, box.right))
    part = pixels[top:bottom, left:right]
    result[top - box.top : bottom - box.top, left - box.left : right - box.left] = part
    return result


def from_file(image: TableImage, view: StoredView, box: Box) -> Array:
    pixels = cv2.imread(str(image.path), cv2.IMREAD_UNCHANGED)[view.placement.crop.slices]
    return windowed(pixels[:, ::-1] if view.placement.flipped else pixels, box)


def from_file_prepared(image: TableImage, recipe: Recipe, box: Box) -> Array:
    return windowed(prepare(image.read(), recipe).pixels, box)


def drawn_window(view: StoredView, recipe: Recipe, draws: Draws) -> Box:
    """A window as training draws it, on the crop's pixels."""
    noise, position = recipe.window.location_noise_px, view.view.position
    placed = place(
        view.shape,
        position,
        view.optimal_center,
        recipe.window.shape(position),
        draws,
        location_noise_px=(noise, noise),
        size_noise_px=recipe.window.size_noise_px,
    )
    box, above = placed.box, placed.pad_above
    return Box(box.top - above, box.bottom - above, box.left, box.right)


def drawn_patch(view: StoredView, draws: Draws) -> Box:
    """A patch somewhere inside the crop."""
    room = [side - PATCH_PX for side in view.shape]
    top, left = (
        round(most * (1 + draw) / 2) for most, draw in zip(room, draws.noise(2), strict=True)
    )
    return Box(top, top + PATCH_PX, left, left + PATCH_PX)


def timed(
    ways: Mapping[str, Callable[[Box], Array]], boxes: Sequence[Box], clock: Callable[[], float]
) -> dict[str, float]:
    """Seconds of each way: the median over the boxes, which all ways must read alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number, box in enumerate(boxes):
        found: list[Array] = []
        for name, way in ways.items():
            begun = clock()
            found.append(way(box))
            if number:  # the first warms up
                seconds[name].append(clock() - begun)
        assert all(np.array_equal(found[0], other) for other in found)
        assert all(one.flags.owndata and one.shape == box.shape for one in found)
    return {name: statistics.median(times) for name, times in seconds.items()}


def write_table(folder: Path, data: Path) -> Path:
    """An exam table of the sample images."""
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "/images/" in row["file"]]
    lines = [f"{row['exam']},{row['view']},{data.resolve() / row['file']}" for row in rows]
    table = folder / "exams.csv"
    table.write_text("\n".join(["exam,view,path", *lines]) + "\n", encoding="utf-8")
    return table


def measure(data: Path, repeats: int, clock: Callable[[], float]) -> dict[str, Any]:
    recipe = Recipe()
    images: dict[str, dict[str, dict[str, float]]] = {}
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        table = write_table(Path(scratch), data)
        stores = {}
        for name, compressed in (("plain", "false"), ("compressed", "true")):
            options = PrepareOptions(settings=(f"store.compressed={compressed}",))
            result = prepare_images(table, Path(scratch) / name, options)
            sizes |= {name: result.stored_bytes, "files": result.source_bytes}
            stores[name] = Store.open(Path(scratch) / name)
        for image in (one for found in planned(table).exams.values() for one in found):
            views = {
                name: next(
                    view
                    for view in store.views(image.exam).of(image.view)
                    if view.image == image.image
                )
                for name, store in stores.items()
            }
            kept, draws = views["plain"], Chance(0, image.exam, image.image)
            ways = {
                "decode, prepare": partial(from_file_prepared, image, recipe),
                "decode": partial(from_file, image, kept),
                "plain": kept.window,
                "compressed": views["compressed"].window,
            }
            n = range(repeats + 1)
            images[f"{image.exam} {image.image} {kept.shape}"] = {
                "window": timed(ways, [drawn_window(kept, recipe, draws) for _ in n], clock),
                "patch": timed(ways, [drawn_patch(kept, draws) for _ in n], clock),
            }
    return {"images": images, "bytes": sizes}


def shown(found: dict[str, Any]) -> Iterator[str]:
    for kind in ("window", "patch"):
        rows = {name: times[kind] for name, times in found["images"].items()}
        ways = list(next(iter(rows.values())))
        yield f"{kind + ', ms':36}" + "".join(f"{way:>17}" for way in ways)
        for name, times in rows.items():
            yield f"{name:36}" + "".join(f"{1e3 * times[way]:17.2f}" for way in ways)
        sums = {way: sum(times[way] for times in rows.values()) for way in ways}
        for base in ways[:2]:
            yield f"times as fast as `{base}`".ljust(36) + "".join(
                f"{sums[base] / sums[way]:16.1f}x" for way in ways
            )
            yield "  least of any image".ljust(36) + "".join(
                f"{min(times[base] / times[way] for times in rows.values()):16.1f}x" for way in ways
            )
        yield ""
    yield ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in found["bytes"].items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder nyu_samples, with its manifest.csv")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    found = measure(
        chosen.data, chosen.repeats, time.thread_time if chosen.cpu else time.perf_counter
    )
    print(json.dumps(found, indent=1) if chosen.json else "\n".join(shown(found)))


if __name__ == "__main__":
    main()
