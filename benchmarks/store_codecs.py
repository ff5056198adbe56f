"""How small and how fast compressed views are, by codec, filter, chunk and block.

    python benchmarks/store_codecs.py shared/data/nyu_samples [--repeats 9]

One thread; CPU milliseconds, means over the images of medians over interleaved repeats, for the
whole crop and for a square of 320 pixels; `open` is in neither. The first line is what the store
does (`io/store/arrays.py`).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import blosc2
import numpy as np
from numpy.typing import NDArray

from fourview.core.recipe import Recipe
from fourview.core.views import View
from fourview.inference.prepare import prepare
from fourview.io.png import read_png
from fourview.io.view_names import view_from_name

CODECS = (
    *(("LZ4HC", 5), ("LZ4HC", 1), ("LZ4HC", 9), ("LZ4", 5), ("LZ4", 9)),
    *(("BLOSCLZ", 9), ("ZSTD", 1), ("ZSTD", 5), ("ZSTD", 9)),
)
FILTERS = {"bits": ["BITSHUFFLE"], "bytes": ["SHUFFLE"], "delta, bytes": ["DELTA", "SHUFFLE"]}
SHAPES = ((256, 64), (256, 32), (256, 256), (128, 128), (512, 64), (512, 512))
"""Side of a chunk, rows of a block. Other shapes than the first with the first codec only."""


@dataclass(frozen=True)
class Case:
    codec: str
    level: int
    filters: str
    chunk: int
    block: int

    def write(self, path: Path, pixels: NDArray[np.uint16]) -> float:
        """CPU seconds."""
        rows, columns = (min(self.chunk, side) for side in pixels.shape)
        begun = time.thread_time()
        blosc2.asarray(
            pixels,
            chunks=(rows, columns),
            blocks=(min(self.block, rows), columns),
            urlpath=str(path),
            mode="w",
            cparams={
                "codec": blosc2.Codec[self.codec],
                "clevel": self.level,
                "filters": [blosc2.Filter[name] for name in FILTERS[self.filters]],
                "typesize": 2,
                "nthreads": 1,
            },
        )
        return time.thread_time() - begun


def read(path: Path, part: Any) -> float:
    """CPU seconds to read a part."""
    array = blosc2.open(str(path), mode="r", dparams={"nthreads": 1})
    begun = time.thread_time()
    _ = array[part]
    return time.thread_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder nyu_samples")
    parser.add_argument("--repeats", type=int, default=9)
    chosen = parser.parse_args()
    views = []
    for path in sorted(chosen.data.glob("*/images/*.png")):
        told = view_from_name(path.name)
        view = told.view if told else View.L_CC
        views.append(prepare(read_png(path, view), Recipe()).pixels)
    first = CODECS[0]
    cases = [
        Case(*codec, filters, *shape)
        for codec, filters, shape in product(CODECS, FILTERS, SHAPES)
        if shape == SHAPES[0] or (codec == first and filters == "bits")
    ]
    parts = {"whole": (slice(None), slice(None)), "patch": (slice(301, 621), slice(205, 525))}
    times: dict[tuple[Case, int, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        sizes: dict[Case, int] = {}
        written: dict[Case, float] = {}
        paths = {
            (case, n): Path(folder) / f"{number}_{n}.b2nd"
            for number, case in enumerate(cases)
            for n in range(len(views))
        }
        for case in cases:
            spent = [case.write(paths[case, n], pixels) for n, pixels in enumerate(views)]
            written[case] = statistics.mean(spent)
            sizes[case] = sum(paths[case, n].stat().st_size for n in range(len(views)))
        for _ in range(chosen.repeats):
            for (case, n), path in paths.items():
                for name, part in parts.items():
                    times.setdefault((case, n, name), []).append(read(path, part))
    total = sum(pixels.nbytes for pixels in views)
    print(f"{'codec':10}{'filters':14}{'chunk':>6}{'block':>6}{'smaller':>9}", end="")
    print(f"{'whole':>8}{'patch':>8}{'write':>8}")
    for case in cases:
        whole, patch = (
            1e3
            * statistics.mean(statistics.median(times[case, n, name]) for n in range(len(views)))
            for name in parts
        )
        print(f"{case.codec + ' ' + str(case.level):10}{case.filters:14}{case.chunk:6}", end="")
        print(f"{case.block:6}{total / sizes[case]:9.2f}", end="")
        print(f"{whole:8.2f}{patch:8.2f}{1e3 * written[case]:8.0f}")


if __name__ == "__main__":
    main()
