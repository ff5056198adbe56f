"""The way from a point in the breast to its views.

A point has `depth` (0 chest wall, 1 nipple), `lateral` (-1 medial, 1 lateral) and `height` (-1
lowest, 1 highest), fractions of the breast's cross-section at that depth. CC is compressed along
`height`: it shows depth and `lateral`, the lateral side up. MLO is compressed along the line from
upper medial to lower lateral: it shows depth and the oblique coordinate, upper lateral up. ML and
LM are compressed along `lateral`: they show depth and `height`. All of them show depth alike, so a
finding is equally far from the nipple's column in each (the usual rule of comparing views). XCCL
shows what CC does, of a breast turned outwards: the nipple is nearer to the chest wall.
"""

from __future__ import annotations

import numpy as np

from fourview.core.views import Facing, View
from fourview.phantom.anatomy import Shape
from fourview.phantom.plan import Finding
from fourview.phantom.positions import BEAM_TURNED, OtherView

MOST_ACROSS = 0.92
"""Nothing is placed nearer to the skin than this part of the half width."""


def across(position: str, *, lateral: float, height: float) -> float:
    """The coordinate that a view shows beside depth: 1 at the image's upper skin, -1 at the lower.

    `lateral` in CC, (height + lateral) / sqrt 2 in MLO, `height` in ML: each is 1 at most on a
    round cross-section.
    """
    turned = np.deg2rad(BEAM_TURNED[position])
    return float(np.cos(turned) * lateral + np.sin(turned) * height)


def place_mm(shape: Shape, finding: Finding) -> tuple[float, float]:
    """(y, x) in millimetres of a finding's centre, in an image that faces rightward."""
    return point_mm(shape, depth=finding.depth, lateral=finding.lateral, height=finding.height)


def point_mm(shape: Shape, *, depth: float, lateral: float, height: float) -> tuple[float, float]:
    """(y, x) in millimetres of a point of the breast, in an image that faces rightward."""
    coordinate = across(shape.position, lateral=lateral, height=height)
    x = float(np.clip(depth, 0, 1)) * shape.depth_mm
    upper, lower = (float(edge) for edge in shape.edges(x))
    middle, half = (upper + lower) / 2, (lower - upper) / 2
    return middle - float(np.clip(coordinate, -MOST_ACROSS, MOST_ACROSS)) * half, x


def facing_of(view: View | OtherView, *, mirrored: bool) -> Facing:
    """Where the nipple points in the stored image: to the right for a left breast."""
    facing = Facing.RIGHT if view.value.startswith("L") else Facing.LEFT
    return facing.opposite if mirrored else facing
