"""What kind of network a model is: what it reads, how it joins views, what it began with."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fourview.core.weights import INPUTS, VARIANTS

BEGINNINGS = ("pretrained", "random")
"""Columns of a network pretrained on BI-RADS classes, or drawn at random (Table S6)."""
_PAPER_WORDS = {"image": "image-only", "heatmaps": "heatmaps-only"}
_WORDS: dict[str, tuple[str, str]] = {
    **{one: ("inputs", one) for one in INPUTS},
    **{word: ("inputs", one) for one, word in _PAPER_WORDS.items()},
    **{one: ("variant", one) for one in VARIANTS},
    "side-wise": ("variant", "breast-wise"),  # Fig. S15's word in the text
    **{one: ("beginning", one) for one in BEGINNINGS},
}


@dataclass(frozen=True)
class ModelKind:
    """A kind of model in the paper's tables; what is not told is empty."""

    inputs: str = ""
    """Of `INPUTS`."""
    variant: str = ""
    """Of `VARIANTS`."""
    beginning: str = ""
    """Of `BEGINNINGS`."""

    @property
    def inputs_word(self) -> str:
        """As the paper's tables have it: `image-only`, `heatmaps-only`, `image-and-heatmaps`."""
        return _PAPER_WORDS.get(self.inputs, self.inputs)

    def __str__(self) -> str:
        return "/".join(filter(None, (self.inputs_word, self.variant, self.beginning)))

    def contradiction(self, other: ModelKind) -> str:
        """What the two tell otherwise, for a sentence; empty where both can be true."""
        for field in fields(self):
            one, two = getattr(self, field.name), getattr(other, field.name)
            if one and two and one != two:
                return f"{one}, not {two}"
        return ""

    def filled_from(self, other: ModelKind) -> ModelKind:
        """The same, with what it does not tell from another."""
        return ModelKind(
            self.inputs or other.inputs,
            self.variant or other.variant,
            self.beginning or other.beginning,
        )


def kind_in_name(name: str) -> ModelKind:
    """What a name tells, part by part: `image-only/joint/random`; parts that are no such word
    tell nothing."""
    told = [_WORDS[part] for part in name.casefold().split("/") if part in _WORDS]
    found: dict[str, str] = {}
    for what, value in told:
        found.setdefault(what, value)
    return ModelKind(**found)
