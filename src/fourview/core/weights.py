"""What a weights file says of itself: enough to build its network and to feed it rightly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from fourview.core.errors import WeightsError
from fourview.core.recipe import Recipe, recipe_from_dict
from fourview.core.views import Label

FORMAT = "fourview-1"
ARCHITECTURES = ("breast_model", "patch_densenet121")
ARITHMETICS = ("paper", "released")
VARIANTS = ("view-wise", "image-wise", "breast-wise", "joint")
INPUTS = ("image", "heatmaps", "image-and-heatmaps")
TARGETS = ("cancer", "birads")
PATCH_CLASSES = ("malignant", "benign", "outside", "negative")
"""The patch classifier's outputs, in their order (SI, 'Details of the auxiliary classifier')."""


@dataclass(frozen=True, kw_only=True)
class WeightsInfo:
    """The metadata of one network's weights."""

    name: str
    architecture: str
    arithmetic: str = "paper"
    """`paper` (the padding of Table S5) or `released` (that of the released weights)."""
    variant: str = ""
    inputs: str = ""
    target: str = ""
    labels: tuple[str, ...] = ()
    """The order of the outputs: exam labels, or patch classes."""
    recipe: Recipe = field(default_factory=Recipe)
    trained: bool = True
    """False for freshly initialised weights: their numbers mean nothing."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Data, seed, versions, where the file came from and its hash."""
    licence: str = "not stated"
    validated_on: str = "nothing"

    def __post_init__(self) -> None:
        texts = (self.name, self.licence, self.validated_on)
        if type(self.trained) is not bool or any(type(text) is not str for text in texts):
            raise WeightsError(
                f"weights {self.name}: trained must be true or false; name, licence and "
                "validated_on must be texts"
            )
        allowed: list[tuple[str, str, tuple[str, ...]]] = [
            ("architecture", self.architecture, ARCHITECTURES),
            ("arithmetic", self.arithmetic, ARITHMETICS),
        ]
        if self.architecture == "breast_model":
            allowed += [
                ("variant", self.variant, VARIANTS),
                ("inputs", self.inputs, INPUTS),
                ("target", self.target, TARGETS),
            ]
        for name, value, choices in allowed:
            if value not in choices:
                raise WeightsError(
                    f"weights {self.name}: {name} is {value!r}; it may be {', '.join(choices)}"
                )
        if self.labels != (expected := expected_labels(self.architecture, self.target)):
            raise WeightsError(
                f"weights {self.name}: the outputs are {', '.join(self.labels) or 'not named'}; "
                f"this fourview knows {', '.join(expected)}"
            )

    @property
    def uses_heatmaps(self) -> bool:
        return "heatmaps" in self.inputs

    @property
    def uses_image(self) -> bool:
        return self.inputs.startswith("image")

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)

    @staticmethod
    def from_json(text: str, *, source: str) -> WeightsInfo:
        """What `to_json` wrote, checked."""
        try:
            values = json.loads(text)
            if values.pop("format") != FORMAT:
                raise KeyError("format")
            known = {f.name for f in fields(WeightsInfo)}
            if unknown := sorted(set(values) - known):
                raise WeightsError(f"{source}: metadata says {', '.join(unknown)}, unknown here")
            if wrong := [
                f.name
                for f in fields(WeightsInfo)
                if f.type == "str" and not isinstance(values.get(f.name, ""), str)
            ]:
                raise TypeError(f"{', '.join(wrong)} must be text")
            values["recipe"] = recipe_from_dict(values["recipe"], source=source)
            values["labels"] = tuple(values["labels"])
            return WeightsInfo(**values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WeightsError(
                f"{source}: its metadata is not that of a {FORMAT} weights file: {error!r}",
                hint="foreign weights are translated with: fourview weights import",
            ) from error


def expected_labels(architecture: str, target: str) -> tuple[str, ...]:
    """The outputs of a kind of network, in their order."""
    if architecture == "patch_densenet121":
        return PATCH_CLASSES
    if target == "birads":
        return ("birads_0", "birads_1", "birads_2")
    return tuple(label.value for label in Label)


def untrained(architecture: str, *, inputs: str = "image-and-heatmaps", seed: int) -> WeightsInfo:
    """The description of a network that was never trained: the main model's, or the patch one's."""
    breast = architecture == "breast_model"
    target = "cancer" if breast else ""
    return WeightsInfo(
        name="untrained" if breast else "untrained-patch",
        architecture=architecture,
        variant="view-wise" if breast else "",
        inputs=inputs if breast else "",
        target=target,
        labels=expected_labels(architecture, target),
        trained=False,
        provenance={"initialised": "at random", "seed": seed},
        licence="Apache-2.0",
    )
