from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.prediction import (
    ExamPrediction,
    ModelPrediction,
    PassPrediction,
    mean_by_label,
)
from fourview.core.views import Label

PARTS = st.lists(
    st.dictionaries(st.sampled_from(list(Label)), st.floats(0, 1) | st.none()), max_size=12
)


@settings(deadline=None)
@given(PARTS, st.randoms(use_true_random=False))
def test_the_mean_does_not_depend_on_the_order_of_parts(
    parts: list[dict[Label, float | None]], chance: random.Random
) -> None:
    shuffled = parts[:]
    chance.shuffle(shuffled)
    assert mean_by_label(shuffled) == mean_by_label(parts)


@settings(deadline=None)
@given(PARTS)
def test_the_mean_is_over_the_parts_that_speak_of_a_label(
    parts: list[dict[Label, float | None]],
) -> None:
    found = mean_by_label(parts)
    assert list(found) == list(Label)
    for label, value in found.items():
        said = [part[label] for part in parts if part.get(label) is not None]
        if said:
            assert value == pytest.approx(sum(said) / len(said), abs=1e-12)
        else:
            assert value is None


def test_an_exams_probability_is_the_mean_over_branches_then_passes_then_models() -> None:
    """Fig. 4 (branches), SI, 'Data augmentation' (passes), Methods (model ensembling)."""

    def one(*values: float) -> PassPrediction:
        branches = {str(i): {Label.LEFT_MALIGNANT: value} for i, value in enumerate(values)}
        return PassPrediction(branches, {})

    models = (
        ModelPrediction("one", (one(0.0, 1.0), one(1.0))),
        ModelPrediction("two", (one(0.25),)),
    )
    prediction = ExamPrediction("a", models)
    assert models[0].passes[0].mean[Label.LEFT_MALIGNANT] == 0.5
    assert models[0].mean[Label.LEFT_MALIGNANT] == 0.75
    assert prediction.probabilities == {
        Label.LEFT_BENIGN: None,
        Label.RIGHT_BENIGN: None,
        Label.LEFT_MALIGNANT: 0.5,
        Label.RIGHT_MALIGNANT: None,
    }


def test_a_model_that_did_not_read_a_breast_does_not_count_for_it() -> None:
    left = PassPrediction({"left": {Label.LEFT_BENIGN: 0.2}}, {})
    both = PassPrediction({"all": {Label.LEFT_BENIGN: 0.4, Label.RIGHT_BENIGN: 0.6}}, {})
    found = ExamPrediction(
        "a", (ModelPrediction("one", (left,)), ModelPrediction("two", (both,)))
    ).probabilities
    assert found[Label.LEFT_BENIGN] == pytest.approx(0.3)
    assert found[Label.RIGHT_BENIGN] == 0.6
    assert found[Label.LEFT_MALIGNANT] is None
