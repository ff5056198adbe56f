"""The names of views and labels, and the one order of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Laterality(Enum):
    """Which breast: DICOM Image Laterality (0020,0062)."""

    LEFT = "L"
    RIGHT = "R"


class View(Enum):
    """A standard screening view: laterality, and cranio-caudal (CC) or medio-lateral oblique (MLO).

    The order is the released pipeline's, and that of every array with one row a view.
    """

    L_CC = "L-CC"
    R_CC = "R-CC"
    L_MLO = "L-MLO"
    R_MLO = "R-MLO"

    @property
    def laterality(self) -> Laterality:
        return Laterality(self.value[0])

    @property
    def position(self) -> str:
        """`CC` or `MLO`: DICOM View Position (0018,5101)."""
        return self.value[2:]

    @staticmethod
    def of(laterality: Laterality, position: str) -> View:
        """The view of a laterality and a position (`CC` or `MLO`)."""
        return View(f"{laterality.value}-{position}")


class Finding(Enum):
    """What a biopsy may show. Benign means a benign finding, not a healthy breast."""

    BENIGN = "benign"
    MALIGNANT = "malignant"


class Label(Enum):
    """One of an exam's four labels, in the order of the released weights and of predictions.csv."""

    LEFT_BENIGN = "left_benign"
    RIGHT_BENIGN = "right_benign"
    LEFT_MALIGNANT = "left_malignant"
    RIGHT_MALIGNANT = "right_malignant"

    @property
    def laterality(self) -> Laterality:
        return Laterality.LEFT if self.value.startswith("left") else Laterality.RIGHT

    @property
    def finding(self) -> Finding:
        return Finding(self.value.split("_")[1])


class Facing(Enum):
    """Where the nipple points in an image: away from the chest wall."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def opposite(self) -> Facing:
        return Facing.LEFT if self is Facing.RIGHT else Facing.RIGHT


class FourViews(NamedTuple, Generic[T]):
    """One value for each view, by name. A NamedTuple, so torch batches and pins it as it is."""

    l_cc: T
    r_cc: T
    l_mlo: T
    r_mlo: T

    def of(self, view: View) -> T:
        """The value of one view."""
        return self[_VIEWS.index(view)]

    def pairs(self) -> Iterator[tuple[View, T]]:
        """Each view with its value, in the one order."""
        return zip(_VIEWS, self, strict=True)

    def map(self, fn: Callable[[T], U]) -> FourViews[U]:
        """The same four, each put through `fn`."""
        return FourViews(*(fn(value) for value in self))

    @staticmethod
    def build(fn: Callable[[View], U]) -> FourViews[U]:
        """`fn(view)` for each view."""
        return FourViews(*(fn(view) for view in _VIEWS))


_VIEWS = list(View)
