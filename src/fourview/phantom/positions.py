"""The views that are drawn: the four of screening, and those that are taken beside them."""

from __future__ import annotations

from dataclasses import dataclass

from fourview.core.views import Laterality, View

BEAM_TURNED = {"CC": 0, "XCCL": 0, "MLO": 45, "ML": 90, "LM": 90}
"""Of each position: the degrees from the lateral direction, which CC shows beside depth, to what it
shows: at 90 height. XCCL is a CC of the breast turned outwards."""


@dataclass(frozen=True)
class OtherView:
    """A view that is none of the four: `L-ML`, `R-LM`, `L-XCCL` …"""

    value: str

    def __post_init__(self) -> None:
        if self.value[:2] not in ("L-", "R-") or self.position not in BEAM_TURNED:
            known = ", ".join(BEAM_TURNED)
            raise ValueError(f"view is {self.value!r}; it must be L- or R- and one of {known}")

    @property
    def laterality(self) -> Laterality:
        return Laterality(self.value[0])

    @property
    def position(self) -> str:
        return self.value[2:]


def view_named(name: str) -> View | OtherView:
    """A view by its name: `L-CC`, `R-ML` …

    Raises:
        ValueError: no view of this name can be drawn.
    """
    return View(name) if name in {view.value for view in View} else OtherView(name)
