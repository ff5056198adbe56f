from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fourview.core.errors import FourviewError, WeightsError
from fourview.core.recipe import RELEASED, Recipe, recipe_with
from fourview.core.views import Label
from fourview.core.weights import PATCH_CLASSES, WeightsInfo, expected_labels, untrained

LABELS = tuple(label.value for label in Label)
BREAST = WeightsInfo(
    name="one",
    architecture="breast_model",
    arithmetic="released",
    variant="image-wise",
    inputs="heatmaps",
    target="cancer",
    labels=LABELS,
    recipe=recipe_with(RELEASED, ["scale=0.5", "pixel_spacing_mm=0.1", "window.cc=[999, 10]"]),
    trained=False,
    provenance={"seed": 3, "data": {"train": "ab", "counts": [1, 2]}},
    licence="Apache-2.0",
    validated_on="nothing; übung",
)
PATCH = untrained("patch_densenet121", seed=0)


@pytest.mark.parametrize("info", [BREAST, PATCH], ids=["breast", "patch"])
def test_what_is_written_is_read(info: WeightsInfo) -> None:
    found = WeightsInfo.from_json(info.to_json(), source="x")
    assert found == info
    assert found.recipe.window.cc == info.recipe.window.cc
    assert found.to_json() == info.to_json()


def changed(**values: Any) -> str:
    return json.dumps(json.loads(BREAST.to_json()) | values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        changed(format="fourview-2"),
        changed(epoch=3),
        changed(recipe=[]),
        changed(recipe={"window": {"ccc": [1, 1]}}),
        changed(recipe={"scale": float("nan")}),
        changed(labels=None),
        changed(labels=LABELS[::-1]),
        changed(labels=LABELS[:3]),
        changed(labels=PATCH_CLASSES),
        changed(variant="side-wise"),
        changed(inputs=""),
        changed(arithmetic="tensorflow"),
        changed(target="density"),
        changed(architecture="resnet"),
        changed(name=None),
        changed(trained="no"),
    ],
)
def test_metadata_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(FourviewError, match=r"^my\.safetensors|weights (one|None)"):
        WeightsInfo.from_json(text, source="my.safetensors")


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(WeightsError, match="epoch"):
        WeightsInfo.from_json(changed(epoch=3), source="x")


def test_labels_in_the_papers_order_are_refused() -> None:
    """The paper lists both of a breast's labels together; the weights' order is another."""
    papers = ("left_benign", "left_malignant", "right_benign", "right_malignant")
    with pytest.raises(WeightsError, match="left_benign, left_malignant"):
        replace(BREAST, labels=papers)


def test_patch_classes_are_in_the_papers_order() -> None:
    """SI, 'Details of the auxiliary classifier'; released pipeline, part 7."""
    assert expected_labels("patch_densenet121", "") == (
        "malignant",
        "benign",
        "outside",
        "negative",
    )


@pytest.mark.parametrize(
    ("inputs", "image", "heatmaps"),
    [("image", True, False), ("heatmaps", False, True), ("image-and-heatmaps", True, True)],
)
def test_inputs_say_what_is_read(inputs: str, image: bool, heatmaps: bool) -> None:
    info = replace(BREAST, inputs=inputs)
    assert (info.uses_image, info.uses_heatmaps) == (image, heatmaps)


def test_untrained_weights_say_so() -> None:
    info = untrained("breast_model", seed=4)
    assert not info.trained
    assert info.provenance["seed"] == 4
    assert info.recipe == Recipe()
    assert info.labels == LABELS
