"""Where a training ran: versions, devices, the state of the code."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

import fourview
from fourview.core.errors import RecipeError, TrainingError
from fourview.core.train_recipe import HardwareSection, TrainRecipe

_KINDS = ("auto", "cpu", "cuda")
_PACKAGES = ("numpy", "torch", "lightning-fabric", "blosc2", "opencv-python-headless")


def fabric_on(device: str, devices: int, recipe: TrainRecipe) -> Fabric:
    """The devices to train on, launched.

    Args:
        device: `auto`, `cpu` or `cuda`.
        devices: how many; on a CPU, processes.

    Raises:
        TrainingError: there are not so many, or a batch cannot be shared out over them.
        RecipeError: there is no such kind of device.
    """
    if device not in _KINDS:
        raise RecipeError(f"--device is {device!r}; it may be {', '.join(_KINDS)}")
    parts = devices * recipe.train.accumulate
    if recipe.train.batch_size % parts:
        raise TrainingError(
            f"a batch of {recipe.train.batch_size} cannot be cut into {parts} equal parts "
            f"({devices} devices, train.accumulate={recipe.train.accumulate})",
            hint="change train.batch_size, train.accumulate or --devices",
        )
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    on_gpu = device == "cuda" or (device == "auto" and there > 0)
    if on_gpu and devices > there:
        raise TrainingError(
            f"{devices} GPUs are asked for; this machine has {there}",
            hint="--device cpu trains without one" if not there else f"--devices {there}",
        )
    fabric = Fabric(
        accelerator="cuda" if on_gpu else "cpu",
        devices=devices,
        strategy="ddp" if devices > 1 else "auto",
        precision=recipe.hardware.precision,  # type: ignore[arg-type]
    )
    fabric.launch()
    return fabric


def environment(fabric: Fabric, hardware: HardwareSection) -> dict[str, Any]:
    """Versions, devices and the code's state, as plain values; no time and no path."""
    return {
        "fourview": fourview.__version__,
        "code": code_state(Path(fourview.__file__).parent),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "device": str(fabric.device.type),
        "gpu": torch.cuda.get_device_name() if fabric.device.type == "cuda" else None,
        "processes": fabric.world_size,
        "hardware": asdict(hardware),
    }


def code_state(folder: Path) -> str:
    """The commit that the code is of, with `+` where it was changed since; empty outside git."""
    try:
        said = [
            subprocess.run(
                ["git", "-C", str(folder), *words],
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            ).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--", "."])
        ]
    except (OSError, subprocess.SubprocessError):
        return ""
    return said[0] + ("+" if said[1] else "")
