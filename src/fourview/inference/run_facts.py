"""What results tell of a run: the weights, the recipes, the versions, the machine."""

from __future__ import annotations

import platform
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from fourview import NOT_A_DEVICE, __version__
from fourview.inference.ensemble import LoadedWeights
from fourview.inference.exam import Member

_LIBRARIES = ("numpy", "opencv-python-headless", "pydicom", "scipy", "torch")


def software_facts(*, made: str | None, interrupted: bool) -> dict[str, Any]:
    """With which software, and when, as run.json begins."""
    return {
        "about": NOT_A_DEVICE,
        "fourview": __version__,
        "made": made,
        "interrupted": interrupted,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def reading_facts(
    weights: Sequence[LoadedWeights],
    members: Sequence[Member],
    *,
    device: str,
    seed: int,
    notices: Sequence[str],
) -> dict[str, Any]:
    """What read the exams, and how."""
    return {
        "device": device,
        "seed": seed,
        "weights": [weights_to_dict(one) for one in weights],
        "recipe": recipes_to_dict(members),
        "notices": list(notices),
    }


def recipes_to_dict(members: Sequence[Member]) -> dict[str, Any]:
    """The recipe; where members have different ones, each under its member's number and name."""
    recipes = [{**member.recipe.to_dict(), "digest": member.recipe.digest()} for member in members]
    if all(recipe == recipes[0] for recipe in recipes):
        return recipes[0]
    names = [member.reader.info.name for member in members]
    return {
        f"{number}: {name}": recipe
        for number, (name, recipe) in enumerate(zip(names, recipes, strict=True), start=1)
    }


def weights_to_dict(one: LoadedWeights) -> dict[str, Any]:
    """What to say of weights in results; their recipe stands elsewhere."""
    values = asdict(one.info)
    del values["recipe"]
    values["labels"] = list(values["labels"])
    return {"file": one.file, "sha256": one.sha256, **values}


def peak_memory_mb() -> float:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)  # macOS counts bytes
