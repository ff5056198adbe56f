"""A point of the breast has one place in each view, and the places agree."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.views import View
from fourview.phantom.anatomy import detector, shape_of
from fourview.phantom.positions import OtherView, view_named
from fourview.phantom.projection import MOST_ACROSS, across, place_mm
from fourview.phantom.render import render_view
from support.phantom_plans import finding, plan


def test_depth_from_the_nipple_agrees_between_the_views() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        exam = plan(seed)
        field = detector(exam.vendor.pixel_mm)
        one = finding(depth=rng.uniform(0.1, 0.9), lateral=0.5, height=-0.4)
        from_nipple = []
        for view in (View.L_CC, View.L_MLO):
            shape = shape_of(exam, view, field)
            from_nipple.append(shape.depth_mm - place_mm(shape, one)[1])
        assert from_nipple[0] == pytest.approx(from_nipple[1], rel=0.05)


def test_the_place_tells_the_points_coordinates() -> None:
    """CC shows `lateral`; MLO shows the coordinate 45 degrees between lateral and height."""
    exam = plan(2)
    field = detector(exam.vendor.pixel_mm)
    for lateral, height in ((0.5, 0.3), (-0.4, 0.2), (0.1, -0.6), (0.0, 0.0)):
        one = finding(lateral=lateral, height=height)
        seen = {}
        for view in (View.L_CC, View.L_MLO):
            shape = shape_of(exam, view, field)
            y, x = place_mm(shape, one)
            upper, lower = (float(edge) for edge in shape.edges(x))
            seen[view.position] = ((upper + lower) / 2 - y) / ((lower - upper) / 2)
        assert seen["CC"] == pytest.approx(lateral)
        assert seen["MLO"] * np.sqrt(2) - seen["CC"] == pytest.approx(height)


def test_upper_outer_is_high_in_mlo_and_lateral_is_up_in_cc() -> None:
    assert across("CC", lateral=0.5, height=-0.9) == 0.5
    assert across("MLO", lateral=0.5, height=0.5) > across("MLO", lateral=-0.5, height=0.5)
    assert across("MLO", lateral=0.5, height=0.5) == pytest.approx(0.5 * np.sqrt(2))


def test_every_place_is_in_the_breast() -> None:
    exam = plan(3)
    field = detector(exam.vendor.pixel_mm)
    for view in View:
        shape = shape_of(exam, view, field)
        for depth in (0.0, 0.5, 1.0):
            for side in (-1.0, 1.0):
                y, x = place_mm(shape, finding(depth=depth, lateral=side, height=side))
                upper, lower = shape.edges(x)
                assert 0 <= x <= shape.depth_mm
                assert upper <= y <= lower
    assert MOST_ACROSS < 1


def test_a_lateral_view_shows_the_same_point_at_its_height() -> None:
    exam = plan(4)
    field = detector(exam.vendor.pixel_mm)
    one = finding(depth=0.4, lateral=0.5, height=-0.3)
    cc = shape_of(exam, View.L_CC, field)
    from_nipple = cc.depth_mm - place_mm(cc, one)[1]
    for name in ("L-ML", "L-LM"):
        shape = shape_of(exam, view_named(name), field)
        y, x = place_mm(shape, one)
        upper, lower = (float(edge) for edge in shape.edges(x))
        assert ((upper + lower) / 2 - y) / ((lower - upper) / 2) == pytest.approx(-0.3)
        assert shape.depth_mm - x == pytest.approx(from_nipple, rel=0.05)


def test_a_breast_turned_outwards_shows_a_point_as_lateral_as_cc_does() -> None:
    exam = plan(5)
    field = detector(exam.vendor.pixel_mm)
    cc, turned = (shape_of(exam, view_named(name), field) for name in ("R-CC", "R-XCCL"))
    for lateral in (0.6, -0.2):
        at = [across(shape.position, lateral=lateral, height=0.7) for shape in (cc, turned)]
        assert at == [lateral, lateral]
    assert turned.depth_mm < cc.depth_mm
    assert turned.above / turned.below > cc.above / cc.below
    assert turned.pectoral[0] > 0


def test_every_view_of_a_finding_is_drawn_and_marked_at_its_place() -> None:
    exam = plan(6, findings=(finding(size_mm=14.0),))
    for name in ("L-ML", "L-LM", "L-XCCL"):
        image = render_view(exam, view_named(name), scale=0.1)
        row, column = (round(at) for at in image.places["F1"])
        assert image.mask[row, column] == 1


@pytest.mark.parametrize("name", ["L-ISO", "ML", "X-ML", "L_ML"])
def test_a_view_that_cannot_be_drawn_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must be L- or R- and one of CC"):
        OtherView(name)


def test_the_abdomen_below_a_fold_stands_out_and_ends() -> None:
    field = detector(0.07)
    shapes = [shape_of(plan(seed), View.L_MLO, field) for seed in range(40)]
    folded = [shape for shape in shapes if shape.abdomen[0]]
    assert 6 < len(folded) < 28
    for shape in folded:
        lowest = shape.nipple_y + shape.below
        below = shape.outline()[:-3]
        below = below[below[:, 1] > lowest + 1]
        assert 3 < below[:, 0].max() < 20
        assert abs(below[-1, 0]) < 3
    plain = next(shape for shape in shapes if not shape.abdomen[0])
    assert plain.outline()[:-3, 1].max() < plain.nipple_y + plain.below + 1
