"""Where a heatmap's maximum lies, and what it covers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fourview.evaluation.localisation import Place, hit, hits, marks, overlap, peak


def drawn(*rows: str) -> np.ndarray:
    """A map from digits, `.` for NaN."""
    return np.array([[math.nan if c == "." else float(c) for c in row] for row in rows])


def test_a_single_maximum_is_its_place() -> None:
    assert peak(drawn("000", "090", "008")) == Place(1, 1, 9.0)


def test_a_plateau_has_its_middle_pixel() -> None:
    assert peak(drawn("00000", "09990", "09990", "09990")) == Place(2, 2, 9.0)


def test_an_even_plateau_has_the_first_of_its_middle_pixels() -> None:
    assert peak(drawn("0000", "0990", "0990")) == Place(1, 1, 9.0)


def test_a_bent_plateau_has_a_pixel_of_its_own() -> None:
    """The centroid of a ring lies in its hole."""
    place = peak(drawn("99999", "90009", "90009", "90009", "99999"))
    assert place == Place(0, 2, 9.0)


def test_of_two_plateaus_the_larger_counts_and_then_the_first() -> None:
    assert peak(drawn("90000", "00099")) == Place(1, 3, 9.0)
    assert peak(drawn("00009", "90000")) == Place(0, 4, 9.0)


def test_pixels_that_touch_at_a_corner_are_one_plateau() -> None:
    assert peak(drawn("90000", "09000", "00900", "00000", "00099")) == Place(1, 1, 9.0)


@pytest.mark.parametrize("rows", [("33", "33"), ("..", ".."), ("..", ".3")])
def test_a_map_of_one_value_points_nowhere(rows: tuple[str, ...]) -> None:
    assert peak(drawn(*rows)) is None
    assert hit(drawn(*rows), np.eye(2)) is None
    assert marks(drawn(*rows), apart_px=1, at_least=0) == []


def test_pixels_without_a_value_are_no_maximum() -> None:
    assert peak(drawn(".01", "..0")) == Place(0, 2, 1.0)


def test_a_hit_is_a_maximum_on_the_lesion() -> None:
    heatmap = drawn("0000", "0900", "0000")
    lesion = np.zeros((3, 4), dtype=int)
    lesion[0, 3] = 255
    assert hit(heatmap, lesion) is False
    assert hit(heatmap, lesion, within_px=2.2) is False
    assert hit(heatmap, lesion, within_px=2.3) is True
    lesion[1, 1] = 1
    assert hit(heatmap, lesion) is True


def test_no_lesion_is_no_question() -> None:
    assert hit(drawn("01"), [[0, 0]]) is None


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="the lesion"):
        hit(drawn("01"), [[0], [1]])
    with pytest.raises(ValueError, match="rows by columns"):
        peak([1, 2, 3])


def test_a_list_of_cases_counts_what_was_asked() -> None:
    lesion = np.array([[0, 0, 0, 1]])
    asked = [(drawn(row), lesion) for row in ("0009", "9000", "3333")]
    found = hits([*asked, (drawn("0.09"), 0 * lesion)])
    assert found.outcomes == (True, False, None, None)
    assert (found.asked, found.hit, found.rate, found.by_chance) == (2, 1, 0.5, 0.25)
    assert found.interval().defined


def test_chance_counts_what_a_distance_lets_pass_and_only_where_the_map_has_values() -> None:
    lesion = np.array([[0, 0, 0, 1]])
    assert hits([(drawn("0009"), lesion)], within_px=1).by_chance == 0.5
    assert hits([(drawn("..09"), lesion)]).by_chance == 0.5


def test_no_cases_have_no_rate() -> None:
    found = hits([])
    assert math.isnan(found.rate)
    assert math.isnan(found.by_chance)
    assert not found.interval().defined


def test_overlap_is_of_the_map_at_or_above_the_threshold() -> None:
    heatmap, lesion = drawn("0055", "0.99"), [[0, 0, 0, 1], [0, 1, 0, 1]]
    found = overlap(heatmap, lesion, threshold=5)
    assert found == pytest.approx((2 / 5, 4 / 7))
    assert overlap(heatmap, lesion, threshold=10) == (0, 0)
    assert overlap(heatmap, heatmap >= 9, threshold=9) == (1, 1)


def test_two_empty_areas_have_no_overlap() -> None:
    assert all(math.isnan(v) for v in overlap(drawn("00"), [[0, 0]], threshold=1))


def test_marks_are_local_maxima_apart() -> None:
    heatmap = drawn("0000000", "0900080", "0000000", "0005500", "0000000")
    found = marks(heatmap, apart_px=1, at_least=1)
    assert found == [Place(1, 1, 9.0), Place(1, 5, 8.0), Place(3, 3, 5.0)]
    assert marks(heatmap, apart_px=1, at_least=8) == found[:2]
    assert marks(heatmap, apart_px=4, at_least=1) == found[:1]


def test_of_two_equal_marks_too_near_the_first_stays() -> None:
    """Neither is lower, so both are local maxima."""
    assert marks(drawn("09090"), apart_px=2, at_least=1) == [Place(0, 1, 9.0)]


def test_a_shoulder_is_no_mark_and_a_step_apart_is() -> None:
    """Maps from overlapping patches are full of steps."""
    assert marks(drawn("5555559"), apart_px=1, at_least=1) == [Place(0, 6, 9.0)]
    found = marks(drawn("5555509"), apart_px=2, at_least=1)
    assert found == [Place(0, 6, 9.0), Place(0, 2, 5.0)]
    assert marks(drawn("0055509"), apart_px=3, at_least=1) == [Place(0, 6, 9.0)]


def test_pixels_without_a_value_bear_no_mark() -> None:
    found = marks(drawn("...0", "...1"), apart_px=1, at_least=-math.inf)
    assert found == [Place(1, 3, 1.0)]


def test_marks_need_a_distance() -> None:
    with pytest.raises(ValueError, match="at least 1 pixel"):
        marks(drawn("01"), apart_px=0, at_least=0)
