"""Files a second of `fourview index` on DICOM files of a synthetic population, warm cache.

    python benchmarks/index_files.py [--files 2000] [--scale 0.05] [--repeats 3]

The files are copies of a few synthetic images with UIDs and patients of their own, in a temporary
folder. Processes start within the time that is measured; medians of interleaved repeats. Where
others use the machine too, the processor's time tells more than the clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import generate_uid

from fourview.dataset.indexing.index import IndexOptions, index

JOBS = (1, 2)
VIEWS = 4


def make_files(folder: Path, n: int, scale: float) -> int:
    """Writes `n` files, four to an exam; returns their bytes."""
    # not above: processes that read headers import this file too
    from fourview.synthesis import SynthesisOptions, write_population

    few = folder / "few"
    write_population(few, SynthesisOptions(n=2, scale=scale, enrich=0.5, format="dicom"), jobs=2)
    sources = [dcmread(path) for path in sorted(few.glob("exams/*/[LR]-*.dcm"))]
    n_bytes = 0
    for number, image in enumerate(islice(cycle(sources), n)):
        exam, place = divmod(number, VIEWS)
        image.SOPInstanceUID = generate_uid(entropy_srcs=["image", str(number)])
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.StudyInstanceUID = generate_uid(entropy_srcs=["exam", str(exam)])
        image.PatientID = f"BENCHMARK-{exam:06d}"
        path = folder / "many" / f"{exam:06d}" / f"{place}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save_as(path)
        n_bytes += path.stat().st_size
    return n_bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--scale", type=float, default=0.05, help="1 is real size, some MB a file")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n_bytes = make_files(folder, chosen.files, chosen.scale)
        print(f"{chosen.files} files of {n_bytes / chosen.files / 1e3:.0f} kB")
        found: dict[int, list[float]] = {jobs: [] for jobs in JOBS}
        busy: dict[int, list[float]] = {jobs: [] for jobs in JOBS}
        for _ in range(chosen.repeats):
            for jobs in JOBS:
                start, before = time.perf_counter(), sum(os.times()[:4])
                result = index([folder / "many"], folder / "exams.csv", IndexOptions(jobs=jobs))
                found[jobs].append(time.perf_counter() - start)
                busy[jobs].append(sum(os.times()[:4]) - before)
                assert len(result.images) == chosen.files
        for jobs, seconds in found.items():
            rate = chosen.files / statistics.median(seconds)
            told = ", ".join(f"{chosen.files / one:.0f}" for one in sorted(seconds))
            ms = 1e3 * statistics.median(busy[jobs]) / chosen.files
            print(f"jobs {jobs}: {rate:.0f} files a second ({told}); CPU {ms:.2f} ms a file")


if __name__ == "__main__":
    main()
