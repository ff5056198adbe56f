"""Figures of an evaluation: what stands in them, and that the same numbers give the same bytes."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from fourview.report.drawing import broken
from fourview.report.performance_figures import (
    DecisionPanel,
    ModelCurve,
    ModelCurves,
    NetBenefit,
    Reliability,
    ReliabilityPanel,
    curves_figure,
    decision_figure,
    reliability_figure,
)
from fourview.report.population_figures import (
    Correlations,
    Group,
    GroupsPanel,
    GroupValues,
    correlation_figure,
    groups_figure,
)
from fourview.report.reader_figures import MarkedPoint

NOTHING = np.empty(0)
LINE = np.array([0.0, 0.4, 1.0])


def texts(svg: bytes) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg.decode())


def curves(*points: MarkedPoint) -> tuple[bytes, bytes]:
    some = ModelCurve("one", LINE, np.sqrt(LINE), "0.875 (0.801 to 0.912)", points)
    return curves_figure(
        [[ModelCurves("malignant", "roc", [some, ModelCurve("two", *[NOTHING] * 2)])]]
    )


def reliability(up_to: float | None = None, observed: float = 0.1) -> tuple[bytes, bytes]:
    rows = np.array([0.05, 0.15])
    model = Reliability(
        "one", rows, np.array([0.0, observed]), np.array([np.nan, 0.05]), np.array([np.nan, 0.3]),
        np.linspace(0, 1, 3), np.array([4, 0]), np.array([90, 0]), "slope 0.9",
    )  # fmt: skip
    return reliability_figure([ReliabilityPanel("malignant", [model], up_to)])


def groups(values: list[float], cases: list[int]) -> tuple[bytes, bytes]:
    named = [Group(f"group {at}", n, 100) for at, n in enumerate(cases)]
    found = np.array(values)
    model = GroupValues("one", found, found - 0.1, found + 0.05)
    return groups_figure([[GroupsPanel("malignant, by age", named, [model])]])


def correlations(off: float) -> tuple[bytes, bytes]:
    matrix = np.array([[1, off], [off, 1]])
    return correlation_figure([Correlations("one", ["left benign", "left malignant"], matrix, 7)])


def decision() -> tuple[bytes, bytes]:
    at = np.array([0.1, 0.2, 0.3])
    models = [NetBenefit("one", 0.1 - at / 4), NetBenefit("two", np.full(3, np.nan))]
    return decision_figure([DecisionPanel("malignant", at, models, 0.1 - at)])


@pytest.mark.parametrize(
    "draw",
    [curves, reliability, decision, lambda: groups([0.8], [20]), lambda: correlations(0.4)],
    ids=["curves", "reliability", "decision", "groups", "correlations"],
)
def test_the_same_numbers_give_the_same_picture(draw) -> None:
    png, svg = draw()
    assert draw() == (png, svg)
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.std() > 10  # something is drawn
    assert b"dc:date" not in svg


def test_a_curve_that_is_not_defined_is_said_to_be_so() -> None:
    said = texts(curves()[1])
    assert "one: 0.875 (0.801 to 0.912)" in said
    assert "two: not defined" in said
    assert "two: not defined" in texts(decision()[1])


def test_an_operating_point_is_in_the_legend_only_if_it_has_a_value() -> None:
    there = MarkedPoint(0.1, 0.3, "specificity 0.9", None, (0.2, 0.4))
    assert "specificity 0.9" in texts(curves(there)[1])
    lost = MarkedPoint(float("nan"), 0.3, "specificity 0.95")
    assert "specificity 0.95" not in texts(curves(lost)[1])
    assert curves(lost) == curves()


@pytest.mark.parametrize(("observed", "end"), [(0.1, "0.5"), (0.8, "1.0")])
def test_a_reliability_diagram_ends_where_its_rows_do(observed: float, end: str) -> None:
    """The interval reaches 0.3, so the first axis ends at 0.5; the histogram always at 1."""
    ticks = [
        one for one in texts(reliability(observed=observed)[1]) if re.fullmatch(r"[01]\.\d", one)
    ]
    assert ticks.count("1.0") == (1 if end == "0.5" else 3)
    assert texts(reliability(up_to=1.0)[1]).count("1.0") == 3


def test_small_and_undefined_groups_are_marked() -> None:
    plain = texts(groups([0.8, 0.7], [20, 30])[1])
    assert "20 / 100" in plain
    assert not {"not defined", "fewer than 10 with or without"} & set(plain)
    assert "fewer than 10 with or without" in texts(groups([0.8, 0.7], [20, 9])[1])
    nothing = texts(groups([0.8, float("nan")], [20, 0])[1])
    assert "not defined" in nothing
    assert "0 / 100" in nothing


def test_correlations_are_written_in_their_cells() -> None:
    assert texts(correlations(-0.25)[1]).count("−0.25") == 3  # twice in the matrix, once as a tick
    assert texts(correlations(float("nan"))[1]).count("–") == 2
    assert "−0.00" not in texts(correlations(-0.004)[1])
    assert {"one", "7 exams"} <= set(texts(correlations(0.3)[1]))


def test_long_names_are_broken_and_the_figure_grows() -> None:
    """The axes keep their size: what twelve models' legend takes is added below them."""
    name = "image-and-heatmaps/view-wise/pretrained on BI-RADS"
    heights = []
    for n in (1, 12):
        some = [ModelCurve(f"{name} {i}", LINE, LINE, "0.500 (0.4 to 0.6)") for i in range(n)]
        png, svg = curves_figure([[ModelCurves("malignant", "roc", some)]])
        heights.append(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).shape[0])
    assert heights[1] - heights[0] > 11 * 2 * 20
    assert not any(len(text) > 46 for text in texts(svg))
    assert broken("image-and-heatmaps/view-wise", 20) == "image-and-heatmaps/\nview-wise"
    assert broken("a/b c", 20) == "a/b c"
    assert broken("", 20) == ""


def test_dollar_signs_in_a_name_are_no_formula() -> None:
    some = [ModelCurve("a $x^{ b$", LINE, LINE)]
    assert "a $x^{ b$" in texts(curves_figure([[ModelCurves("malignant", "roc", some)]])[1])


@pytest.mark.parametrize("models", [1, 3])
def test_nothing_is_cut_off_at_the_edges_where_legends_stand_below(models: int) -> None:
    some = [ModelCurve(f"a model with a long name {at}", LINE, LINE, "") for at in range(models)]
    png, _ = curves_figure([[ModelCurves("malignant", "roc", some)] * 2])
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels[:4].min() == pixels[-4:].min() == pixels[:, :4].min() == 255


def test_a_model_with_a_long_name_has_its_numbers_on_a_line_of_their_own() -> None:
    name = "simulated-image-and-heatmaps"
    one = ModelCurve(name, LINE, LINE, "0.856 (0.835 to 0.875)")
    _, svg = curves_figure([[ModelCurves("malignant", "roc", [one])]])
    assert f"{name}:" in svg.decode()
    assert "0.856 (0.835 to 0.875)" in texts(svg)


def test_a_correlation_title_ends_before_the_next_matrix() -> None:
    name = "simulated-image-and-heatmaps"
    panels = [Correlations(name, ["a", "b"], np.eye(2), 1000)] * 2
    _, svg = correlation_figure(panels)
    assert texts(svg).count(name) == texts(svg).count("1000 exams") == 2


def test_a_word_that_is_too_long_is_broken_at_a_hyphen() -> None:
    name = "simulated-image-only-image-wise"
    assert broken(name, 28) == "simulated-image-only-image-\nwise"
    assert broken("a " + name, 40) == "a " + name
    assert broken(f"{name} of a site", 33) == f"{name}\nof a site"
