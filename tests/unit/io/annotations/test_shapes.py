"""Circles, boxes and polygons of a table, in an image's pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fourview.core.errors import TableError
from fourview.io.annotations.shapes import Shape, lies_inside, rasterised, shape_cells
from fourview.io.table import Row


def shape(**cells: str) -> Shape:
    return shape_cells(Row("t.csv, line 2", cells))


def test_a_circle_holds_the_pixels_whose_centres_are_within_its_radius() -> None:
    area = rasterised(shape(x="10", y="7.5", radius="4"), (20, 30))
    rows, columns = np.mgrid[:20, :30]
    assert np.array_equal(area, np.hypot(rows - 7.5, columns - 10) <= 4)


def test_x_is_the_column_and_y_the_row() -> None:
    assert np.argwhere(rasterised(shape(x="10", y="3", radius="0.5"), (20, 30))).tolist() == [
        [3, 10]
    ]


def test_a_box_holds_its_corners() -> None:
    area = rasterised(shape(shape="box", points="8 5; 3 2"), (20, 30))
    expected = np.zeros((20, 30), bool)
    expected[2:6, 3:9] = True
    assert np.array_equal(area, expected)


@pytest.mark.parametrize("seed", range(12))
def test_a_polygon_of_whole_corners_is_filled_as_opencv_fills_it(seed: int) -> None:
    """OpenCV also draws the outline: up to one pixel beside the edge may differ, none inside."""
    points = np.random.default_rng(seed).integers(0, 60, (3 + seed % 3, 2))
    area = rasterised(Shape("polygon", tuple((float(x), float(y)) for x, y in points)), (60, 60))
    theirs = np.zeros((60, 60), np.uint8)
    cv2.fillPoly(theirs, [points.astype(np.int32)], 1)
    outline = np.zeros_like(theirs)
    cv2.polylines(outline, [points.astype(np.int32)], True, 1)
    assert not (area & (theirs == 0) & (outline == 0)).any()
    assert not (~area & (theirs == 1) & (outline == 0)).any()
    assert all(area[y, x] for x, y in points)


def test_a_polygon_along_pixel_centres_is_the_box() -> None:
    polygon = shape(points="3 2; 8 2; 8 5; 3 5")
    box = shape(shape="rectangle", points="3 2; 8 5")
    assert np.array_equal(rasterised(polygon, (20, 30)), rasterised(box, (20, 30)))


def test_a_concave_polygon_keeps_its_notch() -> None:
    area = rasterised(shape(points="0 0; 10 0; 10 10; 5 3; 0 10"), (12, 12))
    assert not area[8, 5]
    assert area[8, 1]
    assert area[8, 9]


@pytest.mark.parametrize("points", ["(3, 2); (8, 2); (8, 5)", "3 2;8 2;8 5;", "[3,2];[8,2];[8,5]"])
def test_points_may_have_brackets_and_commas(points: str) -> None:
    assert shape(points=points).points == ((3, 2), (8, 2), (8, 5))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"x": "1", "y": "1", "radius": "-3"}, "radius is -3"),
        ({"x": "1", "y": "1", "radius": "0"}, "radius is 0"),
        ({"x": "1", "y": "1", "radius": "nan"}, "radius is 'nan'"),
        ({"x": "inf", "y": "1", "radius": "2"}, "x is 'inf'"),
        ({"x": "1", "radius": "2"}, "y is empty"),
        ({"shape": "circle", "x": "1", "y": "3"}, "radius is empty"),
        ({"shape": "star", "points": "1 1; 2 2; 3 1"}, "shape is 'star'"),
        ({"points": "1 1; 2 2"}, "at least 3 points; 2"),
        ({"points": "1 1; 1 1; 2 2"}, "at least 3 points; 2"),
        ({"points": "1 1; 2 2; nan 3"}, "expected pairs of numbers"),
        ({"points": "1 1; 2 2; 3"}, "expected pairs of numbers"),
        ({"points": ";"}, "expected pairs of numbers"),
        ({"shape": "box", "points": "1 1; 2 2; 3 3"}, "two opposite corners; 3"),
    ],
)
def test_an_impossible_shape_is_refused(cells: dict[str, str], said: str) -> None:
    with pytest.raises(TableError, match=said):
        shape(**cells)


def test_what_is_beyond_the_image_is_cut_off() -> None:
    circle = shape(x="0", y="0", radius="5")
    area = rasterised(circle, (10, 10))
    assert area[0, 5]
    assert not area[9, 9]
    assert not lies_inside(circle, (10, 10))
    assert lies_inside(shape(x="5", y="5", radius="4.5"), (10, 10))
    polygon = shape(points="-5 -5; 4 -5; 4 4; -5 4")
    assert rasterised(polygon, (10, 10)).sum() == 25


@pytest.mark.parametrize(
    "cells",
    [
        {"x": "50", "y": "50", "radius": "5"},
        {"x": "-50", "y": "5", "radius": "5"},
        {"shape": "box", "points": "20 0; 30 5"},
        {"points": "20 0; 30 5; 20 5"},
        {"points": "-20 0; -30 5; -20 5"},
        {"points": "0 -9; 5 -9; 2 -3"},
    ],
)
def test_a_shape_wholly_outside_holds_no_pixel(cells: dict[str, str]) -> None:
    assert not rasterised(shape(**cells), (10, 10)).any()
