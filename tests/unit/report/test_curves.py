"""The picture of trainings' curves."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from fourview.report.curves import Curve, Moment, Panel, curve_pictures

EPOCHS = range(1, 6)
RISING = [0.5, 0.6, 0.7, 0.75, 0.7]


def panel(*curves: Curve, is_auc: bool = True) -> Panel:
    return Panel("AUC", "AUC, mean over heads and sides", curves, is_auc=is_auc)


def texts(svg: bytes) -> set[str]:
    root = ElementTree.fromstring(svg)
    nodes = root.iter("{http://www.w3.org/2000/svg}text")
    return {"".join(node.itertext()).strip() for node in nodes}


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def coloured(png: bytes) -> int:
    picture = pixels(png).astype(int)
    return int((picture.max(axis=2) - picture.min(axis=2) > 80).sum())


TWO = panel(
    Curve("malignant", False, EPOCHS, RISING, best=4),
    Curve("malignant", True, EPOCHS, RISING),
)


def test_axes_and_what_lines_mean_are_named() -> None:
    png, svg = curve_pictures("A title", [TWO], [Moment(3, "epoch 3, chosen")], note="What it is.")
    assert {
        *("A title", "epoch", "AUC, mean over heads and sides", "malignant", "validation"),
        *("training", "best epoch", "chance", "epoch 3, chosen", "What it is."),
    } <= texts(svg)
    assert coloured(png) > 500


def test_what_is_not_drawn_is_not_in_the_legend() -> None:
    loss = panel(Curve("", True, EPOCHS, RISING), is_auc=False)
    found = texts(curve_pictures("", [loss])[1])
    assert not found & {"validation", "best epoch", "chance", ""}


def test_the_same_curves_give_the_same_bytes() -> None:
    png, svg = curve_pictures("", [TWO])
    assert (png, svg) == curve_pictures("", [TWO])
    assert b"dc:date" not in svg


def test_epochs_without_a_number_leave_a_gap() -> None:
    gap = [math.nan, 0.6, math.nan, 0.75, math.nan]
    some = coloured(curve_pictures("", [panel(Curve("malignant", False, EPOCHS, gap))])[0])
    whole = coloured(curve_pictures("", [panel(Curve("malignant", False, EPOCHS, RISING))])[0])
    assert some < whole - 100


def test_twelve_networks_have_twelve_colours() -> None:
    curves = [Curve(f"seed {n}", False, EPOCHS, [v - n / 50 for v in RISING]) for n in range(12)]
    svg = curve_pictures("", [panel(*curves)])[1].decode()
    strokes = set(re.findall(r"stroke: #([0-9a-f]{6})", svg))
    grey = {one for one in strokes if len({one[:2], one[2:4], one[4:]}) == 1}
    assert len(strokes - grey) == 12
