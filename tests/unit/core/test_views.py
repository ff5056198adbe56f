from __future__ import annotations

import pytest

from fourview.core.views import Facing, Finding, FourViews, Label, Laterality, View


def test_views_have_the_released_order() -> None:
    """Released pipeline: views always iterate L-CC, R-CC, L-MLO, R-MLO."""
    assert [view.value for view in View] == ["L-CC", "R-CC", "L-MLO", "R-MLO"]


def test_labels_have_the_released_order() -> None:
    """Released pipeline, part 10; the columns of predictions.csv."""
    assert [label.value for label in Label] == [
        "left_benign",
        "right_benign",
        "left_malignant",
        "right_malignant",
    ]


def test_four_views_are_in_the_order_of_views() -> None:
    four = FourViews(l_cc="l_cc", r_cc="r_cc", l_mlo="l_mlo", r_mlo="r_mlo")
    assert {view.value: value for view, value in four.pairs()} == {
        "L-CC": "l_cc",
        "R-CC": "r_cc",
        "L-MLO": "l_mlo",
        "R-MLO": "r_mlo",
    }
    assert four.of(View.L_MLO) == "l_mlo"
    assert four.map(str.upper).of(View.R_CC) == "R_CC"
    assert FourViews.build(lambda view: view.value.lower().replace("-", "_")) == four


@pytest.mark.parametrize("view", View)
def test_a_view_is_a_laterality_and_a_position(view: View) -> None:
    assert f"{view.laterality.value}-{view.position}" == view.value
    assert View.of(view.laterality, view.position) is view


@pytest.mark.parametrize("label", Label)
def test_a_label_is_a_laterality_and_a_finding(label: Label) -> None:
    side = "left" if label.laterality is Laterality.LEFT else "right"
    assert f"{side}_{label.finding.value}" == label.value
    assert label.finding in Finding


def test_facings_are_each_others_opposites() -> None:
    assert Facing.LEFT.opposite is Facing.RIGHT
    assert Facing.RIGHT.opposite is Facing.LEFT
