"""A point of the breast has one place in each view, and the places agree."""

from __future__ import annotations

import numpy as np
import pytest

from fourview.core.views import View
from fourview.phantom.anatomy import detector, shape_of
from fourview.phantom.projection import MOST_ACROSS, across, place_mm
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
