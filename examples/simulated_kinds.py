"""The simulated models: what each makes of evidence, and what misleads it."""

from __future__ import annotations

from dataclasses import dataclass, replace

Pair = tuple[float, float]
"""Malignant, benign."""


@dataclass(frozen=True)
class Kind:
    """A model of the paper's tables, simulated. Numbers are log-odds."""

    inputs: str
    skill: Pair
    """What a finding that shows adds."""
    from_heatmaps: Pair = (0.0, 0.0)
    """What a heatmap adds that is a standard deviation higher."""
    variant: str = "view-wise"
    pretrained: bool = True
    base: Pair = (-2.6, -1.3)
    """As of networks trained on as many biopsied exams as others: too high for screening."""
    misled: float = 0.5
    """By what misleads all models."""
    own: float = 0.5
    """What misleads all networks of the model, most of it all models of the same inputs."""
    network: float = 0.2
    branch: Pair = (0.3, 0.55)
    """What misleads one branch of one network: CC, MLO."""
    alike: float = 0.6
    """The correlation of errors about both findings of a breast."""


_IMAGE = Kind("image", (0.9, 1.1), alike=0.85)
_HEATMAPS = Kind("heatmaps", (0.0, 0.0), (1.6, 0.6), misled=0.3, own=0.2, network=0.1)
_BOTH = Kind("image-and-heatmaps", (1.1, 1.1), (0.7, 0.2))


def _variants(name: str, kind: Kind) -> dict[str, Kind]:
    malignant, benign = kind.skill
    return {
        f"{name}-image-wise": replace(
            kind, variant="image-wise", skill=(0.97 * malignant, 1.1 * benign)
        ),
        f"{name}-breast-wise": replace(
            kind, variant="breast-wise", skill=(0.95 * malignant, 1.1 * benign)
        ),
        f"{name}-joint": replace(kind, variant="joint", skill=(0.9 * malignant, benign)),
    }


KINDS = {
    "simulated-image-only": _IMAGE,
    "simulated-image-and-heatmaps": _BOTH,
    "simulated-heatmaps-only": _HEATMAPS,
    **_variants("simulated-image-only", _IMAGE),
    **_variants("simulated-image-and-heatmaps", _BOTH),
    "simulated-image-only-random": replace(_IMAGE, skill=(0.4, 0.6), pretrained=False),
    "simulated-image-and-heatmaps-random": replace(
        _BOTH, skill=(0.7, 0.8), from_heatmaps=(0.7, 0.2), pretrained=False
    ),
}
