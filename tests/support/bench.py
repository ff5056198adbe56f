"""A sound exam, and weights that read it in a blink: what cases of bad input stand beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.bad_files import dicom_exam
from support.command import fourview, rows_of
from support.small_exams import breast_info, write_small_weights

GOOD = "1.2.826.0.1.1"
"""The sound exam's study."""
Arguments = list[str | Path]
"""Of the command line."""


@dataclass(frozen=True)
class Bench:
    """What all cases share: a sound exam, small weights, and the numbers that belong together."""

    good: Path
    weights: dict[str, Path]
    numbers: dict[str, list[str]]
    """The sound exam's row of predictions.csv, by the weights that read it."""


def build_bench(folder: Path) -> Bench:
    """A sound exam as DICOM, and image-only weights of three variants."""
    good = dicom_exam(folder / "good", GOOD)
    weights = {
        variant: write_small_weights(
            folder / f"{variant}.safetensors", breast_info(variant, "image")
        )
        for variant in ("view-wise", "image-wise", "breast-wise")
    }
    numbers = {}
    for variant, path in weights.items():
        ran = fourview("screen", good, "-o", folder / variant, "--weights", path)
        assert ran.code == 0, ran.err
        numbers[variant] = rows_of(folder / variant)[GOOD]
    return Bench(good, weights, numbers)
