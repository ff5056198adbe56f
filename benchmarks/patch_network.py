"""Seconds a patch of the patch classifier on this CPU: memory formats and the allocator's settings.

    python benchmarks/patch_network.py [--batch 16] [--patches 48] [--repeats 3]

Ratios are over torch's defaults in the same run, medians of interleaved repeats. The allocator's
settings cannot be undone in a process, so each case has processes of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

CASES = {
    "torch's defaults": (False, False),
    "channels last": (True, False),
    "freed memory kept": (False, True),
    "both (what fourview does)": (True, True),
}


def measure(channels_last: bool, keep: bool, batch: int, patches: int) -> tuple[float, float]:
    """Wall and CPU seconds a patch."""
    import torch

    from fourview.inference.memory import keep_freed_memory
    from fourview.nn.densenet121 import DenseNet121

    if keep:
        keep_freed_memory()
    network = DenseNet121(4).eval()
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
    x = torch.zeros(batch, 1, 256, 256)
    with torch.inference_mode():
        network(x)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(-(-patches // batch)):
            network(x)
    n = -(-patches // batch) * batch
    return (time.perf_counter() - wall) / n, (time.process_time() - cpu) / n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--patches", type=int, default=48)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(measure(*CASES[chosen.case], chosen.batch, chosen.patches)))
        return
    found: dict[str, list[tuple[float, float]]] = {case: [] for case in CASES}
    for _ in range(chosen.repeats):
        for case in CASES:
            command = [sys.executable, __file__, "--case", case]
            command += ["--batch", str(chosen.batch), "--patches", str(chosen.patches)]
            out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found[case].append(tuple(json.loads(out)))
    plain_wall, plain_cpu = map(statistics.median, zip(*found["torch's defaults"], strict=True))
    print(f"{'':28}wall s  ratio   cpu s  ratio")
    for case, times in found.items():
        wall, cpu = map(statistics.median, zip(*times, strict=True))
        print(f"{case:28}{wall:.3f}{plain_wall / wall:6.2f}x{cpu:9.3f}{plain_cpu / cpu:6.2f}x")


if __name__ == "__main__":
    main()
