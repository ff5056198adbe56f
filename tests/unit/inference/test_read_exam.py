from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from fourview.core.errors import ExamError, WeightsError
from fourview.core.exam import Exam
from fourview.core.recipe import Recipe, recipe_with
from fourview.core.views import FourViews, Label, View
from fourview.inference.exam import Ensemble, ExamReading, Member, read
from fourview.inference.networks import BreastReader, PatchClassifier
from support.small_exams import SMALL, small_exam, small_patch_classifier, small_reader


def member(
    variant: str = "image-wise", inputs: str = "image", *, seed: int = 0, recipe: Recipe = SMALL
) -> Member:
    return Member(small_reader(variant, inputs, seed=seed), recipe)


def reading(exam: Exam, *members: Member, patches: Any = None, seed: int = 0) -> ExamReading:
    ticking = count().__next__  # when it is looked at
    return read(exam, Ensemble(members, patches), seed=seed, clock=ticking)


@pytest.fixture(scope="module")
def patches() -> PatchClassifier:
    return small_patch_classifier()


@pytest.fixture(scope="module")
def members() -> tuple[Member, Member]:
    return member("view-wise", seed=1), member("image-wise", seed=2)


def test_an_ensembles_prediction_is_the_mean_of_its_members(
    members: tuple[Member, Member],
) -> None:
    """Methods: model ensembling."""
    exam = small_exam()
    both = reading(exam, *members).prediction
    alone = [reading(exam, one).prediction for one in members]
    assert both.models == (alone[0].models[0], alone[1].models[0])
    for label in Label:
        said = [one.probabilities[label] for one in alone]
        assert both.probabilities[label] == np.mean(said)
        assert said[0] != said[1]


def test_the_order_of_members_does_not_matter(members: tuple[Member, Member]) -> None:
    exam = small_exam()
    one, other = reading(exam, *members), reading(exam, *members[::-1])
    assert one.prediction.probabilities == other.prediction.probabilities
    assert one.prediction.models == other.prediction.models[::-1]


def test_hidden_activations_are_the_first_members(members: tuple[Member, Member]) -> None:
    exam = small_exam()
    both, first = reading(exam, *members), reading(exam, members[0])
    np.testing.assert_array_equal(both.hidden.fc, first.hidden.fc)


def test_members_of_other_recipes_are_fed_by_their_own(members: tuple[Member, Member]) -> None:
    other = replace(
        members[0], recipe=recipe_with(SMALL, ["crop.buffer_px=9", "window.cc=[150, 110]"])
    )
    exam = small_exam()
    both = reading(exam, other, members[1]).prediction
    assert both.models[0] == reading(exam, other).prediction.models[0]
    assert both.models[1] == reading(exam, members[1]).prediction.models[0]
    assert both.models[0] != reading(exam, members[0]).prediction.models[0]


def test_members_that_prepare_alike_share_what_was_made(patches: PatchClassifier) -> None:
    told: list[int] = []
    exam = small_exam(views=[View.L_CC, View.R_CC])
    one = member(inputs="image-and-heatmaps")
    more = replace(one, recipe=recipe_with(SMALL, ["prediction.passes=1", "name=x"]))

    def n_patches(*those: Member) -> int:
        told.clear()
        ensemble = Ensemble(those, patches)
        read(exam, ensemble, seed=0, clock=lambda: 0.0, on_progress=told.append)
        return sum(told)

    alone = n_patches(one)
    assert n_patches(one, more) == alone > 0
    apart = replace(one, recipe=recipe_with(SMALL, ["heatmaps.stride_px=32"]))
    assert n_patches(one, apart) > alone


def test_seconds_are_the_clocks(patches: PatchClassifier) -> None:
    found = reading(small_exam(), member(), patches=patches)
    assert found.seconds == {"prepare": 1, "heatmaps": 1, "predict": 1}


def test_heatmaps_are_made_for_the_eye_where_no_member_reads_them(
    patches: PatchClassifier,
) -> None:
    exam = small_exam(views=[View.L_CC, View.R_CC])
    plain, shown = reading(exam, member()), reading(exam, member(), patches=patches)
    assert plain.prediction == shown.prediction
    for view in (View.L_CC, View.R_CC):
        assert plain.images.of(view)[0].input.heatmaps is None
        heatmaps = shown.images.of(view)[0].input.heatmaps
        assert heatmaps is not None
        assert heatmaps.malignant.shape == shown.images.of(view)[0].input.prepared.pixels.shape


def test_the_views_that_nobody_saw_are_named() -> None:
    exam = small_exam(views=[View.L_CC, View.R_CC, View.L_MLO])
    found = reading(exam, member("breast-wise"))
    assert found.prediction.missing == (View.R_CC, View.R_MLO)
    both = reading(exam, member("breast-wise"), member("image-wise"))
    assert both.prediction.missing == (View.R_MLO,)


def test_an_image_without_a_breast_is_left_out_and_told() -> None:
    exam = small_exam()
    [good] = exam.views.l_cc
    empty = replace(good, pixels=np.zeros((200, 150), np.uint16), source="empty.png")
    with_empty = replace(exam, views=exam.views._replace(l_cc=(empty, good)))
    found = reading(with_empty, member())
    assert found.prediction.probabilities == reading(exam, member()).prediction.probabilities
    [warning] = found.prediction.warnings
    assert warning.startswith("left out: empty.png")
    [(source, error)] = found.left_out
    assert source == "empty.png"
    assert "no breast" in error.problem
    assert len(found.images.l_cc) == 1


def test_an_exam_whose_only_image_of_a_view_holds_no_breast_is_refused_for_that_reason() -> None:
    exam = small_exam()
    [good] = exam.views.l_cc
    empty = replace(good, pixels=np.zeros((200, 150), np.uint16))
    with pytest.raises(ExamError, match=r"L-CC.*no breast"):
        reading(replace(exam, views=exam.views._replace(l_cc=(empty,))), member("view-wise"))


def test_an_exam_of_nothing_but_empty_images_is_refused() -> None:
    exam = small_exam(views=[View.L_CC])
    [good] = exam.views.l_cc
    empty = replace(good, pixels=np.zeros((200, 150), np.uint16))
    exam = replace(exam, views=FourViews((empty,), (), (), ()))
    with pytest.raises(ExamError, match="no image can be read"):
        reading(exam, member("image-wise"))


def test_an_exam_that_one_member_cannot_read_is_refused_before_any_work() -> None:
    exam = small_exam(views=[View.L_CC])
    with pytest.raises(ExamError, match="view-wise 0"):
        reading(exam, member("image-wise"), member("view-wise"))


def test_networks_that_do_not_go_together_are_refused(patches: PatchClassifier) -> None:
    def renamed(reader: BreastReader, **changes: Any) -> Member:
        return Member(replace(reader, info=replace(reader.info, **changes)), SMALL)

    with pytest.raises(WeightsError, match="--weights"):
        Ensemble(())
    with pytest.raises(WeightsError, match="no patch classifier"):
        Ensemble((member(inputs="heatmaps"),))
    half = recipe_with(SMALL, ["scale=0.5"])
    with pytest.raises(WeightsError, match=r"scale 0\.5.*1\.0"):
        Ensemble((member(recipe=half),), patches)
    birads = renamed(small_reader(), target="birads", labels=("birads_0", "birads_1", "birads_2"))
    with pytest.raises(WeightsError, match="cannot be averaged"):
        Ensemble((member(), birads))


@pytest.mark.parametrize("chance", ["exam", "released", "released-per-view"])
def test_the_same_seed_reads_the_same_and_another_otherwise(
    chance: str, patches: PatchClassifier
) -> None:
    recipe = recipe_with(SMALL, [f"prediction.chance={chance}", "heatmaps.stride_px=32"])
    exam = small_exam(views=[View.L_CC, View.R_CC])
    one = member(inputs="image-and-heatmaps", recipe=recipe)
    first, again = (reading(exam, one, patches=patches, seed=5) for _ in range(2))
    assert first.prediction == again.prediction
    np.testing.assert_array_equal(
        first.images.l_cc[0].input.heatmaps.benign, again.images.l_cc[0].input.heatmaps.benign
    )
    assert reading(exam, one, patches=patches, seed=6).prediction != first.prediction
    named = reading(replace(exam, name="b"), one, patches=patches, seed=5).prediction
    assert (named.probabilities == first.prediction.probabilities) is (chance != "exam")


@pytest.mark.parametrize("chance", ["exam", "released"])
def test_an_exams_windows_are_drawn_for_its_name(chance: str) -> None:
    """Or, as the release draws them, for the seed alone."""
    one = member(recipe=recipe_with(SMALL, [f"prediction.chance={chance}"]))
    a, b = (reading(replace(small_exam(), name=name), one).prediction for name in "ab")
    assert (a.models == b.models) is (chance == "released")
